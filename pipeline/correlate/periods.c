#include "pipeline/correlate/periods.h"

void periods_set(struct periods *periods, const struct calendar *calendar, int32_t day)
{
	if (periods->day == day)
		return;
	periods->day = day;
	for (unsigned unit = 0; unit < UNIT_COUNT; unit++) {
		periods->first[unit] = calendar_first_day(calendar, (enum calendar_unit)unit, day, 0);
		periods->behind[unit] = calendar_first_day(calendar, (enum calendar_unit)unit, day, 1);
	}
}
