/* When people are at work, and when customers are awake. */
#ifndef KPISIM_CALENDAR_H
#define KPISIM_CALENDAR_H

#include "base/zone.h"
#include "tools/kpisim/rng.h"

#define SECOND_MS INT64_C(1000)
#define MINUTE_MS (60 * SECOND_MS)
#define HOUR_MS (60 * MINUTE_MS)
#define DAY_MS (24 * HOUR_MS)

int32_t calendar_day(const struct zone *zone, int64_t ms);
bool calendar_is_workday(int32_t day);
/* A moment of the working hours of that day, most of them before and after lunch. */
int64_t calendar_work_moment(const struct zone *zone, struct rng *rng, int32_t day);
/* `ms` itself if people work then, else some moment of the next working day. */
int64_t calendar_work(const struct zone *zone, struct rng *rng, int64_t ms);
/* `ms` itself between 7 and 22 h on any day, else some moment of the next morning. */
int64_t calendar_awake(const struct zone *zone, struct rng *rng, int64_t ms);

#endif
