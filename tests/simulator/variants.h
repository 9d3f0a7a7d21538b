/* The configuration with all of its windows, and with two of them each: what a run costs goes by their number, and what is kept for how long
 * goes by the longest. The seed says which; tests/simulator/brute_config.c knows the same ones.
 *
 * And the shipped configuration, without its alerts, and with the limits and intervals of the small one.
 *
 * In `directory`, kpis.yaml begins with the line "windows: [...]", in whose place each variant puts its own. */
#ifndef TESTS_SIMULATOR_VARIANTS_H
#define TESTS_SIMULATOR_VARIANTS_H

#include "config/config.h"
#include "tests/simulator/plan.h"

#define VARIANTS 3 /* of the small configuration */
#define VARIANT_SHIPPED VARIANTS

struct variants {
	struct config *configs[VARIANTS + 1]; /* VARIANT_SHIPPED: NULL without `shipped` */
	struct config_problems problems[VARIANTS + 1];
	int loaded;
};

/* `shipped`: the directory of the shipped one, or NULL: it is not needed. RESULT_INVALID: one of them cannot be loaded. To be released in any
 * case. */
MUST_CHECK enum result variants_load(const char *directory, const char *shipped, struct variants *ret_variants);
const struct config *variants_of_plan(const struct variants *variants, const struct plan *plan);
void variants_release(struct variants *variants);

#endif
