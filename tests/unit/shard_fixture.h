/* Configurations from text, events from JSON, and totals back from a shard: for the tests of all that stands between an event and a
 * partial record. */
#ifndef TESTS_UNIT_SHARD_FIXTURE_H
#define TESTS_UNIT_SHARD_FIXTURE_H

#include "pipeline/decode/decode.h"
#include "pipeline/shard.h"
#include "tests/unit/unit.h"

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

/* Writes the three files into a folder of their own, loads it and takes it away again. NULL: the fixture's own text. The test fails,
 * with all problems printed, where it does not load. */
struct config *fixture_config(const char *kpid_yaml, const char *events_yaml, const char *kpis_yaml);
/* The same with a roster (NULL: no such file). */
struct config *fixture_config_of(
	const char *kpid_yaml, const char *events_yaml, const char *kpis_yaml, const char *roster_yaml);
/* "2026-03-29T01:30:00Z" */
int64_t at(const char *time);

/* One shard and what feeds it. */
struct fixture {
	struct config *config;
	struct decoder *decoder;
	struct shard *shard;
	enum refusal reason; /* of the last event that was refused */
};

void fixture_init(struct fixture *fixture, const char *kpid_yaml, const char *kpis_yaml, const char *end);
/* The event of a text as `{"id": ...}`; valid until the next one. */
struct event fixture_event(struct fixture *fixture, const char *json);
/* An event that arrives when it happens: "lead.created", customer, id, time, and further members (`"deal": "d1"`, or ""). */
enum shard_outcome fixture_feed(struct fixture *fixture, const char *type, const char *customer, const char *id,
	const char *time, const char *more);
/* The same, with the time of arrival. */
enum shard_outcome fixture_feed_at(struct fixture *fixture, const char *type, const char *customer, const char *id,
	const char *time, const char *more, int64_t kafka_time);
/* The total of a measure's component (0: the first) in a window ("30d"; "prev 30d": the one before it). */
int64_t fixture_total(struct fixture *fixture, const char *dimension, const char *key, const char *measure,
	uint32_t component, const char *window);
/* Of the company. */
int64_t fixture_sum(struct fixture *fixture, const char *measure, uint32_t component, const char *window);
/* Saves, loads, and goes on with what was loaded. */
void fixture_reload(struct fixture *fixture);
void fixture_release(struct fixture *fixture);

/* All totals of shards that stand at the same end, as text: two of them are equal when the totals are. Rolls and folds nothing; all keys
 * count as changed afterwards. */
void fixture_totals(struct shard *const *shards, size_t count, struct buf *out);

#endif
