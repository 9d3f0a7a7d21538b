/* The events of the small configuration (tests/bench/small), drawn at random: 40 % calls, 30 % emails sent, 20 % emails received, 10 % deals
 * closed, each about 206 bytes of JSON. A customer has one rep for ever. The same seed and shape give the same events. */
#ifndef BENCH_EVENT_H
#define BENCH_EVENT_H

#include "base/buf.h"
#include "tools/kpisim/rng.h"

enum { BENCH_TOPICS = 3, BENCH_EVENT_BYTES = 206 };
/* Fetched ahead, as by kpid (limits.kafka_queue_bytes). */
#define BENCH_QUEUE_BYTES (INT64_C(32) << 20)
extern const char *const bench_topics[BENCH_TOPICS];

struct bench_events {
	struct rng rng;
	uint32_t customers, reps;
	bool in_turn;     /* every customer in turn instead of at random */
	uint64_t number;  /* of the next event; part of its id */
	struct buf key;   /* of the last event */
	struct buf value; /* its JSON */
};

void bench_events_init(struct bench_events *events, uint64_t seed, uint32_t customers, uint32_t reps);
/* Draws the next event, of that time (ms); returns its topic, an index into bench_topics. */
int bench_events_draw(struct bench_events *events, int64_t time);
/* A call by a rep of that name, and of a customer of that name, instead of a drawn one; returns its topic. */
int bench_events_call(struct bench_events *events, int64_t time, const char *customer, const char *rep);
void bench_events_release(struct bench_events *events);

#endif
