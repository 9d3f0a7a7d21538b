#include "tests/unit/evaluate_fixture.h"

struct little_model little;
struct merge *merge;
static struct buf text;

int set_up(void **state)
{
	(void)state;
	little_model_init(&little);
	merge = merge_new(&little.model, 1);
	little.evaluation.merge = merge;
	buf_init(&text);
	return 0;
}

int tear_down(void **state)
{
	(void)state;
	merge_free(merge);
	buf_release(&text);
	little_model_release(&little);
	return 0;
}

struct merged_key *key_of(uint8_t dimension, const char *name, const struct little_total *totals, size_t count)
{
	struct shard_status status = {.end = END};
	struct buf record;
	buf_init(&record);
	little_record(&record, dimension, name, totals, count);
	assert_int_equal(merge_apply(merge, &status, buf_str(&record)), RESULT_OK);
	buf_release(&record);
	return merge_key(merge, dimension, str_of(name), true);
}

struct merged_key *company(const struct little_total *totals, size_t count)
{
	return key_of(DIMENSION_COMPANY, "all", totals, count);
}

void formula(struct formula_step *steps, size_t count)
{
	little.kpis[0].formula = (struct formula){steps, (uint16_t)count};
}

struct figure figure_of(const struct merged_key *key, uint8_t window)
{
	struct figure figure;
	evaluate_figure(&little.evaluation, key, 0, window, &figure);
	return figure;
}

const char *described(const struct figure *figure)
{
	buf_clear(&text);
	if (figure->reason == FIGURE_VALUE)
		decimal_put(&text, figure->value, FIGURE_DECIMALS);
	else
		buf_put_text(&text, figure_reason_name(figure->reason));
	buf_put_text(&text, " = ");
	if (figure->has_quotient) {
		decimal_put(&text, figure->numerator, figure->numerator_decimals);
		buf_put_byte(&text, '/');
		decimal_put(&text, figure->denominator, figure->denominator_decimals);
	} else {
		buf_put_byte(&text, '-');
	}
	buf_printf(&text, " n=%lld", (long long)figure->n);
	return text.data;
}

void expect(const struct merged_key *key, const char *expected)
{
	struct figure figure = figure_of(key, WINDOW_30D);
	assert_string_equal(described(&figure), expected);
}
