#include "base/decimal.h"
#include "base/text.h"
#include "tools/kpictl/test_case.h"

enum { VALUE_DECIMALS = 6, DIGITS_MAX = 30, RATE_DECIMALS = 2, MS_DECIMALS = 3 };

struct fixed {
	i128 digits;
	int decimals;
};

static bool is_digit(struct str text, size_t at)
{
	return at < text.length && text.data[at] >= '0' && text.data[at] <= '9';
}

static bool read_fixed(struct str text, struct fixed *ret_fixed)
{
	struct fixed fixed = {0};
	size_t at = text.length && text.data[0] == '-', digits = 0;
	bool negative = at > 0;
	for (; is_digit(text, at); at++, digits++)
		fixed.digits = fixed.digits * 10 + (text.data[at] - '0');
	if (digits && at < text.length && text.data[at] == '.')
		for (at++; is_digit(text, at); at++, digits++, fixed.decimals++)
			fixed.digits = fixed.digits * 10 + (text.data[at] - '0');
	if (!digits || digits > DIGITS_MAX || at != text.length || text.data[at - 1] == '.')
		return false;
	fixed.digits = negative ? -fixed.digits : fixed.digits;
	*ret_fixed = fixed;
	return true;
}

/* Both to the same number of decimals, which then do not matter. */
static bool divide(struct fixed top, struct fixed bottom, struct fixed *ret_quotient)
{
	for (; top.decimals < bottom.decimals; top.decimals++)
		top.digits *= 10;
	for (; bottom.decimals < top.decimals; bottom.decimals++)
		bottom.digits *= 10;
	ret_quotient->decimals = VALUE_DECIMALS;
	return bottom.digits != 0 &&
		decimal_divide(top.digits, bottom.digits, VALUE_DECIMALS, &ret_quotient->digits) == RESULT_OK;
}

static bool read_number(struct str text, struct fixed *ret_fixed)
{
	const char *slash = text.length ? memchr(text.data, '/', text.length) : NULL;
	if (slash) {
		size_t length = (size_t)(slash - text.data);
		struct fixed top, bottom;
		return read_fixed((struct str){text.data, length}, &top) &&
			read_fixed((struct str){slash + 1, text.length - length - 1}, &bottom) &&
			divide(top, bottom, ret_fixed);
	}
	if (text.length && text.data[text.length - 1] == '%') {
		bool read = read_fixed((struct str){text.data, text.length - 1}, ret_fixed);
		ret_fixed->decimals += RATE_DECIMALS;
		return read;
	}
	int64_t ms;
	if (text_to_duration(text, &ms) == RESULT_OK) {
		*ret_fixed = (struct fixed){ms, MS_DECIMALS};
		return true;
	}
	return read_fixed(text, ret_fixed);
}

bool test_plain_decimal(struct str text, struct buf *out)
{
	struct fixed fixed = {0};
	if (!read_number(text, &fixed))
		return false;
	if (fixed.decimals > VALUE_DECIMALS && !divide(fixed, (struct fixed){1, 0}, &fixed))
		return false;
	decimal_put(out, fixed.digits, fixed.decimals);
	return true;
}

bool test_equal(struct str expected, struct str actual)
{
	int64_t wanted, there;
	if (str_equal(actual, STR("null")))
		actual.length = 0;
	if (text_to_time(expected, &wanted) == RESULT_OK && text_to_time(actual, &there) == RESULT_OK)
		return wanted == there;
	return str_equal(expected, actual);
}
