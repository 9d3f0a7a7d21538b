/* Random configurations and histories, the same for the same seed: for properties that must hold for any of them. */
#ifndef TESTS_UNIT_RANDOM_EVENTS_H
#define TESTS_UNIT_RANDOM_EVENTS_H

#include "tests/unit/shard_fixture.h"

struct random {
	uint64_t state;
};

uint64_t random_next(struct random *random);
/* 0 to below - 1 */
int64_t random_below(struct random *random, int64_t below);
bool random_percent(struct random *random, int percent);

/* A record of the log: an event's text and when it came. */
struct random_record {
	char json[400];
	int64_t time, kafka_time;
	int id, customer;
	char subject; /* whose it is: 'c', its customer's; 'p', its product's; 'e', its own */
};

struct random_history {
	struct fixture fixture;        /* its shard has the first end */
	struct random_record *records; /* by arrival: Kafka's times rise, but for up to 4 minutes */
	size_t count;
	int64_t first, last; /* of the events' times */
	int64_t lateness;
};

/* Some days of a few customers, about `events` records: out of order, late, dated ahead, twice, and with one id for two contents. A deal
 * is closed and reopened within 3 days, which is further than the reach of the shortest windows. Some take back another. */
void random_history_init(struct random_history *history, uint64_t seed, int events);
/* Accepted: neither late nor too far ahead. */
bool random_record_counts(const struct random_history *history, const struct random_record *record);
enum shard_outcome random_record_feed(
	struct random_history *history, struct shard *shard, const struct random_record *record);
/* A shard that got all accepted records of one customer (-1: of all) in order, at one end. */
struct shard *random_history_plain(struct random_history *history, int64_t end, int customer);
/* The same events, each once, but for those that were retracted: what replaces them, and the retractions, is heard by no measure. No
 * event that the shard got is a retraction. */
struct shard *random_history_expected(struct random_history *history, int64_t end);
void random_history_release(struct random_history *history);

/* How many runs a property gets: KPID_PROPERTY_RUNS, or `usual`. The first seed: KPID_PROPERTY_SEED, or 1. */
int random_runs(int usual);
uint64_t random_seed(void);

#endif
