/* What a worker hands on: batches for the publishing thread, checkpoints for the saver. */
#include "base/log.h"
#include "base/mem.h"
#include "daemon/redis/writer.h"
#include "daemon/saver.h"
#include "daemon/worker.h"

#define FLUSH_TIMEOUT_MS 3000

_Static_assert(REFUSAL_COUNT <= sizeof((struct batch *)0)->refused / sizeof(uint64_t),
	"a batch counts every reason to refuse");

/* A log that ends before is another log: there is nothing to wait for. */
static bool stands_at(
	const struct worker *worker, const struct worker_shard *shard, const struct input_position *wanted)
{
	for (size_t i = 0; i < shard->feed.slot_count; i++) {
		const struct feed_slot *slot = &shard->feed.slots[i];
		const struct consumer_slot *state = consumer_peek(worker->consumer, slot->slot);
		if (slot->topic == wanted->topic)
			return state->next >= wanted->next || (state->end >= 0 && state->next >= state->end);
	}
	return true;
}

static int64_t floor_of(const struct worker_shard *shard, uint16_t topic)
{
	for (size_t i = 0; i < shard->floor_count; i++)
		if (shard->floor[i].topic == topic)
			return shard->floor[i].next;
	return INT64_MIN;
}

struct feed_slot *worker_below_floor(struct worker *worker, struct worker_shard *shard)
{
	struct feed_slot *earliest = NULL;
	int64_t time = INT64_MAX;
	for (size_t i = 0; i < shard->feed.slot_count; i++) {
		struct feed_slot *slot = &shard->feed.slots[i];
		const struct consumer_slot *state = consumer_peek(worker->consumer, slot->slot);
		if (state->state != CONSUMER_RECORD && state->state != CONSUMER_END)
			return NULL; /* what comes there may be earlier */
		if (state->state == CONSUMER_RECORD && state->next < floor_of(shard, slot->topic) &&
			state->record->timestamp < time) {
			earliest = slot;
			time = state->record->timestamp;
		}
	}
	return earliest;
}

/* From the floor on all that the owner before knew is known: up to its as_of, too. */
static bool reach_floor(struct worker *worker, struct worker_shard *shard)
{
	for (size_t i = 0; i < shard->floor_count; i++)
		if (!stands_at(worker, shard, &shard->floor[i]))
			return false;
	if (shard->floor)
		shard_set_as_of(shard->shard, shard->floor_as_of);
	mem_free(shard->floor);
	shard->floor = NULL;
	shard->floor_count = 0;
	return true;
}

void worker_post(struct worker *worker, struct worker_shard *shard)
{
	if (!reach_floor(worker, shard))
		return;
	struct batch *batch = batch_new(shard->feed.slot_count);
	int64_t as_of = feed_as_of(&shard->feed, worker->consumer);
	int64_t reached = feed_reached(&shard->feed, worker->consumer);
	if (as_of != INT64_MIN && as_of != INT64_MAX)
		shard_set_as_of(shard->shard, as_of);
	if (reached != INT64_MIN && reached != INT64_MAX)
		shard_reached(shard->shard, reached);
	shard_partial(shard->shard, &batch->records);
	shard_status(shard->shard, &batch->status);
	feed_positions(&shard->feed, worker->consumer, batch->positions);
	memcpy(batch->refused, shard->refused, sizeof shard->refused);
	batch->whole = !shard->posted;
	shard->posted = true;
	shard->dirty = false;
	shard->posted_as_of = batch->status.as_of;
	mailbox_post(control_posts(worker->control), batch);
	if (!worker->control->outbox)
		writer_wake(worker->control->writer);
}

static bool changed_since_saved(const struct worker_shard *shard)
{
	struct shard_status status;
	shard_status(shard->shard, &status);
	return shard->records_read != shard->records_saved || status.end != shard->end_saved;
}

static void save(struct worker *worker, struct worker_shard *shard)
{
	struct buf input, bytes = saver_room(worker->control->saver);
	struct shard_status status;
	buf_init(&input);
	input_put_head(&input, (uint64_t)atomic_load(&worker->control->token), (uint32_t)worker->partition_count);
	feed_save(&shard->feed, worker->consumer, &worker->control->config->schema, &input);
	shard_save(shard->shard, buf_str(&input), &bytes);
	shard_status(shard->shard, &status);
	shard->records_saved = shard->records_read;
	shard->end_saved = status.end;
	saver_put(worker->control->saver, shard->index, &bytes);
	buf_release(&bytes);
	buf_release(&input);
}

void worker_checkpoint(struct worker *worker, struct worker_shard *shard, int64_t now_us, bool last)
{
	int64_t interval_us = worker->control->config->settings.checkpoint_interval * 1000;
	shard->checkpoint_at_us = now_us + interval_us;
	bool wanted = changed_since_saved(shard) || saver_failed(worker->control->saver, shard->index);
	if (worker->lost_letter || !wanted)
		return;
	/* An offset may be stored only when its dead letter is safe: else the next try, from the older checkpoint, sends it again. */
	enum result flushed = dead_letters_flush(worker->letters, FLUSH_TIMEOUT_MS);
	/* At the end the other shards would wait in vain, too: each wait would delay it. */
	worker->lost_letter |= flushed == RESULT_REFUSED || (last && flushed != RESULT_OK);
	if (flushed != RESULT_OK) {
		log_warning("dead letters are not acknowledged yet: shard %u is not checkpointed%s", shard->index,
			last ? " at the end" : "");
		return;
	}
	save(worker, shard);
}
