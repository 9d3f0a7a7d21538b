/* Intervals by hand: docs/figures.md, "Time". */
#include "pipeline/window.h"

#include "base/text.h"
#include "tests/unit/shard_fixture.h"

#include <stdio.h>

#define ALL_WINDOWS                                                                                                  \
	"[1h, 24h, 7d, 30d, 90d, 365d, day, week, month, quarter, year, day-1, week-1, month-1, quarter-1, year-1, " \
	"month-13]"

static struct config *config;

static void use(const char *kpid, const char *windows)
{
	char settings[256], kpis[512];
	snprintf(settings, sizeof settings, "roster: {file: \"\"}\n%s\n", kpid);
	snprintf(kpis, sizeof kpis,
		"windows: %s\nmeasures:\n  asks: {count: ask}\nkpis:\n  a: {title: A, formula: asks, unit: count}\n",
		windows);
	config_free(config);
	config = fixture_config(settings, NULL, kpis);
}

static int release(void **state)
{
	(void)state;
	config_free(config);
	config = NULL;
	return 0;
}

static struct calendar calendar(void)
{
	return (struct calendar){
		&config->zone, (int)config->settings.week_start, (int)config->settings.fiscal_year_start};
}

static struct span span_at(const char *now, const char *name)
{
	const struct model *model = &config->model;
	struct calendar with = calendar();
	struct window_spans spans;
	bool before = strncmp(name, "prev ", 5) == 0;
	window_spans_at(model, &with, window_end(model, at(now)), &spans);
	for (unsigned w = 0; w < model->window_count; w++)
		if (strcmp(model->windows[w].name, name + (before ? 5 : 0)) == 0)
			return spans.views[before ? model->window_count + w : w];
	fail_msg("no window %s", name);
	return (struct span){0, 0};
}

static void check(const char *now, const char *window, const char *from, const char *to)
{
	struct span span = span_at(now, window);
	struct buf said;
	buf_init(&said);
	text_put_time(&said, span.from);
	buf_put_text(&said, " ");
	text_put_time(&said, span.to);
	char wanted[96];
	snprintf(wanted, sizeof wanted, "%s %s", from, to);
	assert_str(buf_str(&said), wanted);
	buf_release(&said);
}

static void test_rolling(void **state)
{
	(void)state;
	use("time_zone: Europe/Berlin", ALL_WINDOWS);
	check("2026-01-15T10:07:30Z", "1h", "2026-01-15T09:08:00Z", "2026-01-15T10:08:00Z");
	check("2026-01-15T10:07:30Z", "prev 1h", "2026-01-15T08:08:00Z", "2026-01-15T09:08:00Z");
	check("2026-01-15T10:07:30Z", "24h", "2026-01-14T10:10:00Z", "2026-01-15T10:10:00Z");
	check("2026-01-15T10:07:30Z", "7d", "2026-01-08T11:00:00Z", "2026-01-15T11:00:00Z");
	check("2026-01-15T10:07:30Z", "90d", "2025-10-17T12:00:00Z", "2026-01-15T12:00:00Z");
	check("2026-01-15T10:07:30Z", "prev 90d", "2025-07-19T12:00:00Z", "2025-10-17T12:00:00Z");
	/* By local midnights: over two clock changes, 365 days are not 8760 hours from just any of them. */
	check("2026-07-15T10:07:30Z", "365d", "2025-07-15T22:00:00Z", "2026-07-15T22:00:00Z");
	check("2026-03-29T10:00:00Z", "365d", "2025-03-29T23:00:00Z", "2026-03-29T22:00:00Z");
	check("2026-03-29T10:00:00Z", "prev 365d", "2024-03-29T23:00:00Z", "2025-03-29T23:00:00Z");
}

static void test_an_edge_belongs_to_what_ends_there(void **state)
{
	(void)state;
	use("time_zone: Europe/Berlin", ALL_WINDOWS);
	check("2026-01-15T10:00:00Z", "1h", "2026-01-15T09:00:00Z", "2026-01-15T10:00:00Z");
	check("2026-01-15T10:00:00.001Z", "1h", "2026-01-15T09:01:00Z", "2026-01-15T10:01:00Z");
	check("2026-01-15T23:00:00Z", "day", "2026-01-14T23:00:00Z", "2026-01-15T23:00:00Z");
	check("2026-01-15T23:00:00.001Z", "day", "2026-01-15T23:00:00Z", "2026-01-15T23:05:00Z");
	check("2026-01-15T23:00:00Z", "365d", "2025-01-15T23:00:00Z", "2026-01-15T23:00:00Z");
	check("2026-01-31T23:00:00Z", "month", "2025-12-31T23:00:00Z", "2026-01-31T23:00:00Z");
	check("2026-01-31T23:00:00Z", "month-1", "2025-11-30T23:00:00Z", "2025-12-31T23:00:00Z");
	check("2026-01-31T23:00:01Z", "month", "2026-01-31T23:00:00Z", "2026-01-31T23:15:00Z");
	check("2026-01-31T23:00:01Z", "month-1", "2025-12-31T23:00:00Z", "2026-01-31T23:00:00Z");
}

