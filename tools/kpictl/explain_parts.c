/* Figures that are added up over the keys of a dimension: what each key gives to both sides. */
#include "base/decimal.h"
#include "pipeline/evaluate/formula.h"
#include "pipeline/publish/json.h"
#include "tools/kpictl/explain_print.h"
#include "tools/kpictl/top_text.h"

static const struct kpi *kpi_of(const struct explain_view *view)
{
	return &view->engine->config->model.kpis[view->kpi];
}

bool explain_is_rolled_up(const struct explain_view *view)
{
	const struct kpi *kpi = kpi_of(view);
	return kpi->roll_up && merged_key_dimension(view->key) != kpi->roll_up;
}

/* A key that is in the sums. */
struct part {
	const struct merged_key *key;
	struct figure figure;
	struct outcome outcome;
};

/* The first from `key` on that has a figure; one that may still change is one, too. */
static bool next_part(const struct explain_view *view, const struct merged_key *key, struct part *ret_part)
{
	const struct evaluation *evaluation = &view->engine->evaluation;
	for (; key; key = merged_key_after(key)) {
		evaluate_figure(evaluation, key, view->kpi, view->figure.window, &ret_part->figure);
		if (ret_part->figure.reason != FIGURE_VALUE && ret_part->figure.reason != FIGURE_MATURING)
			continue;
		formula_run(evaluation, key, view->figure.window, &kpi_of(view)->formula, &ret_part->outcome);
		ret_part->key = key;
		return true;
	}
	return false;
}

static const struct merged_key *first_key(const struct explain_view *view)
{
	return merge_first(view->engine->merge, kpi_of(view)->roll_up);
}

static void put_in_brackets(struct buf *out, const struct number *number)
{
	bool fraction = number->fraction && number->bottom != 1;
	buf_put_text(out, fraction ? "(" : "");
	explain_put_number(out, number);
	buf_put_text(out, fraction ? ")" : "");
}

static void put_sides(struct buf *out, const struct number *left, const struct number *right)
{
	put_in_brackets(out, left);
	buf_put_text(out, " / ");
	put_in_brackets(out, right);
}

void explain_put_sums(struct buf *out, const struct explain_view *view)
{
	struct number left = number_plain(0, 0), right = number_plain(0, 0);
	const struct merged_key *key = first_key(view);
	struct part part;
	unsigned count = 0;
	bool fits = true;
	for (; fits && next_part(view, key, &part); key = merged_key_after(part.key), count++)
		fits = number_add(&left, &part.outcome.left.number, &left) &&
			number_add(&right, &part.outcome.right.number, &right);
	if (fits)
		put_sides(out, &left, &right);
	else
		buf_put_text(out, "overflow");
	buf_printf(out, ", sum over the %u keys of %s that have a figure", count,
		view->engine->config->model.dimensions[kpi_of(view)->roll_up].name);
}

void explain_put_parts(struct buf *out, const struct explain_view *view)
{
	const struct merged_key *key = first_key(view);
	struct part part;
	if (!explain_is_rolled_up(view))
		return;
	buf_printf(out, "\n  by %s\n", view->engine->config->model.dimensions[kpi_of(view)->roll_up].name);
	for (; next_part(view, key, &part); key = merged_key_after(part.key)) {
		buf_put_text(out, "    ");
		top_put_clean(out, merged_key_name(part.key));
		buf_put_text(out, "  ");
		put_sides(out, &part.outcome.left.number, &part.outcome.right.number);
		buf_put_text(out, " = ");
		decimal_put(out, part.figure.value, FIGURE_DECIMALS);
		buf_put_byte(out, '\n');
	}
}

static void put_side(struct buf *out, const char *name, const struct number *number)
{
	buf_printf(out, ",\"%s\":\"", name);
	explain_put_number(out, number);
	buf_put_byte(out, '"');
}

void explain_put_parts_json(struct buf *out, const struct explain_view *view)
{
	const struct merged_key *key = first_key(view);
	struct part part;
	bool any = false;
	if (!explain_is_rolled_up(view))
		return;
	buf_put_text(out, ",\"parts\":[");
	for (; next_part(view, key, &part); key = merged_key_after(part.key), any = true) {
		buf_put_text(out, any ? ",{\"key\":" : "{\"key\":");
		json_put_string(out, merged_key_name(part.key));
		put_side(out, "left", &part.outcome.left.number);
		put_side(out, "right", &part.outcome.right.number);
		buf_put_text(out, ",\"value\":");
		decimal_put(out, part.figure.value, FIGURE_DECIMALS);
		buf_put_byte(out, '}');
	}
	buf_put_byte(out, ']');
}
