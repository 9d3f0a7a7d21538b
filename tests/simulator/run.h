/* One run: the plan is lived through, then everything is quiet, and what stands in Redis is looked at. */
#ifndef TESTS_SIMULATOR_RUN_H
#define TESTS_SIMULATOR_RUN_H

#include "config/config.h"
#include "tests/simulator/plan.h"

struct outcome {
	uint64_t rare[RARE_COUNT];
	uint64_t turns;
	char failure[512]; /* empty: all is right */
};

void run_plan(const struct plan *plan, const struct config *config, bool trace, struct outcome *ret_outcome);

#endif
