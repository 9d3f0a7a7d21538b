#include "pipeline/publish/json.h"

#include "base/text.h"
#include "base/zone.h"

enum { TARGET_DECIMALS = 4, TARGET_TO_FIGURE = 100 };

static void put_escaped(struct buf *out, uint8_t byte)
{
	static const char letters[] = "btn\0fr"; /* of bytes 8 to 13 */
	char letter = byte >= 8 && byte <= 13 ? letters[byte - 8] : '\0';
	if (byte == '"' || byte == '\\')
		letter = (char)byte;
	buf_put_byte(out, '\\');
	if (letter)
		buf_put_byte(out, (uint8_t)letter);
	else
		buf_printf(out, "u%04x", byte);
}

void json_put_string(struct buf *out, struct str text)
{
	buf_put_byte(out, '"');
	size_t done = 0;
	for (size_t i = 0; i < text.length; i++) {
		uint8_t byte = (uint8_t)text.data[i];
		if (byte >= 0x20 && byte != '"' && byte != '\\')
			continue;
		buf_put(out, text.data + done, i - done);
		put_escaped(out, byte);
		done = i + 1;
	}
	if (done < text.length)
		buf_put(out, text.data + done, text.length - done);
	buf_put_byte(out, '"');
}

/* ,"name": */
static void put_name(struct buf *out, const char *name)
{
	buf_put(out, ",\"", 2);
	buf_put_text(out, name);
	buf_put(out, "\":", 2);
}

static void put_decimal(struct buf *out, const char *name, bool known, i128 value, int decimals)
{
	put_name(out, name);
	if (known)
		decimal_put(out, value, decimals);
	else
		buf_put(out, "null", 4);
}

static void put_time(struct buf *out, const char *name, int64_t ms)
{
	put_name(out, name);
	buf_put_byte(out, '"');
	text_put_time(out, ms);
	buf_put_byte(out, '"');
}

static void put_word(struct buf *out, const char *name, const char *word)
{
	put_name(out, name);
	json_put_string(out, str_of(word));
}

/* All members but the reason, each with a comma before it. */
static void put_members(struct buf *out, const struct figure *figure)
{
	bool sides = figure->has_quotient;
	put_decimal(out, "value", figure_has_value(figure), figure->value, FIGURE_DECIMALS);
	put_decimal(out, "numerator", sides, figure->numerator, figure->numerator_decimals);
	put_decimal(out, "denominator", sides, figure->denominator, figure->denominator_decimals);
	put_decimal(out, "n", true, figure->n, 0);
	put_time(out, "from", figure->from);
	put_time(out, "to", figure->to);
	put_name(out, "complete");
	buf_put_text(out, figure->complete ? "true" : "false");
}

static bool is_met(const struct kpi *kpi, const struct target *target, i128 value)
{
	i128 wanted = (i128)target->value * TARGET_TO_FIGURE;
	return kpi->higher_is_better ? value >= wanted : value <= wanted;
}

static void put_target(struct buf *out, const struct kpi *kpi, const struct figure *figure, const struct target *target)
{
	buf_put_text(out, ",\"target\":{\"value\":");
	decimal_put(out, target->value, TARGET_DECIMALS);
	if (target->by_day != INT32_MIN) {
		int year, month, day;
		date_of_day(target->by_day, &year, &month, &day);
		buf_printf(out, ",\"by\":\"%04d-%02d-%02d\"", year, month, day);
	}
	buf_put_byte(out, '}');
	if (figure_has_value(figure))
		put_word(out, "status", is_met(kpi, target, figure->value) ? "met" : "behind");
}

void json_put_figure(
	struct buf *out, const struct model *model, const struct figure *figure, const struct target *target)
{
	size_t start = out->length;
	put_members(out, figure);
	out->data[start] = '{';
	if (target)
		put_target(out, &model->kpis[figure->kpi], figure, target);
	if (figure->reason != FIGURE_VALUE)
		put_word(out, "reason", figure_reason_name(figure->reason));
	buf_put_byte(out, '}');
}

void json_put_line(
	struct buf *out, const struct model *model, uint8_t dimension, struct str key, const struct figure *figure)
{
	size_t start = out->length;
	put_word(out, "dimension", model->dimensions[dimension].name);
	out->data[start] = '{';
	put_name(out, "key");
	json_put_string(out, key);
	put_word(out, "kpi", model->kpis[figure->kpi].name);
	put_word(out, "window", model->windows[figure->window].name);
	put_members(out, figure);
	if (figure->reason == FIGURE_VALUE)
		buf_put_text(out, ",\"reason\":null");
	else
		put_word(out, "reason", figure_reason_name(figure->reason));
	buf_put_byte(out, '}');
}
