#include "tests/simulator/checkpoints.h"

#include "base/mem.h"
#include "daemon/checkpoint/store.h"
#include "daemon/saver.h"
#include "tests/simulator/member.h"

struct store {
	struct member *owner;
	uint64_t epochs[PLAN_SHARDS_MAX];
	uint64_t fallbacks;
};

struct waiting {
	struct buf bytes;
	bool failing;
	bool read[PLAN_RECORDS_MAX];
};

struct saver {
	struct member *owner;
	struct store *store;
	struct waiting shards[PLAN_SHARDS_MAX];
	uint64_t written;
};

/* ---- what is kept ---- */

struct sim_checkpoints *checkpoints_new(void)
{
	struct sim_checkpoints *checkpoints = NEW(struct sim_checkpoints);
	for (int s = 0; s < PLAN_SHARDS_MAX; s++)
		for (int g = 0; g < GENERATIONS_KEPT; g++)
			buf_init(&checkpoints->generations[s][g].bytes);
	return checkpoints;
}

void checkpoints_fault(const struct fault *fault)
{
	if (fault->kind == FAULT_SAVE_FAIL)
		world->checkpoints->failing_until_us = fault->until_us;
}

void checkpoints_free(struct sim_checkpoints *checkpoints)
{
	for (int s = 0; s < PLAN_SHARDS_MAX; s++)
		for (int g = 0; g < GENERATIONS_KEPT; g++)
			buf_release(&checkpoints->generations[s][g].bytes);
	mem_free(checkpoints);
}

/* The newest moves back, and what was there before that goes. */
static struct generation *push(uint32_t shard)
{
	struct generation *kept = world->checkpoints->generations[shard];
	buf_release(&kept[GENERATIONS_KEPT - 1].bytes);
	memmove(kept + 1, kept, (GENERATIONS_KEPT - 1) * sizeof *kept);
	kept[0] = (struct generation){0};
	buf_init(&kept[0].bytes);
	return &kept[0];
}

/* ---- the store ---- */

enum result store_open(const struct store_options *options, char *error, size_t error_size, struct store **ret_store)
{
	(void)options;
	(void)error;
	(void)error_size;
	*ret_store = NEW(struct store);
	(*ret_store)->owner = world->current;
	return RESULT_OK;
}

enum result store_prepare(struct store *store, uint32_t shard_count)
{
	(void)store;
	(void)shard_count;
	return RESULT_OK;
}

enum result store_claim(struct store *store, uint32_t shard)
{
	store->epochs[shard] = ++world->checkpoints->epochs[shard];
	store->owner->claimed[shard] = true;
	return RESULT_OK;
}

enum result store_save(struct store *store, uint32_t shard, struct str bytes)
{
	(void)store;
	(void)shard;
	(void)bytes;
	return RESULT_IO; /* only the saver saves */
}

enum result store_load(struct store *store, uint32_t shard, struct buf *bytes)
{
	const struct generation *kept = world->checkpoints->generations[shard];
	int newest = 0;
	while (newest < GENERATIONS_KEPT && (kept[newest].torn || !kept[newest].bytes.length))
		newest++;
	if (newest == GENERATIONS_KEPT) {
		member_restored(store->owner, shard, (const bool[PLAN_RECORDS_MAX]){false});
		return RESULT_NOT_FOUND;
	}
	world_rare(newest ? RARE_CHECKPOINT_OLDER : RARE_CHECKPOINT_LOADED);
	store->fallbacks += newest > 0;
	buf_clear(bytes);
	buf_put_str(bytes, buf_str(&kept[newest].bytes));
	member_restored(store->owner, shard, kept[newest].read);
	return RESULT_OK;
}

enum result store_shards(struct store *store, uint32_t *shards, size_t max, size_t *ret_count)
{
	(void)store;
	*ret_count = 0;
	for (uint32_t s = 0; s < world->plan->shard_count; s++)
		if (world->checkpoints->generations[s][0].bytes.length && (*ret_count)++ < max)
			shards[*ret_count - 1] = s;
	return RESULT_OK;
}

const char *store_place(const struct store *store)
{
	(void)store;
	return "memory";
}

uint64_t store_fallbacks(const struct store *store)
{
	return store->fallbacks;
}

