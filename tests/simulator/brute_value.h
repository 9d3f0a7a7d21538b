/* The value of each KPI of tests/simulator/config for one key and one window (docs/figures.md, section 4). Internal to the
 * brute-force computation. */
#ifndef TESTS_SIMULATOR_BRUTE_VALUE_H
#define TESTS_SIMULATOR_BRUTE_VALUE_H

#include "tests/simulator/brute_config.h"
#include "tests/simulator/brute_facts.h"

struct brute_question {
	const struct brute_facts *facts;
	const char *dimension;
	const char *key;
	struct brute_span now;
	struct brute_span before; /* what prev() looks at */
};

struct brute_value {
	const char *reason; /* why there is no value; NULL: there is one */
	bool has_sides;     /* numerator and denominator are known */
	struct brute_fraction numerator;
	struct brute_fraction denominator;
	struct brute_fraction value; /* without a reason */
	int64_t n;
};

struct brute_value brute_value_of(const struct brute_kpi *kpi, const struct brute_question *question);

/* How many prices are current. */
int64_t brute_current_prices(const struct brute_question *question);

/* The lower bound of Wilson's interval of k of n (z = 1.96), or the upper one. */
double brute_wilson(int64_t k, int64_t n, bool upper);

#endif
