#include "pipeline/evaluate/number.h"

#include "base/check.h"

/* Beyond this many, decimals that are 0 are dropped; what still has more does not fit. */
enum { DECIMALS_KEPT = 18 };

static const i128 largest = (i128)(~(unsigned __int128)0 >> 1);

static inline bool is_small(i128 value)
{
	return value == (int64_t)value;
}

static unsigned __int128 absolute(i128 value)
{
	return value < 0 ? -(unsigned __int128)value : (unsigned __int128)value;
}

static bool multiply(i128 a, i128 b, i128 *ret_product)
{
	if (!(is_small(a) && is_small(b)) && b != 0 && absolute(a) > (unsigned __int128)largest / absolute(b))
		return false;
	*ret_product = a * b;
	return true;
}

static bool scale(i128 value, int decimals, i128 *ret_scaled)
{
	static const int64_t powers[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000,
		10000000000, 100000000000, 1000000000000, 10000000000000, 100000000000000, 1000000000000000,
		10000000000000000, 100000000000000000, 1000000000000000000};
	CHECK(decimals >= 0 && decimals <= DECIMALS_KEPT);
	return multiply(value, powers[decimals], ret_scaled);
}

static unsigned __int128 common_divisor(unsigned __int128 a, unsigned __int128 b)
{
	while (b) {
		unsigned __int128 rest = a % b;
		a = b;
		b = rest;
	}
	return a;
}

/* bottom is not 0. */
static bool reduce(i128 top, i128 bottom, struct number *ret_fraction)
{
	unsigned __int128 above = absolute(top), below = absolute(bottom);
	unsigned __int128 divisor = common_divisor(above, below);
	above /= divisor;
	below /= divisor;
	if (above > (unsigned __int128)largest || below > (unsigned __int128)largest)
		return false;
	bool negative = (top < 0) != (bottom < 0);
	*ret_fraction = (struct number){negative ? -(i128)above : (i128)above, (i128)below, 0, true};
	return true;
}

static bool as_fraction(const struct number *a, struct number *ret_fraction)
{
	i128 bottom;
	if (a->fraction) {
		*ret_fraction = *a;
		return true;
	}
	return scale(1, a->decimals, &bottom) && reduce(a->top, bottom, ret_fraction);
}

static bool add_fractions(const struct number *a, const struct number *b, bool minus, struct number *ret_sum)
{
	struct number left, right;
	i128 top, other, bottom;
	if (!as_fraction(a, &left) || !as_fraction(b, &right))
		return false;
	/* Over the least common bottom: that keeps the products small. */
	i128 common = (i128)common_divisor((unsigned __int128)left.bottom, (unsigned __int128)right.bottom);
	i128 widen = right.bottom / common;
	if (!multiply(left.top, widen, &top) || !multiply(right.top, left.bottom / common, &other) ||
		!multiply(left.bottom, widen, &bottom))
		return false;
	if (minus ? __builtin_sub_overflow(top, other, &top) : __builtin_add_overflow(top, other, &top))
		return false;
	return reduce(top, bottom, ret_sum);
}

static bool add(const struct number *a, const struct number *b, bool minus, struct number *ret_sum)
{
	if (a->fraction || b->fraction)
		return add_fractions(a, b, minus, ret_sum);
	uint8_t decimals = a->decimals > b->decimals ? a->decimals : b->decimals;
	i128 left, right, sum;
	if (!scale(a->top, decimals - a->decimals, &left) || !scale(b->top, decimals - b->decimals, &right))
		return false;
	if (minus ? __builtin_sub_overflow(left, right, &sum) : __builtin_add_overflow(left, right, &sum))
		return false;
	*ret_sum = number_plain(sum, decimals);
	return true;
}

bool number_add(const struct number *a, const struct number *b, struct number *ret_sum)
{
	return add(a, b, false, ret_sum);
}

