#include "tests/simulator/run.h"

#include "tests/simulator/check.h"
#include "tests/simulator/checkpoints.h"
#include "tests/simulator/group.h"
#include "tests/simulator/log.h"
#include "tests/simulator/member.h"
#include "tests/simulator/partials.h"
#include "tests/simulator/redis.h"

#include <string.h>

#define MEMBERS_MAX 8
#define FLEET_MAX 4
/* Turns while everything becomes quiet: far more than it takes. */
#define SETTLE_TURNS 6000
/* Damage that nobody noticed heals within redis.refresh. */
#define HEAL_US 12500000
#define HEAL_STEP_US 2500000

struct run {
	const struct config *config;
	struct member *members[MEMBERS_MAX]; /* NULL: none */
	int started;
	size_t wanted;         /* processes that ought to be there */
	size_t member_faults;  /* of plan->faults, done */
	int64_t next_start_us; /* when a process is started again; NEVER_US: one is there */
	bool starting;         /* a process waits to become active */
	int64_t patience_of_standby;
	int64_t patience; /* turns until time jumps */
	uint64_t turns;
	int64_t last;  /* of `members`: who had a turn last */
	bool settling; /* it is all over but for becoming quiet */
};

static size_t member_count(const struct run *run)
{
	size_t count = 0;
	for (int i = 0; i < MEMBERS_MAX; i++)
		count += run->members[i] != NULL;
	return count;
}

static bool is_fleet(void)
{
	return world->plan->members > 0;
}

/* In a fleet more have to have their turns. */
static int turns_factor(void)
{
	return is_fleet() ? 4 : 1;
}

/* The one that was started last, if it is still there. */
static struct member **newest(struct run *run)
{
	struct member **found = NULL;
	for (int i = 0; i < MEMBERS_MAX; i++)
		if (run->members[i] && (!found || run->members[i]->number > (*found)->number))
			found = &run->members[i];
	return found;
}

static void turn(struct run *run);
static void member_faults(struct run *run);

/* A standby waits: the others go on meanwhile. It gives up after some time, as somebody might who has no use for it. */
static bool waits_for_others(void *context)
{
	struct run *run = context;
	struct member *current = world->current;
	if (*world->failure || run->patience_of_standby-- <= 0)
		return true;
	run->starting = true;
	member_faults(run);
	turn(run);
	run->starting = false;
	world->current = current;
	return false;
}

/* A fleet's log has yet to be found: the others go on meanwhile. */
static bool waits_for_log(void *context)
{
	struct run *run = context;
	struct member *current = world->current;
	if (!is_fleet())
		return false;
	run->starting = true;
	member_faults(run);
	turn(run);
	run->starting = false;
	world->current = current;
	return *world->failure;
}

static void start(struct run *run)
{
	struct service_waits waits = {waits_for_log, waits_for_others, run};
	run->next_start_us = NEVER_US;
	run->patience_of_standby = 300;
	struct member *member = member_start(run->config, ++run->started, &waits);
	int slot = 0;
	while (slot < MEMBERS_MAX && run->members[slot])
		slot++;
	if (slot < MEMBERS_MAX)
		run->members[slot] = member;
	else
		member_end(member, true);
	if (member_count(run) < run->wanted)
		run->next_start_us = world->now_us + 100000;
}

static void end_member(struct run *run, struct member **member, bool dying)
{
	if (dying)
		redis_drop(*member);
	member_end(*member, dying);
	*member = NULL;
	if (member_count(run) < run->wanted)
		run->next_start_us = world->now_us + chance_between(&world->chance, 1000, 3000000);
}

/* ---- faults of a fleet's members ---- */

static struct member **any_member(struct run *run, int64_t number)
{
	size_t count = member_count(run), which = count ? (size_t)number / 4 % count : 0;
	for (int i = 0; i < MEMBERS_MAX; i++)
		if (run->members[i] && which-- == 0)
			return &run->members[i];
	return NULL;
}

static void kill_all(struct run *run)
{
	for (int i = 0; i < MEMBERS_MAX; i++)
		if (run->members[i])
			end_member(run, &run->members[i], true);
}

static void freeze(struct member *member, int64_t until_us)
{
	world_rare(RARE_ZOMBIE);
	member->frozen_since_us = world->now_us;
	member->frozen_until_us = until_us;
	group_silence(member, until_us);
}

static void cut_off(struct member *member, const struct fault *fault)
{
	group_silence(member, fault->until_us);
	if (fault->number % 2)
		member->mute_until_us = fault->until_us;
}

static void change_size(struct run *run, struct member **member, bool more)
{
	if (more && run->wanted < FLEET_MAX) {
		run->wanted++;
		run->next_start_us = world->now_us;
	} else if (!more && run->wanted > 1) {
		run->wanted--;
		world_rare(RARE_STOP);
		end_member(run, member, false);
	}
}

