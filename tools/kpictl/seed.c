#include "tools/kpictl/seed.h"

#include "base/mem.h"
#include "base/text.h"
#include "daemon/checkpoint/input.h"
#include "tools/kpictl/checkpoint.h"

#include <stdio.h>

bool seed_possible(const struct config *config, uint32_t partitions)
{
	if (config->settings.kafka_partitioner != PARTITIONER_ANY || partitions == 1)
		return true;
	fputs("kpictl replay: with 'kafka.partitioner: any' nobody knows in which partition a customer's events lie; "
	      "name the producers' partitioner\n",
		stderr);
	return false;
}

int64_t seed_fold_at(const struct config *config, int64_t end)
{
	return end - config->settings.max_future;
}

/* From the beginning of every topic. */
static void put_shard(struct shard *shard, uint32_t partitions, int64_t end, struct buf *out)
{
	struct buf input;
	buf_init(&input);
	shard_set_seed(shard, end);
	shard_set_as_of(shard, end);
	input_put_head(&input, 0, partitions);
	input_put_count(&input, 0);
	shard_save(shard, buf_str(&input), out);
	buf_release(&input);
}

static void say_end(const char *directory, uint32_t count, int64_t end)
{
	struct buf text;
	buf_init(&text);
	text_put_time(&text, end);
	fprintf(stderr, "seed of %u shards in %s; kpid counts from Kafka what is dated %s or later\n", count, directory,
		text.data);
	buf_release(&text);
}

bool seed_save(struct engine *engine, const char *directory, int64_t end)
{
	const struct checkpoint checkpoint = {.verb = "of replay", .into = directory};
	struct store *store = checkpoint_open(&checkpoint, directory, false);
	struct buf *shards = NEW_ARRAY(struct buf, engine->shard_count);
	for (uint32_t s = 0; s < engine->shard_count; s++) {
		buf_init(&shards[s]);
		if (store)
			put_shard(engine->shards[s], engine->shard_count, end, &shards[s]);
	}
	bool good = store && checkpoint_may_fill(&checkpoint, store) &&
		checkpoint_fill(&checkpoint, store, shards, engine->shard_count);
	if (good)
		say_end(directory, engine->shard_count, end);
	for (uint32_t s = 0; s < engine->shard_count; s++)
		buf_release(&shards[s]);
	mem_free(shards);
	store_close(store);
	return good;
}
