#include "base/decimal.h"
#include "tests/unit/unit.h"

struct reading {
	const char *text;
	enum result result;
	int64_t fixed;
};

#define LARGEST 1000000000000000000 /* 10^14 */

static const struct reading readings[] = {
	{"0", RESULT_OK, 0},
	{"-0", RESULT_OK, 0},
	{"12", RESULT_OK, 120000},
	{"-0.5", RESULT_OK, -5000},
	{"1.23456", RESULT_OK, 12346},
	{"0.0001", RESULT_OK, 1},
	/* ties go to the even neighbour, on both sides of 0 */
	{"0.00005", RESULT_OK, 0},
	{"0.00015", RESULT_OK, 2},
	{"0.00025", RESULT_OK, 2},
	{"0.00035", RESULT_OK, 4},
	{"-0.00005", RESULT_OK, 0},
	{"-0.00015", RESULT_OK, -2},
	{"-0.00025", RESULT_OK, -2},
	{"-0.00035", RESULT_OK, -4},
	/* a tie is broken by the farthest digit */
	{"0.000250000000000000000000000000000000000000000000000000000000000000001", RESULT_OK, 3},
	{"0.000249999999999999999999999999999999999999999999999999999999999999999", RESULT_OK, 2},
	{"123456.0000500000000000000000000000000000000000000000000000000000000000000", RESULT_OK, 1234560000},
	{"123456.0000500000000000000000000000000000000000000000000000000000000000001", RESULT_OK, 1234560001},
	{"0.00004999", RESULT_OK, 0},
	{"0.99995", RESULT_OK, 10000},
	{"99999999999999.99995", RESULT_OK, LARGEST},
	/* exponents */
	{"1e3", RESULT_OK, 10000000},
	{"1E+3", RESULT_OK, 10000000},
	{"1.5e-3", RESULT_OK, 15},
	{"-25e-5", RESULT_OK, -2},
	{"1e14", RESULT_OK, LARGEST},
	{"-1e14", RESULT_OK, -LARGEST},
	{"0.0000000000000000000000000000000000000000000000000001e52", RESULT_OK, 10000},
	{"10000000000000000000000000000000000000000000000000000e-52", RESULT_OK, 10000},
	{"1e-5", RESULT_OK, 0},
	{"1e-999999999999999999999999", RESULT_OK, 0},
	{"0e999999999999999999999999", RESULT_OK, 0},
	{"6e-38", RESULT_OK, 0},
	{"9e-43", RESULT_OK, 0},
	{"1e00000000000000000002", RESULT_OK, 1000000},
	/* 15 digits, as amounts of money have at most */
	{"99999999999.9999", RESULT_OK, 999999999999999},
	{"-12345678901.2345", RESULT_OK, -123456789012345},
	{"100000000000000", RESULT_OK, LARGEST},
	{"100000000000000.00005", RESULT_OK, LARGEST},
	{"100000000000000.0001", RESULT_RANGE, 0},
	{"-100000000000000.0001", RESULT_RANGE, 0},
	{"1e15", RESULT_RANGE, 0},
	{"1e999999999999999999999999", RESULT_RANGE, 0},
	{"9999999999999999999999999999999999999999999999999999999", RESULT_RANGE, 0},
	{"", RESULT_INVALID, 0},
	{"-", RESULT_INVALID, 0},
	{"+1", RESULT_INVALID, 0},
	{".5", RESULT_INVALID, 0},
	{"5.", RESULT_INVALID, 0},
	{"-.5", RESULT_INVALID, 0},
	{"01", RESULT_INVALID, 0},
	{"00.5", RESULT_INVALID, 0},
	{"1e", RESULT_INVALID, 0},
	{"1e+", RESULT_INVALID, 0},
	{"1e1.5", RESULT_INVALID, 0},
	{"e5", RESULT_INVALID, 0},
	{"1 ", RESULT_INVALID, 0},
	{" 1", RESULT_INVALID, 0},
	{"1,5", RESULT_INVALID, 0},
	{"0x1", RESULT_INVALID, 0},
	{"NaN", RESULT_INVALID, 0},
	{"inf", RESULT_INVALID, 0},
	{"1.5.5", RESULT_INVALID, 0},
};

static void test_reading(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof readings / sizeof *readings; i++) {
		int64_t fixed = 4711;
		enum result result = decimal_from_text(str_of(readings[i].text), &fixed);
		int64_t expected = readings[i].result ? 4711 : readings[i].fixed;
		if (result != readings[i].result || fixed != expected)
			fail_msg("\"%s\": %s, %lld", readings[i].text, result_text(result), (long long)fixed);
	}
	int64_t fixed = 4711;
	assert_int_equal(decimal_from_text((struct str){NULL, 0}, &fixed), RESULT_INVALID);
}

