#include "daemon/saver.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

#include <pthread.h>
#include <time.h>

struct saver {
	struct store *store;
	uint32_t shard_count;
	struct buf *newest; /* by shard; empty: nothing to write */
	struct buf spare;   /* the memory of the largest that was written */
	bool *failing;      /* by shard */
	int64_t *taken;  /* by shard: wall ms at which what was written last was handed over; INT64_MIN: nothing yet */
	int64_t *handed; /* by shard: the same of `newest` */
	uint64_t written;
	bool stop;
	bool writing;
	pthread_mutex_t lock;
	pthread_cond_t filled;
	pthread_cond_t idle;
	pthread_t thread;
};

/* The next shard that has something to write, or shard_count. Locked. */
static uint32_t next_shard(const struct saver *saver)
{
	uint32_t shard = 0;
	while (shard < saver->shard_count && saver->newest[shard].length == 0)
		shard++;
	return shard;
}

static void note(struct saver *saver, uint32_t shard, enum result result)
{
	bool failed = result != RESULT_OK;
	if (failed && !saver->failing[shard])
		log_error("cannot write a checkpoint: %s; figures stay right, but a restart reads on from an older one",
			store_error(saver->store));
	if (!failed && saver->failing[shard])
		log_notice("checkpoints of shard %u are written again", shard);
	saver->failing[shard] = failed;
	saver->written += !failed;
}

/* At the end a store that does not answer is not asked again for every shard. Locked. */
static void give_up(struct saver *saver)
{
	unsigned count = 0;
	for (uint32_t i = 0; i < saver->shard_count; i++) {
		if (saver->newest[i].length == 0)
			continue;
		buf_release(&saver->newest[i]);
		saver->failing[i] = true;
		count++;
	}
	if (count)
		log_warning("the store does not answer: the last checkpoints of %u more shards are not written", count);
}

/* Locked. */
static void keep_room(struct saver *saver, struct buf *bytes)
{
	struct buf *smaller = bytes->capacity < saver->spare.capacity ? bytes : &saver->spare;
	buf_release(smaller);
	if (smaller == &saver->spare)
		saver->spare = *bytes;
	buf_clear(&saver->spare);
}

static void write_one(struct saver *saver, uint32_t shard)
{
	struct buf bytes = saver->newest[shard];
	int64_t handed = saver->handed[shard];
	buf_init(&saver->newest[shard]);
	saver->writing = true;
	pthread_mutex_unlock(&saver->lock);
	enum result result = store_save(saver->store, shard, buf_str(&bytes));
	pthread_mutex_lock(&saver->lock);
	keep_room(saver, &bytes);
	saver->writing = false;
	pthread_cond_broadcast(&saver->idle);
	note(saver, shard, result);
	if (result == RESULT_OK)
		saver->taken[shard] = handed;
	if (saver->stop && (result == RESULT_TIMEOUT || result == RESULT_UNREACHABLE))
		give_up(saver);
}

static void *saver_main(void *context)
{
	struct saver *saver = context;
	pthread_mutex_lock(&saver->lock);
	for (;;) {
		uint32_t shard = next_shard(saver);
		if (shard < saver->shard_count)
			write_one(saver, shard);
		else if (saver->stop)
			break;
		else
			pthread_cond_wait(&saver->filled, &saver->lock);
	}
	pthread_mutex_unlock(&saver->lock);
	return NULL;
}

static void saver_free(struct saver *saver)
{
	pthread_cond_destroy(&saver->filled);
	pthread_cond_destroy(&saver->idle);
	pthread_mutex_destroy(&saver->lock);
	for (uint32_t i = 0; i < saver->shard_count; i++)
		buf_release(&saver->newest[i]);
	mem_free(saver->newest);
	buf_release(&saver->spare);
	mem_free(saver->failing);
	mem_free(saver->taken);
	mem_free(saver->handed);
	mem_free(saver);
}

enum result saver_start(struct store *store, uint32_t shard_count, struct saver **ret_saver)
{
	struct saver *saver = NEW(struct saver);
	saver->store = store;
	saver->shard_count = shard_count;
	saver->newest = NEW_ARRAY(struct buf, shard_count);
	buf_init(&saver->spare);
	saver->failing = NEW_ARRAY(bool, shard_count);
	saver->taken = NEW_ARRAY(int64_t, shard_count);
	saver->handed = NEW_ARRAY(int64_t, shard_count);
	for (uint32_t i = 0; i < shard_count; i++) {
		buf_init(&saver->newest[i]);
		saver->taken[i] = INT64_MIN;
	}
	pthread_mutex_init(&saver->lock, NULL);
	pthread_cond_init(&saver->filled, NULL);
	pthread_cond_init(&saver->idle, NULL);
	if (pthread_create(&saver->thread, NULL, saver_main, saver) != 0) {
		saver_free(saver);
		return RESULT_IO;
	}
	*ret_saver = saver;
	return RESULT_OK;
}

struct buf saver_room(struct saver *saver)
{
	pthread_mutex_lock(&saver->lock);
	struct buf room = saver->spare;
	buf_init(&saver->spare);
	pthread_mutex_unlock(&saver->lock);
	return room;
}

void saver_put(struct saver *saver, uint32_t shard, struct buf *bytes)
{
	pthread_mutex_lock(&saver->lock);
	buf_release(&saver->newest[shard]);
	saver->newest[shard] = *bytes;
	saver->handed[shard] = clock_wall_ms();
	buf_init(bytes);
	pthread_cond_signal(&saver->filled);
	pthread_mutex_unlock(&saver->lock);
}

void saver_status(struct saver *saver, struct saver_status *ret_status)
{
	pthread_mutex_lock(&saver->lock);
	struct saver_status status = {.written = saver->written, .oldest = INT64_MAX};
	for (uint32_t i = 0; i < saver->shard_count; i++) {
		status.failing += saver->failing[i];
		status.oldest = saver->taken[i] < status.oldest ? saver->taken[i] : status.oldest;
	}
	pthread_mutex_unlock(&saver->lock);
	*ret_status = status;
}

void saver_forget(struct saver *saver, uint32_t shard)
{
	pthread_mutex_lock(&saver->lock);
	saver->failing[shard] = false;
	saver->taken[shard] = INT64_MIN;
	pthread_mutex_unlock(&saver->lock);
}

bool saver_drain(struct saver *saver, int timeout_ms)
{
	struct timespec until;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += timeout_ms / 1000;
	int waited = 0;
	pthread_mutex_lock(&saver->lock);
	while (waited == 0 && (saver->writing || next_shard(saver) < saver->shard_count))
		waited = pthread_cond_timedwait(&saver->idle, &saver->lock, &until);
	pthread_mutex_unlock(&saver->lock);
	return waited == 0;
}

bool saver_failed(struct saver *saver, uint32_t shard)
{
	pthread_mutex_lock(&saver->lock);
	bool failed = saver->failing[shard];
	pthread_mutex_unlock(&saver->lock);
	return failed;
}

bool saver_stop(struct saver *saver)
{
	if (!saver)
		return true;
	pthread_mutex_lock(&saver->lock);
	saver->stop = true;
	pthread_cond_signal(&saver->filled);
	pthread_mutex_unlock(&saver->lock);
	pthread_join(saver->thread, NULL);
	struct saver_status status;
	saver_status(saver, &status);
	saver_free(saver);
	return status.failing == 0;
}
