/* Numbers and windows of the simulator's brute-force computation, against what calendar and hand say. */
#include "tests/simulator/brute_number.h"
#include "tests/simulator/brute_time.h"
#include "tests/unit/unit.h"

/* Hours and minutes of the second of March 2026, a Monday; Berlin is one hour ahead. */
#define AT(hour, minute) (INT64_C(1772409600000) + (hour)*BRUTE_HOUR + (minute)*BRUTE_MINUTE)

static void assert_decimal(brute_int num, brute_int den, const char *expected)
{
	char text[BRUTE_NUMBER_TEXT];
	brute_decimal_text(brute_fraction(num, den), 6, text);
	assert_string_equal(text, expected);
}

static void test_numbers_are_rounded_half_even_and_short(void **state)
{
	(void)state;
	assert_decimal(7, 20, "0.35");
	assert_decimal(2, 3, "0.666667");
	assert_decimal(-2, 3, "-0.666667");
	assert_decimal(12345678901, 10000, "1234567.8901");
	assert_decimal(5, 10000000, "0");
	assert_decimal(15, 10000000, "0.000002");
	assert_decimal(25, 10000000, "0.000002");
	assert_decimal(-1, 10000000, "0");
	assert_decimal(120, -10, "-12");
	char text[BRUTE_NUMBER_TEXT];
	brute_exact_text(brute_fraction(1, 16), text);
	assert_string_equal(text, "0.0625");
}

static void assert_span(struct brute_span span, const char *from, const char *to)
{
	char text[24];
	brute_time_text(span.from, text);
	assert_string_equal(text, from);
	brute_time_text(span.to, text);
	assert_string_equal(text, to);
}

static const struct brute_calendar berlin = {"Europe/Berlin", 1, 1, BRUTE_MINUTE};

static void assert_window(struct brute_window window, int64_t end, const char *const expected[4])
{
	brute_time_use(&berlin);
	assert_span(brute_span(&berlin, &window, end), expected[0], expected[1]);
	assert_span(brute_span_before(&berlin, &window, end), expected[2], expected[3]);
}

#define ASSERT_WINDOW(window, end, ...) \
	assert_window((struct brute_window)window, (end), (const char *const[4]){__VA_ARGS__})
#define WINDOW(...)         \
	{                   \
		__VA_ARGS__ \
	}

static void test_rolling_windows(void **state)
{
	(void)state;
	assert_int_equal(brute_end(&berlin, AT(9, 0) + 1), AT(9, 1));
	assert_int_equal(brute_end(&berlin, AT(9, 0)), AT(9, 0));
	ASSERT_WINDOW(WINDOW("24h", BRUTE_ROLLING, BRUTE_DAY, 5 * BRUTE_MINUTE, 0), AT(9, 1), "2026-03-01T09:05:00Z",
		"2026-03-02T09:05:00Z", "2026-02-28T09:05:00Z", "2026-03-01T09:05:00Z");
	/* Local days: 00:00 in Berlin is 23:00 in winter, and 22:00 in summer. */
	ASSERT_WINDOW(WINDOW("365d", BRUTE_ROLLING, 365 * BRUTE_DAY, BRUTE_DAY, 0), AT(9, 1), "2025-03-02T23:00:00Z",
		"2026-03-02T23:00:00Z", "2024-03-02T23:00:00Z", "2025-03-02T23:00:00Z");
	ASSERT_WINDOW(WINDOW("3d", BRUTE_ROLLING, 3 * BRUTE_DAY, BRUTE_DAY, 0), AT(22, 0) + 28 * BRUTE_DAY,
		"2026-03-27T23:00:00Z", "2026-03-30T22:00:00Z", "2026-03-24T23:00:00Z", "2026-03-27T23:00:00Z");
}

static void test_periods(void **state)
{
	(void)state;
	ASSERT_WINDOW(WINDOW("day", BRUTE_UNIT_DAY, 0, 5 * BRUTE_MINUTE, 0), AT(9, 1), "2026-03-01T23:00:00Z",
		"2026-03-02T09:05:00Z", "2026-02-28T23:00:00Z", "2026-03-01T09:00:00Z");
	ASSERT_WINDOW(WINDOW("day", BRUTE_UNIT_DAY, 0, 5 * BRUTE_MINUTE, 0), AT(23, 0), "2026-03-01T23:00:00Z",
		"2026-03-02T23:00:00Z", "2026-02-28T23:00:00Z", "2026-03-01T23:00:00Z");
	ASSERT_WINDOW(WINDOW("week", BRUTE_UNIT_WEEK, 0, 15 * BRUTE_MINUTE, 0), AT(-24, 1), "2026-02-22T23:00:00Z",
		"2026-03-01T00:15:00Z", "2026-02-15T23:00:00Z", "2026-02-22T00:00:00Z");
	ASSERT_WINDOW(WINDOW("month-1", BRUTE_UNIT_MONTH, 0, 15 * BRUTE_MINUTE, 1), AT(9, 1), "2026-01-31T23:00:00Z",
		"2026-02-28T23:00:00Z", "2025-12-31T23:00:00Z", "2026-01-31T23:00:00Z");
	ASSERT_WINDOW(WINDOW("quarter", BRUTE_UNIT_QUARTER, 0, 15 * BRUTE_MINUTE, 0), AT(9, 1), "2025-12-31T23:00:00Z",
		"2026-03-02T09:15:00Z", "2025-09-30T22:00:00Z", "2025-11-30T09:00:00Z");
	ASSERT_WINDOW(WINDOW("year-1", BRUTE_UNIT_YEAR, 0, 15 * BRUTE_MINUTE, 1), AT(9, 1), "2024-12-31T23:00:00Z",
		"2025-12-31T23:00:00Z", "2023-12-31T23:00:00Z", "2024-12-31T23:00:00Z");
	/* The 31st of March: February has no such day, so the interval before ends where March begins. */
	ASSERT_WINDOW(WINDOW("month", BRUTE_UNIT_MONTH, 0, 15 * BRUTE_MINUTE, 0), AT(9, 1) + 29 * BRUTE_DAY,
		"2026-02-28T23:00:00Z", "2026-03-31T09:15:00Z", "2026-01-31T23:00:00Z", "2026-02-28T23:00:00Z");
}

static void test_days_on_which_clocks_change(void **state)
{
	(void)state;
	/* On the 29th of March 02:00 to 03:00 does not exist in Berlin; the day after 02:10 local looks back at that. */
	ASSERT_WINDOW(WINDOW("day", BRUTE_UNIT_DAY, 0, 5 * BRUTE_MINUTE, 0), AT(0, 10) + 28 * BRUTE_DAY,
		"2026-03-29T22:00:00Z", "2026-03-30T00:10:00Z", "2026-03-28T23:00:00Z", "2026-03-29T01:00:00Z");
	/* On the 25th of October it is there twice: the first counts. */
	ASSERT_WINDOW(WINDOW("day", BRUTE_UNIT_DAY, 0, 5 * BRUTE_MINUTE, 0), AT(1, 10) + 238 * BRUTE_DAY,
		"2026-10-25T23:00:00Z", "2026-10-26T01:10:00Z", "2026-10-24T22:00:00Z", "2026-10-25T00:00:00Z");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers_are_rounded_half_even_and_short),
		cmocka_unit_test(test_rolling_windows),
		cmocka_unit_test(test_periods),
		cmocka_unit_test(test_days_on_which_clocks_change),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
