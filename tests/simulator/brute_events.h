/* Which records count (docs/figures.md, section 1), and what they count for. Internal to the brute-force computation. */
#ifndef TESTS_SIMULATOR_BRUTE_EVENTS_H
#define TESTS_SIMULATOR_BRUTE_EVENTS_H

#include "tests/simulator/brute_config.h"

#define BRUTE_UNASSIGNED "unassigned"

/* An event that counts: one of the records that are this event. */
struct brute_event {
	const struct sim_event *raw;
	int64_t kafka_time; /* the earliest of its records that are not in conflict with another event */
	bool taken_back;    /* by a retraction */
	bool in_force;      /* of a close: not undone by what follows within the reach; of all others true */
	const char *rep;    /* whose it is; never empty */
	const char *team;
};

struct brute_events {
	struct brute_event *all; /* in the order of events; owned. Those of one customer stand in their order. */
	size_t count;
};

/* The distinct events that count as of `end`. Free `all` with mem_free. */
struct brute_events brute_events_count(
	const struct brute_config *config, const struct sim_event *records, size_t count, int64_t end);

/* Has happened, for all figures: neither taken back nor a close that is not in force. */
static inline bool brute_happened(const struct brute_event *event)
{
	return !event->taken_back && event->in_force;
}

#endif
