#include "tests/unit/unit.h"

#include "daemon/clock_skew.h"

enum { LIMIT_MS = 300000 };
#define WALL INT64_C(1764000000000)
#define STEADY_US INT64_C(5000000000)

static void test_unknown(void **state)
{
	(void)state;
	assert_int_equal(clock_brokers(CLOCK_OFFSET_UNKNOWN, WALL, STEADY_US), WALL);
	assert_int_equal(clock_skew(CLOCK_OFFSET_UNKNOWN, WALL, STEADY_US), 0);
	assert_false(clock_is_wrong(0, LIMIT_MS));
}

static void test_equal_clocks(void **state)
{
	(void)state;
	int64_t offset = clock_offset(WALL, STEADY_US);
	assert_int_equal(clock_skew(offset, WALL, STEADY_US), 0);
	assert_int_equal(clock_skew(offset, WALL + 60000, STEADY_US + 60000000), 0);
	assert_int_equal(clock_brokers(offset, WALL, STEADY_US + 1500000), WALL + 1500);
}

/* The wall clock steps between two records: that is seen at once, whichever way it goes. */
static void test_steps(void **state)
{
	(void)state;
	const int64_t day = 86400000, years = 3652 * day;
	const int64_t steps[] = {3600000, -day, years, LIMIT_MS + 1, -LIMIT_MS - 1};
	int64_t offset = clock_offset(WALL, STEADY_US);
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		int64_t skew = clock_skew(offset, WALL + 30000 + steps[i], STEADY_US + 30000000);
		assert_int_equal(skew, steps[i]);
		assert_true(clock_is_wrong(skew, LIMIT_MS));
	}
	assert_false(clock_is_wrong(LIMIT_MS, LIMIT_MS));
	assert_false(clock_is_wrong(-LIMIT_MS, LIMIT_MS));
}

/* A machine that slept: its steady clock did not go on, so the comparison is wrong until the next record. */
static void test_new_record_corrects(void **state)
{
	(void)state;
	int64_t offset = clock_offset(WALL, STEADY_US), slept = 3600000;
	assert_true(clock_is_wrong(clock_skew(offset, WALL + slept, STEADY_US), LIMIT_MS));
	offset = clock_offset(WALL + slept, STEADY_US);
	assert_int_equal(clock_skew(offset, WALL + slept, STEADY_US), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_equal_clocks),
		cmocka_unit_test(test_steps),
		cmocka_unit_test(test_new_record_corrects),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
