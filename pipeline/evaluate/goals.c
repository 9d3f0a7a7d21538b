#include "pipeline/evaluate/goals.h"

#include "base/mem.h"
#include "pipeline/evaluate/handed.h"

#include <stdlib.h>

struct wish {
	const struct course *course;
	const struct handed *handed; /* the key has it from another one; else NULL */
};

struct goals {
	const struct model *model;
	const struct roster *roster;
	struct map teams; /* id -> index into the roster's */
	struct course *courses;
	struct handed **handed; /* by course; NULL: nothing is handed down */
	uint32_t course_count;
};

static uint32_t count_courses(const struct model *model)
{
	uint32_t count = 0;
	for (uint16_t i = 0; i < model->target_count; i++)
		count += (uint32_t)__builtin_popcount(model->targets[i].windows);
	return count;
}

static void add_course(struct goals *goals, const struct target *target, uint8_t window)
{
	struct course *course = &goals->courses[goals->course_count];
	course_init(course, goals->model, target, window);
	if (target->handed_down)
		goals->handed[goals->course_count] = handed_new(course, goals->roster);
	goals->course_count++;
}

struct goals *goals_new(const struct model *model, const struct roster *roster)
{
	struct goals *goals = NEW(struct goals);
	uint32_t count = count_courses(model);
	goals->model = model;
	goals->roster = roster;
	map_init(&goals->teams);
	for (uint32_t i = 0; i < roster->team_count; i++)
		*map_put(&goals->teams, roster->teams[i].id, NULL) = i;
	goals->courses = NEW_ARRAY(struct course, count);
	goals->handed = NEW_ARRAY(struct handed *, count);
	for (uint16_t i = 0; i < model->target_count; i++)
		for (uint8_t window = 0; window < model->window_count; window++)
			if (model->targets[i].windows >> window & 1)
				add_course(goals, &model->targets[i], window);
	return goals;
}

void goals_free(struct goals *goals)
{
	if (!goals)
		return;
	for (uint32_t i = 0; i < goals->course_count; i++)
		handed_free(goals->handed[i]);
	mem_free(goals->handed);
	mem_free(goals->courses);
	map_release(&goals->teams);
	mem_free(goals);
}

/* ---- who may have which ---- */

/* The key's own, its dimension's, from a team, from any team, from the company. */
static int rank_of(const struct wish *wish)
{
	const struct target *target = wish->course->target;
	int from = target->dimension == DIMENSION_COMPANY ? 4 : 2;
	return (wish->handed ? from : 0) + !target->key.length;
}

static int by_rank(const void *left, const void *right)
{
	const struct wish *a = left, *b = right;
	int difference = rank_of(a) - rank_of(b);
	return difference ? difference : (a->course > b->course) - (a->course < b->course);
}

static bool concerns(const struct course *course, uint16_t kpi, uint8_t window, uint8_t dimension)
{
	const struct target *target = course->target;
	return target->kpi == kpi && course->window == window &&
		(target->dimension == dimension || (target->handed_down >> dimension & 1));
}

struct wishes goals_wishes(
	const struct goals *goals, struct arena *arena, uint16_t kpi, uint8_t window, uint8_t dimension)
{
	uint16_t count = 0;
	for (uint32_t i = 0; i < goals->course_count; i++)
		count += concerns(&goals->courses[i], kpi, window, dimension);
	struct wish *items = ARENA_ARRAY(arena, struct wish, count);
	count = 0;
	for (uint32_t i = 0; i < goals->course_count; i++) {
		const struct course *course = &goals->courses[i];
		bool own = course->target->dimension == dimension;
		if (concerns(course, kpi, window, dimension))
			items[count++] = (struct wish){course, own ? NULL : goals->handed[i]};
	}
	qsort(items, count, sizeof *items, by_rank);
	return (struct wishes){items, count};
}

bool goals_turn(struct goals *goals, const struct evaluation *evaluation, struct merge *merge)
{
	bool changed = false;
	for (uint32_t i = 0; i < goals->course_count; i++) {
		course_turn(&goals->courses[i], evaluation);
		if (goals->handed[i])
			changed |= handed_turn(goals->handed[i], evaluation, merge);
	}
	return changed;
}

