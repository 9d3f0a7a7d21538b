#include "tools/kpictl/top_text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <wchar.h>
#include <wctype.h>

#define ELLIPSIS "…"

/* ---- figures ---- */

static bool has(struct str text, const char *part)
{
	return memmem(text.data, text.length, part, strlen(part)) != NULL;
}

enum top_kind top_kind_of(struct str kpi)
{
	if (has(kpi, "growth"))
		return TOP_CHANGE;
	if (has(kpi, "ratio") || has(kpi, "per_rep"))
		return TOP_RATIO;
	if (has(kpi, "rate") || has(kpi, "share") || has(kpi, "conversion"))
		return TOP_RATE;
	if (has(kpi, "revenue") || has(kpi, "amount"))
		return TOP_MONEY;
	if (has(kpi, "time") || has(kpi, "cycle") || has(kpi, "age"))
		return TOP_SECONDS;
	return TOP_COUNT;
}

void top_put_span(struct buf *out, double seconds)
{
	static const struct {
		double seconds;
		const char *unit;
	} units[] = {{86400, "d"}, {3600, "h"}, {60, "m"}, {1, "s"}};
	double left = floor(fabs(seconds));
	size_t i = 0;
	if (seconds < 0)
		buf_put_byte(out, '-');
	while (i < 3 && left < units[i].seconds)
		i++;
	double first = floor(left / units[i].seconds);
	buf_printf(out, "%.0f%s", first, units[i].unit);
	if (i < 2)
		buf_printf(out, " %.0f%s", floor((left - first * units[i].seconds) / units[i + 1].seconds),
			units[i + 1].unit);
}

static void put_money(struct buf *out, double value)
{
	double size = fabs(value);
	if (size >= 1e9)
		buf_printf(out, "%.2fB", value / 1e9);
	else if (size >= 1e6)
		buf_printf(out, "%.2fM", value / 1e6);
	else if (size >= 1e4)
		buf_printf(out, "%.1fk", value / 1e3);
	else
		buf_printf(out, "%.0f", value);
}

static void put_count(struct buf *out, double value)
{
	if (fabs(value) >= 1000 && fabs(value) < 1e9)
		buf_printf(out, "%s%d,%03d", value < 0 ? "-" : "", (int)(fabs(value) / 1000), (int)fabs(value) % 1000);
	else
		buf_printf(out, "%.0f", value);
}

void top_put_figure(struct buf *out, enum top_kind kind, double value)
{
	switch (kind) {
	case TOP_RATE:
		buf_printf(out, "%.1f %%", value * 100);
		break;
	case TOP_CHANGE:
		/* Never "-0 %". */
		buf_printf(out, "%+.0f %%", round(value * 100) + 0.0);
		break;
	case TOP_MONEY:
		put_money(out, value);
		break;
	case TOP_COUNT:
		put_count(out, value);
		break;
	case TOP_RATIO:
		buf_printf(out, "%.2f", value);
		break;
	case TOP_SECONDS:
		top_put_span(out, value);
		break;
	}
}

struct str top_member(struct str json, const char *name)
{
	char wanted[64];
	int length = snprintf(wanted, sizeof wanted, "\"%s\":", name);
	const char *end = json.data + json.length;
	const char *at = memmem(json.data, json.length, wanted, (size_t)length);
	if (!at)
		return (struct str){0};
	at += length;
	bool quoted = at < end && *at == '"';
	at += quoted;
	const char *stop = at;
	while (stop < end && !strchr(quoted ? "\"" : ",}", *stop))
		stop++;
	return (struct str){at, (size_t)(stop - at)};
}

bool top_number(struct str text, double *ret_value)
{
	char copy[64], *end;
	if (!text.length || text.length >= sizeof copy)
		return false;
	memcpy(copy, text.data, text.length);
	copy[text.length] = '\0';
	double value = strtod(copy, &end);
	if (*end || !isfinite(value))
		return false;
	*ret_value = value;
	return true;
}

/* ---- texts ---- */

/* The next character: its bytes and columns. What cannot be shown has -1 columns. */
static size_t next_character(struct str text, int *ret_width)
{
	wchar_t wide;
	mbstate_t state = {0};
	size_t length = mbrtowc(&wide, text.data, text.length, &state);
	if (length == 0 || length > text.length) {
		*ret_width = -1;
		return 1;
	}
	*ret_width = iswprint((wint_t)wide) ? wcwidth(wide) : -1;
	return length;
}

void top_put_clean(struct buf *out, struct str text)
{
	while (text.length) {
		int width;
		size_t length = next_character(text, &width);
		if (width < 0)
			buf_put_byte(out, '?');
		else
			buf_put(out, text.data, length);
		text.data += length;
		text.length -= length;
	}
}

int top_width(struct str text)
{
	int sum = 0;
	while (text.length) {
		int width;
		size_t length = next_character(text, &width);
		sum += width < 0 ? 1 : width;
		text.data += length;
		text.length -= length;
	}
	return sum;
}

/* The longest beginning of at most `width` columns. */
static struct str beginning(struct str text, int width)
{
	size_t used = 0;
	while (used < text.length) {
		int columns;
		size_t length = next_character((struct str){text.data + used, text.length - used}, &columns);
		width -= columns < 0 ? 1 : columns;
		if (width < 0)
			break;
		used += length;
	}
	return (struct str){text.data, used};
}

void top_put_repeated(struct buf *out, const char *text, int count)
{
	for (int i = 0; i < count; i++)
		buf_put_text(out, text);
}

void top_put_cell(struct buf *out, struct str text, int width, bool right)
{
	int wide = top_width(text);
	if (wide > width) {
		struct str front = beginning(text, width - 1);
		buf_put_str(out, front);
		buf_put_text(out, ELLIPSIS);
		top_put_repeated(out, " ", width - 1 - top_width(front));
		return;
	}
	top_put_repeated(out, " ", right ? width - wide : 0);
	buf_put_str(out, text);
	top_put_repeated(out, " ", right ? 0 : width - wide);
}

static int hex(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	return digit >= 'A' && digit <= 'F' ? digit - 'A' + 10 : -1;
}

void top_put_decoded(struct buf *out, struct str key)
{
	for (size_t i = 0; i < key.length; i++) {
		bool code = key.data[i] == '%' && i + 2 < key.length && hex(key.data[i + 1]) >= 0 &&
			hex(key.data[i + 2]) >= 0;
		if (code)
			buf_put_byte(out, (uint8_t)(hex(key.data[i + 1]) << 4 | hex(key.data[i + 2])));
		else
			buf_put_byte(out, (uint8_t)key.data[i]);
		i += code ? 2 : 0;
	}
}

void top_put_clock(struct buf *out, int64_t ms)
{
	time_t seconds = (time_t)(ms / 1000);
	struct tm local;
	char text[16];
	localtime_r(&seconds, &local);
	strftime(text, sizeof text, "%H:%M:%S", &local);
	buf_put_text(out, text);
}
