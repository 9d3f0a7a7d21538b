#include "tests/simulator/member.h"

#include "base/check.h"
#include "base/mem.h"
#include "tests/simulator/checkpoints.h"
#include "tests/simulator/group.h"
#include "tests/simulator/log.h"

#include <stdio.h>

enum result __real_worker_start(struct worker *worker);
enum result __wrap_worker_start(struct worker *worker);
enum result __real_publishing_start(struct publishing *publishing);
enum result __wrap_publishing_start(struct publishing *publishing);

/* ---- threads ---- */

/* 1, 2, ... are workers; the others are nobody's business. */
unsigned long member_thread(struct member *member, void *context)
{
	for (size_t w = 0; w < MEMBER_WORKERS_MAX; w++)
		if (member->workers[w] == context)
			return w + 1;
	return MEMBER_WORKERS_MAX + 1;
}

/* What a worker's thread does last of all. */
void member_thread_ended(struct member *member, unsigned long thread)
{
	if (thread > MEMBER_WORKERS_MAX)
		return;
	if (!member->dying)
		worker_finish(member->workers[thread - 1]);
	member->workers[thread - 1] = NULL;
	member->worker_count--;
}

enum result __wrap_worker_start(struct worker *worker)
{
	struct member *member = world->current;
	size_t slot = 0;
	CHECK(member->worker_count < MEMBER_WORKERS_MAX);
	while (member->workers[slot])
		slot++;
	member->workers[slot] = worker;
	member->worker_count++;
	member_note_start(member, worker);
	return __real_worker_start(worker);
}

enum result __wrap_publishing_start(struct publishing *publishing)
{
	world->current->publishing = publishing;
	return __real_publishing_start(publishing);
}

int member_number(const struct member *member)
{
	return member->number;
}

bool member_is_dying(const struct member *member)
{
	return member->dying;
}

/* ---- what it has read ---- */

void member_read(struct member *member, uint32_t shard, size_t record)
{
	member->read[shard][record] = true;
}

void member_restored(struct member *member, uint32_t shard, const bool read[PLAN_RECORDS_MAX])
{
	memcpy(member->read[shard], read, sizeof member->read[shard]);
}

void member_copy_read(const struct member *member, uint32_t shard, bool ret_read[PLAN_RECORDS_MAX])
{
	memcpy(ret_read, member->read[shard], sizeof member->read[shard]);
}

/* ---- life ---- */

struct member *member_start(const struct config *config, int number, const struct service_waits *waits)
{
	struct member *member = NEW(struct member);
	member->number = number;
	snprintf(member->instance, sizeof member->instance, "%016d", number);
	member->past.instance = member->instance;
	world->current = member;
	TRACE("member %d starts", number);
	if (service_start(config, waits, &member->past, &member->service) == RESULT_OK) {
		TRACE("member %d is active", number);
		return member;
	}
	TRACE("member %d does not become active", number);
	mem_free(member);
	return NULL;
}

static void count(uint64_t *seen, uint64_t now, enum rare rare)
{
	world->rare[rare] += now - *seen;
	*seen = now;
}

static void count_writer(struct member *member)
{
	const struct writer_stats *now = writer_stats(member->publishing->writer);
	struct writer_stats *seen = &member->seen;
	count(&seen->losses, now->losses, RARE_LOSS);
	count(&seen->refused_token, now->refused_token, RARE_REFUSED_TOKEN);
	count(&seen->wanted, now->wanted, RARE_WANTED);
	count(&seen->wanted_all, now->wanted_all, RARE_REPUBLISHED);
	count(&seen->swept, now->swept, RARE_SWEPT);
	count(&seen->scripts_lost, now->scripts_lost, RARE_SCRIPTS_LOST);
	count(&seen->holds, now->holds, RARE_HELD);
	count(&seen->disconnects, now->disconnects, RARE_CONNECTION_LOST);
}

/* While behind, figures are shown only once everything before their end was read: else they would dip. */
static void publish(struct publishing *publishing)
{
	int64_t before = publishing->published_end;
	member_note_publishing(world->current);
	if (world->current->fleet)
		writer_wake(publishing->writer); /* its wait is short: world_wait_us */
	publishing_turn(publishing);
	if (world->current->fleet)
		world_advance(world->now_us + world_wait_us(100000));
	struct merge_status merged = merge_status(publishing->merge);
	world->rare[RARE_WAITED] += merged.counts.waiting;
	if (publishing->published_end == before || publishing->live)
		return;
	world->rare[RARE_SHOWN_BEHIND] += !world->current->fleet && publishing->control->end > publishing->end;
	if (merged.as_of < publishing->published_end)
		world_fail("figures are shown for %lld while records are read through %lld only",
			(long long)publishing->published_end, (long long)merged.as_of);
}

static void work(const struct member *member, int64_t which)
{
	size_t slot = 0;
	while (!member->workers[slot] || which-- > 0)
		slot++;
	worker_turn(member->workers[slot]);
	member_note_worker(member->workers[slot]);
}

bool member_take_turn(struct member *member)
{
	int64_t workers = (int64_t)member->worker_count;
	int64_t who = chance_between(&world->chance, 0, workers + (member->fleet ? 4 : 2));
	world->current = member;
	if (who < workers)
		work(member, who);
	else if (who == workers)
		saver_turn(member->saver);
	else if (who > workers + 2)
		member_fleet_turn(member);
	else
		publish(member->publishing);
	count_writer(member);
	enum result result = service_watch(member->service);
	if (result != RESULT_OK)
		TRACE("member %d must end: %s", member->number, result_text(result));
	return result == RESULT_OK;
}

void member_skip(struct member *member)
{
	member->publishing->refresh_us = world->now_us;
}

void member_end(struct member *member, bool dying)
{
	if (!member)
		return;
	TRACE("member %d %s", member->number, dying ? "dies" : "ends");
	member->dying = dying;
	world->current = member;
	(void)service_stop(member->service, false, NULL);
	world->current = NULL;
	mem_free(member);
}

bool member_read_all(const struct member *member)
{
	for (uint32_t s = 0; s < world->plan->shard_count; s++) {
		const struct shard_input *input = &member->publishing->inputs[s];
		if (!input->positions)
			return false;
		for (size_t i = 0; i < input->position_count; i++)
			if (input->positions[i].next < log_end(log_partition(input->positions[i].topic, s)))
				return false;
	}
	return true;
}

bool member_is_acknowledged(const struct member *member)
{
	return writer_stats(member->publishing->writer)->unacknowledged_bytes == 0;
}

bool member_settled(const struct member *member)
{
	const struct publishing *publishing = member->publishing;
	return member_is_acknowledged(member) && publishing->live && publishing->have_token &&
		publishing->published_end == publishing->end && writer_state(publishing->writer) == WRITER_READY &&
		!writer_fenced(publishing->writer) && member_read_all(member);
}
