#include "pipeline/publish/json.h"

#include "base/check.h"
#include "base/text.h"
#include "base/zone.h"

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

/* A name stands with its comma before it and its colon behind it: most of a figure is names. */
#define NAME(name) STR(",\"" name "\":")

static void put_decimal(struct buf *out, struct str name, bool known, i128 value, int decimals)
{
	buf_put_str(out, name);
	if (known)
		decimal_put(out, value, decimals);
	else
		buf_put(out, "null", 4);
}

static void put_time(struct buf *out, struct str name, int64_t ms)
{
	buf_put_str(out, name);
	buf_put_byte(out, '"');
	text_put_time(out, ms);
	buf_put_byte(out, '"');
}

static void put_word(struct buf *out, struct str name, const char *word)
{
	buf_put_str(out, name);
	json_put_string(out, str_of(word));
}

static void put_times(struct buf *out, int64_t from, int64_t to)
{
	put_time(out, NAME("from"), from);
	put_time(out, NAME("to"), to);
}

static void put_times_again(struct buf *out, int64_t from, int64_t to, struct json_span *span)
{
	if (span->length && span->from == from && span->to == to) {
		buf_put(out, span->text, span->length);
		return;
	}
	size_t start = out->length;
	put_times(out, from, to);
	CHECK(out->length - start <= sizeof span->text);
	span->from = from;
	span->to = to;
	span->length = (uint8_t)(out->length - start);
	memcpy(span->text, out->data + start, span->length);
}

/* All members but the reason, each with a comma before it. `span` may be NULL. */
static void put_members(struct buf *out, const struct figure *figure, struct json_span *span)
{
	bool sides = figure->has_quotient;
	put_decimal(out, NAME("value"), figure_has_value(figure), figure->value, FIGURE_DECIMALS);
	put_decimal(out, NAME("numerator"), sides, figure->numerator, figure->numerator_decimals);
	put_decimal(out, NAME("denominator"), sides, figure->denominator, figure->denominator_decimals);
	put_decimal(out, NAME("n"), true, figure->n, 0);
	if (span)
		put_times_again(out, figure->from, figure->to, span);
	else
		put_times(out, figure->from, figure->to);
	buf_put_str(out, figure->complete ? STR(",\"complete\":true") : STR(",\"complete\":false"));
}

static void put_date(struct buf *out, struct str name, int32_t day)
{
	int year, month, of_month;
	date_of_day(day, &year, &month, &of_month);
	buf_put_str(out, name);
	buf_printf(out, "\"%04d-%02d-%02d\"", year, month, of_month);
}

/* {"value": ..., and those that follow */
static void put_target(struct buf *out, const struct aim *aim)
{
	buf_put_str(out, NAME("target"));
	size_t start = out->length;
	put_decimal(out, NAME("value"), !aim->reason, aim->goal, FIGURE_DECIMALS);
	out->data[start] = '{';
	if (aim->by_day != INT32_MIN)
		put_date(out, NAME("by"), aim->by_day);
	if (aim->has_base)
		put_decimal(out, NAME("base"), true, aim->base, FIGURE_DECIMALS);
	if (aim->reason)
		put_word(out, NAME("reason"), aim->reason);
	buf_put_byte(out, '}');
}

static void put_pace(struct buf *out, const struct pace *pace)
{
	buf_put_str(out, NAME("pace"));
	size_t start = out->length;
	put_decimal(out, NAME("expected"), pace->expected.known, pace->expected.value, FIGURE_DECIMALS);
	out->data[start] = '{';
	put_decimal(
		out, NAME("needed_per_day"), pace->needed_per_day.known, pace->needed_per_day.value, FIGURE_DECIMALS);
	put_decimal(out, NAME("projected"), pace->projected.known, pace->projected.value, FIGURE_DECIMALS);
	put_decimal(
		out, NAME("remaining_days"), pace->remaining_days.known, pace->remaining_days.value, FIGURE_DECIMALS);
	buf_put_byte(out, '}');
}

static void put_aim(struct buf *out, const struct aim *aim)
{
	if (!aim || !aim->target)
		return;
	put_target(out, aim);
	if (aim->has_pace)
		put_pace(out, &aim->pace);
	if (aim->pace.status)
		put_word(out, NAME("status"), pace_status_name(aim->pace.status));
}

void json_put_figure(struct buf *out, const struct figure *figure, const struct aim *aim)
{
	json_put_figure_again(out, figure, aim, NULL);
}

void json_put_figure_again(struct buf *out, const struct figure *figure, const struct aim *aim, struct json_span *span)
{
	size_t start = out->length;
	put_members(out, figure, span);
	out->data[start] = '{';
	put_aim(out, aim);
	if (figure->reason != FIGURE_VALUE)
		put_word(out, NAME("reason"), figure_reason_name(figure->reason));
	buf_put_byte(out, '}');
}

void json_put_line(struct buf *out, const struct model *model, uint8_t dimension, struct str key,
	const struct figure *figure, const struct aim *aim)
{
	size_t start = out->length;
	put_word(out, NAME("dimension"), model->dimensions[dimension].name);
	out->data[start] = '{';
	buf_put_str(out, NAME("key"));
	json_put_string(out, key);
	put_word(out, NAME("kpi"), model->kpis[figure->kpi].name);
	put_word(out, NAME("window"), model->windows[figure->window].name);
	put_members(out, figure, NULL);
	put_aim(out, aim);
	if (figure->reason == FIGURE_VALUE)
		buf_put_text(out, ",\"reason\":null");
	else
		put_word(out, NAME("reason"), figure_reason_name(figure->reason));
	buf_put_byte(out, '}');
}
