#include "pipeline/evaluate/handed.h"

#include "base/mem.h"

enum { TO_FIGURE = 100 };

/* One membership of a rep. */
struct stint {
	uint32_t rep, team;
	int64_t weight;
	i128 part;
	bool dealt;
};

/* What falls to one team or rep. */
struct lot {
	bool there;
	bool own; /* it stands in `keys` */
	i128 value;
};

struct handed {
	const struct course *course;
	const struct roster *roster;
	int64_t end; /* of the last turn */
	int64_t from, until;
	uint32_t source_count;
	struct goal *sources; /* the company, or all teams */
	struct stint *stints;
	uint32_t stint_count;
	struct lot *teams, *reps;
	/* Memory of one deal. */
	uint32_t *chosen;
	int64_t *weights;
	i128 *parts;
};

static uint32_t count_stints(const struct roster *roster)
{
	uint32_t count = 0;
	for (uint32_t i = 0; i < roster->rep_count; i++)
		count += roster->reps[i].membership_count;
	return count;
}

struct handed *handed_new(const struct course *course, const struct roster *roster)
{
	struct handed *handed = NEW(struct handed);
	handed->course = course;
	handed->roster = roster;
	handed->source_count = course->target->dimension == DIMENSION_TEAM ? roster->team_count : 1;
	handed->sources = NEW_ARRAY(struct goal, handed->source_count);
	handed->stint_count = count_stints(roster);
	handed->stints = NEW_ARRAY(struct stint, handed->stint_count);
	handed->teams = NEW_ARRAY(struct lot, roster->team_count);
	handed->reps = NEW_ARRAY(struct lot, roster->rep_count);
	handed->chosen = NEW_ARRAY(uint32_t, handed->stint_count);
	handed->weights = NEW_ARRAY(int64_t, handed->stint_count);
	handed->parts = NEW_ARRAY(i128, handed->stint_count);
	return handed;
}

void handed_free(struct handed *handed)
{
	if (!handed)
		return;
	mem_free(handed->sources);
	mem_free(handed->stints);
	mem_free(handed->teams);
	mem_free(handed->reps);
	mem_free(handed->chosen);
	mem_free(handed->weights);
	mem_free(handed->parts);
	mem_free(handed);
}

/* ---- dealing out ---- */

bool handed_deal(i128 amount, const int64_t *weights, uint32_t count, i128 *ret_parts)
{
	i128 all = 0, so_far = 0, before = 0, product, upto;
	for (uint32_t i = 0; i < count; i++)
		all += weights[i];
	if (all == 0 || __builtin_mul_overflow(amount, all, &product))
		return false;
	for (uint32_t i = 0; i < count; i++) {
		so_far += weights[i];
		if (decimal_divide(amount * so_far, all, 0, &upto))
			return false;
		ret_parts[i] = upto - before;
		before = upto;
	}
	return true;
}

/* Among the chosen stints. */
static void deal(struct handed *handed, i128 amount, uint32_t chosen_count)
{
	for (uint32_t i = 0; i < chosen_count; i++)
		handed->weights[i] = handed->stints[handed->chosen[i]].weight;
	if (!handed_deal(amount, handed->weights, chosen_count, handed->parts))
		return;
	for (uint32_t i = 0; i < chosen_count; i++) {
		struct stint *stint = &handed->stints[handed->chosen[i]];
		stint->part = handed->parts[i];
		stint->dealt = true;
	}
}

static struct lot *lot_of(struct handed *handed, const struct stint *stint)
{
	bool by_team = handed->course->target->handed_down >> DIMENSION_TEAM & 1;
	return by_team ? &handed->teams[stint->team] : &handed->reps[stint->rep];
}

static struct lot *find_lot(struct handed *handed, struct str key)
{
	const struct roster *roster = handed->roster;
	bool by_team = handed->course->target->handed_down >> DIMENSION_TEAM & 1;
	for (uint32_t i = 0; by_team && i < roster->team_count; i++)
		if (str_equal(roster->teams[i].id, key))
			return &handed->teams[i];
	const uint64_t *rep = by_team ? NULL : map_get(&roster->reps_by_id, key);
	return rep ? &handed->reps[*rep] : NULL;
}

static bool is_of(const struct handed *handed, const struct stint *stint, uint32_t source)
{
	return handed->course->target->dimension == DIMENSION_COMPANY || stint->team == source;
}

/* The source's stints that fall to `lot`; NULL: to none of their own. */
static uint32_t choose(struct handed *handed, uint32_t source, const struct lot *lot)
{
	uint32_t count = 0;
	for (uint32_t i = 0; i < handed->stint_count; i++) {
		const struct lot *own = lot_of(handed, &handed->stints[i]);
		if (is_of(handed, &handed->stints[i], source) && (lot ? own == lot : !own->own))
			handed->chosen[count++] = i;
	}
	return count;
}