static void do_fleet_fault(struct run *run, const struct fault *fault)
{
	struct member **member = any_member(run, fault->number);
	if (!member)
		return;
	TRACE("fault %s of member %d", fault_names[fault->kind], (*member)->number);
	if (fault->kind == FAULT_ZOMBIE)
		freeze(*member, fault->until_us);
	else if (fault->kind == FAULT_FLEET_CUT)
		cut_off(*member, fault);
	else if (fault->kind == FAULT_FLEET_KILL_ALL)
		kill_all(run);
	else if (fault->kind == FAULT_FLEET_JOIN || fault->kind == FAULT_FLEET_LEAVE)
		change_size(run, member, fault->kind == FAULT_FLEET_JOIN);
	else if (fault->kind == FAULT_CRASH && fault->number % 2)
		(*member)->dies_at_save = true;
	else {
		world_rare(fault->kind == FAULT_CRASH ? RARE_CRASH : RARE_STOP);
		end_member(run, member, fault->kind == FAULT_CRASH);
	}
}

/* ---- faults of a single process ---- */

static void do_member_fault(struct run *run, const struct fault *fault)
{
	struct member **member = newest(run);
	if (!member)
		return;
	TRACE("fault %s of member %d", fault_names[fault->kind], (*member)->number);
	if (fault->kind == FAULT_ZOMBIE) {
		world_rare(RARE_ZOMBIE);
		(*member)->frozen_until_us = fault->until_us;
		run->next_start_us = world->now_us + chance_between(&world->chance, 0, 1000000);
		return;
	}
	if (fault->kind == FAULT_CRASH && fault->number % 2) {
		(*member)->dies_at_save = true;
		return;
	}
	world_rare(fault->kind == FAULT_CRASH ? RARE_CRASH : RARE_STOP);
	end_member(run, member, fault->kind == FAULT_CRASH);
	run->next_start_us = world->now_us + chance_between(&world->chance, 0, 1000000);
}

static const struct fault *next_member_fault(struct run *run)
{
	const struct plan *plan = world->plan;
	while (run->member_faults < plan->fault_count && !fault_is_of_member(plan->faults[run->member_faults].kind))
		run->member_faults++;
	return run->member_faults < plan->fault_count ? &plan->faults[run->member_faults] : NULL;
}

static void member_faults(struct run *run)
{
	const struct fault *fault;
	while ((fault = next_member_fault(run)) && fault->at_us <= world->now_us) {
		run->member_faults++;
		(is_fleet() ? do_fleet_fault : do_member_fault)(run, fault);
	}
}

static void turn_of(struct run *run, struct member **member)
{
	uint64_t saved = (*member)->saved;
	run->turns++;
	bool goes_on = member_take_turn(*member);
	if ((*member)->dies_at_save && (*member)->saved != saved) {
		world_rare(RARE_CRASH);
		end_member(run, member, true);
		return;
	}
	if (goes_on)
		return;
	world_rare(is_fleet() ? RARE_FLEET_REJOINED : RARE_FENCED);
	end_member(run, member, false);
}

/* Some member that is not frozen has a turn. */
static void turn(struct run *run)
{
	int64_t first = chance_between(&world->chance, 0, MEMBERS_MAX - 1);
	if (run->settling) /* one after the other: a member that seldom has a turn never catches up with the others */
		first = run->last + 1;
	if (is_fleet() && member_count(run) >= run->wanted)
		run->next_start_us = NEVER_US;
	if (run->next_start_us <= world->now_us && !run->starting)
		start(run);
	for (int64_t i = 0; i < MEMBERS_MAX; i++) {
		struct member **member = &run->members[(first + i) % MEMBERS_MAX];
		if (*member && (*member)->frozen_until_us <= world->now_us) {
			run->last = (first + i) % MEMBERS_MAX;
			turn_of(run, member);
			return;
		}
	}
	world_advance(world->now_us + 50000);
}

/* ---- time ---- */

static void consider(int64_t at_us, int64_t *next)
{
	if (at_us > world->now_us && at_us < *next)
		*next = at_us;
}

/* When something happens next. */
static int64_t next_us(void)
{
	const struct plan *plan = world->plan;
	int64_t next = plan->end_us;
	for (size_t i = 0; i < plan->record_count; i++)
		consider(plan->records[i].visible_us, &next);
	for (size_t i = 0; i < plan->fault_count; i++) {
		consider(plan->faults[i].at_us, &next);
		consider(plan->faults[i].until_us, &next);
	}
	return next;
}

/* Mostly only some threads have had a turn when the next thing happens; now and then all catch up before. In a fleet, with more of them, that
 * would hide bugs: what members tell each other takes many turns. */
static int64_t patience(void)
{
	if (is_fleet())
		return chance_between(&world->chance, 2, 24) * turns_factor();
	return chance_between(&world->chance, 1, chance_percent(&world->chance, 25) ? 24 : 8);
}