const char *store_error(const struct store *store)
{
	(void)store;
	return "the simulated disk is full";
}

void store_close(struct store *store)
{
	mem_free(store);
}

/* ---- the saver ---- */

enum result saver_start(struct store *store, uint32_t shard_count, struct saver **ret_saver)
{
	(void)shard_count;
	struct saver *saver = NEW(struct saver);
	saver->owner = world->current;
	saver->store = store;
	for (int s = 0; s < PLAN_SHARDS_MAX; s++)
		buf_init(&saver->shards[s].bytes);
	saver->owner->saver = saver;
	*ret_saver = saver;
	return RESULT_OK;
}

struct buf saver_room(struct saver *saver)
{
	struct buf room;
	(void)saver;
	buf_init(&room);
	return room;
}

void saver_put(struct saver *saver, uint32_t shard, struct buf *bytes)
{
	struct waiting *waiting = &saver->shards[shard];
	buf_release(&waiting->bytes);
	waiting->bytes = *bytes;
	buf_init(bytes);
	member_copy_read(saver->owner, shard, waiting->read);
}

static bool save(struct saver *saver, uint32_t shard, bool torn)
{
	struct waiting *waiting = &saver->shards[shard];
	if (saver->store->epochs[shard] < world->checkpoints->epochs[shard]) {
		world_rare(RARE_CHECKPOINT_STALE);
		return true;
	}
	if (world->now_us < world->checkpoints->failing_until_us) {
		world_rare(RARE_CHECKPOINT_FAILED);
		return false;
	}
	struct generation *kept = push(shard);
	kept->bytes = waiting->bytes;
	kept->torn = torn;
	memcpy(kept->read, waiting->read, sizeof kept->read);
	buf_init(&waiting->bytes);
	return true;
}

static void write_one(struct saver *saver, uint32_t shard)
{
	struct waiting *waiting = &saver->shards[shard];
	waiting->failing = !save(saver, shard, false);
	saver->written += !waiting->failing;
	saver->owner->saved += !waiting->failing;
	buf_release(&waiting->bytes);
	TRACE("member %d: checkpoint of shard %u %s", saver->owner->number, shard,
		waiting->failing ? "failed" : "written");
}

void saver_turn(struct saver *saver)
{
	for (uint32_t s = 0; s < PLAN_SHARDS_MAX; s++)
		if (saver->shards[s].bytes.length) {
			write_one(saver, s);
			return;
		}
}

bool saver_failed(struct saver *saver, uint32_t shard)
{
	return saver->shards[shard].failing;
}

static uint32_t failing(const struct saver *saver)
{
	uint32_t count = 0;
	for (int s = 0; s < PLAN_SHARDS_MAX; s++)
		count += saver->shards[s].failing;
	return count;
}

void saver_status(struct saver *saver, struct saver_status *ret_status)
{
	*ret_status = (struct saver_status){.written = saver->written, .failing = failing(saver), .oldest = INT64_MIN};
}

void saver_forget(struct saver *saver, uint32_t shard)
{
	saver->shards[shard].failing = false;
}

bool saver_drain(struct saver *saver, int timeout_ms)
{
	(void)timeout_ms;
	for (uint32_t s = 0; s < PLAN_SHARDS_MAX; s++)
		if (saver->shards[s].bytes.length)
			write_one(saver, s);
	return true;
}

/* A death in the midst of a write leaves a torn generation, or nothing, or all of it. */
static void die(struct saver *saver, uint32_t shard)
{
	int64_t how = chance_between(&world->chance, 0, 2);
	if (!saver->shards[shard].bytes.length)
		return;
	if (how > 0)
		(void)save(saver, shard, how == 1);
	else
		world_rare(RARE_CHECKPOINT_LOST);
}

bool saver_stop(struct saver *saver)
{
	if (!saver)
		return true;
	for (uint32_t s = 0; s < PLAN_SHARDS_MAX; s++) {
		if (saver->owner->dying)
			die(saver, s);
		else if (saver->shards[s].bytes.length)
			write_one(saver, s);
		buf_release(&saver->shards[s].bytes);
	}
	bool whole = failing(saver) == 0;
	saver->owner->saver = NULL;
	mem_free(saver);
	return whole;
}
