/* From the checkpoints to shards and the positions from which they read on. */
#ifndef DAEMON_RESTORE_H
#define DAEMON_RESTORE_H

#include "daemon/checkpoint/store.h"
#include "daemon/kafka/topology.h"
#include "daemon/worker.h"

struct restored_shard {
	struct shard *shard;
	struct buf bytes;                /* what `input` points into */
	struct str input;                /* empty: no checkpoint, read from the beginning */
	bool wanted;                     /* a crew (crew.h) is to take it */
	uint64_t refused[REFUSAL_COUNT]; /* counted by this process so far */
};

struct restored {
	struct restored_shard *shards;
	uint32_t count;
	uint64_t token; /* the largest in the checkpoints */
	int64_t end;    /* the largest */
};

/* No shard yet. Logs what is wrong: RESULT_CONFLICT needs a hand (another number of partitions), others as the store says. */
MUST_CHECK enum result restore_prepare(
	struct restored *restored, struct store *store, const struct config *config, uint32_t shard_count);
/* Claims and loads one shard, or makes a new one where there is no checkpoint and `make_new`; wants it. Logs what is wrong: RESULT_CONFLICT needs a
 * hand (another configuration). */
MUST_CHECK enum result restore_one(
	struct restored *restored, struct store *store, const struct config *config, uint32_t index, bool make_new);
/* Forgets the state, if there is one. */
void restored_shard_clear(struct restored_shard *one);
/* All of that, for all shards. */
MUST_CHECK enum result restore_load(
	struct restored *restored, struct store *store, const struct config *config, uint32_t shard_count);
/* The feed of a shard over the topics that exist; slot numbers start at `first_slot`, their positions go to `positions`. */
void restore_feed(const struct restored_shard *from, const struct topology *topology, const struct config *config,
	size_t first_slot, int32_t partition, struct feed *feed, struct consumer_position *positions);
/* Whether the last records read still stand where they were: else the topics are not those of the checkpoint. Logs what is wrong; `setting` is
 * the key that names the place of the checkpoints. */
MUST_CHECK enum result restore_probe(struct consumer *metadata, const char *setting, const struct topology *topology,
	const struct worker *workers, size_t worker_count);
void restore_release(struct restored *restored);

#endif
