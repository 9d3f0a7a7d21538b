/* What a run consists of: records that come to the log, and faults, each at its time. A pure function of the seed; a shrunk plan is one
 * from which some were taken out. */
#ifndef TESTS_SIMULATOR_PLAN_H
#define TESTS_SIMULATOR_PLAN_H

#include "tests/simulator/sim_event.h"
#include "tests/simulator/world.h"

#define PLAN_RECORDS_MAX 256
#define PLAN_FAULTS_MAX 64
#define PLAN_SHARDS_MAX 3
#define PLAN_TOPICS_MAX 10

enum record_form {
	FORM_EVENT,
	FORM_BROKEN, /* not JSON */
	FORM_ASTRAY  /* an event in a partition that its key does not belong to */
};

struct plan_record {
	enum record_form form;
	struct sim_event
		event; /* topic and partition say where it lies, also where it is no event; offset comes from the log */
	int64_t visible_us; /* when it can be read; those of one partition rise */
	int64_t hole;       /* offsets left out before it */
};

/* X(name, of a member, sentence). `until` of a fault that lasts is its own end. */
#define FAULTS(X)                                                                               \
	X(CRASH, true, "kill -9; a new process starts")                                         \
	X(STOP, true, "SIGTERM; a new process starts")                                          \
	X(ZOMBIE, true, "stopped for a while; a new process starts beside it, then both go on") \
	X(REDIS_RESET, false, "the connections to Redis are reset")                             \
	X(REDIS_DOWN, false, "Redis accepts no connection until")                               \
	X(REDIS_SLOW, false, "Redis answers slowly until")                                      \
	X(REDIS_EMPTY, false, "Redis starts anew, empty")                                       \
	X(REDIS_SAVE, false, "Redis saves what it has")                                         \
	X(REDIS_ROLLBACK, false, "Redis starts anew with what was saved")                       \
	X(REDIS_HOLD, false, "Redis refuses writes until")                                      \
	X(REDIS_DELETE, false, "a key is deleted")                                              \
	X(REDIS_DAMAGE, false, "a key is damaged")                                              \
	X(REDIS_FLUSH_SCRIPTS, false, "SCRIPT FLUSH")                                           \
	X(FETCH_STALL, false, "a partition sends nothing until")                                \
	X(FETCH_ERROR, false, "a partition answers with errors until")                          \
	X(ENDS_SLOW, false, "the ends of partitions are not answered until")                    \
	X(LOG_TRIM, false, "retention takes the beginning of a partition")                      \
	X(CLOCK_STEP, false, "the wall clock is set")                                           \
	X(SAVE_FAIL, false, "checkpoints cannot be written until")                              \
	X(LETTERS_STUCK, false, "dead letters are not acknowledged until")                      \
	X(FLEET_JOIN, true, "one more member comes")                                            \
	X(FLEET_LEAVE, true, "a member ends, and none comes for it")                            \
	X(FLEET_KILL_ALL, true, "kill -9 of all members")                                       \
	X(FLEET_CUT, true, "the group does not hear of a member, perhaps nobody does, until")   \
	X(FLEET_SLOW, false, "what members tell each other is slow until")                      \
	X(FLEET_STALL, false, "some members hear nothing of the others until")                  \
	X(FLEET_REFUSE, false, "what members tell each other is refused now and then until")

enum fault_kind {
#define FAULT_ENUM(name, of_member, sentence) FAULT_##name,
	FAULTS(FAULT_ENUM)
#undef FAULT_ENUM
		FAULT_COUNT
};

/* From here on: only with a fleet. */
#define FAULT_OF_FLEET FAULT_FLEET_JOIN

extern const char *const fault_names[FAULT_COUNT];
bool fault_is_of_member(enum fault_kind kind);

struct fault {
	enum fault_kind kind;
	int64_t at_us, until_us;
	int64_t number; /* what the kind makes of it */
};

struct plan {
	uint64_t seed;
	int64_t start_ms; /* true wall clock at time 0 */
	bool shipped;     /* events of the shipped configuration, which the Python oracle knows */
	uint32_t topic_count;
	uint32_t shard_count;
	unsigned members; /* of a fleet, at first; 0: no fleet, one process at a time */
	int64_t end_us;   /* by then all faults are over and all records visible */
	struct plan_record records[PLAN_RECORDS_MAX];
	size_t record_count; /* in the order in which they become visible */
	struct fault faults[PLAN_FAULTS_MAX];
	size_t fault_count; /* by time */
};

void plan_make(struct plan *plan, uint64_t seed, bool shipped);
/* The name of the topic with that number, below topic_count. */
const char *plan_topic(const struct plan *plan, uint32_t topic);
void plan_print(const struct plan *plan);

#endif
