#include "base/text.h"

#include "base/mem.h"

struct unit {
	const char *name;
	int64_t factor;
};

/* From large to small. No weeks on output: people say "7d" and "30d". */
static const struct unit durations[] = {
	{"d", 86400000}, {"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}, {"w", 604800000}};
enum { DURATIONS = sizeof durations / sizeof *durations, DURATIONS_PUT = DURATIONS - 1 };

static const struct unit sizes[] = {{"", 1}, {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}};
enum { SIZES = sizeof sizes / sizeof *sizes };

enum { FITTING_DIGITS = 18 }; /* so many always fit into an int64_t */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The number at the front, without superfluous zeros; *ret_rest is what stands behind it. Summed up on its own side of 0, so
 * that the smallest number can be read too. */
static enum result take_number(struct str text, bool negative, int64_t *ret_value, struct str *ret_rest)
{
	int64_t value = 0;
	bool overflow = false;
	size_t i = 0;
	for (; i < text.length && i < FITTING_DIGITS && is_digit(text.data[i]); i++)
		value = value * 10 + (text.data[i] - '0');
	value = negative ? -value : value;
	for (; i < text.length && is_digit(text.data[i]); i++) {
		int digit = text.data[i] - '0';
		overflow |= __builtin_mul_overflow(value, 10, &value);
		overflow |= __builtin_add_overflow(value, negative ? -digit : digit, &value);
	}
	if (i == 0 || (i > 1 && text.data[0] == '0'))
		return RESULT_INVALID;
	if (overflow)
		return RESULT_RANGE;
	*ret_value = value;
	*ret_rest = (struct str){text.data + i, text.length - i};
	return RESULT_OK;
}

enum result text_to_i64(struct str text, int64_t *ret_value)
{
	bool negative = text.length && text.data[0] == '-';
	if (negative)
		text = (struct str){text.data + 1, text.length - 1};
	int64_t value;
	struct str rest;
	enum result result = take_number(text, negative, &value, &rest);
	if (result)
		return result;
	if (rest.length)
		return RESULT_INVALID;
	*ret_value = value;
	return RESULT_OK;
}

static enum result with_unit(struct str text, const struct unit *units, size_t count, int64_t *ret_value)
{
	int64_t value;
	struct str rest;
	enum result result = take_number(text, false, &value, &rest);
	if (result)
		return result;
	for (size_t i = 0; i < count; i++) {
		if (!str_equal(rest, str_of(units[i].name)))
			continue;
		if (__builtin_mul_overflow(value, units[i].factor, &value))
			return RESULT_RANGE;
		*ret_value = value;
		return RESULT_OK;
	}
	return RESULT_INVALID;
}

enum result text_to_duration(struct str text, int64_t *ret_ms)
{
	return with_unit(text, durations, DURATIONS, ret_ms);
}

enum result text_to_bytes(struct str text, int64_t *ret_bytes)
{
	return with_unit(text, sizes, SIZES, ret_bytes);
}

void text_put_number(struct buf *buf, uint64_t number)
{
	char digits[20], *end = digits + sizeof digits, *at = end;
	do {
		*--at = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	buf_put(buf, at, (size_t)(end - at));
}

void text_put_duration(struct buf *buf, int64_t ms)
{
	if (ms == 0) {
		buf_put_text(buf, "0s");
		return;
	}
	const struct unit *unit = durations;
	while (ms % unit->factor)
		unit++;
	buf_printf(buf, "%lld%s", (long long)(ms / unit->factor), unit->name);
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Levenshtein, one row at a time. */
static size_t edit_distance(struct str a, struct str b)
{
	size_t *row = NEW_ARRAY(size_t, b.length + 1);
	for (size_t j = 0; j <= b.length; j++)
		row[j] = j;
	for (size_t i = 1; i <= a.length; i++) {
		size_t diagonal = row[0];
		row[0] = i;
		for (size_t j = 1; j <= b.length; j++) {
			size_t replaced = diagonal + (a.data[i - 1] != b.data[j - 1]);
			diagonal = row[j];
			row[j] = least(replaced, least(row[j], row[j - 1]) + 1);
		}
	}
	size_t distance = row[b.length];
	mem_free(row);
	return distance;
}

const char *text_nearest(struct str text, const char *const *names, size_t count)
{
	const char *nearest = NULL;
	size_t allowed = text.length / 3 > 1 ? text.length / 3 : 1;
	for (size_t i = 0; i < count; i++) {
		struct str name = str_of(names[i]);
		size_t gap = name.length > text.length ? name.length - text.length : text.length - name.length;
		if (gap > allowed)
			continue;
		size_t distance = edit_distance(text, name);
		if (distance > allowed)
			continue;
		nearest = names[i];
		if (distance == 0)
			break;
		allowed = distance - 1;
	}
	return nearest;
}

/* How many bytes the character at `at` has; 0 where it is none. Overlong forms, surrogates and anything over U+10FFFF are none. */
static size_t utf8_length(const uint8_t *at, size_t left)
{
	uint8_t first = at[0];
	if (first < 0x80)
		return 1;
	size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
	if (first < 0xc2 || first > 0xf4 || left < length)
		return 0;
	uint8_t low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
	uint8_t high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
	if (at[1] < low || at[1] > high)
		return 0;
	for (size_t i = 2; i < length; i++)
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	return length;
}

bool text_is_utf8(struct str text)
{
	const uint8_t *at = (const uint8_t *)text.data;
	for (size_t left = text.length, length; left; left -= length, at += length) {
		length = utf8_length(at, left);
		if (length == 0)
			return false;
	}
	return true;
}