static void test_periods(void **state)
{
	(void)state;
	use("time_zone: UTC", ALL_WINDOWS);
	check("2026-05-20T12:00:00Z", "week", "2026-05-18T00:00:00Z", "2026-05-20T12:00:00Z");
	check("2026-05-20T12:00:00Z", "quarter", "2026-04-01T00:00:00Z", "2026-05-20T12:00:00Z");
	check("2026-05-20T12:00:00Z", "year", "2026-01-01T00:00:00Z", "2026-05-20T12:00:00Z");
	check("2026-05-20T12:00:00Z", "day-1", "2026-05-19T00:00:00Z", "2026-05-20T00:00:00Z");
	check("2026-05-20T12:00:00Z", "week-1", "2026-05-11T00:00:00Z", "2026-05-18T00:00:00Z");
	check("2026-05-20T12:00:00Z", "prev week-1", "2026-05-04T00:00:00Z", "2026-05-11T00:00:00Z");
	check("2026-05-20T12:00:00Z", "quarter-1", "2026-01-01T00:00:00Z", "2026-04-01T00:00:00Z");
	check("2026-05-20T12:00:00Z", "prev year-1", "2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z");
	check("2026-05-20T12:00:00Z", "month-13", "2025-04-01T00:00:00Z", "2025-05-01T00:00:00Z");
	/* A leap day is in its month, quarter and year. */
	check("2028-02-29T00:00:01Z", "day", "2028-02-29T00:00:00Z", "2028-02-29T00:05:00Z");
	check("2028-03-01T00:00:01Z", "month-1", "2028-02-01T00:00:00Z", "2028-03-01T00:00:00Z");
	check("2028-03-01T00:00:01Z", "365d", "2027-03-03T00:00:00Z", "2028-03-02T00:00:00Z");
}

static void test_week_and_fiscal_year(void **state)
{
	(void)state;
	use("calendar: {week_start: sunday, fiscal_year_start: 11}", ALL_WINDOWS);
	check("2026-05-20T12:00:00Z", "week", "2026-05-17T00:00:00Z", "2026-05-20T12:00:00Z");
	check("2026-05-17T00:00:00Z", "week", "2026-05-10T00:00:00Z", "2026-05-17T00:00:00Z");
	check("2026-05-20T12:00:00Z", "year", "2025-11-01T00:00:00Z", "2026-05-20T12:00:00Z");
	check("2026-05-20T12:00:00Z", "year-1", "2024-11-01T00:00:00Z", "2025-11-01T00:00:00Z");
	check("2026-05-20T12:00:00Z", "quarter", "2026-05-01T00:00:00Z", "2026-05-20T12:00:00Z");
	check("2026-01-20T12:00:00Z", "quarter", "2025-11-01T00:00:00Z", "2026-01-20T12:00:00Z");
	check("2026-01-20T12:00:00Z", "quarter-1", "2025-08-01T00:00:00Z", "2025-11-01T00:00:00Z");
	check("2026-05-20T12:00:00Z", "month", "2026-05-01T00:00:00Z", "2026-05-20T12:00:00Z");
}

static void test_before_a_period_to_date(void **state)
{
	(void)state;
	use("time_zone: Europe/Berlin", ALL_WINDOWS);
	/* 14 days and 11 whole hours into February, so as far into January. */
	check("2026-02-15T10:20:00Z", "prev month", "2025-12-31T23:00:00Z", "2026-01-15T10:00:00Z");
	check("2026-02-15T10:20:00Z", "prev day", "2026-02-13T23:00:00Z", "2026-02-14T10:00:00Z");
	check("2026-02-15T10:20:00Z", "prev year", "2024-12-31T23:00:00Z", "2025-02-15T10:00:00Z");
	/* March is longer than February: clipped where March begins. */
	check("2026-03-31T10:20:00Z", "prev month", "2026-01-31T23:00:00Z", "2026-02-28T23:00:00Z");
	/* The end of a period, and the beginning of the next. */
	check("2026-01-31T23:00:00Z", "prev month", "2025-11-30T23:00:00Z", "2025-12-31T23:00:00Z");
	check("2026-01-31T23:10:00Z", "prev month", "2025-12-31T23:00:00Z", "2025-12-31T23:00:00Z");
	/* Day 366 of a leap year: the year before ends sooner. */
	check("2028-12-31T22:59:00Z", "prev year", "2026-12-31T23:00:00Z", "2027-12-31T23:00:00Z");
}

