/* What a partition of checkpoints holds, as its records are seen one after the other: the generations of one shard, without their bytes.
 *
 * Invariant: newest first, by (epoch, generation); a chunk is `live` if its newest record has a value. */
#ifndef DAEMON_CHECKPOINT_KAFKA_INDEX_H
#define DAEMON_CHECKPOINT_KAFKA_INDEX_H

#include "daemon/checkpoint/kafka_record.h"

struct kafka_generation {
	uint64_t epoch, generation;
	int64_t first;        /* offset of its first chunk that was seen; INT64_MAX: none */
	int64_t last;         /* offset of its manifest; -1: it has none, and is no checkpoint */
	enum result readable; /* what manifest_read said */
	struct manifest manifest;
	bool *live;      /* by number */
	uint32_t chunks; /* the length of `live` */
};

struct kafka_index {
	struct kafka_generation *items;
	size_t count, capacity;
	uint64_t foreign; /* records that kpid did not write */
};

/* One record of the partition of `shard`; value.data NULL: it has none. */
void kafka_index_note(struct kafka_index *index, uint32_t shard, struct str key, struct str value, int64_t offset);
/* The generation's place, made if needed. */
struct kafka_generation *kafka_index_find(struct kafka_index *index, uint64_t epoch, uint64_t generation);
/* The newest from `from` on that has a manifest; index->count: none. */
size_t kafka_index_next(const struct kafka_index *index, size_t from);
/* The newest from `from` on that may go once `kept` readable ones of `epoch` or older stand: older than these, or without a manifest. Of newer
 * epochs none may. index->count: none. */
size_t kafka_index_garbage(const struct kafka_index *index, size_t from, uint64_t epoch, size_t kept);
void kafka_index_drop(struct kafka_index *index, size_t at);
void kafka_index_clear(struct kafka_index *index);

#endif
