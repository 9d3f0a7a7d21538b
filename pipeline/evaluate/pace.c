#include "pipeline/evaluate/pace.h"

#include <stddef.h>

enum { FIGURE_ONE = 1000000, NARROW = 20 /* a twentieth, 5 %, is on track */ };

/* top / bottom; bottom > 0. Not known where 128 bits do not hold it. */
struct ratio {
	bool known;
	i128 top, bottom;
};

static struct ratio whole(i128 value)
{
	return (struct ratio){true, value, 1};
}

/* value * part / all */
static struct ratio scaled(i128 value, i128 part, i128 all)
{
	struct ratio ratio = {.bottom = all};
	ratio.known = !__builtin_mul_overflow(value, part, &ratio.top);
	return ratio;
}

static struct pace_number rounded(struct ratio ratio)
{
	struct pace_number number = {0};
	number.known = ratio.known && decimal_divide(ratio.top, ratio.bottom, 0, &number.value) == RESULT_OK;
	return number;
}

/* ---- expected by now ---- */

/* from + (to - from) * worked / total */
static struct ratio on_the_way(const struct pace_way *way, i128 from, i128 to)
{
	i128 difference, start;
	if (!way->total)
		return whole(way->over ? to : from);
	if (__builtin_sub_overflow(to, from, &difference))
		return (struct ratio){0};
	struct ratio ratio = scaled(difference, way->worked, way->total);
	ratio.known = ratio.known && !__builtin_mul_overflow(from, way->total, &start) &&
		!__builtin_add_overflow(ratio.top, start, &ratio.top);
	return ratio;
}

static struct ratio expected(const struct pace_question *question)
{
	if (question->cumulative)
		return on_the_way(&question->way, 0, question->goal);
	return question->has_base ? on_the_way(&question->way, question->base, question->goal) : whole(question->goal);
}

/* ---- what it takes, and where it leads ---- */

static struct ratio needed_per_day(const struct pace_question *question)
{
	const struct pace_way *way = &question->way;
	i128 missing;
	if (!question->cumulative || !question->has_value || way->worked == way->total ||
		__builtin_sub_overflow(question->goal, question->value, &missing))
		return (struct ratio){0};
	return scaled(missing > 0 ? missing : 0, way->day, way->total - way->worked);
}

static struct ratio projected(const struct pace_question *question)
{
	if (!question->has_value || (question->cumulative && !question->way.worked))
		return (struct ratio){0};
	if (!question->cumulative)
		return whole(question->value);
	return scaled(question->value, question->way.total, question->way.worked);
}

static struct ratio remaining_days(const struct pace_way *way)
{
	return way->endless || !way->day ? (struct ratio){0} : scaled(way->total - way->worked, FIGURE_ONE, way->day);
}

/* ---- status ---- */

static bool is_reached(const struct pace_question *question)
{
	return question->higher_is_better ? question->value >= question->goal : question->value <= question->goal;
}

static unsigned __int128 size_of(i128 value)
{
	return value < 0 ? -(unsigned __int128)value : (unsigned __int128)value;
}

static enum pace_status compared(const struct pace_question *question, const struct ratio *wanted)
{
	i128 value, lead, wide;
	if (!wanted->known || __builtin_mul_overflow(question->value, wanted->bottom, &value) ||
		__builtin_sub_overflow(value, wanted->top, &lead) || __builtin_mul_overflow(lead, NARROW, &wide))
		return PACE_UNKNOWN;
	if (wide == 0)
		return PACE_ON_TRACK;
	if ((wide > 0) == question->higher_is_better)
		return size_of(wide) >= size_of(wanted->top) ? PACE_AHEAD : PACE_ON_TRACK;
	return size_of(wide) > size_of(wanted->top) ? PACE_BEHIND : PACE_ON_TRACK;
}

static enum pace_status status_of(const struct pace_question *question, const struct ratio *wanted)
{
	if (!question->has_value)
		return PACE_UNKNOWN;
	if (question->way.over)
		return is_reached(question) ? PACE_MET : PACE_MISSED;
	if (question->cumulative && question->higher_is_better == is_reached(question))
		return question->higher_is_better ? PACE_MET : PACE_BEHIND;
	return compared(question, wanted);
}

void pace_of(const struct pace_question *question, struct pace *ret_pace)
{
	struct ratio wanted = expected(question);
	ret_pace->expected = rounded(wanted);
	ret_pace->needed_per_day = rounded(needed_per_day(question));
	ret_pace->projected = rounded(projected(question));
	ret_pace->remaining_days = rounded(remaining_days(&question->way));
	ret_pace->status = status_of(question, &wanted);
}

const char *pace_status_name(enum pace_status status)
{
	static const char *const names[] = {[PACE_MET] = "met",
		[PACE_MISSED] = "missed",
		[PACE_AHEAD] = "ahead",
		[PACE_ON_TRACK] = "on track",
		[PACE_BEHIND] = "behind"};
	return names[status];
}