/* ---- the aim of a key ---- */

/* Whose figure it is; team and rep are indices into the roster, -1: none of it. */
struct who {
	const struct merged_key *key;
	struct str name;
	uint8_t dimension;
	int32_t team, rep;
};

static int32_t index_in(const struct map *map, struct str name)
{
	const uint64_t *index = map_get(map, name);
	return index ? (int32_t)*index : -1;
}

static struct who who_is(const struct goals *goals, const struct merged_key *key)
{
	struct who who = {key, merged_key_name(key), merged_key_dimension(key), -1, -1};
	if (who.dimension == DIMENSION_TEAM)
		who.team = index_in(&goals->teams, who.name);
	else if (who.dimension == DIMENSION_REP)
		who.rep = index_in(&goals->roster->reps_by_id, who.name);
	return who;
}

static int64_t working_ms(const struct goals *goals, const struct who *who, int64_t from, int64_t to)
{
	return roster_working_ms(goals->roster, who->rep, from, to);
}

static bool is_own(const struct goals *goals, const struct course *course, const struct who *who)
{
	const struct target *target = course->target;
	if (target->key.length)
		return str_equal(target->key, who->name);
	if (who->dimension == DIMENSION_TEAM)
		return who->team >= 0;
	if (who->dimension != DIMENSION_REP)
		return true;
	return who->rep >= 0 && (!target->cumulative || working_ms(goals, who, course->from, course->until) > 0);
}

static bool has_wish(const struct goals *goals, const struct evaluation *evaluation, const struct wish *wish,
	const struct who *who, struct goal *ret_goal)
{
	if (!wish->course->stands)
		return false;
	if (wish->handed && who->dimension == DIMENSION_TEAM)
		return who->team >= 0 && handed_to_team(wish->handed, (uint32_t)who->team, ret_goal);
	if (wish->handed)
		return who->rep >= 0 && handed_to_rep(wish->handed, (uint32_t)who->rep, ret_goal);
	if (!is_own(goals, wish->course, who))
		return false;
	*ret_goal = course_goal(wish->course, evaluation, who->key);
	return true;
}

static struct pace_way way_of(const struct goals *goals, const struct evaluation *evaluation,
	const struct course *course, const struct who *who)
{
	int64_t end = evaluation->spans->end;
	struct pace_way way = {.over = course->over, .endless = course->until == INT64_MAX};
	way.day = roster_working_day_ms(goals->roster);
	if (way.endless || course->whole)
		return way;
	way.total = working_ms(goals, who, course->from, course->until);
	way.worked = working_ms(goals, who, course->from, end < course->until ? end : course->until);
	return way;
}

static void set_aim(const struct goals *goals, const struct evaluation *evaluation, const struct course *course,
	const struct who *who, const struct figure *figure, const struct goal *goal, struct aim *ret_aim)
{
	const struct target *target = course->target;
	*ret_aim = (struct aim){.target = target, .reason = goal->reason, .by_day = course->by_day};
	if (goal->reason)
		return;
	ret_aim->goal = goal->value;
	ret_aim->base = goal->base;
	ret_aim->has_base = goal->has_base;
	ret_aim->has_pace = !course->whole;
	struct pace_question question = {
		.cumulative = target->cumulative,
		.higher_is_better = goals->model->kpis[target->kpi].higher_is_better,
		.has_value = figure_has_value(figure),
		.has_base = goal->has_base,
		.value = figure->value,
		.goal = goal->value,
		.base = goal->base,
		.way = way_of(goals, evaluation, course, who),
	};
	pace_of(&question, &ret_aim->pace);
}

void goals_aim(const struct goals *goals, const struct evaluation *evaluation, const struct merged_key *key,
	const struct figure *figure, struct wishes wishes, struct aim *ret_aim)
{
	struct goal goal;
	*ret_aim = (struct aim){.by_day = INT32_MIN};
	if (!wishes.count)
		return;
	struct who who = who_is(goals, key);
	for (uint16_t i = 0; i < wishes.count; i++) {
		if (!has_wish(goals, evaluation, &wishes.items[i], &who, &goal))
			continue;
		set_aim(goals, evaluation, wishes.items[i].course, &who, figure, &goal, ret_aim);
		return;
	}
}
