/* The Gregorian calendar of base/zone.h. Years are counted from March, so that the leap day is a year's last day; an era is the
 * 400 years after which the calendar repeats. */
#include "base/zone.h"

enum { ERA_YEARS = 400, ERA_DAYS = 146097, EPOCH_IN_ERAS = 719468, EPOCH_WEEKDAY = 3 };

static int floor_divide(int64_t a, int b)
{
	return (int)((a >= 0 ? a : a - b + 1) / b);
}

int32_t date_to_day(int year, int month, int day_of_month)
{
	int march_year = year - (month <= 2);
	int era = floor_divide(march_year, ERA_YEARS);
	int year_of_era = march_year - era * ERA_YEARS;
	int month_from_march = (month + 9) % 12;
	int day_of_year = (153 * month_from_march + 2) / 5 + day_of_month - 1;
	int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
	return era * ERA_DAYS + day_of_era - EPOCH_IN_ERAS;
}

void date_of_day(int32_t day, int *ret_year, int *ret_month, int *ret_day_of_month)
{
	int64_t days = (int64_t)day + EPOCH_IN_ERAS;
	int era = floor_divide(days, ERA_DAYS);
	int day_of_era = (int)(days - (int64_t)era * ERA_DAYS);
	int year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int month_from_march = (5 * day_of_year + 2) / 153;
	int month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
	*ret_year = year_of_era + era * ERA_YEARS + (month <= 2);
	*ret_month = month;
	*ret_day_of_month = day_of_year - (153 * month_from_march + 2) / 5 + 1;
}

int date_weekday(int32_t day)
{
	int weekday = (int)(((int64_t)day + EPOCH_WEEKDAY) % 7);
	return weekday < 0 ? weekday + 7 : weekday;
}
