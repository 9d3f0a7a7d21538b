#include "base/mem.h"
#include "pipeline/evaluate/handed.h"
#include "tools/kpictl/plan.h"

#define DAY_MS INT64_C(86400000)
#define YIELD_MAX (90 * DAY_MS)
#define FIGURE_ONE 1000000
#define ENOUGH ((i128)20 * FIGURE_ONE)

/* ---- arithmetic ---- */

/* a * b / c, rounded up; c is above 0. */
static struct plan_count scaled_up(i128 a, i128 b, i128 c)
{
	i128 top;
	if (__builtin_mul_overflow(a, b, &top))
		return (struct plan_count){0};
	return (struct plan_count){true, top > 0 ? (top - 1) / c + 1 : 0};
}

static struct plan_count per_day(const struct plan *plan, const struct plan_count *needed, int64_t left)
{
	if (!needed->known || left <= 0)
		return (struct plan_count){0};
	return scaled_up(needed->value, plan->day, left);
}

/* ---- yields ---- */

static int64_t length_of(const struct window *window)
{
	return window->days ? window->days * DAY_MS : window->length;
}

static int16_t yield_window(const struct model *model, uint16_t kpi, uint16_t activity, int wanted)
{
	uint32_t common = model->kpis[kpi].windows & model->kpis[activity].windows;
	int16_t longest = -1;
	if (wanted >= 0)
		return common >> wanted & 1 ? (int16_t)wanted : -1;
	for (uint8_t i = 0; i < model->window_count; i++) {
		const struct window *window = &model->windows[i];
		if (window->kind == WINDOW_ROLLING && (common >> i & 1) && length_of(window) <= YIELD_MAX &&
			(longest < 0 || length_of(window) > length_of(&model->windows[longest])))
			longest = i;
	}
	return longest;
}

/* Its value; 0 where there is none. */
static i128 value_of(const struct plan *plan, const struct merged_key *key, uint16_t kpi, uint8_t window)
{
	struct figure figure;
	evaluate_figure(&plan->engine->evaluation, key, kpi, window, &figure);
	return figure_has_value(&figure) ? figure.value : 0;
}

static struct plan_yield look_at(
	const struct plan *plan, const struct plan_need *need, uint8_t dimension, struct str key)
{
	const struct model *model = &plan->engine->config->model;
	struct plan_yield yield = {.dimension = dimension, .key = key};
	uint8_t kept = model->kpis[plan->goal.kpi].dimensions & model->kpis[need->activity].dimensions;
	const struct merged_key *found = engine_key(plan->engine, dimension, key);
	if (!found || !(kept >> dimension & 1) || need->window < 0)
		return yield;
	yield.made = value_of(plan, found, plan->goal.kpi, (uint8_t)need->window);
	yield.done = value_of(plan, found, need->activity, (uint8_t)need->window);
	yield.usable = yield.made > 0 && yield.done > 0;
	return yield;
}

static bool is_enough(const struct plan_yield *yield)
{
	return yield->usable && yield->done >= ENOUGH;
}

/* The nearest one that has enough in it; the company's has to do. An empty name: nobody. */
static struct plan_yield pick(const struct plan *plan, const struct plan_need *need, struct str rep, struct str team)
{
	struct plan_yield yield;
	if (rep.length && (yield = look_at(plan, need, DIMENSION_REP, rep), is_enough(&yield)))
		return yield;
	if (team.length && (yield = look_at(plan, need, DIMENSION_TEAM, team), is_enough(&yield)))
		return yield;
	return look_at(plan, need, DIMENSION_COMPANY, STR("all"));
}

static void set_need(const struct plan *plan, struct plan_need *need, i128 missing, int64_t left)
{
	i128 product;
	if (!need->yield.usable || __builtin_mul_overflow(need->yield.made, (i128)FIGURE_ONE, &product))
		return;
	need->needed = scaled_up(missing, need->yield.done, product);
	need->per_day = per_day(plan, &need->needed, left);
}

/* ---- the reps ---- */

/* The rep's working time left in the team (-1: in any), and the first team that it works in. */
static int64_t time_left(const struct plan *plan, uint32_t rep, int32_t team, int32_t *ret_first)
{
	const struct roster *roster = &plan->engine->config->roster;
	int64_t left = 0;
	*ret_first = -1;
	for (uint32_t i = 0; i < roster->reps[rep].membership_count; i++) {
		const struct membership *there = &roster->reps[rep].memberships[i];
		int64_t from = there->from > plan->from ? there->from : plan->from;
		int64_t to = there->until < plan->to ? there->until : plan->to;
		int64_t worked = team < 0 || there->team == (uint32_t)team
			? roster_working_ms(roster, (int32_t)rep, from, to)
			: 0;
		if (worked > 0 && *ret_first < 0)
			*ret_first = (int32_t)there->team;
		left += worked;
	}
	return left;
}

static void take_goal(const struct plan *plan, struct plan_rep *rep)
{
	const struct engine *engine = plan->engine;
	struct str name = engine->config->roster.reps[rep->rep].id;
	const struct merged_key *key = engine_key(engine, DIMENSION_REP, name);
	struct figure figure;
	struct aim aim;
	if (!key || !(engine->config->model.kpis[plan->goal.kpi].dimensions >> DIMENSION_REP & 1))
		return;
	evaluate_figure(&engine->evaluation, key, plan->goal.kpi, plan->goal.window, &figure);
	publisher_aim(engine->publisher, &engine->evaluation, key, &figure, &aim);
	rep->has_goal = aim.target && !aim.reason && aim.by_day == plan->goal.by_day && figure_has_value(&figure);
	if (!rep->has_goal)
		return;
	rep->goal = aim.goal;
	rep->part = aim.goal > figure.value ? aim.goal - figure.value : 0;
}

