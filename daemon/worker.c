#include "daemon/worker.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "daemon/checkpoint/store_settings.h"

/* Records of one shard between two looks at the clock and the announced end. */
#define TAKE_MAX 512
/* Between two questions for the ends while there is nothing to read, and while there is, be it for the next stride: that wakes librdkafka, too. */
#define CHECK_IDLE_US 250000
#define CHECK_BUSY_US 20000
#define WAIT_MAX_MS 100
#define WAIT_STRIDE_MS 2
#define STRIDE_SOON_US 500000
/* While behind nothing is shown before a stride is over: what is handed over before says only that all is well. */
#define POST_BEHIND_US 2000000
/* Posted and not yet published bytes at which workers wait. */
#define POSTED_MAX (64u << 20)

static void say_error(struct worker *worker, struct feed_slot *slot)
{
	const struct consumer_slot *state = consumer_peek(worker->consumer, slot->slot);
	bool error = state->state == CONSUMER_ERROR || state->state == CONSUMER_GAP;
	if (error && !slot->said)
		log_error("topic %s: %s", worker->topic_names[slot->topic], state->error);
	slot->said = error;
}

/* Records that retention has taken before they were read: a declared gap. A log that is shorter than it was is another log. */
static void handle_gap(struct worker *worker, struct worker_shard *shard, struct feed_slot *slot)
{
	const struct consumer_slot *state = consumer_peek(worker->consumer, slot->slot);
	const char *topic = worker->topic_names[slot->topic];
	if (state->earliest <= state->next) {
		log_error("topic %s partition %u: the log ends before offset %lld that was read already; it was "
			  "truncated or created anew. "
			  "Start with another %s to count from what is there now",
			topic, shard->index, (long long)state->next, store_setting(&worker->control->config->settings));
		atomic_store(&worker->control->failure, RESULT_CONFLICT);
		return;
	}
	log_error("topic %s partition %u: records %lld to %lld are gone before they were read; figures are not "
		  "complete from here",
		topic, shard->index, (long long)state->next, (long long)state->earliest - 1);
	/* What is gone was stamped after the last record read, and before now. */
	shard_set_gap(shard->shard, shard->feed.now);
	shard->dirty = true;
	if (consumer_resume_at(worker->consumer, slot->slot, state->earliest) != RESULT_OK)
		log_error("topic %s partition %u: cannot read on", topic, shard->index);
}

static void watch_slots(struct worker *worker, struct worker_shard *shard)
{
	for (size_t i = 0; i < shard->feed.slot_count; i++) {
		struct feed_slot *slot = &shard->feed.slots[i];
		say_error(worker, slot);
		if (consumer_peek(worker->consumer, slot->slot)->state == CONSUMER_GAP)
			handle_gap(worker, shard, slot);
	}
}

static void roll(struct worker *worker, struct worker_shard *shard)
{
	struct shard_status status;
	int64_t end = atomic_load(&worker->control->end);
	shard_status(shard->shard, &status);
	if (end <= status.end)
		return;
	shard_roll(shard->shard, end);
	shard->dirty = true;
}

static struct feed_slot *next_slot(struct worker *worker, struct worker_shard *shard, int64_t end)
{
	struct feed_slot *slot = feed_next(&shard->feed, worker->consumer, end);
	return slot || !shard->floor ? slot : worker_below_floor(worker, shard);
}

/* True when there was something. */
static bool read_shard(struct worker *worker, struct worker_shard *shard)
{
	struct feed_slot *slot;
	int64_t end = atomic_load(&worker->control->end);
	unsigned taken = 0;
	while (taken < TAKE_MAX && (slot = next_slot(worker, shard, end))) {
		if (!worker_take(worker, shard, slot))
			return false;
		taken++;
	}
	return taken > 0;
}

static bool is_behind(const struct worker *worker, const struct worker_shard *shard, int64_t as_of)
{
	return as_of < shard->feed.now - CONTROL_LIVE_MS && as_of < atomic_load(&worker->control->end);
}

static bool wants_post(struct worker *worker, struct worker_shard *shard, int64_t now_us)
{
	int64_t as_of = feed_as_of(&shard->feed, worker->consumer);
	if (!shard->dirty && as_of <= shard->posted_as_of)
		return false;
	return !is_behind(worker, shard, as_of) || now_us >= shard->posted_us + POST_BEHIND_US;
}

/* Under load the next time comes when reading has taken so many times what handing over took. */
#define POST_GAP_TIMES 20
#define POST_GAP_MIN_US 1000

static void post_all(struct worker *worker, int64_t now_us)
{
	int64_t longest_us = worker->control->config->settings.publish_interval * 1000;
	for (size_t i = 0; i < worker->shard_count; i++) {
		struct worker_shard *shard = &worker->shards[i];
		if (!wants_post(worker, shard, now_us))
			continue;
		worker_post(worker, shard);
		shard->posted_us = now_us;
	}
	int64_t done_us = clock_steady_us(), gap_us = POST_GAP_TIMES * (done_us - now_us) + POST_GAP_MIN_US;
	worker->post_at_us = done_us + (gap_us < longest_us ? gap_us : longest_us);
}

