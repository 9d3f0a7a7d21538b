/* The calendar's periods that hold a day, kept from one event to the next: mostly both have the same day. */
#ifndef PIPELINE_CORRELATE_PERIODS_H
#define PIPELINE_CORRELATE_PERIODS_H

#include "config/calendar.h"

struct periods {
	int32_t day;                /* whose periods they are; PERIODS_NO_DAY: nobody's yet */
	int32_t first[UNIT_COUNT];  /* the period's first day */
	int32_t behind[UNIT_COUNT]; /* the first day behind it */
};

#define PERIODS_NO_DAY INT32_MIN

/* Makes them those of the day. */
void periods_set(struct periods *periods, const struct calendar *calendar, int32_t day);
static inline bool periods_hold(const struct periods *periods, unsigned unit, int32_t day)
{
	return day >= periods->first[unit] && day < periods->behind[unit];
}

#endif
