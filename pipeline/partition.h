/* Which partition the records of a key lie in: the shard of its customer, product or event. */
#ifndef PIPELINE_PARTITION_H
#define PIPELINE_PARTITION_H

#include "base/str.h"
#include "config/settings.h"

/* As producers with that partitioner have it. Of PARTITIONER_ANY nothing is known: it counts as MURMUR2. `count` is at least 1. */
uint32_t partition_of_key(enum partitioner partitioner, struct str key, uint32_t count);

#endif
