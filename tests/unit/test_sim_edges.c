/* The events that lie exactly on the edges of the rules. */
#include "base/text.h"
#include "base/zone.h"
#include "tests/unit/sim_capture.h"

#include <stdio.h>

#define HOUR_MS INT64_C(3600000)
#define DAY_MS (24 * HOUR_MS)

static struct sim_capture capture;
static struct zone zone;

static int set_up(void **state)
{
	(void)state;
	sim_capture_run(&capture, "--cloudevents 20");
	return zone_load(&zone, "Europe/Berlin") == RESULT_OK ? 0 : 1;
}

static int tear_down(void **state)
{
	(void)state;
	zone_release(&zone);
	sim_capture_release(&capture);
	return 0;
}

static int64_t instant(const char *text)
{
	int64_t ms;

	assert_int_equal(text_to_time(str_of(text), &ms), RESULT_OK);
	return ms;
}

/* How many events of customers "edge-<name>-..." are of that time. */
static size_t count_at(const char *name, int64_t time)
{
	char customer[32];
	size_t count = 0;

	snprintf(customer, sizeof(customer), "edge-%s-", name);
	for (size_t i = 0; i < capture.count; i++)
		count += capture.records[i].time == time && sim_contains(capture.records[i].value, customer);
	return count;
}

static void assert_around(const char *name, const char *text)
{
	assert_true(count_at(name, instant(text)) > 0);
	assert_true(count_at(name, instant(text) - 1) > 0);
}

static void test_midnights_and_months(void **state)
{
	(void)state;
	for (int32_t day = date_to_day(2026, 1, 16); day < date_to_day(2026, 5, 5); day++) {
		assert_int_equal(count_at("midnight", zone_instant(&zone, day, 0)), 1);
		assert_int_equal(count_at("midnight", zone_instant(&zone, day, 0) - 1), 1);
	}
	assert_around("month", "2026-02-01T00:00:00+01:00");
	assert_around("month", "2026-04-01T00:00:00+02:00");
}

static void test_clock_change(void **state)
{
	(void)state;
	assert_around("clock", "2026-03-29T01:00:00Z");
	assert_around("clock", "2026-03-29T01:30:00Z");
	assert_around("clock", "2026-03-29T00:30:00Z");
}

static void test_repeated_hour(void **state)
{
	(void)state;
	tear_down(NULL);
	sim_capture_run(&capture, "--start 2026-10-01T00:00:00Z --end 2026-11-15T00:00:00Z");
	assert_int_equal(zone_load(&zone, "Europe/Berlin"), RESULT_OK);
	assert_around("clock", "2026-10-25T01:00:00Z");
	assert_around("clock", "2026-10-25T02:30:00+02:00");
	assert_around("clock", "2026-10-25T02:30:00+01:00");
	tear_down(NULL);
	set_up(NULL);
}

static void test_roster_dates(void **state)
{
	(void)state;
	assert_int_equal(count_at("roster", zone_instant(&zone, date_to_day(2026, 1, 15) + 55, 0)), 3);
}

static void test_same_millisecond(void **state)
{
	int64_t at = instant("2026-01-16T10:00:00+01:00");

	(void)state;
	assert_int_equal(count_at("same-all", at), 5);
	assert_int_equal(count_at("same-reply", at), 5);
	assert_int_equal(count_at("same-close", at), 3);
	assert_int_equal(count_at("same-twice", at), 2);
}

static void test_limits(void **state)
{
	int64_t at = instant("2026-01-16T10:00:00+01:00");

	(void)state;
	assert_int_equal(count_at("reply-14d", at), 2);
	assert_int_equal(count_at("reply-14d", at + 14 * DAY_MS), 1);
	assert_int_equal(count_at("reply-14d", at + 14 * DAY_MS + 1), 1);
	assert_int_equal(count_at("response-14d", at + 14 * DAY_MS + 1), 1);
	/* The next group begins then, with two proposals. */
	assert_int_equal(count_at("viewed-30d", at + 30 * DAY_MS), 1 + 2);
	assert_int_equal(count_at("viewed-30d", at + 30 * DAY_MS + 1), 1);
	assert_int_equal(count_at("won-90d", at + 90 * DAY_MS), 1);
	assert_int_equal(count_at("won-90d", at + 90 * DAY_MS + 1), 1);
}

static void test_steps_and_hours(void **state)
{
	int64_t end = instant(SIM_END);

	(void)state;
	assert_around("window", "2026-05-04T23:00:00Z");
	assert_around("window", "2026-05-04T00:00:00Z");
	assert_around("window", "2026-04-28T00:00:00Z");
	assert_int_equal(count_at("window", end - 1), 3);
	for (int hour = 2; hour < 48; hour++)
		assert_int_equal(count_at("hour", end - hour * HOUR_MS), 1);
}

static void test_values(void **state)
{
	static const char *const values[] = {"12.00005", "\"0.00005\"", "1e3", "1000000000000"};

	(void)state;
	for (size_t k = 0; k < sizeof(values) / sizeof(values[0]); k++) {
		size_t seen = 0;

		for (size_t i = 0; i < capture.count; i++)
			seen += sim_contains(capture.records[i].value, values[k]);
		assert_true(seen > 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_midnights_and_months),
		cmocka_unit_test(test_clock_change),
		cmocka_unit_test(test_repeated_hour),
		cmocka_unit_test(test_roster_dates),
		cmocka_unit_test(test_same_millisecond),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_steps_and_hours),
		cmocka_unit_test(test_values),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