/* The next stride begins as soon as the slowest shard is at the end of this one, which mostly is at once. */
static bool awaits_stride(struct worker *worker, struct worker_shard *shard, int64_t now_us)
{
	int64_t as_of = feed_as_of(&shard->feed, worker->consumer);
	return as_of < shard->feed.now - CONTROL_LIVE_MS && as_of >= atomic_load(&worker->control->end) &&
		now_us < shard->posted_us + STRIDE_SOON_US;
}

static int wait_ms(struct worker *worker, int64_t now_us)
{
	for (size_t i = 0; i < worker->shard_count; i++)
		if (awaits_stride(worker, &worker->shards[i], now_us))
			return WAIT_STRIDE_MS;
	return worker->busy ? CHECK_BUSY_US / 1000 : WAIT_MAX_MS;
}

static void check_ends(struct worker *worker, int64_t now_us)
{
	if (now_us < worker->check_at_us)
		return;
	int64_t wall_ms = clock_wall_ms();
	/* By a wrong clock nothing was read through any time. */
	bool wrong = control_clock_is_wrong(worker->control, wall_ms, clock_steady_us());
	consumer_check_end(worker->consumer, wrong ? 0 : wall_ms);
	worker->check_at_us = now_us + (worker->busy ? CHECK_BUSY_US : CHECK_IDLE_US);
}

/* The wall clock; while that is wrong, the broker's. */
static int64_t time_now(const struct worker *worker)
{
	int64_t wall_ms = clock_wall_ms(), steady_us = clock_steady_us();
	bool wrong = control_clock_is_wrong(worker->control, wall_ms, steady_us);
	return wrong ? clock_brokers(atomic_load(&worker->control->clock_offset), wall_ms, steady_us) : wall_ms;
}

static bool read_all(struct worker *worker)
{
	bool any = false;
	worker->busy = false;
	for (size_t i = 0; i < worker->shard_count && !control_workers_stop(worker->control); i++) {
		worker->shards[i].feed.now = time_now(worker);
		roll(worker, &worker->shards[i]);
		any |= read_shard(worker, &worker->shards[i]);
		worker->busy |= worker->shards[i].feed.busy;
		if (!any)
			watch_slots(worker, &worker->shards[i]);
	}
	return any;
}

static void checkpoint_due(struct worker *worker, int64_t now_us)
{
	for (size_t i = 0; i < worker->shard_count; i++) {
		if (now_us < worker->shards[i].checkpoint_at_us)
			continue;
		worker_checkpoint(worker, &worker->shards[i], now_us, false);
		return; /* one shard at a time, so that each pause is short */
	}
}

void worker_turn(struct worker *worker)
{
	bool any = read_all(worker);
	int64_t now_us = clock_steady_us();
	atomic_store(&worker->beat_us, now_us);
	if (!any || now_us >= worker->post_at_us)
		post_all(worker, now_us);
	check_ends(worker, now_us);
	checkpoint_due(worker, now_us);
	if (!any)
		consumer_wait(worker->consumer, wait_ms(worker, now_us));
	while (mailbox_bytes(control_posts(worker->control)) > POSTED_MAX && !control_workers_stop(worker->control))
		consumer_wait(worker->consumer, 1);
}

static void *worker_main(void *context)
{
	struct worker *worker = context;
	while (!control_workers_stop(worker->control))
		worker_turn(worker);
	worker_finish(worker);
	return NULL;
}

void worker_begin(struct worker *worker)
{
	int64_t now_us = clock_steady_us();
	int64_t interval_us = worker->control->config->settings.checkpoint_interval * 1000;
	atomic_store(&worker->beat_us, now_us);
	/* Of all shards, not only of this worker, one after the other. */
	for (size_t i = 0; i < worker->shard_count; i++)
		worker->shards[i].checkpoint_at_us = now_us +
			interval_us * (int64_t)(worker->shards[i].index + 1) / (int64_t)worker->partition_count;
}

void worker_finish(struct worker *worker)
{
	if (atomic_load(&worker->control->crew) == CREW_DROP)
		return;
	for (size_t i = 0; i < worker->shard_count; i++)
		worker_checkpoint(worker, &worker->shards[i], clock_steady_us(), true);
	consumer_commit(worker->consumer, NULL);
}

enum result worker_start(struct worker *worker)
{
	worker_begin(worker);
	if (pthread_create(&worker->thread, NULL, worker_main, worker) != 0)
		return RESULT_IO;
	worker->started = true;
	return RESULT_OK;
}

void worker_join(struct worker *worker)
{
	if (!worker->started)
		return;
	consumer_wake(worker->consumer);
	pthread_join(worker->thread, NULL);
	worker->started = false;
}

void worker_wake(struct worker *worker)
{
	if (worker->started)
		consumer_wake(worker->consumer);
}

void worker_release(struct worker *worker)
{
	consumer_free(worker->consumer);
	decoder_free(worker->decoder);
	dead_letters_free(worker->letters);
	for (size_t i = 0; i < worker->shard_count; i++) {
		shard_free(worker->shards[i].shard);
		mem_free(worker->shards[i].feed.slots);
		mem_free(worker->shards[i].feed.absent);
		mem_free(worker->shards[i].floor);
	}
	mem_free(worker->shards);
}
