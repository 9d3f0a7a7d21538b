#include "tests/simulator/member.h"

#include "base/check.h"
#include "base/mem.h"
#include "tests/simulator/checkpoints.h"
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
	for (size_t w = 0; w < member->worker_count; w++)
		if (member->workers[w] == context)
			return w + 1;
	return MEMBER_WORKERS_MAX + 1;
}

/* What a worker's thread does last of all. */
void member_thread_ended(struct member *member, unsigned long thread)
{
	if (thread <= member->worker_count && !member->dying)
		worker_finish(member->workers[thread - 1]);
}

enum result __wrap_worker_start(struct worker *worker)
{
	struct member *member = world->current;
	CHECK(member->worker_count < MEMBER_WORKERS_MAX);
	member->workers[member->worker_count++] = worker;
	return __real_worker_start(worker);
}

enum result __wrap_publishing_start(struct publishing *publishing)
{
	world->current->publishing = publishing;
	return __real_publishing_start(publishing);
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
	world->rare[RARE_WAITED] += merge_status(member->publishing->merge).counts.waiting;
	count(&seen->losses, now->losses, RARE_LOSS);
	count(&seen->refused_older, now->refused_older, RARE_REFUSED_OLDER);
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
	publishing_turn(publishing);
	int64_t as_of = merge_status(publishing->merge).as_of;
	if (publishing->published_end != before && !publishing->live && as_of < publishing->published_end)
		world_fail("figures are shown for %lld while records are read through %lld only",
			(long long)publishing->published_end, (long long)as_of);
}

bool member_take_turn(struct member *member)
{
	int64_t who = chance_between(&world->chance, 0, (int64_t)member->worker_count + 2);
	world->current = member;
	if (who < (int64_t)member->worker_count)
		worker_turn(member->workers[who]);
	else if (who == (int64_t)member->worker_count)
		saver_turn(member->saver);
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

static bool read_all(const struct member *member)
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

bool member_settled(const struct member *member)
{
	const struct publishing *publishing = member->publishing;
	return publishing->live && publishing->have_token && publishing->published_end == publishing->end &&
		writer_state(publishing->writer) == WRITER_READY && !writer_fenced(publishing->writer) &&
		read_all(member);
}
