/* What the brute-force computation (brute.h) says that must stand in Redis, as keys. It shares no code with the pipeline. */
#ifndef TESTS_SIMULATOR_EXPECTED_H
#define TESTS_SIMULATOR_EXPECTED_H

#include "tests/simulator/plan.h"
#include "tests/simulator/redis_keys.h"

/* Of the plan's records only those with read[i]. `ret_keys` is to be cleared by the caller. */
void expected_keys(
	const struct plan *plan, const bool read[PLAN_RECORDS_MAX], int64_t end, bool gap, struct keyspace *ret_keys);

#endif
