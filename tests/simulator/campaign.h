/* Many seeds, in processes of their own: one that crashes or hangs is a failure of its seed, and the others go on. */
#ifndef TESTS_SIMULATOR_CAMPAIGN_H
#define TESTS_SIMULATOR_CAMPAIGN_H

#include "tests/simulator/run.h"
#include "tests/simulator/variants.h"

#define FAILURES_KEPT 16

struct failure {
	uint64_t seed;
	char text[512];
};

struct tally {
	uint64_t seeds, failed, turns;
	uint64_t rare[RARE_COUNT];
	struct failure failures[FAILURES_KEPT]; /* the first ones of each process */
	size_t failure_count;
};

struct campaign {
	const struct variants *variants;
	uint64_t first, count;
	unsigned jobs;
	bool progress;  /* a line to stderr every ten seconds */
	uint64_t until; /* so many failures in one process are enough; 0: never */
	uint64_t
		oracle_every; /* each so-many-th seed has the shipped configuration, and is compared with the oracle; 0: none */
};

bool campaign_is_shipped(uint64_t oracle_every, uint64_t seed);
/* False: SIGINT or SIGTERM came, and it ended behind the seeds that were under way. Both stay blocked. */
bool campaign_run(const struct campaign *campaign, struct tally *ret_tally);
/* Runs one plan in a process of its own: false with what was wrong. */
bool campaign_try(const struct plan *plan, const struct variants *variants, bool trace, char failure[512]);

#endif