static void assert_exact(const char *text, uint64_t digits, int64_t exponent, bool negative)
{
	struct decimal decimal;
	assert_int_equal(decimal_read(str_of(text), &decimal), RESULT_OK);
	assert_true(decimal.digits == digits);
	assert_int_equal(decimal.exponent, exponent);
	assert_int_equal(decimal.negative, negative);
}

static void test_exact(void **state)
{
	(void)state;
	struct decimal decimal;
	assert_exact("0", 0, 0, false);
	assert_exact("-0.000e7", 0, 0, false);
	assert_exact("1.50", 15, -1, false);
	assert_exact("-1500", 15, 2, true);
	assert_exact("15e-1", 15, -1, false);
	assert_exact("0.0000000000000000000000000000000000000000000000012", 12, -49, false);
	assert_exact("12000000000000000000000000000000000000000000000000", 12, 48, false);
	assert_int_equal(decimal_read(STR("99999999999999999999"), &decimal), RESULT_OK);
	assert_int_equal(decimal_read(STR("100000000000000000001"), &decimal), RESULT_RANGE);
	assert_int_equal(
		decimal_read(STR("1.0000000000000000000000000000000000000000000000000001"), &decimal), RESULT_RANGE);
	assert_int_equal(decimal_read(STR("1,5"), &decimal), RESULT_INVALID);
}

static void assert_product(const char *a, const char *b, enum result expected, int64_t fixed)
{
	struct decimal left, right;
	int64_t product = 4711;
	assert_int_equal(decimal_read(str_of(a), &left), RESULT_OK);
	assert_int_equal(decimal_read(str_of(b), &right), RESULT_OK);
	assert_int_equal(decimal_multiply(&left, &right, &product), expected);
	assert_int_equal(product, expected ? 4711 : fixed);
}

static void test_products(void **state)
{
	(void)state;
	assert_product("100", "0.8514", RESULT_OK, 851400);
	assert_product("0", "0.8514", RESULT_OK, 0);
	assert_product("0.0001", "0.5", RESULT_OK, 0);
	assert_product("0.0003", "0.5", RESULT_OK, 2);
	assert_product("-0.0003", "0.5", RESULT_OK, -2);
	/* once rounded, not twice: 0.00005 would be 0 before it is multiplied */
	assert_product("0.00005", "3", RESULT_OK, 2);
	assert_product("0.000149999999999999999", "1", RESULT_OK, 1);
	assert_product("0.00004999999999999999", "1.0000000001", RESULT_OK, 1);
	assert_product("99999999999999999999e-10", "99999999.9999999999", RESULT_RANGE, 0);
	assert_product("99999999999999999999e-16", "99999999.9999999999", RESULT_OK, INT64_C(10000000000000000));
	assert_product("1e-999999999999", "1", RESULT_OK, 0);
	assert_product("1e14", "1", RESULT_OK, LARGEST);
	assert_product("1e14", "1.0001", RESULT_RANGE, 0);
	assert_product("99999999999999999999", "99999999999999999999", RESULT_RANGE, 0);
}

static void assert_quotient(i128 numerator, i128 denominator, int decimals, const char *expected)
{
	i128 scaled = 4711;
	assert_int_equal(decimal_divide(numerator, denominator, decimals, &scaled), RESULT_OK);
	struct buf buf;
	buf_init(&buf);
	decimal_put(&buf, scaled, 0);
	assert_str(buf_str(&buf), expected);
	buf_release(&buf);
}

static void test_division_rounds_half_even(void **state)
{
	(void)state;
	assert_quotient(1, 3, 6, "333333");
	assert_quotient(2, 3, 6, "666667");
	assert_quotient(1, 8, 2, "12");
	assert_quotient(3, 8, 2, "38");
	assert_quotient(5, 8, 2, "62");
	assert_quotient(1, 2, 0, "0");
	assert_quotient(3, 2, 0, "2");
	assert_quotient(5, 2, 0, "2");
	assert_quotient(0, -7, 6, "0");
	assert_quotient(0, 7, 6, "0");
}

static void test_division_is_the_same_on_all_sides(void **state)
{
	(void)state;
	assert_quotient(-1, 8, 2, "-12");
	assert_quotient(1, -8, 2, "-12");
	assert_quotient(-3, 8, 2, "-38");
	assert_quotient(-3, -8, 2, "38");
	assert_quotient(-5, 2, 0, "-2");
	assert_quotient(-1, 2, 0, "0");
}

