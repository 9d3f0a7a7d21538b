/* The pipeline in one process, without Kafka and Redis: events in, figures and alerts out. It runs the code that the daemon runs.
 *
 *     engine_roll(end) ─▶ engine_event ... ─▶ engine_publish(as_of) ─▶ evaluate_figure, publisher_each, publisher_alerts */
#ifndef KPICTL_ENGINE_H
#define KPICTL_ENGINE_H

#include "pipeline/publish/publisher.h"
#include "pipeline/shard.h"

struct engine {
	const struct config *config;
	struct shard **shards;
	uint32_t shard_count;
	struct map
		by_id; /* ids of customers' events that lie where their id does: what takes them back lies there, too */
	int64_t fold_at;   /* no shard is folded by a later Kafka time; INT64_MAX: by any */
	bool keeps_events; /* nothing is folded, so that shard_each visits all events */
	struct merge *merge;
	struct publisher *publisher;
	struct calendar calendar;
	struct window_spans spans;
	struct evaluation evaluation; /* as of the last engine_publish */
};

/* `config` is borrowed, and so is what the sink points to. `end` is a multiple of the smallest step. */
void engine_init(struct engine *engine, const struct config *config, uint32_t shard_count, int64_t end,
	const struct publication_sink *sink);
/* Takes a shard's place, whatever was there. The shard's end must become that of the others before the next engine_publish. */
void engine_put_shard(struct engine *engine, uint32_t index, struct shard **shard);
/* Spread over the shards by the keys that their records would have. `kafka_time` must not go back by more than the records of a partition do. */
enum shard_outcome engine_event(
	struct engine *engine, struct event *event, int64_t kafka_time, enum refusal *ret_reason);
/* Not before the current end. */
void engine_roll(struct engine *engine, int64_t end);
/* Adds up the shards, which all stand at one end, and evaluates: figures are as of this instant from now on. RESULT_CORRUPT: a batch of
 * a shard is damaged. */
MUST_CHECK enum result engine_publish(struct engine *engine, int64_t as_of);
/* The key that has a snapshot by that name, or NULL. */
const struct merged_key *engine_key(const struct engine *engine, uint8_t dimension, struct str key);
/* The key with a snapshot whose name is nearest, or NULL. Lives in the arena. */
const char *engine_nearest_key(const struct engine *engine, uint8_t dimension, struct str key, struct arena *arena);
void engine_release(struct engine *engine);

/* Reads a configuration. NULL: it cannot be used; what is wrong was printed on standard error. */
struct config *engine_config(const char *directory, const char *const *overrides, size_t override_count);

#endif
