/* What each measure of tests/simulator/config consists of: plain lists of facts, made anew from the events (docs/figures.md,
 * sections 3 and 5, docs/kpi-language.md, "Measures"). Internal to the brute-force computation. */
#ifndef TESTS_SIMULATOR_BRUTE_FACTS_H
#define TESTS_SIMULATOR_BRUTE_FACTS_H

#include "tests/simulator/brute_config.h"
#include "tests/simulator/brute_events.h"

/* One time that a measure counts, or one member of a stock. */
struct brute_fact {
	int64_t time;   /* its date; of a stock when it opened */
	int64_t closed; /* of a stock: when, or INT64_MAX */
	int64_t lasts; /* of a stock: it is still open when looked at just before this instant, not later; else INT64_MAX */
	int64_t amount;
	const char *owner; /* customer or product */
	const char *rep;
	const char *team;
};

struct brute_facts {
	struct brute_fact *of[BRUTE_MEASURES]; /* each in the order of events; owned */
	size_t count[BRUTE_MEASURES];
	bool seen[SIM_TYPE_COUNT]; /* an event of that type counts, in the whole company */
	int64_t since;             /* the earliest event that counts; INT64_MAX: there is none */
};

struct brute_facts *brute_facts_new(const struct brute_events *events);
void brute_facts_free(struct brute_facts *facts);

/* Whether the measure is a stock, looked at in one instant. */
bool brute_is_stock(enum brute_measure measure);
/* Whether the fact counts for `key` of `dimension`: company, team, rep or product. */
bool brute_counts_for(const struct brute_fact *fact, const char *dimension, const char *key);
/* Whether it counts in the interval; a member of a stock: is there just before its end. */
bool brute_counts_in(enum brute_measure measure, const struct brute_fact *fact, struct brute_span span);

#endif