bool number_subtract(const struct number *a, const struct number *b, struct number *ret_difference)
{
	return add(a, b, true, ret_difference);
}

bool number_compare(const struct number *a, const struct number *b, int *ret_sign)
{
	struct number difference;
	if (!number_subtract(a, b, &difference))
		return false;
	*ret_sign = (difference.top > 0) - (difference.top < 0);
	return true;
}

static bool multiply_plain(const struct number *a, const struct number *b, struct number *ret_product)
{
	i128 product;
	if (!multiply(a->top, b->top, &product))
		return false;
	int decimals = a->decimals + b->decimals;
	for (; decimals > DECIMALS_KEPT && product % 10 == 0; decimals--)
		product /= 10;
	if (decimals > DECIMALS_KEPT)
		return false;
	*ret_product = number_plain(product, (uint8_t)decimals);
	return true;
}

static bool multiply_fractions(const struct number *a, const struct number *b, struct number *ret_product)
{
	/* Crosswise first: that keeps the products small. */
	struct number one, other;
	i128 top, bottom;
	if (!reduce(a->top, b->bottom, &one) || !reduce(b->top, a->bottom, &other))
		return false;
	if (!multiply(one.top, other.top, &top) || !multiply(one.bottom, other.bottom, &bottom))
		return false;
	return reduce(top, bottom, ret_product);
}

bool number_multiply(const struct number *a, const struct number *b, struct number *ret_product)
{
	struct number left, right;
	if (!a->fraction && !b->fraction)
		return multiply_plain(a, b, ret_product);
	return as_fraction(a, &left) && as_fraction(b, &right) && multiply_fractions(&left, &right, ret_product);
}

bool number_divide(const struct number *a, const struct number *b, struct number *ret_quotient)
{
	struct number left, right, inverse;
	CHECK(b->top != 0);
	if (!as_fraction(a, &left) || !as_fraction(b, &right) || !reduce(right.bottom, right.top, &inverse))
		return false;
	return multiply_fractions(&left, &inverse, ret_quotient);
}

/* One division where the scaled numerator fits, as it nearly always does. */
static bool round_at_once(i128 top, i128 bottom, int decimals, i128 *ret_scaled)
{
	i128 scaled;
	if (!scale(top, decimals, &scaled))
		return false;
	bool small = is_small(scaled) && is_small(bottom) && bottom > 0;
	i128 quotient = small ? (int64_t)scaled / (int64_t)bottom : scaled / bottom;
	unsigned __int128 rest = absolute(scaled - quotient * bottom);
	unsigned __int128 other = absolute(bottom) - rest;
	if (rest > other || (rest == other && (quotient & 1)))
		quotient += (scaled < 0) != (bottom < 0) ? -1 : 1;
	*ret_scaled = quotient;
	return true;
}

bool number_round_quotient(const struct number *a, const struct number *b, int decimals, i128 *ret_scaled)
{
	CHECK(b->top != 0);
	i128 top, bottom;
	if (a->fraction || b->fraction) {
		struct number quotient;
		if (!number_divide(a, b, &quotient))
			return false;
		top = quotient.top;
		bottom = quotient.bottom;
	} else {
		uint8_t shift = a->decimals > b->decimals ? a->decimals : b->decimals;
		if (!scale(a->top, shift - a->decimals, &top) || !scale(b->top, shift - b->decimals, &bottom))
			return false;
	}
	return round_at_once(top, bottom, decimals, ret_scaled) ||
		decimal_divide(top, bottom, decimals, ret_scaled) == RESULT_OK;
}

int64_t number_floor(const struct number *a)
{
	i128 bottom = a->bottom;
	if (!a->fraction && !scale(1, a->decimals, &bottom))
		return 0;
	i128 whole = a->top / bottom;
	whole -= a->top % bottom < 0;
	if (is_small(whole))
		return (int64_t)whole;
	return whole < 0 ? INT64_MIN : INT64_MAX;
}
