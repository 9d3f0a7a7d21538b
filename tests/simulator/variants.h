/* The configuration with all of its windows, and with two of them each: what a run costs goes by their number, and what is kept for how long
 * goes by the longest. The seed says which; tests/simulator/brute_config.c knows the same ones.
 *
 * In `directory`, kpis.yaml begins with the line "windows: [...]", in whose place each variant puts its own. */
#ifndef TESTS_SIMULATOR_VARIANTS_H
#define TESTS_SIMULATOR_VARIANTS_H

#include "config/config.h"

#define VARIANTS 3

struct variants {
	struct config *configs[VARIANTS];
	struct config_problems problems[VARIANTS];
	int loaded;
};

/* RESULT_INVALID: one of them cannot be loaded. To be released in any case. */
MUST_CHECK enum result variants_load(const char *directory, struct variants *ret_variants);
const struct config *variants_of_seed(const struct variants *variants, uint64_t seed);
void variants_release(struct variants *variants);

#endif
