/* The same records without any fault: one pass in the order of arrival through a fresh pipeline, as of one end. Its publications go into
 * a keyspace of their own, as the writer would put them, without guards. */
#ifndef TESTS_SIMULATOR_STRAIGHT_H
#define TESTS_SIMULATOR_STRAIGHT_H

#include "config/config.h"
#include "pipeline/accumulate/partial.h"
#include "tests/simulator/plan.h"
#include "tests/simulator/redis_keys.h"

struct straight {
	struct keyspace keys;
	struct shard_counts counts;
	uint64_t conflicts, retractions;
	bool letter[PLAN_RECORDS_MAX]; /* of the record a dead letter was written */
};

/* Of the records only those with read[i]. Without `figures` the keys stay empty: all the rest is a fraction of the work. */
void straight_run(const struct plan *plan, const struct config *config, const bool read[PLAN_RECORDS_MAX], int64_t end,
	bool figures, struct straight *ret_straight);
void straight_release(struct straight *straight);

#endif
