#include "pipeline/reshard.h"

#include "base/mem.h"
#include "pipeline/correlate/spread.h"
#include "pipeline/correlate/subject.h"
#include "pipeline/partition.h"
#include "pipeline/shard_state.h"

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Events that wait count before the rest is looked at. */
static void roll_to_latest(struct shard *const *shards, uint32_t before, uint32_t count)
{
	int64_t end = INT64_MIN;
	for (uint32_t s = 0; s < before; s++)
		end = later(end, windows_end(shards[s]->windows));
	for (uint32_t s = 0; s < count; s++)
		shard_roll(shards[s], end);
}

/* One place in time for all of them. The latest fold is nobody's loss: what is still to come was stamped after all that was read. */
static void level(struct shard *const *shards, uint32_t before, uint32_t count)
{
	struct shard sum = *shards[0];
	for (uint32_t s = 1; s < before; s++) {
		sum.fold = later(sum.fold, shards[s]->fold);
		sum.gap = later(sum.gap, shards[s]->gap);
		sum.seed_end = later(sum.seed_end, shards[s]->seed_end);
		sum.as_of = earlier(sum.as_of, shards[s]->as_of);
		sum.since = earlier(sum.since, shards[s]->since);
	}
	for (uint32_t s = 0; s < count; s++) {
		struct shard *shard = shards[s];
		shard->fold = sum.fold;
		shard->gap = sum.gap;
		shard->seed_end = sum.seed_end;
		shard->as_of = sum.as_of;
		shard->since = sum.since;
		if (sum.fold != INT64_MIN)
			correlator_set_fold(shard->correlator, sum.fold);
	}
}

static void take_change(struct shard *shard, const struct spread_change *change)
{
	windows_add(shard->windows, &change->contributions);
	for (unsigned type = 0; type < SCHEMA_TYPES_MAX; type++)
		shard->seen[type] += (uint64_t)change->events[type];
}

static void spread_histories(const struct config *config, struct shard *const *shards, uint32_t before, uint32_t count)
{
	struct correlator **correlators = NEW_ARRAY(struct correlator *, count);
	struct spread_change *changes = NEW_ARRAY(struct spread_change, count);
	for (uint32_t s = 0; s < count; s++)
		correlators[s] = shards[s]->correlator;
	correlators_spread(correlators, before, count, (enum partitioner)config->settings.kafka_partitioner, changes);
	for (uint32_t s = 0; s < count; s++) {
		take_change(shards[s], &changes[s]);
		mem_free(changes[s].contributions.items);
	}
	mem_free(changes);
	mem_free(correlators);
}

static void spread_waiting(const struct config *config, struct shard *const *shards, uint32_t before, uint32_t count)
{
	for (uint32_t s = 0; s < before; s++) {
		struct waiting old = shards[s]->waiting;
		const struct event *event;
		waiting_init(&shards[s]->waiting, &config->schema, config->settings.allowed_lateness);
		while ((event = waiting_first(&old, INT64_MAX))) {
			struct str key = subject_key(&config->schema, event);
			enum partitioner partitioner = (enum partitioner)config->settings.kafka_partitioner;
			waiting_put(&shards[partition_of_key(partitioner, key, count)]->waiting, event);
			waiting_drop(&old);
		}
		waiting_release(&old);
	}
}

void shards_spread(const struct config *config, struct shard **shards, uint32_t before, uint32_t count)
{
	for (uint32_t s = before; s < count; s++)
		shards[s] = shard_new(config, s, windows_end(shards[0]->windows));
	roll_to_latest(shards, before, count);
	level(shards, before, count);
	spread_histories(config, shards, before, count);
	spread_waiting(config, shards, before, count);
}
