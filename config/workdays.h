/* The working calendar: which local days are worked, and from when to when. Read-only after loading.
 *
 * Invariant: `worked` has day_count + 1 numbers; worked[i] is the working time in ms of all days before first_day + i, by the clock that
 * runs on (a day on which the clock is changed within the hours is shorter or longer). No time is worked outside of the table. */
#ifndef CONFIG_WORKDAYS_H
#define CONFIG_WORKDAYS_H

#include "base/zone.h"

struct workdays {
	const struct zone *zone;
	int32_t opens, closes; /* seconds of the local day; opens < closes <= 24 h */
	int32_t first_day;     /* days since 1970-01-01 */
	int32_t day_count;
	int64_t *worked;
};

/* The instants between which that local day is open, were it worked: *ret_open <= *ret_close. */
void workdays_hours(const struct workdays *workdays, int32_t day, int64_t *ret_open, int64_t *ret_close);
/* The working time in ms within [from, to); 0 where to <= from, and where there is no calendar (all zero). */
int64_t workdays_between(const struct workdays *workdays, int64_t from, int64_t to);

#endif
