#include "base/zone.h"
#include "tests/unit/unit.h"

static bool is_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int month_length(int year, int month)
{
	static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	return lengths[month - 1] + (month == 2 && is_leap(year));
}

static void assert_date(int32_t day, int year, int month, int day_of_month)
{
	int got_year, got_month, got_day;
	date_of_day(day, &got_year, &got_month, &got_day);
	assert_int_equal(got_year, year);
	assert_int_equal(got_month, month);
	assert_int_equal(got_day, day_of_month);
	assert_int_equal(date_to_day(year, month, day_of_month), day);
}

/* Walks the calendar day by day, through eras before and after 1970, as one would on paper. */
static void test_every_day(void **state)
{
	(void)state;
	int32_t day = -719528;
	int weekday = 5; /* 1 January of the year 0 was a Saturday */
	for (int year = 0; year <= 9999; year++)
		for (int month = 1; month <= 12; month++)
			for (int day_of_month = 1; day_of_month <= month_length(year, month); day_of_month++) {
				assert_date(day, year, month, day_of_month);
				assert_int_equal(date_weekday(day), weekday);
				day++;
				weekday = (weekday + 1) % 7;
			}
	assert_int_equal(day, 2932897);
}

static void test_known_days(void **state)
{
	(void)state;
	assert_date(0, 1970, 1, 1);
	assert_date(20780, 2026, 11, 23);
	assert_int_equal(date_weekday(0), 3);
	assert_int_equal(date_weekday(20780), 0);
	assert_int_equal(date_weekday(-1), 2);
	assert_int_equal(date_weekday(-4), 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_day),
		cmocka_unit_test(test_known_days),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
