#include "config/workdays.h"

void workdays_hours(const struct workdays *workdays, int32_t day, int64_t *ret_open, int64_t *ret_close)
{
	*ret_open = zone_instant(workdays->zone, day, workdays->opens);
	*ret_close = zone_instant(workdays->zone, day, workdays->closes);
}

/* The working time before that instant. */
static int64_t worked_before(const struct workdays *workdays, int64_t time)
{
	int64_t open, close;
	int64_t day = (int64_t)zone_civil(workdays->zone, time).day - workdays->first_day;
	if (day < 0)
		return 0;
	if (day >= workdays->day_count)
		return workdays->worked[workdays->day_count];
	int64_t before = workdays->worked[day];
	if (workdays->worked[day + 1] == before)
		return before;
	workdays_hours(workdays, workdays->first_day + (int32_t)day, &open, &close);
	time = time < open ? open : time > close ? close : time;
	return before + time - open;
}

/* An instant of the table, the nearest one to `time`: always and for ever are beyond what a civil date can say. */
static int64_t within_table(const struct workdays *workdays, int64_t time)
{
	int64_t first = zone_instant(workdays->zone, workdays->first_day, 0);
	int64_t last = zone_instant(workdays->zone, workdays->first_day + workdays->day_count, 0);
	return time < first ? first : time > last ? last : time;
}

int64_t workdays_between(const struct workdays *workdays, int64_t from, int64_t to)
{
	if (!workdays->day_count || to <= from)
		return 0;
	return worked_before(workdays, within_table(workdays, to)) -
		worked_before(workdays, within_table(workdays, from));
}
