#include "config/calendar.h"

static int floor_div(int a, int b)
{
	return a / b - (a % b < 0);
}

/* The first day of the run of `months` months (counted from the fiscal year's start) that holds `day`, moved by `count` runs. */
static int32_t months_start(const struct calendar *calendar, int32_t day, int months, int count)
{
	int year, month, of_month;
	date_of_day(day, &year, &month, &of_month);
	int fiscal = calendar->fiscal_year_start - 1;
	int index = floor_div(year * 12 + month - 1 - fiscal, months) + count;
	int first = index * months + fiscal;
	int first_year = floor_div(first, 12);
	return date_to_day(first_year, first - first_year * 12 + 1, 1);
}

int32_t calendar_first_day(const struct calendar *calendar, enum calendar_unit unit, int32_t day, int count)
{
	switch (unit) {
	case UNIT_WEEK:
		return day - (date_weekday(day) - calendar->week_start + 7) % 7 + 7 * count;
	case UNIT_MONTH: /* never shifted by the fiscal year: a run of one month starts on every first */
		return months_start(calendar, day, 1, count);
	case UNIT_QUARTER:
		return months_start(calendar, day, 3, count);
	case UNIT_YEAR:
		return months_start(calendar, day, 12, count);
	case UNIT_DAY:
	case UNIT_COUNT:
		break;
	}
	return day + count;
}
