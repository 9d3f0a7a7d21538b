/* The topic of a fleet's log, simulated (daemon/fleet.h): a log for each shard, that all members read, and what is on its way there. What a
 * member sends arrives after a moment, in its order; what one that is stopped or cut off had sent arrives when it goes on. */
#ifndef TESTS_SIMULATOR_PARTIALS_H
#define TESTS_SIMULATOR_PARTIALS_H

#include "base/str.h"
#include "daemon/kafka/producer.h"
#include "tests/simulator/plan.h"

#define PARTIALS_LANES_MAX 16

struct lane;
struct member;

struct partials_log {
	struct str *entries; /* by offset */
	size_t count, capacity;
};

struct sim_partials {
	struct partials_log logs[PLAN_SHARDS_MAX];
	struct lane *lanes[PARTIALS_LANES_MAX]; /* of each producer; NULL: free */
	int64_t slow_until_us, refusing_until_us;
	int64_t stalled_until_us;
	int64_t stalled; /* whose reading stalls: member's number, modulo 2 */
};

struct sim_partials *partials_new(void);
void partials_fault(const struct fault *fault);
/* Appends what has arrived by now. */
void partials_run(void);
void partials_free(struct sim_partials *partials);

bool partials_is_topic(const char *name);
int64_t partials_end(uint32_t shard);
/* The entry at the offset, or NULL behind the end. */
const struct str *partials_at(uint32_t shard, int64_t offset);
/* The member gets nothing new of the log for now. */
bool partials_stalled(const struct member *member);

/* ---- for producer.c ---- */

enum result partials_send(const struct producer *producer, const struct kafka_record *record);
/* Sent, and neither appended nor failed. */
size_t partials_under_way(const struct producer *producer);
uint64_t partials_failed(const struct producer *producer);
/* The producer goes: of what was under way some may have arrived. */
void partials_forget(const struct producer *producer);

#endif
