#include "base/decimal.h"

#include "base/check.h"

typedef unsigned __int128 u128;

enum { PLACES = 4, DIGITS_KEPT = 30, DIGITS_MAX = 38, EXPONENT_MAX = 1000000000 };
#define FIXED_MAX ((u128)1000000000000000000) /* 10^14 with 4 decimals */
#define EXACT_END ((u128)10000000000 * 10000000000)
#define U128_MAX (~(u128)0)

/* A number as written: digits * 10^exponent, and whether something above 0 was cut off behind the digits. */
struct number {
	bool negative;
	u128 digits;
	int64_t exponent;
	bool cut;
};

static bool at_digit(const char *at, const char *end)
{
	return at < end && *at >= '0' && *at <= '9';
}

/* More than DIGITS_KEPT digits cannot change the result, except by breaking a tie: `cut` keeps that. */
static void add_digit(struct number *number, int digit)
{
	static const u128 full = (u128)1000000000000000 * 1000000000000000;
	if (number->digits >= full / 10) {
		number->cut |= digit != 0;
		number->exponent++;
	} else {
		number->digits = number->digits * 10 + (unsigned)digit;
	}
}

static const char *take_exponent(const char *at, const char *end, struct number *number)
{
	bool negative = at < end && *at == '-';
	if (at < end && (*at == '-' || *at == '+'))
		at++;
	if (!at_digit(at, end))
		return NULL;
	int64_t exponent = 0;
	for (; at_digit(at, end); at++)
		if (exponent < EXPONENT_MAX)
			exponent = exponent * 10 + (*at - '0');
	number->exponent += negative ? -exponent : exponent;
	return at;
}

/* The grammar of a JSON number. */
static enum result parse(struct str text, struct number *ret_number)
{
	struct number number = {0};
	const char *at = text.length ? text.data : "";
	const char *end = at + text.length;
	if (at < end && *at == '-') {
		number.negative = true;
		at++;
	}
	const char *whole = at;
	for (; at_digit(at, end); at++)
		add_digit(&number, *at - '0');
	if (at == whole || (*whole == '0' && at - whole > 1))
		return RESULT_INVALID;
	if (at < end && *at == '.') {
		const char *fraction = ++at;
		for (; at_digit(at, end); at++, number.exponent--)
			add_digit(&number, *at - '0');
		if (at == fraction)
			return RESULT_INVALID;
	}
	if (at < end && (*at == 'e' || *at == 'E'))
		at = take_exponent(at + 1, end, &number);
	if (at != end)
		return RESULT_INVALID;
	*ret_number = number;
	return RESULT_OK;
}

/* value / divisor rounded half-even, where `remainder` was left over; `more`: the remainder was a little more than that. */
static u128 round_half_even(u128 quotient, u128 remainder, u128 divisor, bool more)
{
	u128 other = divisor - remainder;
	if (remainder > other || (remainder == other && (more || (quotient & 1))))
		quotient++;
	return quotient;
}

static u128 power_of_ten(int64_t exponent)
{
	u128 power = 1;
	while (exponent-- > 0)
		power *= 10;
	return power;
}

static enum result to_fixed(const struct number *number, u128 *ret_fixed)
{
	int64_t shift = number->exponent + PLACES;
	u128 fixed = number->digits;
	if (shift < -DIGITS_MAX) {
		fixed = 0;
	} else if (shift < 0) {
		u128 divisor = power_of_ten(-shift);
		fixed = round_half_even(fixed / divisor, fixed % divisor, divisor, number->cut);
	}
	for (; shift > 0 && fixed > 0 && fixed <= FIXED_MAX; shift--)
		fixed *= 10;
	if (fixed > FIXED_MAX)
		return RESULT_RANGE;
	*ret_fixed = fixed;
	return RESULT_OK;
}

enum result decimal_from_text(struct str text, int64_t *ret_fixed)
{
	struct number number;
	enum result result = parse(text, &number);
	if (result)
		return result;
	u128 fixed;
	result = to_fixed(&number, &fixed);
	if (result)
		return result;
	*ret_fixed = number.negative ? -(int64_t)fixed : (int64_t)fixed;
	return RESULT_OK;
}

enum result decimal_read(struct str text, struct decimal *ret_decimal)
{
	struct number number;
	enum result result = parse(text, &number);
	if (result)
		return result;
	while (number.digits && number.digits % 10 == 0) {
		number.digits /= 10;
		number.exponent++;
	}
	if (number.cut || number.digits >= EXACT_END)
		return RESULT_RANGE;
	*ret_decimal = (struct decimal){0};
	if (number.digits)
		*ret_decimal = (struct decimal){number.digits, number.exponent, number.negative};
	return RESULT_OK;
}

enum result decimal_multiply(const struct decimal *a, const struct decimal *b, int64_t *ret_fixed)
{
	struct number product = {.negative = a->negative != b->negative, .exponent = a->exponent + b->exponent};
	u128 fixed;
	if (__builtin_mul_overflow(a->digits, b->digits, &product.digits))
		return RESULT_RANGE;
	enum result result = to_fixed(&product, &fixed);
	if (result)
		return result;
	*ret_fixed = product.negative ? -(int64_t)fixed : (int64_t)fixed;
	return RESULT_OK;
}

static u128 absolute(i128 value)
{
	return value < 0 ? -(u128)value : (u128)value;
}

/* Long division by hand: a digit at a time, so that nothing is ever multiplied by more than 10. */
enum result decimal_divide(i128 numerator, i128 denominator, int decimals, i128 *ret_scaled)
{
	CHECK(denominator != 0 && decimals >= 0);
	u128 divisor = absolute(denominator);
	u128 quotient = absolute(numerator) / divisor;
	u128 remainder = absolute(numerator) % divisor;
	for (int i = 0; i < decimals; i++) {
		if (remainder > U128_MAX / 10 || quotient > (U128_MAX - 9) / 10)
			return RESULT_RANGE;
		quotient = quotient * 10 + remainder * 10 / divisor;
		remainder = remainder * 10 % divisor;
	}
	quotient = round_half_even(quotient, remainder, divisor, false);
	if (quotient > U128_MAX >> 1)
		return RESULT_RANGE;
	bool negative = (numerator < 0) != (denominator < 0);
	*ret_scaled = negative ? -(i128)quotient : (i128)quotient;
	return RESULT_OK;
}

/* The last one. Nearly all that is written fits in 64 bits, and those divide many times as fast. */
static char take_digit(u128 *left)
{
	uint64_t low = (uint64_t)*left;
	int digit = low == *left ? (int)(low % 10) : (int)(*left % 10);
	*left = low == *left ? low / 10 : *left / 10;
	return (char)('0' + digit);
}

void decimal_put(struct buf *buf, i128 value, int decimals)
{
	CHECK(decimals >= 0 && decimals <= DIGITS_MAX);
	/* Written from the back: 39 digits, a point, a zero before it, a sign. */
	char text[2 * DIGITS_MAX + 8];
	char *end = text + sizeof text;
	char *at = end;
	u128 left = absolute(value);
	bool shown = false;
	for (int i = 0; i < decimals; i++) {
		char digit = take_digit(&left);
		shown |= digit != '0';
		if (shown)
			*--at = digit;
	}
	if (shown)
		*--at = '.';
	do
		*--at = take_digit(&left);
	while (left);
	if (value < 0)
		*--at = '-';
	buf_put(buf, at, (size_t)(end - at));
}
