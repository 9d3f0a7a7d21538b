/* A process of kpid as a member of a fleet: the thread of daemon/fleet.h, and what happens rarely. */
#include "base/hash.h"
#include "daemon/fleet_inside.h"
#include "tests/simulator/member.h"

#include <sys/random.h>

enum result __real_fleet_start(struct fleet *fleet);
enum result __wrap_fleet_start(struct fleet *fleet);
ssize_t __wrap_getrandom(void *bytes, size_t length, unsigned flags);

#define WAIT_MS 50

enum result __wrap_fleet_start(struct fleet *fleet)
{
	world->current->fleet = fleet;
	return __real_fleet_start(fleet);
}

/* The same at every run; no two are the same. */
ssize_t __wrap_getrandom(void *bytes, size_t length, unsigned flags)
{
	(void)flags;
	memset(bytes, 0, length);
	world->randoms++;
	memcpy(bytes, &world->randoms, length < sizeof world->randoms ? length : sizeof world->randoms);
	return (ssize_t)length;
}

static void note_claims(const struct fleet *fleet, const int64_t *before)
{
	for (uint32_t s = 0; s < fleet->shard_count; s++) {
		const struct fence *fence = &fleet->fences[s];
		bool ours = strcmp(fence->member, fleet->member) == 0;
		if (fence->token != before[s] && !ours && fleet->own[s].token != FENCE_NONE)
			world_rare(RARE_CLAIM_LOST);
	}
}

static unsigned broken(const struct fleet *fleet)
{
	unsigned count = 0;
	for (uint32_t s = 0; s < fleet->shard_count; s++)
		count += fleet->fences[s].broken;
	return count;
}

void member_fleet_turn(struct member *member)
{
	struct fleet *fleet = member->fleet;
	int64_t tokens[PLAN_SHARDS_MAX];
	uint64_t stale = fleet->stats.stale;
	unsigned broken_before = broken(fleet);
	for (uint32_t s = 0; s < fleet->shard_count; s++)
		tokens[s] = fleet->fences[s].token;
	fleet_turn(fleet, WAIT_MS);
	world->rare[RARE_STALE_BATCH] += fleet->stats.stale - stale;
	world->rare[RARE_BATCH_BROKEN] += broken(fleet) > broken_before;
	note_claims(fleet, tokens);
}

void member_note_start(struct member *member, const struct worker *worker)
{
	for (size_t i = 0; member->fleet && i < worker->shard_count; i++) {
		bool *claimed = &member->claimed[worker->shards[i].index];
		world_rare(*claimed ? RARE_FLEET_SPREAD : RARE_STATE_KEPT);
		*claimed = false;
	}
}

void member_note_worker(const struct worker *worker)
{
	for (size_t i = 0; i < worker->shard_count; i++)
		world->rare[RARE_FLOOR_AWAITED] += worker->shards[i].floor && !worker->busy;
}

void member_note_publishing(const struct member *member)
{
	const struct publishing *publishing = member->publishing;
	const struct batch *batch = publishing->control->mailbox.first;
	for (; member->fleet && batch; batch = batch->following)
		world->rare[RARE_WHOLE_REPLACED] += batch->whole && publishing->inputs[batch->status.shard].positions;
	if (!member->fleet || !member_publishes(member))
		return;
	world->rare[RARE_TAKEOVER] += world->publisher && world->publisher != member->number;
	world->publisher = member->number;
}

bool member_publishes(const struct member *member)
{
	const struct publishing *publishing = member->publishing;
	return publishing->have_token && writer_state(publishing->writer) == WRITER_READY &&
		!writer_fenced(publishing->writer) && publishing->published_end == publishing->end;
}

bool member_fleet_settled(const struct member *member)
{
	const struct fleet *fleet = member->fleet;
	for (uint32_t s = 0; s < fleet->shard_count; s++)
		if (fleet->own[s].wanted && (fleet->own[s].token == FENCE_NONE || fleet->own[s].number == 0))
			return false;
	return member->frozen_until_us <= world->now_us && member->publishing->live && member_read_all(member);
}
