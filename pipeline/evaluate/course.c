#include "pipeline/evaluate/course.h"

#include "base/decimal.h"

enum { TO_FIGURE = 100 }; /* 10^-4, as targets have it, to 10^-6, as figures do */

/* The whole period before the window's. */
static int32_t find_base(const struct model *model, const struct target *target, uint8_t window)
{
	const struct window *own = &model->windows[window];
	int32_t back = own->kind == WINDOW_WHOLE ? own->back + 1 : 1;
	for (uint8_t i = 0; i < model->window_count; i++)
		if (model->windows[i].kind == WINDOW_WHOLE && model->windows[i].unit == own->unit &&
			model->windows[i].back == back && (model->kpis[target->kpi].windows >> i & 1))
			return i;
	return -1;
}

void course_init(struct course *course, const struct model *model, const struct target *target, uint8_t window)
{
	*course = (struct course){.target = target, .window = window};
	course->whole = model->windows[window].kind == WINDOW_WHOLE;
	course->base_window = target->over ? find_base(model, target, window) : -1;
}

static void turn_free(struct course *course, const struct evaluation *evaluation)
{
	const struct target *target = course->target;
	const struct zone *zone = evaluation->spans->calendar->zone;
	int64_t last = evaluation->spans->end - 1;
	bool ends = target->by_day != INT32_MIN;
	course->from = target->from_day == INT32_MIN ? INT64_MIN : zone_instant(zone, target->from_day, 0);
	course->until = ends ? zone_instant(zone, target->by_day + 1, 0) : INT64_MAX;
	course->by_day = target->by_day;
	course->stands = course->from <= last && last < course->until;
}

static struct span period_of(const struct course *course, const struct window_spans *spans)
{
	struct span period = spans->views[course->window];
	if (!course->whole)
		period.to = calendar_period(spans->calendar, course->target->unit, period.from, 1);
	return period;
}

static void turn_bound(struct course *course, const struct evaluation *evaluation)
{
	const struct target *target = course->target;
	const struct zone *zone = evaluation->spans->calendar->zone;
	struct span period = period_of(course, evaluation->spans);
	int64_t last = evaluation->spans->end - 1;
	course->from = period.from;
	course->until = period.to;
	if (target->from_day != INT32_MIN && zone_instant(zone, target->from_day, 0) > period.from)
		course->from = zone_instant(zone, target->from_day, 0);
	if (target->by_day != INT32_MIN)
		course->until = zone_instant(zone, target->by_day + 1, 0);
	course->by_day = zone_civil(zone, course->until - 1).day;
	if (course->whole)
		course->stands = course->until == period.to && course->from < course->until;
	else
		course->stands = period.from < course->until && course->until <= period.to && course->from <= last &&
			last < course->until;
}

void course_turn(struct course *course, const struct evaluation *evaluation)
{
	if (course->target->bound)
		turn_bound(course, evaluation);
	else
		turn_free(course, evaluation);
	course->over = course->whole || evaluation->spans->end >= course->until;
}

static struct goal over_base(const struct target *target, const struct figure *base)
{
	struct goal goal = {.has_base = true, .base = base->value};
	i128 top;
	if (!figure_has_value(base))
		return (struct goal){.reason = figure_reason_name(base->reason)};
	if (!base->complete)
		return (struct goal){.reason = "incomplete"};
	if (base->value <= 0)
		return (struct goal){.reason = figure_reason_name(FIGURE_BASE)};
	if (__builtin_mul_overflow(base->value, (i128)DECIMAL_ONE + target->value, &top) ||
		decimal_divide(top, DECIMAL_ONE, 0, &goal.value))
		return (struct goal){.reason = figure_reason_name(FIGURE_OVERFLOW)};
	return goal;
}

struct goal course_goal(const struct course *course, const struct evaluation *evaluation, const struct merged_key *key)
{
	struct figure base;
	if (!course->target->over)
		return (struct goal){.value = (i128)course->target->value * TO_FIGURE};
	if (!key || course->base_window < 0)
		return (struct goal){.reason = figure_reason_name(FIGURE_NO_DATA)};
	evaluate_figure(evaluation, key, course->target->kpi, (uint8_t)course->base_window, &base);
	return over_base(course->target, &base);
}
