#include "pipeline/evaluate/number.h"
#include "tests/unit/unit.h"

static const i128 largest = (i128)(~(unsigned __int128)0 >> 1);

static struct number plain(i128 value, uint8_t decimals)
{
	return number_plain(value, decimals);
}

static struct number quotient(i128 top, i128 bottom)
{
	struct number a = plain(top, 0), b = plain(bottom, 0), result;
	assert_true(number_divide(&a, &b, &result));
	return result;
}

static void assert_number(const struct number *number, i128 top, i128 bottom, int decimals)
{
	assert_true(number->top == top);
	assert_true(number->bottom == bottom);
	assert_int_equal(number->decimals, decimals);
}

static void test_plain_numbers_keep_their_decimals(void **state)
{
	(void)state;
	struct number a = plain(15, 1), b = plain(25, 4), result;
	assert_true(number_add(&a, &b, &result));
	assert_number(&result, 15025, 1, 4);
	assert_true(number_subtract(&a, &b, &result));
	assert_number(&result, 14975, 1, 4);
	assert_true(number_multiply(&a, &b, &result));
	assert_number(&result, 375, 1, 5);
}

static void test_many_decimals_are_shortened_or_refused(void **state)
{
	(void)state;
	struct number a = plain(20000, 10), b = plain(30000, 10), c = plain(3, 10), result = {0};
	assert_true(number_multiply(&a, &b, &result));
	assert_number(&result, 6000000, 1, 18);
	assert_false(number_multiply(&c, &c, &result));
	assert_number(&result, 6000000, 1, 18);
}

static void test_fractions_are_reduced(void **state)
{
	(void)state;
	struct number third = quotient(-2, -6), half = quotient(4, -8), quarter = plain(25, 2), result;
	assert_number(&third, 1, 3, 0);
	assert_number(&half, -1, 2, 0);
	assert_true(number_add(&third, &half, &result));
	assert_number(&result, -1, 6, 0);
	assert_true(number_subtract(&third, &quarter, &result));
	assert_number(&result, 1, 12, 0);
	assert_true(number_multiply(&quarter, &third, &result));
	assert_number(&result, 1, 12, 0);
	assert_true(number_divide(&quarter, &half, &result));
	assert_number(&result, -1, 2, 0);
	struct number zero = quotient(0, -5);
	assert_number(&zero, 0, 1, 0);
}

/* Their product would have 131 bits. */
static void test_bottoms_with_common_divisors_are_added(void **state)
{
	(void)state;
	struct number a = quotient(1, (i128)5 << 62), b = quotient(1, (i128)7 << 62), result;
	assert_true(number_add(&a, &b, &result));
	assert_number(&result, 3, (i128)35 << 60, 0);
}

static void test_comparison(void **state)
{
	(void)state;
	struct number third = quotient(1, 3), less = plain(3333, 4), more = plain(3334, 4), big = plain(largest, 0);
	int sign = 7;
	assert_true(number_compare(&third, &less, &sign) && sign > 0);
	assert_true(number_compare(&third, &more, &sign) && sign < 0);
	assert_true(number_compare(&third, &third, &sign) && sign == 0);
	assert_false(number_compare(&third, &big, &sign));
}

static i128 rounded(struct number a, struct number b)
{
	i128 result;
	assert_true(number_round_quotient(&a, &b, 6, &result));
	return result;
}

static void test_rounding(void **state)
{
	(void)state;
	assert_true(rounded(plain(1, 0), plain(3, 0)) == 333333);
	assert_true(rounded(plain(2, 0), plain(3, 0)) == 666667);
	assert_true(rounded(plain(-2, 0), plain(3, 0)) == -666667);
	assert_true(rounded(plain(2, 0), plain(-3, 0)) == -666667);
	assert_true(rounded(plain(5, 7), plain(1, 0)) == 0);
	assert_true(rounded(plain(15, 7), plain(1, 0)) == 2);
	assert_true(rounded(plain(-15, 7), plain(1, 0)) == -2);
	assert_true(rounded(plain(-25, 7), plain(1, 0)) == -2);
	assert_true(rounded(plain(25000001, 13), plain(1, 0)) == 3);
	assert_true(rounded(plain(1, 3), plain(4, 4)) == 2500000);
	assert_true(rounded(quotient(1, 3), quotient(1, 6)) == 2000000);
	/* Small and large numbers take different ways to the same digits. */
	assert_true(rounded(plain((i128)7 << 100, 0), plain((i128)3 << 100, 0)) == 2333333);
	assert_true(rounded(plain(INT64_MAX, 0), plain(INT64_MAX, 0)) == 1000000);
	assert_true(rounded(plain(INT64_MIN, 0), plain(1, 0)) == (i128)INT64_MIN * 1000000);
}

static void test_what_does_not_fit_is_refused(void **state)
{
	(void)state;
	struct number big = plain(largest, 0), small = plain(-largest - 1, 0), two = plain(2, 0), one = plain(1, 0);
	struct number minus = plain(-1, 0), tenth = plain(1, 1), result = {.top = 42}, third = quotient(1, 3);
	i128 scaled = 42;
	assert_false(number_add(&big, &one, &result));
	assert_false(number_subtract(&small, &one, &result));
	assert_false(number_multiply(&big, &two, &result));
	assert_false(number_multiply(&small, &minus, &result));
	assert_false(number_add(&big, &tenth, &result));
	assert_false(number_add(&big, &third, &result));
	assert_false(number_divide(&small, &minus, &result));
	assert_false(number_divide(&one, &small, &result));
	assert_false(number_divide(&small, &small, &result));
	assert_false(number_round_quotient(&big, &one, 6, &scaled));
	assert_true(result.top == 42 && scaled == 42);
	struct number lowest = plain(-largest, 0);
	assert_true(number_multiply(&lowest, &one, &result));
	assert_true(result.top == -largest);
	assert_true(number_divide(&big, &big, &result));
	assert_number(&result, 1, 1, 0);
}

static int64_t floor_of(struct number number)
{
	return number_floor(&number);
}

static void test_floor(void **state)
{
	(void)state;
	assert_int_equal(floor_of(plain(29999, 4)), 2);
	assert_int_equal(floor_of(plain(-1, 4)), -1);
	assert_int_equal(floor_of(plain(-30000, 4)), -3);
	assert_int_equal(floor_of(quotient(-7, 2)), -4);
	assert_int_equal(floor_of(plain(largest, 0)), INT64_MAX);
	assert_int_equal(floor_of(plain(-largest, 3)), INT64_MIN);
	assert_int_equal(floor_of((struct number){0}), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain_numbers_keep_their_decimals),
		cmocka_unit_test(test_many_decimals_are_shortened_or_refused),
		cmocka_unit_test(test_fractions_are_reduced),
		cmocka_unit_test(test_bottoms_with_common_divisors_are_added),
		cmocka_unit_test(test_comparison),
		cmocka_unit_test(test_rounding),
		cmocka_unit_test(test_what_does_not_fit_is_refused),
		cmocka_unit_test(test_floor),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