/* Which team of the roster the plan is for; -1: none. */
static int32_t team_of_plan(const struct plan *plan)
{
	const struct roster *roster = &plan->engine->config->roster;
	for (uint32_t i = 0; plan->goal.dimension == DIMENSION_TEAM && i < roster->team_count; i++)
		if (str_equal(roster->teams[i].id, merged_key_name(plan->goal.key)))
			return (int32_t)i;
	return -1;
}

static bool concerns(const struct plan *plan, uint32_t rep, int32_t team)
{
	struct str name = merged_key_name(plan->goal.key);
	if (plan->goal.dimension == DIMENSION_TEAM)
		return team >= 0;
	return plan->goal.dimension == DIMENSION_COMPANY || str_equal(plan->engine->config->roster.reps[rep].id, name);
}

static bool may_have_goals(const struct plan *plan)
{
	return plan->goal.of_target && plan->goal.dimension != DIMENSION_REP;
}

static void add_rep(struct plan *plan, uint32_t index, int32_t team)
{
	struct plan_rep *rep = &plan->reps[plan->rep_count];
	int32_t any;
	*rep = (struct plan_rep){.rep = index};
	rep->left = time_left(plan, index, team, &rep->team);
	/* A goal is for all teams of the rep, so it is no part of one of them. */
	if (may_have_goals(plan) && rep->left == time_left(plan, index, -1, &any) && (team < 0 || rep->left))
		take_goal(plan, rep);
	plan->working += rep->left > 0;
	plan->left_of_reps += rep->left;
	plan->rep_count += rep->left > 0 || (rep->has_goal && rep->part);
}

/* Who has no goal brings its share, by the time that it has left. */
static void share(struct plan *plan)
{
	int64_t *weights = NEW_ARRAY(int64_t, plan->rep_count);
	i128 *parts = NEW_ARRAY(i128, plan->rep_count);
	for (uint32_t i = 0; i < plan->rep_count; i++)
		weights[i] = plan->reps[i].left;
	bool dealt = handed_deal(plan->missing, weights, plan->rep_count, parts);
	for (uint32_t i = 0; dealt && i < plan->rep_count; i++)
		if (!plan->reps[i].has_goal)
			plan->reps[i].part = parts[i];
	mem_free(weights);
	mem_free(parts);
}

static void set_rep_needs(const struct plan *plan, struct plan_rep *rep)
{
	const struct roster *roster = &plan->engine->config->roster;
	struct str team = rep->team >= 0 ? roster->teams[rep->team].id : STR("");
	rep->needs = NEW_ARRAY(struct plan_need, plan->need_count);
	for (uint16_t i = 0; i < plan->need_count; i++) {
		struct plan_need *need = &rep->needs[i];
		*need = (struct plan_need){.activity = plan->needs[i].activity, .window = plan->needs[i].window};
		need->yield = pick(plan, need, roster->reps[rep->rep].id, team);
		set_need(plan, need, rep->part, rep->left);
	}
}

/* ---- all of it ---- */

/* By the goal of the whole: of a rep its own line is the whole. */
static void find_reps(struct plan *plan)
{
	const struct roster *roster = &plan->engine->config->roster;
	int32_t team = team_of_plan(plan);
	plan->reps = NEW_ARRAY(struct plan_rep, roster->rep_count + 1);
	for (uint32_t i = 0; i < roster->rep_count; i++)
		if (concerns(plan, i, team))
			add_rep(plan, i, team);
	share(plan);
	plan->left = plan->goal.dimension == DIMENSION_REP ? plan->left_of_reps
							   : roster_working_ms(roster, -1, plan->from, plan->to);
}

static void set_needs(struct plan *plan, int window)
{
	const struct model *model = &plan->engine->config->model;
	struct str name = merged_key_name(plan->goal.key), none = STR("");
	const struct roster *roster = &plan->engine->config->roster;
	bool of_rep = plan->goal.dimension == DIMENSION_REP, of_team = plan->goal.dimension == DIMENSION_TEAM;
	struct str team = of_team ? name : none;
	if (of_rep && plan->rep_count && plan->reps[0].team >= 0)
		team = roster->teams[plan->reps[0].team].id;
	plan->needs = NEW_ARRAY(struct plan_need, model->activity_count);
	for (uint16_t i = 0; i < model->activity_count; i++) {
		struct plan_need *need = &plan->needs[plan->need_count++];
		*need = (struct plan_need){.activity = model->activities[i]};
		need->window = yield_window(model, plan->goal.kpi, need->activity, window);
		need->yield = pick(plan, need, of_rep ? name : none, team);
		set_need(plan, need, plan->missing, plan->left);
		need->per_day_each = per_day(plan, &need->needed, plan->left_of_reps);
	}
}

void plan_reckon(struct plan *plan, const struct engine *engine, const struct plan_goal *goal, int window)
{
	const struct config *config = engine->config;
	*plan = (struct plan){.engine = engine, .goal = *goal};
	plan->from = engine->spans.end;
	plan->to = zone_instant(&config->zone, goal->by_day + 1, 0);
	plan->day = roster_working_day_ms(&config->roster);
	plan->missing = goal->goal > goal->figure.value ? goal->goal - goal->figure.value : 0;
	if (!plan->missing)
		return;
	find_reps(plan);
	set_needs(plan, window);
	for (uint32_t i = 0; i < plan->rep_count; i++)
		set_rep_needs(plan, &plan->reps[i]);
}

void plan_release(struct plan *plan)
{
	for (uint32_t i = 0; i < plan->rep_count; i++)
		mem_free(plan->reps[i].needs);
	mem_free(plan->reps);
	mem_free(plan->needs);
	*plan = (struct plan){0};
}
