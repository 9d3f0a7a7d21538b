/* The state of shards over more partitions than before: as if there had been so many from the start. */
#ifndef PIPELINE_RESHARD_H
#define PIPELINE_RESHARD_H

#include "pipeline/shard.h"

/* `shards` has room for `count`; the first `before` of them are there (at least one, and no more than `count`), the others are made here.
 * All records of the old partitions must have been given to them, each to the shard that had its key, and kafka.partitioner must say where
 * keys lie.
 *
 * Customers, products, events of neither and events that wait move to the shard of their key. Window totals, the numbers of keys and the counts
 * stay where they are: sums over the shards do not change, and a later correction stands, negative if need be, in the shard where
 * its customer is now. All shards stand at the latest end and fold, and at the earliest as_of. */
void shards_spread(const struct config *config, struct shard **shards, uint32_t before, uint32_t count);

#endif
