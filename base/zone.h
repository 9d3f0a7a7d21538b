/* A time zone as a table, and civil dates. Reading the zone (zone_load) asks the system once; all else is pure.
 *
 * Invariant: `starts` rises; offset[i] holds for instants from starts[i] (ms) up to starts[i + 1]. The table covers 1970 to 2105. */
#ifndef BASE_ZONE_H
#define BASE_ZONE_H

#include "base/result.h"
#include <stdint.h>

/* 2^33 ms, 99 days, each: 1970 to 2106. */
#define ZONE_STRETCHES 500
#define ZONE_STRETCH_BITS 33

struct zone {
	char name[64];
	int64_t *starts;
	int32_t *offsets; /* seconds east of UTC */
	uint32_t count;
	/* By stretch of time (zone.c): the span that holds its beginning. */
	uint32_t first[ZONE_STRETCHES];
};

struct civil {
	int32_t day;    /* days since 1970-01-01 of the local date */
	int32_t second; /* of the day, 0 to 86399, by the local clock */
	int32_t ms;
};

/* RESULT_NOT_FOUND where the system has no such IANA zone. Changes TZ for a moment: before other threads are started. */
MUST_CHECK enum result zone_load(struct zone *zone, const char *name);
void zone_release(struct zone *zone);

struct civil zone_civil(const struct zone *zone, int64_t ms);
/* The instant at which the local clock shows `second` of `day`; where it shows it never: the first instant after the gap;
 * where twice: the first. */
int64_t zone_instant(const struct zone *zone, int32_t day, int32_t second);

/* Gregorian; month 1 to 12, day of month 1 to 31. */
int32_t date_to_day(int year, int month, int day_of_month);
void date_of_day(int32_t day, int *ret_year, int *ret_month, int *ret_day_of_month);
/* 0 Monday to 6 Sunday */
int date_weekday(int32_t day);

#endif
