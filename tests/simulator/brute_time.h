/* Windows of the brute-force computation: which interval a window covers at an `end`, and the interval before it
 * (docs/figures.md, section 2). Local time is libc's: brute_time_use sets TZ for the whole process.
 *
 * Instants are UTC milliseconds and after 1970; a date is the number of days since 1970-01-01. */
#ifndef TESTS_SIMULATOR_BRUTE_TIME_H
#define TESTS_SIMULATOR_BRUTE_TIME_H

#include <stdbool.h>
#include <stdint.h>

#define BRUTE_MINUTE INT64_C(60000)
#define BRUTE_HOUR (60 * BRUTE_MINUTE)
#define BRUTE_DAY (24 * BRUTE_HOUR)

enum brute_unit {
	BRUTE_ROLLING,
	BRUTE_UNIT_DAY,
	BRUTE_UNIT_WEEK,
	BRUTE_UNIT_MONTH,
	BRUTE_UNIT_QUARTER,
	BRUTE_UNIT_YEAR
};

struct brute_calendar {
	const char *zone; /* IANA name */
	int week_start;   /* 0 Sunday, 1 Monday ... */
	int fiscal_month; /* 1 to 12 */
	int64_t smallest; /* the smallest step of the configured windows, ms */
};

struct brute_window {
	const char *name;
	enum brute_unit unit;
	int64_t length; /* of a rolling one, ms */
	int64_t step;   /* ms; a rolling one with BRUTE_DAY moves by local days, and its length is whole days */
	int back;       /* of a period: 0 to date, 1 the whole one before, ... */
};

struct brute_span { /* from <= time < to */
	int64_t from;
	int64_t to;
};

void brute_time_use(const struct brute_calendar *calendar);

int64_t brute_end(const struct brute_calendar *calendar, int64_t as_of);
struct brute_span brute_span(const struct brute_calendar *calendar, const struct brute_window *window, int64_t end);
struct brute_span brute_span_before(
	const struct brute_calendar *calendar, const struct brute_window *window, int64_t end);

int64_t brute_date(int year, int month, int day);
int64_t brute_local_date(int64_t time);
int64_t brute_midnight(int64_t date);
/* The first instant at which local clocks show `hour`:00 on `date`, or the first after the gap that swallowed it. */
int64_t brute_local_time(int64_t date, int hour);

/* RFC 3339 in UTC, whole seconds: 20 bytes and a NUL. */
void brute_time_text(int64_t time, char text[static 24]);

#endif
