/* A run: the world makes events, faults make records of them, an outbox puts those in order of arrival, sinks take them. */
#ifndef KPISIM_RUN_H
#define KPISIM_RUN_H

#include "tools/kpisim/faults.h"
#include "tools/kpisim/options.h"
#include "tools/kpisim/sink.h"
#include "tools/kpisim/world.h"

#define RUN_SINKS_MAX 2

struct run {
	struct world world;
	struct faults faults;
	struct heap outbox;
	struct sink *sinks[RUN_SINKS_MAX]; /* not owned */
	int sink_count;
	uint64_t written;
	uint64_t limit;     /* 0: none */
	enum result result; /* of the first sink that failed */
};

/* The options' start and end are set. The sinks and the zone outlive the run. */
void run_init(struct run *run, const struct options *options, const struct zone *zone, struct sink *const *sinks,
	int sink_count);
/* Writes all records that arrive before the end. */
MUST_CHECK enum result run_history(struct run *run);
/* Does the next action, as of `now`, and writes what has arrived by then. Only after run_history. */
MUST_CHECK enum result run_live_step(struct run *run, int64_t now);
bool run_limit_reached(const struct run *run);
void run_release(struct run *run);

#endif
