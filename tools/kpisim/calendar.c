#include "tools/kpisim/calendar.h"

#define LUNCH_HOUR 12

int32_t calendar_day(const struct zone *zone, int64_t ms)
{
	return zone_civil(zone, ms).day;
}

bool calendar_is_workday(int32_t day)
{
	return date_weekday(day) < 5;
}

int64_t calendar_work_moment(const struct zone *zone, struct rng *rng, int32_t day)
{
	static const uint16_t weights[] = {6, 12, 14, 13, 4, 8, 12, 12, 10, 6};
	int32_t hour = 8 + (int32_t)rng_pick(rng, weights, sizeof(weights) / sizeof(weights[0]));

	return zone_instant(zone, day, hour * 3600 + (int32_t)rng_below(rng, 3600)) + rng_below(rng, 1000);
}

int64_t calendar_work(const struct zone *zone, struct rng *rng, int64_t ms)
{
	struct civil civil = zone_civil(zone, ms);
	int32_t hour = civil.second / 3600;

	if (calendar_is_workday(civil.day) && hour >= 8 && hour < 18)
		return hour == LUNCH_HOUR && rng_percent(rng, 60) ? ms + HOUR_MS : ms;
	if (!calendar_is_workday(civil.day) || hour >= 18)
		civil.day++;
	while (!calendar_is_workday(civil.day))
		civil.day++;
	return calendar_work_moment(zone, rng, civil.day);
}

int64_t calendar_awake(const struct zone *zone, struct rng *rng, int64_t ms)
{
	struct civil civil = zone_civil(zone, ms);
	int32_t hour = civil.second / 3600;

	if (hour >= 7 && hour < 22)
		return ms;
	if (hour >= 22)
		civil.day++;
	return zone_instant(zone, civil.day, 7 * 3600 + (int32_t)rng_below(rng, 4 * 3600)) + rng_below(rng, 1000);
}
