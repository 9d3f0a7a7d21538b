#include "tools/kpictl/local.h"

#include "base/text.h"

void local_put(struct buf *out, const struct zone *zone, int64_t ms)
{
	struct civil civil = zone_civil(zone, ms);
	int year, month, day;
	int64_t local = ((int64_t)civil.day * 86400 + civil.second) * 1000 + civil.ms;
	int minutes = (int)((local - ms) / 60000), size = minutes < 0 ? -minutes : minutes;
	date_of_day(civil.day, &year, &month, &day);
	buf_printf(out, "%04d-%02d-%02d %02d:%02d:%02d", year, month, day, civil.second / 3600, civil.second / 60 % 60,
		civil.second % 60);
	if (civil.ms)
		buf_printf(out, ".%03d", civil.ms);
	buf_printf(out, " %c%02d:%02d", minutes < 0 ? '-' : '+', size / 60, size % 60);
}

void local_put_both(struct buf *out, const struct zone *zone, int64_t ms)
{
	local_put(out, zone, ms);
	buf_put_text(out, " (");
	text_put_time(out, ms);
	buf_put_byte(out, ')');
}
