/* At the end of a run: whether all that stands in Redis is what ought to, and every record is accounted for. What is wrong goes to
 * world_fail. */
#ifndef TESTS_SIMULATOR_CHECK_H
#define TESTS_SIMULATOR_CHECK_H

#include "config/config.h"
#include "tests/simulator/member.h"

/* `read`: the records of each shard that its owner holds. `gap`: some were gone before they were read. */
void check_all(const struct config *config, const bool (*read)[PLAN_RECORDS_MAX], bool gap);

#endif
