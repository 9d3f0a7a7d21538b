/* Which local days make a week, a month, a quarter and a year. Pure. */
#ifndef CONFIG_CALENDAR_H
#define CONFIG_CALENDAR_H

#include "base/zone.h"
#include "config/model.h"

struct calendar {
	const struct zone *zone;
	int week_start;        /* 0 Monday to 6 Sunday */
	int fiscal_year_start; /* month 1 to 12 */
};

/* The first day of the period that holds `day`, or of the one `count` periods away from it (negative: before). Days since 1970-01-01. */
int32_t calendar_first_day(const struct calendar *calendar, enum calendar_unit unit, int32_t day, int count);

#endif
