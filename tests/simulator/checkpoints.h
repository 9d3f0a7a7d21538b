/* Checkpoints, simulated: daemon/checkpoint/store.h and daemon/saver.h in memory. They outlive processes, may be torn by a crash, cannot be
 * written for a while, and know claims: what an older process writes after a newer one has claimed the shard is passed over.
 *
 * Beside each checkpoint stands which records its process had read by then, so that it is known at the end what ought to count. */
#ifndef TESTS_SIMULATOR_CHECKPOINTS_H
#define TESTS_SIMULATOR_CHECKPOINTS_H

#include "base/buf.h"
#include "tests/simulator/plan.h"

struct generation {
	uint64_t epoch, number;
	struct buf bytes;
	bool torn;
	bool read[PLAN_RECORDS_MAX];
};

#define GENERATIONS_KEPT 2

struct sim_checkpoints {
	struct generation generations[PLAN_SHARDS_MAX][GENERATIONS_KEPT]; /* newest first; without bytes: none */
	uint64_t epochs[PLAN_SHARDS_MAX];                                 /* the newest claim */
	int64_t failing_until_us;
};

struct saver;

struct sim_checkpoints *checkpoints_new(void);
void checkpoints_fault(const struct fault *fault);
/* One write of the saver, if there is something to write. */
void saver_turn(struct saver *saver);
void checkpoints_free(struct sim_checkpoints *checkpoints);

#endif
