/* Kafka, simulated: partitions of records that become visible one after the other, offsets with holes, a beginning that retention moves,
 * partitions that stall or fail for a while. And the topics that dead letters go to. */
#ifndef TESTS_SIMULATOR_LOG_H
#define TESTS_SIMULATOR_LOG_H

#include "base/buf.h"
#include "tests/simulator/plan.h"

struct log_record {
	const struct plan_record *plan;
	size_t index; /* in the plan */
	int64_t offset;
	struct str key, value;
};

struct log_partition {
	struct log_record *records;
	size_t count;
	int64_t start; /* the first offset that is there */
	int64_t tail;  /* offsets behind the last record that hold no record */
	int64_t stalled_until_us, failing_until_us;
};

struct sim_log {
	struct log_partition partitions[PLAN_TOPICS_MAX][PLAN_SHARDS_MAX];
	int64_t ends_slow_until_us;
};

struct sim_log *log_new(const struct plan *plan);
void log_fault(const struct fault *fault);
struct log_partition *log_partition(uint32_t topic, uint32_t partition);
/* The offset behind the last visible record, and what lies behind that. */
int64_t log_end(const struct log_partition *partition);
/* The first visible record at `offset` or behind it, or NULL. */
const struct log_record *log_find(const struct log_partition *partition, int64_t offset);
/* Where the plan's record lies. */
const struct log_record *log_record_of(size_t index);
/* "sim.calls" -> 0; -1: none of the topics of events. */
int log_topic(const char *name);
void log_free(struct sim_log *log);

/* ---- dead letters ---- */

#define LETTERS_PRODUCERS_MAX 32

struct producer;

struct letter {
	int64_t topic, partition, offset; /* where it came from */
	bool late;                        /* lies in the late topic */
};

/* All that was acknowledged or delivered, by arrival. */
struct sim_letters {
	struct letter *items;
	size_t count, capacity;
	int64_t stuck_until_us;
	struct producer *producers[LETTERS_PRODUCERS_MAX];
};

struct sim_letters *letters_new(void);
/* Delivers what is due. */
void letters_run(void);
bool letters_have(const struct sim_letters *letters, int64_t topic, int64_t partition, int64_t offset);
void letters_free(struct sim_letters *letters);

#endif
