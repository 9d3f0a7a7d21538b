#include "base/zone.h"
#include "tests/unit/unit.h"

#include <stdlib.h>

struct local {
	int year, month, day, hour, minute, second;
	int64_t instant; /* seconds since 1970 */
};

static int32_t day_of(const struct local *local)
{
	return date_to_day(local->year, local->month, local->day);
}

static int32_t second_of(const struct local *local)
{
	return local->hour * 3600 + local->minute * 60 + local->second;
}

static void load(struct zone *zone, const char *name)
{
	assert_int_equal(zone_load(zone, name), RESULT_OK);
	assert_string_equal(zone->name, name);
}

static void assert_civil(const struct zone *zone, const struct local *local)
{
	struct civil civil = zone_civil(zone, local->instant * 1000 + 789);
	assert_int_equal(civil.day, day_of(local));
	assert_int_equal(civil.second, second_of(local));
	assert_int_equal(civil.ms, 789);
}

/* Local times that exist: from the instant, and (for the first of two) back to it. */
static void assert_locals(const char *name, const struct local *locals, size_t count)
{
	struct zone zone;
	load(&zone, name);
	for (size_t i = 0; i < count; i++) {
		assert_civil(&zone, &locals[i]);
		assert_int_equal(
			zone_instant(&zone, day_of(&locals[i]), second_of(&locals[i])), locals[i].instant * 1000);
	}
	zone_release(&zone);
}

#define ASSERT_LOCALS(name, locals) assert_locals(name, locals, sizeof locals / sizeof *locals)

static void test_berlin(void **state)
{
	(void)state;
	static const struct local locals[] = {
		{2026, 3, 29, 1, 59, 59, 1774745999},
		{2026, 3, 29, 3, 0, 0, 1774746000},
		{2026, 10, 25, 2, 0, 0, 1792886400},
		{2026, 10, 25, 2, 59, 59, 1792889999},
		{2026, 10, 25, 3, 0, 0, 1792893600},
		{1979, 7, 1, 12, 0, 0, 299674800},
		{2100, 7, 1, 12, 0, 0, 4118119200},
	};
	ASSERT_LOCALS("Europe/Berlin", locals);
}

static void test_new_york(void **state)
{
	(void)state;
	static const struct local locals[] = {
		{2026, 3, 8, 1, 59, 59, 1772953199},
		{2026, 3, 8, 3, 0, 0, 1772953200},
		{2026, 11, 1, 1, 30, 0, 1793511000},
		{2026, 11, 1, 2, 0, 0, 1793516400},
		{2100, 12, 31, 23, 59, 59, 4133998799},
	};
	ASSERT_LOCALS("America/New_York", locals);
}

static void test_kathmandu(void **state)
{
	(void)state;
	static const struct local locals[] = {
		{1985, 12, 31, 23, 59, 59, 504901799},
		{1986, 1, 1, 0, 15, 0, 504901800},
		{2026, 1, 1, 0, 0, 0, 1767204900},
	};
	ASSERT_LOCALS("Asia/Kathmandu", locals);
}

/* A saving of half an hour, and an offset with seconds. */
static void test_unusual_offsets(void **state)
{
	(void)state;
	static const struct local lord_howe[] = {
		{2026, 4, 5, 1, 29, 59, 1775312999},
		{2026, 4, 5, 2, 0, 0, 1775316600},
		{2026, 10, 4, 2, 30, 0, 1791041400},
	};
	static const struct local monrovia[] = {{1971, 6, 1, 0, 0, 0, 44585070}};
	ASSERT_LOCALS("Australia/Lord_Howe", lord_howe);
	ASSERT_LOCALS("Africa/Monrovia", monrovia);
}

/* Samoa crossed the date line: 30 December 2011 never was. */
static void test_apia(void **state)
{
	(void)state;
	static const struct local locals[] = {
		{2011, 12, 29, 23, 59, 59, 1325239199},
		{2011, 12, 31, 0, 0, 0, 1325239200},
	};
	ASSERT_LOCALS("Pacific/Apia", locals);
	struct zone zone;
	load(&zone, "Pacific/Apia");
	for (int32_t second = 0; second < 86400; second += 3599)
		assert_int_equal(zone_instant(&zone, date_to_day(2011, 12, 30), second), 1325239200000);
	zone_release(&zone);
}