/* What is written again round by round must not hide what ought to have been written anyway. */
static void skip_refresh(struct run *run)
{
	for (int i = 0; i < MEMBERS_MAX; i++)
		if (run->members[i])
			member_skip(run->members[i]);
}

/* Nothing happens for a while: on to where it does. */
static void jump(struct run *run)
{
	if (run->patience-- > 0)
		return;
	run->patience = patience();
	world_advance(next_us());
	skip_refresh(run);
}

static void live_through(struct run *run)
{
	while (world->now_us < world->plan->end_us && !*world->failure) {
		member_faults(run);
		turn(run);
		jump(run);
	}
}

/* ---- the end ---- */

static struct member *last_one(struct run *run)
{
	return member_count(run) == 1 ? *newest(run) : NULL;
}

/* All members hear each other, and one publishes. */
static bool fleet_is_settled(struct run *run)
{
	bool publishes = false;
	if (member_count(run) != run->wanted || !group_settled(run->wanted))
		return false;
	for (int i = 0; i < MEMBERS_MAX; i++) {
		const struct member *member = run->members[i];
		if (member && !member_fleet_settled(member))
			return false;
		publishes |= member && member_publishes(member) && member_is_acknowledged(member);
	}
	return publishes;
}

static bool is_settled(struct run *run)
{
	if (is_fleet())
		return fleet_is_settled(run);
	const struct member *member = last_one(run);
	return member && member_settled(member);
}

static void settle(struct run *run)
{
	run->settling = world->redis->calm = true;
	for (int i = 0; i < SETTLE_TURNS * turns_factor() && !*world->failure; i++) {
		if (is_settled(run))
			return;
		member_faults(run);
		turn(run);
	}
	world_fail("it does not become quiet: %zu processes", member_count(run));
}

/* What nobody can notice but by looking: rounds of refreshing mend it. Without it every figure is right at once. */
static bool has_wounds(void)
{
	for (size_t i = 0; i < world->plan->fault_count; i++) {
		enum fault_kind kind = world->plan->faults[i].kind;
		if (kind == FAULT_REDIS_DELETE || kind == FAULT_REDIS_DAMAGE)
			return true;
	}
	return false;
}

/* What came late to Redis may have made a key that nobody has figures for: the next sweep takes it out. */
static bool is_healing(int64_t began_us)
{
	int64_t late_us = world->redis->late_us;
	return world->now_us < (late_us > began_us ? late_us : began_us) + HEAL_US;
}

/* Long enough for every round of refreshing and sweeping. */
static void heal(struct run *run)
{
	int64_t began_us = world->now_us;
	while (is_healing(began_us) && !*world->failure) {
		world_advance(world->now_us + HEAL_STEP_US);
		if (!has_wounds())
			skip_refresh(run);
		for (int i = 0; i < 10 * turns_factor(); i++)
			turn(run);
	}
	settle(run);
}

static void check(struct run *run)
{
	settle(run);
	if (!*world->failure)
		heal(run);
	bool read[PLAN_SHARDS_MAX][PLAN_RECORDS_MAX] = {0}, gap = false;
	if (*world->failure)
		return;
	for (uint32_t s = 0; s < world->plan->shard_count; s++) {
		const struct member *owner = is_fleet() ? group_owner(s) : last_one(run);
		if (owner)
			member_copy_read(owner, s, read[s]);
		gap |= owner && owner->gap;
	}
	check_all(run->config, (const bool(*)[PLAN_RECORDS_MAX])read, gap);
}

static void open_world(struct world *opened, const struct plan *plan, bool trace)
{
	*opened = (struct world){.plan = plan, .start_ms = plan->start_ms, .trace = trace};
	opened->chance = chance_of(plan->seed, 2);
	world = opened;
	opened->log = log_new(plan);
	opened->redis = redis_new();
	opened->checkpoints = checkpoints_new();
	opened->letters = letters_new();
	opened->partials = partials_new();
	opened->group = group_new();
}

static void close_world(void)
{
	log_free(world->log);
	redis_free(world->redis);
	checkpoints_free(world->checkpoints);
	letters_free(world->letters);
	partials_free(world->partials);
	group_free(world->group);
	world = NULL;
}

void run_plan(const struct plan *plan, const struct config *config, bool trace, struct outcome *ret_outcome)
{
	struct world opened;
	struct config fleet = *config;
	fleet.settings.cluster = true;
	struct run run = {
		.config = plan->members ? &fleet : config, .wanted = plan->members ? plan->members : 1, .patience = 10};
	open_world(&opened, plan, trace);
	live_through(&run);
	if (!*opened.failure)
		check(&run);
	for (int i = 0; i < MEMBERS_MAX; i++)
		if (run.members[i])
			end_member(&run, &run.members[i], true);
	memcpy(ret_outcome->rare, opened.rare, sizeof opened.rare);
	memcpy(ret_outcome->failure, opened.failure, sizeof opened.failure);
	ret_outcome->turns = run.turns;
	close_world();
}
