#include "tools/kpisim/time_form.h"

#include "base/decimal.h"

#define DAY_SECONDS 86400

static int64_t floor_divide(int64_t value, int64_t by)
{
	return value / by - (value % by < 0);
}

static void digits_put(struct buf *buf, uint32_t value, int count)
{
	char text[10];

	for (int i = count - 1; i >= 0; i--) {
		text[i] = (char)('0' + value % 10);
		value /= 10;
	}
	buf_put(buf, text, (size_t)count);
}

static void local_put(struct buf *buf, int64_t local_second, char separator)
{
	int32_t day = (int32_t)floor_divide(local_second, DAY_SECONDS);
	uint32_t second = (uint32_t)(local_second - (int64_t)day * DAY_SECONDS);
	int year, month, day_of_month;

	date_of_day(day, &year, &month, &day_of_month);
	digits_put(buf, (uint32_t)year, 4);
	buf_put_byte(buf, '-');
	digits_put(buf, (uint32_t)month, 2);
	buf_put_byte(buf, '-');
	digits_put(buf, (uint32_t)day_of_month, 2);
	buf_put_byte(buf, (uint8_t)separator);
	digits_put(buf, second / 3600, 2);
	buf_put_byte(buf, ':');
	digits_put(buf, second / 60 % 60, 2);
	buf_put_byte(buf, ':');
	digits_put(buf, second % 60, 2);
}

/* What is below a millisecond is cut by every reader, so it may be anything. */
static void fraction_put(struct buf *buf, uint32_t ms, uint32_t noise)
{
	uint32_t kind = noise >> 4 & 7;

	if (ms == 0 && kind < 4)
		return;
	buf_put_byte(buf, '.');
	if (kind == 0 && ms % 100 == 0) {
		digits_put(buf, ms / 100, 1);
		return;
	}
	digits_put(buf, ms, 3);
	if (kind == 6)
		digits_put(buf, noise * 37 % 1000, 3);
	if (kind == 7)
		digits_put(buf, 999999, 6);
}

static void offset_put(struct buf *buf, int32_t seconds, char zulu)
{
	uint32_t minutes = (uint32_t)(seconds < 0 ? -seconds : seconds) / 60;

	if (seconds == 0) {
		buf_put_byte(buf, (uint8_t)zulu);
		return;
	}
	buf_put_byte(buf, seconds < 0 ? '-' : '+');
	digits_put(buf, minutes / 60, 2);
	buf_put_byte(buf, ':');
	digits_put(buf, minutes % 60, 2);
}

static int32_t zone_offset(const struct zone *zone, int64_t ms)
{
	struct civil civil = zone_civil(zone, ms);

	return (int32_t)((int64_t)civil.day * DAY_SECONDS + civil.second - floor_divide(ms, 1000));
}

static int32_t offset_choose(const struct zone *zone, int64_t ms, uint32_t form)
{
	static const int32_t odd[] = {19800, -12600, 20700, -28800};

	if (form < 9)
		return 0;
	return form < 13 ? zone_offset(zone, ms) / 60 * 60 : odd[form & 3];
}

void time_form_put(struct buf *buf, int64_t ms, const struct zone *zone, uint32_t noise, bool number_allowed)
{
	uint32_t form = noise & 15;
	bool lower = (noise & 0xf0) == 0xf0;
	int64_t second = floor_divide(ms, 1000);
	int32_t offset = offset_choose(zone, ms, form);

	if (form < 4 && number_allowed) {
		decimal_put(buf, ms, 0);
		return;
	}
	buf_put_byte(buf, '"');
	local_put(buf, second + offset, lower ? 't' : 'T');
	fraction_put(buf, (uint32_t)(ms - second * 1000), noise);
	offset_put(buf, offset, lower ? 'z' : 'Z');
	buf_put_byte(buf, '"');
}
