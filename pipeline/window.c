#include "pipeline/window.h"

#define HOUR INT64_C(3600000)

static int64_t round_up(int64_t time, int64_t step)
{
	int64_t floor = window_floor(time, step);
	return floor == time ? time : floor + step;
}

uint32_t window_part(const struct model *model, uint8_t window)
{
	if (model->windows[window].kind == WINDOW_ROLLING)
		return 0;
	uint32_t units_before = model->units_in_use & ((1u << model->windows[window].unit) - 1);
	return 1 + (uint32_t)__builtin_popcount(units_before);
}

int64_t window_end(const struct model *model, int64_t time)
{
	return round_up(time, model->smallest_step);
}

int64_t calendar_period(const struct calendar *calendar, enum calendar_unit unit, int64_t time, int count)
{
	int32_t day = zone_civil(calendar->zone, time).day;
	return zone_instant(calendar->zone, calendar_first_day(calendar, unit, day, count), 0);
}

/* The next local midnight, or `time` itself when it is one. */
static int32_t midnight_day(const struct zone *zone, int64_t time)
{
	int32_t day = zone_civil(zone, time).day;
	return zone_instant(zone, day, 0) == time ? day : day + 1;
}

static void rolling_spans(
	const struct window *window, const struct zone *zone, int64_t end, struct span *now, struct span *before)
{
	if (window->days == 0) {
		now->to = round_up(end, window->step);
		now->from = now->to - window->length;
		before->from = now->from - window->length;
	} else {
		int32_t day = midnight_day(zone, end);
		now->to = zone_instant(zone, day, 0);
		now->from = zone_instant(zone, day - window->days, 0);
		before->from = zone_instant(zone, day - 2 * window->days, 0);
	}
	before->to = now->from;
}

/* The interval before a period to date: as many whole local days, and hours by the local clock. */
static struct span before_to_date(const struct calendar *calendar, enum calendar_unit unit, struct span now)
{
	const struct zone *zone = calendar->zone;
	struct civil to = zone_civil(zone, now.to);
	int32_t first = zone_civil(zone, now.from).day;
	int32_t first_before = calendar_first_day(calendar, unit, first, -1);
	int64_t end = zone_instant(zone, first_before + (to.day - first), to.second / 3600 * 3600);
	return (struct span){zone_instant(zone, first_before, 0), end < now.from ? end : now.from};
}

static void calendar_spans(const struct window *window, const struct calendar *calendar, int64_t end, struct span *now,
	struct span *before)
{
	enum calendar_unit unit = window->unit;
	if (window->kind == WINDOW_TO_DATE) {
		now->from = calendar_period(calendar, unit, end - 1, 0);
		now->to = round_up(end, window->step);
		*before = before_to_date(calendar, unit, *now);
	} else {
		now->from = calendar_period(calendar, unit, end - 1, -window->back);
		now->to = calendar_period(calendar, unit, end - 1, 1 - window->back);
		before->from = calendar_period(calendar, unit, end - 1, -window->back - 1);
		before->to = now->from;
	}
}

void window_spans_at(
	const struct model *model, const struct calendar *calendar, int64_t end, struct window_spans *ret_spans)
{
	ret_spans->end = end;
	ret_spans->calendar = calendar;
	for (unsigned w = 0; w < model->window_count; w++) {
		const struct window *window = &model->windows[w];
		struct span *now = &ret_spans->views[w];
		struct span *before = &ret_spans->views[model->window_count + w];
		if (window->kind == WINDOW_ROLLING)
			rolling_spans(window, calendar->zone, end, now, before);
		else
			calendar_spans(window, calendar, end, now, before);
	}
}