static void test_clock_changes(void **state)
{
	(void)state;
	use("time_zone: Europe/Berlin", ALL_WINDOWS);
	/* 23 hours, then 25. */
	check("2026-03-30T12:00:00Z", "day-1", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z");
	check("2026-10-26T12:00:00Z", "day-1", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z");
	/* 02:30 the day before stands for 02:30; at the missing hour, for the first instant behind it. */
	check("2026-03-30T00:30:00Z", "prev day", "2026-03-28T23:00:00Z", "2026-03-29T01:00:00Z");
	/* The hour from 02:00 comes twice: the first time and the second compare with the same. */
	check("2026-10-25T00:30:00Z", "prev day", "2026-10-23T22:00:00Z", "2026-10-24T00:00:00Z");
	check("2026-10-25T01:30:00Z", "prev day", "2026-10-23T22:00:00Z", "2026-10-24T00:00:00Z");
	check("2026-10-25T02:30:00Z", "prev day", "2026-10-23T22:00:00Z", "2026-10-24T01:00:00Z");
}

static void test_odd_zones(void **state)
{
	(void)state;
	use("time_zone: Asia/Kathmandu", ALL_WINDOWS); /* +05:45 */
	check("2026-05-20T18:15:00Z", "day", "2026-05-19T18:15:00Z", "2026-05-20T18:15:00Z");
	check("2026-05-20T18:16:00Z", "day", "2026-05-20T18:15:00Z", "2026-05-20T18:20:00Z");
	check("2026-05-20T18:16:00Z", "month", "2026-04-30T18:15:00Z", "2026-05-20T18:30:00Z");
	check("2026-05-20T12:40:00Z", "prev month", "2026-03-31T18:15:00Z", "2026-04-20T12:15:00Z");
	use("time_zone: Australia/Lord_Howe", ALL_WINDOWS); /* +10:30, in summer +11:00: half an hour */
	check("2026-04-05T20:00:00Z", "day-1", "2026-04-04T13:00:00Z", "2026-04-05T13:30:00Z");
	use("time_zone: Africa/Cairo", ALL_WINDOWS); /* the clock goes from 00:00 to 01:00 */
	check("2026-04-25T12:00:00Z", "day-1", "2026-04-23T22:00:00Z", "2026-04-24T21:00:00Z");
}

static void test_steps(void **state)
{
	(void)state;
	use("time_zone: UTC", "[{window: 1h, step: 10s}, {window: month, step: 1m}]");
	assert_int_equal(window_end(&config->model, at("2026-05-20T12:00:00.001Z")), at("2026-05-20T12:00:10Z"));
	check("2026-05-20T12:00:11Z", "1h", "2026-05-20T11:00:20Z", "2026-05-20T12:00:20Z");
	check("2026-05-20T12:00:11Z", "month", "2026-05-01T00:00:00Z", "2026-05-20T12:01:00Z");
	use("time_zone: UTC", "[90d]");
	assert_int_equal(window_end(&config->model, at("2026-05-20T12:00:00.001Z")), at("2026-05-20T18:00:00Z"));
	use("time_zone: Asia/Kathmandu", "[365d]");
	assert_int_equal(window_end(&config->model, at("2026-05-20T12:00:00.001Z")), at("2026-05-20T12:15:00Z"));
}

static void test_periods_away(void **state)
{
	(void)state;
	use("time_zone: UTC", ALL_WINDOWS);
	struct calendar with = calendar();
	assert_int_equal(calendar_period(&with, UNIT_MONTH, at("2026-01-31T12:00:00Z"), 1), at("2026-02-01T00:00:00Z"));
	assert_int_equal(
		calendar_period(&with, UNIT_MONTH, at("2026-01-31T12:00:00Z"), -14), at("2024-11-01T00:00:00Z"));
	assert_int_equal(calendar_period(&with, UNIT_WEEK, at("2026-01-01T12:00:00Z"), 0), at("2025-12-29T00:00:00Z"));
	assert_int_equal(calendar_period(&with, UNIT_DAY, at("2024-02-28T12:00:00Z"), 1), at("2024-02-29T00:00:00Z"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rolling),
		cmocka_unit_test(test_an_edge_belongs_to_what_ends_there),
		cmocka_unit_test(test_periods),
		cmocka_unit_test(test_week_and_fiscal_year),
		cmocka_unit_test(test_before_a_period_to_date),
		cmocka_unit_test(test_clock_changes),
		cmocka_unit_test(test_odd_zones),
		cmocka_unit_test(test_steps),
		cmocka_unit_test(test_periods_away),
	};
	return cmocka_run_group_tests(tests, NULL, release);
}