static void test_a_jumped_hour_is_the_instant_after(void **state)
{
	(void)state;
	struct zone zone;
	load(&zone, "Europe/Berlin");
	int32_t day = date_to_day(2026, 3, 29);
	for (int32_t second = 7200; second < 10800; second += 59)
		assert_int_equal(zone_instant(&zone, day, second), 1774746000000);
	zone_release(&zone);
	load(&zone, "Asia/Kathmandu");
	assert_int_equal(zone_instant(&zone, date_to_day(1986, 1, 1), 0), 504901800000);
	zone_release(&zone);
}

static void test_the_second_of_two(void **state)
{
	(void)state;
	static const struct local berlin = {2026, 10, 25, 2, 0, 0, 1792890000};
	struct zone zone;
	load(&zone, "Europe/Berlin");
	assert_civil(&zone, &berlin);
	zone_release(&zone);
}

/* Every 7 hours and some: the local time of an instant leads to it again, or to its twin at most three hours earlier. */
static void test_there_and_back(void **state)
{
	(void)state;
	static const char *const names[] = {"Europe/Berlin", "America/New_York", "Pacific/Apia", "America/Caracas",
		"Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca", "America/St_Johns", "UTC"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct zone zone;
		load(&zone, names[i]);
		for (int64_t second = 0; second < date_to_day(2105, 12, 31) * (int64_t)86400; second += 25999) {
			struct civil civil = zone_civil(&zone, second * 1000);
			int64_t back = zone_instant(&zone, civil.day, civil.second) / 1000;
			assert_in_range(second - back, 0, 3 * 3600);
			struct civil again = zone_civil(&zone, back * 1000);
			assert_memory_equal(&civil, &again, sizeof civil);
		}
		zone_release(&zone);
	}
}

static void test_the_table_rises(void **state)
{
	(void)state;
	struct zone zone;
	load(&zone, "Europe/Berlin");
	assert_true(zone.count > 250);
	for (uint32_t i = 1; i < zone.count; i++) {
		assert_true(zone.starts[i] > zone.starts[i - 1]);
		assert_int_not_equal(zone.offsets[i], zone.offsets[i - 1]);
	}
	zone_release(&zone);
	zone_release(NULL);
}

static void test_before_1970(void **state)
{
	(void)state;
	struct zone zone;
	load(&zone, "UTC");
	assert_int_equal(zone.count, 1);
	struct civil civil = zone_civil(&zone, -1);
	assert_int_equal(civil.day, -1);
	assert_int_equal(civil.second, 86399);
	assert_int_equal(civil.ms, 999);
	zone_release(&zone);
}

static void test_unknown_zones(void **state)
{
	(void)state;
	static const char *const names[] = {"Europe/Atlantis", "", "Europe", "/etc/passwd", "../../../etc/passwd",
		"UTC0", "Europe/Berlin ", "Europe/../Europe/Berlin", "posixrules/", "europe/berlin",
		"A23456789012345678901234567890123456789012345678901234567890123456789"};
	struct zone zone = {.count = 4711};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		assert_int_equal(zone_load(&zone, names[i]), RESULT_NOT_FOUND);
	assert_int_equal(zone.count, 4711);
}

static void test_tz_is_as_before(void **state)
{
	(void)state;
	struct zone zone;
	setenv("TZ", "Asia/Tokyo", 1);
	load(&zone, "Europe/Berlin");
	assert_string_equal(getenv("TZ"), "Asia/Tokyo");
	zone_release(&zone);
	unsetenv("TZ");
	load(&zone, "Europe/Berlin");
	assert_null(getenv("TZ"));
	zone_release(&zone);
}

/* A machine without time zone files still knows UTC. */
static void test_utc_needs_no_file(void **state)
{
	(void)state;
	struct zone zone;
	setenv("TZDIR", "/nonexistent", 1);
	assert_int_equal(zone_load(&zone, "Europe/Berlin"), RESULT_NOT_FOUND);
	load(&zone, "UTC");
	assert_int_equal(zone_civil(&zone, 0).second, 0);
	zone_release(&zone);
	unsetenv("TZDIR");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_berlin),
		cmocka_unit_test(test_new_york),
		cmocka_unit_test(test_kathmandu),
		cmocka_unit_test(test_unusual_offsets),
		cmocka_unit_test(test_apia),
		cmocka_unit_test(test_a_jumped_hour_is_the_instant_after),
		cmocka_unit_test(test_the_second_of_two),
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_the_table_rises),
		cmocka_unit_test(test_before_1970),
		cmocka_unit_test(test_unknown_zones),
		cmocka_unit_test(test_tz_is_as_before),
		cmocka_unit_test(test_utc_needs_no_file),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
