/* The figures of a run with the shipped configuration against the Python oracle (tests/oracle). The records that were read and all that Redis
 * holds are written into a folder; tests/simulator/oracle.py does the rest. The folder stays when there is a difference. */
#ifndef TESTS_SIMULATOR_ORACLE_H
#define TESTS_SIMULATOR_ORACLE_H

#include "tests/simulator/plan.h"

/* A difference, or an oracle that cannot be run, goes to world_fail. With a `gap`, `complete` is not compared. */
void oracle_compare(const bool read[PLAN_RECORDS_MAX], int64_t end, bool gap);

#endif
