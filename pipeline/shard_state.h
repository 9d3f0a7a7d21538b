/* The inside of a shard, for shard.c and shard_save.c. */
#ifndef PIPELINE_SHARD_STATE_H
#define PIPELINE_SHARD_STATE_H

#include "pipeline/accumulate/windows.h"
#include "pipeline/correlate/correlate.h"
#include "pipeline/shard.h"
#include "pipeline/waiting.h"

struct shard {
	const struct config *config;
	uint32_t index;
	struct calendar calendar;
	struct groups groups;
	struct correlator *correlator;
	struct windows *windows;
	struct waiting waiting;
	struct contributions contributions; /* of the current event */
	int64_t as_of, since, gap;
	int64_t seed_end;                /* INT64_MIN: there is no seed */
	uint64_t seen[SCHEMA_TYPES_MAX]; /* events that count, by type */
	struct shard_counts counts;
	int64_t fold;      /* no event before it is taken */
	int64_t sweep_due; /* customers to fold, times SWEEP_ROUND */
};

#endif
