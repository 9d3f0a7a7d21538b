#include "tests/simulator/brute_number.h"

#include <stdio.h>
#include <string.h>

#include "base/check.h"

enum { MOST_PLACES = 15 };

static brute_int common_divisor(brute_int a, brute_int b)
{
	while (b) {
		brute_int rest = a % b;
		a = b;
		b = rest;
	}
	return a < 0 ? -a : a;
}

static brute_int times(brute_int a, brute_int b)
{
	brute_int product = 0;
	CHECK(!__builtin_mul_overflow(a, b, &product));
	return product;
}

static brute_int plus(brute_int a, brute_int b)
{
	brute_int sum = 0;
	CHECK(!__builtin_add_overflow(a, b, &sum));
	return sum;
}

struct brute_fraction brute_fraction(brute_int num, brute_int den)
{
	CHECK(den != 0);
	brute_int divisor = common_divisor(num, den);
	if (den < 0)
		divisor = -divisor;
	return (struct brute_fraction){num / divisor, den / divisor};
}

struct brute_fraction brute_whole(int64_t value)
{
	return (struct brute_fraction){value, 1};
}

struct brute_fraction brute_add(struct brute_fraction a, struct brute_fraction b)
{
	return brute_fraction(plus(times(a.num, b.den), times(b.num, a.den)), times(a.den, b.den));
}

struct brute_fraction brute_subtract(struct brute_fraction a, struct brute_fraction b)
{
	return brute_add(a, (struct brute_fraction){-b.num, b.den});
}

struct brute_fraction brute_multiply(struct brute_fraction a, struct brute_fraction b)
{
	return brute_fraction(times(a.num, b.num), times(a.den, b.den));
}

struct brute_fraction brute_divide(struct brute_fraction a, struct brute_fraction b)
{
	return brute_fraction(times(a.num, b.den), times(a.den, b.num));
}

int brute_compare(struct brute_fraction a, struct brute_fraction b)
{
	brute_int left = times(a.num, b.den);
	brute_int right = times(b.num, a.den);
	return (left > right) - (left < right);
}

brute_int brute_round_half_even(struct brute_fraction value)
{
	brute_int size = value.num < 0 ? -value.num : value.num;
	brute_int whole = size / value.den;
	brute_int twice = 2 * (size % value.den);
	if (twice > value.den || (twice == value.den && whole % 2 == 1))
		whole++;
	return value.num < 0 ? -whole : whole;
}

static brute_int power_of_ten(int exponent)
{
	brute_int power = 1;
	while (exponent-- > 0)
		power *= 10;
	return power;
}

/* The digits of `size` (not negative) from the right, a point before the last `places` of them; at least one before the point. */
static void write_digits(brute_int size, int places, bool negative, char *text)
{
	char reversed[BRUTE_NUMBER_TEXT];
	size_t length = 0;
	for (int digit = 0; size > 0 || digit <= places; digit++) {
		CHECK(length + 4 < sizeof reversed);
		if (digit == places && places > 0)
			reversed[length++] = '.';
		reversed[length++] = (char)('0' + (int)(size % 10));
		size /= 10;
	}
	if (negative)
		*text++ = '-';
	while (length > 0)
		*text++ = reversed[--length];
	*text = '\0';
}

void brute_decimal_text(struct brute_fraction value, int places, char *text)
{
	CHECK(places >= 0 && places <= MOST_PLACES);
	struct brute_fraction scaled = brute_multiply(value, (struct brute_fraction){power_of_ten(places), 1});
	brute_int rounded = brute_round_half_even(scaled);
	for (; places > 0 && rounded % 10 == 0; places--)
		rounded /= 10;
	write_digits(rounded < 0 ? -rounded : rounded, places, rounded < 0, text);
}

void brute_exact_text(struct brute_fraction value, char *text)
{
	int places = 0;
	while (places < MOST_PLACES && power_of_ten(places) % value.den != 0)
		places++;
	CHECK(power_of_ten(places) % value.den == 0);
	brute_decimal_text(value, places, text);
}
