#include "tests/simulator/brute_time.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/check.h"

enum { SECONDS_A_DAY = 86400, QUARTER_HOUR = 900 };

void brute_time_use(const struct brute_calendar *calendar)
{
	const char *now = getenv("TZ");
	if (now && strcmp(now, calendar->zone) == 0)
		return;
	CHECK(setenv("TZ", calendar->zone, 1) == 0);
	tzset();
}

/* ---- dates and local clocks -------------------------------------------------------------------------------------- */

static struct tm local_of(int64_t second)
{
	time_t time = (time_t)second;
	struct tm tm;
	CHECK(localtime_r(&time, &tm));
	return tm;
}

int64_t brute_date(int year, int month, int day)
{
	struct tm tm = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day};
	return timegm(&tm) / SECONDS_A_DAY;
}

static struct tm civil_of(int64_t date)
{
	time_t time = (time_t)(date * SECONDS_A_DAY);
	struct tm tm;
	CHECK(gmtime_r(&time, &tm));
	return tm;
}

int64_t brute_local_date(int64_t time)
{
	struct tm tm = local_of(time / 1000);
	return brute_date(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
}

/* What local clocks show at `second`, as if it were UTC. */
static int64_t clock_reading(int64_t second)
{
	struct tm tm = local_of(second);
	return timegm(&tm);
}

/* Clocks are set at quarters of an hour and by such, and no zone is more than 15 hours off: so the first quarter of an hour at
 * which clocks show `wanted` or more is the answer, be there a gap or a repetition. */
int64_t brute_local_time(int64_t date, int hour)
{
	int64_t wanted = date * SECONDS_A_DAY + (int64_t)hour * 3600;
	int64_t before = wanted - 3 * 3600 - (clock_reading(wanted) - wanted);
	before -= before % QUARTER_HOUR;
	CHECK(clock_reading(before) < wanted);
	while (clock_reading(before) < wanted)
		before += QUARTER_HOUR;
	return before * 1000;
}

int64_t brute_midnight(int64_t date)
{
	return brute_local_time(date, 0);
}

void brute_time_text(int64_t time, char text[static 24])
{
	time_t seconds = (time_t)(time / 1000);
	struct tm tm;
	CHECK(time % 1000 == 0 && gmtime_r(&seconds, &tm));
	CHECK(strftime(text, 24, "%Y-%m-%dT%H:%M:%SZ", &tm) > 0);
}

/* ---- periods ----------------------------------------------------------------------------------------------------- */

/* The first day of the month that is `months` after that of `civil`. */
static int64_t first_of_month(struct tm civil, int months)
{
	return brute_date(civil.tm_year + 1900, civil.tm_mon + 1 + months, 1);
}

/* The first day of the period that contains `date`. */
static int64_t period_first(const struct brute_calendar *calendar, enum brute_unit unit, int64_t date)
{
	struct tm civil = civil_of(date);
	int months_in = (civil.tm_mon + 1 - calendar->fiscal_month + 12) % 12;
	switch (unit) {
	case BRUTE_UNIT_WEEK:
		return date - (civil.tm_wday - calendar->week_start + 7) % 7;
	case BRUTE_UNIT_MONTH:
		return first_of_month(civil, 0);
	case BRUTE_UNIT_QUARTER:
		return first_of_month(civil, -(months_in % 3));
	case BRUTE_UNIT_YEAR:
		return first_of_month(civil, -months_in);
	case BRUTE_UNIT_DAY:
	case BRUTE_ROLLING:
		break;
	}
	return date;
}

/* The first day of the period before the one that begins with `first`. */
static int64_t period_before(const struct brute_calendar *calendar, enum brute_unit unit, int64_t first)
{
	return period_first(calendar, unit, first - 1);
}

/* ---- windows ----------------------------------------------------------------------------------------------------- */

static int64_t round_up(int64_t time, int64_t step)
{
	return (time + step - 1) / step * step;
}

static int64_t next_midnight(int64_t time)
{
	int64_t today = brute_midnight(brute_local_date(time));
	return today == time ? time : brute_midnight(brute_local_date(time) + 1);
}

int64_t brute_end(const struct brute_calendar *calendar, int64_t as_of)
{
	return round_up(as_of, calendar->smallest);
}

static bool by_local_days(const struct brute_window *window)
{
	return window->unit == BRUTE_ROLLING && window->step == BRUTE_DAY;
}

static int64_t days_before(int64_t midnight, int64_t length)
{
	return brute_midnight(brute_local_date(midnight) - length / BRUTE_DAY);
}

/* The first day of the period that the window shows at `end`. */
static int64_t shown_first(const struct brute_calendar *calendar, const struct brute_window *window, int64_t end)
{
	int64_t first = period_first(calendar, window->unit, brute_local_date(end - 1));
	for (int i = 0; i < window->back; i++)
		first = period_before(calendar, window->unit, first);
	return first;
}

/* The first day of the period after the one that begins with `first`: none is longer than 366 days. */
static int64_t period_after(const struct brute_calendar *calendar, enum brute_unit unit, int64_t first)
{
	int64_t date = first + 1;
	while (period_first(calendar, unit, date) == first)
		date++;
	return date;
}

struct brute_span brute_span(const struct brute_calendar *calendar, const struct brute_window *window, int64_t end)
{
	if (by_local_days(window)) {
		int64_t to = next_midnight(end);
		return (struct brute_span){days_before(to, window->length), to};
	}
	if (window->unit == BRUTE_ROLLING) {
		int64_t to = round_up(end, window->step);
		return (struct brute_span){to - window->length, to};
	}
	int64_t first = shown_first(calendar, window, end);
	if (window->back == 0)
		return (struct brute_span){brute_midnight(first), round_up(end, window->step)};
	int64_t after = period_after(calendar, window->unit, first);
	return (struct brute_span){brute_midnight(first), brute_midnight(after)};
}

/* Of a period to date: as many whole local days and hours of the period before. */
static struct brute_span before_to_date(
	const struct brute_calendar *calendar, const struct brute_window *window, int64_t end, struct brute_span now)
{
	int64_t first = shown_first(calendar, window, end);
	int64_t before = period_before(calendar, window->unit, first);
	int64_t days = brute_local_date(now.to) - first;
	int64_t to = brute_local_time(before + days, local_of(now.to / 1000).tm_hour);
	return (struct brute_span){brute_midnight(before), to < now.from ? to : now.from};
}

struct brute_span brute_span_before(
	const struct brute_calendar *calendar, const struct brute_window *window, int64_t end)
{
	struct brute_span now = brute_span(calendar, window, end);
	if (by_local_days(window))
		return (struct brute_span){days_before(now.from, window->length), now.from};
	if (window->unit == BRUTE_ROLLING)
		return (struct brute_span){now.from - window->length, now.from};
	if (window->back == 0)
		return before_to_date(calendar, window, end, now);
	int64_t before = period_before(calendar, window->unit, shown_first(calendar, window, end));
	return (struct brute_span){brute_midnight(before), now.from};
}
