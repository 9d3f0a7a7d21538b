/* From one instant, `end`, to all intervals: docs/figures.md, "Time". Pure; half-open intervals in ms. */
#ifndef PIPELINE_WINDOW_H
#define PIPELINE_WINDOW_H

#include "config/calendar.h"

struct span {
	int64_t from, to;
};

/* views[w] is window w, views[window_count + w] the interval before it. */
struct window_spans {
	const struct calendar *calendar; /* that they follow; borrowed */
	int64_t end;
	struct span views[MODEL_VIEWS_MAX];
};

/* `time` rounded down to a multiple of `step`, before 1970 as well. */
static inline int64_t window_floor(int64_t time, int64_t step)
{
	int64_t rest = time % step;
	return time - (rest < 0 ? rest + step : rest);
}

/* `time` rounded up to the smallest step of the windows. */
int64_t window_end(const struct model *model, int64_t time);
/* `end` must be a multiple of the smallest step. */
void window_spans_at(
	const struct model *model, const struct calendar *calendar, int64_t end, struct window_spans *ret_spans);
/* What is kept once for rolling windows and once for each calendar unit in use: which of these parts a window reads. */
uint32_t window_part(const struct model *model, uint8_t window);
/* The start of the local period that contains `time`, and of the one `count` periods away from it (negative: before). */
int64_t calendar_period(const struct calendar *calendar, enum calendar_unit unit, int64_t time, int count);

#endif
