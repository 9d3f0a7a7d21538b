/* The periods of a day hold just those days that begin the same period. */
#include "tests/unit/unit.h"

#include "pipeline/correlate/periods.h"

enum { FIRST_DAY = 19723, DAYS = 1500 }; /* from 2024-01-01 on: two leap days */

static void check_day(const struct calendar *calendar, struct periods *periods, int32_t day)
{
	periods_set(periods, calendar, day);
	for (unsigned unit = 0; unit < UNIT_COUNT; unit++) {
		int32_t first = calendar_first_day(calendar, (enum calendar_unit)unit, day, 0);
		for (int32_t other = day - 400; other < day + 400; other += 1 + (other % 7 == 0 ? 5 : 0))
			assert_int_equal(periods_hold(periods, unit, other),
				calendar_first_day(calendar, (enum calendar_unit)unit, other, 0) == first);
		assert_true(periods_hold(periods, unit, day));
		assert_false(periods_hold(periods, unit, PERIODS_NO_DAY));
	}
}

static void test_every_unit(void **state)
{
	(void)state;
	for (int week_start = 0; week_start < 7; week_start += 6)
		for (int fiscal = 1; fiscal <= 12; fiscal += 3) {
			struct calendar calendar = {.week_start = week_start, .fiscal_year_start = fiscal};
			struct periods periods = {.day = PERIODS_NO_DAY};
			for (int32_t day = FIRST_DAY; day < FIRST_DAY + DAYS; day += 1 + day % 3)
				check_day(&calendar, &periods, day);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_unit)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