static void test_division_of_the_largest(void **state)
{
	(void)state;
	assert_quotient(INT64_MAX, 1, 6, "9223372036854775807000000");
	assert_quotient(INT64_MIN, 1, 6, "-9223372036854775808000000");
	assert_quotient(INT64_MIN, -1, 6, "9223372036854775808000000");
	assert_quotient(INT64_MAX, INT64_MIN, 6, "-1000000");
	assert_quotient(INT64_MAX, INT64_MAX - 1, 18, "1000000000000000000");
	assert_quotient(1, INT64_MAX, 20, "11");
	/* products of two 64-bit numbers, as quotients of quotients make them */
	i128 large = (i128)1000000000000000000 * 1000000000000000000;
	assert_quotient(large, large, 6, "1000000");
	assert_quotient(large - 1, large, 6, "1000000");
	assert_quotient(large / 2, large, 6, "500000");
	assert_quotient(large / 3, -large, 6, "-333333");
}

static void test_division_out_of_range(void **state)
{
	(void)state;
	i128 smallest = (i128)((unsigned __int128)1 << 127);
	i128 largest = ~smallest;
	i128 scaled = 4711;
	assert_int_equal(decimal_divide(largest, 1, 6, &scaled), RESULT_RANGE);
	/* times 10^6 it is 0 modulo 2^128 */
	assert_int_equal(decimal_divide((i128)1 << 122, 1, 6, &scaled), RESULT_RANGE);
	assert_int_equal(decimal_divide(largest / 5, 1, 1, &scaled), RESULT_RANGE);
	assert_int_equal(decimal_divide(smallest, 1, 0, &scaled), RESULT_RANGE);
	assert_int_equal(decimal_divide(smallest, -1, 0, &scaled), RESULT_RANGE);
	assert_int_equal(decimal_divide(largest - 1, largest, 6, &scaled), RESULT_RANGE);
	assert_true(scaled == 4711);
	assert_int_equal(decimal_divide(largest, 1, 0, &scaled), RESULT_OK);
	assert_true(scaled == largest);
	assert_int_equal(decimal_divide(smallest, smallest, 0, &scaled), RESULT_OK);
	assert_true(scaled == 1);
	assert_int_equal(decimal_divide(largest / 10, 1, 1, &scaled), RESULT_OK);
	assert_true(scaled == largest / 10 * 10);
}

/* Against the definition: no other integer is nearer, and of two as near it is the even one. */
static void test_division_by_its_definition(void **state)
{
	(void)state;
	for (int64_t numerator = -300; numerator <= 300; numerator++)
		for (int64_t denominator = -40; denominator <= 40; denominator++) {
			if (denominator == 0)
				continue;
			i128 scaled = 0;
			assert_int_equal(decimal_divide(numerator, denominator, 1, &scaled), RESULT_OK);
			int64_t twice_off = 2 * (numerator * 10 - (int64_t)scaled * denominator);
			int64_t limit = denominator < 0 ? -denominator : denominator;
			int64_t distance = twice_off < 0 ? -twice_off : twice_off;
			assert_true(distance < limit || (distance == limit && scaled % 2 == 0));
		}
}

static void assert_written(i128 value, int decimals, const char *expected)
{
	struct buf buf;
	buf_init(&buf);
	decimal_put(&buf, value, decimals);
	assert_str(buf_str(&buf), expected);
	buf_release(&buf);
}

static void test_writing(void **state)
{
	(void)state;
	assert_written(2500, 4, "0.25");
	assert_written(-2500, 4, "-0.25");
	assert_written(0, 4, "0");
	assert_written(0, 0, "0");
	assert_written(10000, 4, "1");
	assert_written(-10000, 4, "-1");
	assert_written(1, 4, "0.0001");
	assert_written(100000, 4, "10");
	assert_written(123456789, 6, "123.456789");
	assert_written(1000000, 6, "1");
	assert_written(42, 0, "42");
	assert_written(100, 0, "100");
	assert_written(INT64_MIN, 4, "-922337203685477.5808");
	i128 smallest = (i128)((unsigned __int128)1 << 127);
	assert_written(smallest, 0, "-170141183460469231731687303715884105728");
	assert_written(smallest, 38, "-1.70141183460469231731687303715884105728");
	assert_written(1, 38, "0.00000000000000000000000000000000000001");
}

static void test_what_is_written_can_be_read(void **state)
{
	(void)state;
	struct buf buf;
	buf_init(&buf);
	for (int64_t fixed = -LARGEST; fixed < LARGEST; fixed += 9876543210987) {
		int64_t back = 0;
		buf_clear(&buf);
		decimal_put(&buf, fixed, 4);
		assert_int_equal(decimal_from_text(buf_str(&buf), &back), RESULT_OK);
		assert_int_equal(back, fixed);
	}
	buf_release(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reading),
		cmocka_unit_test(test_exact),
		cmocka_unit_test(test_products),
		cmocka_unit_test(test_division_rounds_half_even),
		cmocka_unit_test(test_division_is_the_same_on_all_sides),
		cmocka_unit_test(test_division_of_the_largest),
		cmocka_unit_test(test_division_out_of_range),
		cmocka_unit_test(test_division_by_its_definition),
		cmocka_unit_test(test_writing),
		cmocka_unit_test(test_what_is_written_can_be_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