static void deal_source(struct handed *handed, uint32_t source)
{
	const struct target *target = handed->course->target;
	i128 rest = handed->sources[source].value;
	for (uint16_t i = 0; i < target->part_count; i++) {
		struct lot *lot = find_lot(handed, target->parts[i].key);
		i128 amount = (i128)target->parts[i].value * TO_FIGURE;
		rest -= amount;
		if (!lot)
			continue;
		*lot = (struct lot){true, true, amount};
		deal(handed, amount, choose(handed, source, lot));
	}
	deal(handed, rest, choose(handed, source, NULL));
}

static void add_part(struct lot *lot, const struct stint *stint)
{
	if (lot->own || !stint->dealt || !stint->weight)
		return;
	lot->there = true;
	lot->value += stint->part;
}

static void weigh(struct handed *handed)
{
	const struct roster *roster = handed->roster;
	uint32_t count = 0;
	for (uint32_t rep = 0; rep < roster->rep_count; rep++)
		for (uint32_t i = 0; i < roster->reps[rep].membership_count; i++) {
			const struct membership *there = &roster->reps[rep].memberships[i];
			int64_t from = there->from > handed->from ? there->from : handed->from;
			int64_t until = there->until < handed->until ? there->until : handed->until;
			handed->stints[count++] = (struct stint){
				.rep = rep,
				.team = there->team,
				.weight = roster_working_ms(roster, (int32_t)rep, from, until),
			};
		}
}

static void share_out(struct handed *handed)
{
	const struct roster *roster = handed->roster;
	memset(handed->teams, 0, roster->team_count * sizeof *handed->teams);
	memset(handed->reps, 0, roster->rep_count * sizeof *handed->reps);
	weigh(handed);
	for (uint32_t source = 0; source < handed->source_count; source++)
		if (!handed->sources[source].reason)
			deal_source(handed, source);
	for (uint32_t i = 0; i < handed->stint_count; i++) {
		add_part(&handed->teams[handed->stints[i].team], &handed->stints[i]);
		add_part(&handed->reps[handed->stints[i].rep], &handed->stints[i]);
	}
}

/* ---- sources ---- */

static struct goal source_goal(
	const struct handed *handed, const struct evaluation *evaluation, struct merge *merge, uint32_t source)
{
	const struct course *course = handed->course;
	const struct target *target = course->target;
	struct str key = target->dimension == DIMENSION_TEAM ? handed->roster->teams[source].id : STR("all");
	if (!course->stands || (target->key.length && !str_equal(target->key, key)))
		return (struct goal){.reason = ""};
	return course_goal(course, evaluation, merge_key(merge, target->dimension, key, false));
}

static bool same_goal(const struct goal *a, const struct goal *b)
{
	return !a->reason == !b->reason && a->value == b->value && a->has_base == b->has_base && a->base == b->base;
}

bool handed_turn(struct handed *handed, const struct evaluation *evaluation, struct merge *merge)
{
	const struct course *course = handed->course;
	bool changed = handed->from != course->from || handed->until != course->until;
	handed->end = evaluation->spans->end;
	handed->from = course->from;
	handed->until = course->until;
	for (uint32_t source = 0; source < handed->source_count; source++) {
		struct goal goal = source_goal(handed, evaluation, merge, source);
		changed |= !same_goal(&goal, &handed->sources[source]);
		handed->sources[source] = goal;
	}
	if (changed && course->target->cumulative)
		share_out(handed);
	return changed;
}

/* ---- what falls to whom ---- */

static bool take_lot(const struct lot *lot, struct goal *ret_goal)
{
	if (lot->there)
		*ret_goal = (struct goal){.value = lot->value};
	return lot->there;
}

static bool take_source(const struct handed *handed, uint32_t source, struct goal *ret_goal)
{
	if (handed->sources[source].reason)
		return false;
	*ret_goal = handed->sources[source];
	return true;
}

bool handed_to_team(const struct handed *handed, uint32_t team, struct goal *ret_goal)
{
	if (handed->course->target->cumulative)
		return take_lot(&handed->teams[team], ret_goal);
	return take_source(handed, 0, ret_goal);
}

bool handed_to_rep(const struct handed *handed, uint32_t rep, struct goal *ret_goal)
{
	const struct target *target = handed->course->target;
	if (target->cumulative)
		return take_lot(&handed->reps[rep], ret_goal);
	if (target->dimension == DIMENSION_COMPANY)
		return take_source(handed, 0, ret_goal);
	bool over = handed->course->whole || handed->until < handed->end;
	int64_t last = (over ? handed->until : handed->end) - 1;
	int32_t team = roster_team_at(handed->roster, handed->roster->reps[rep].id, last);
	return team >= 0 && take_source(handed, (uint32_t)team, ret_goal);
}
