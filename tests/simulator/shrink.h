/* Takes out of a failing plan what it fails without. */
#ifndef TESTS_SIMULATOR_SHRINK_H
#define TESTS_SIMULATOR_SHRINK_H

#include "tests/simulator/plan.h"
#include "tests/simulator/variants.h"

/* Which records and faults of the seed's plan stay. */
struct choice {
	bool records[PLAN_RECORDS_MAX];
	bool faults[PLAN_FAULTS_MAX];
};

void choice_all(struct choice *choice);
/* "r3,r17,f0": only these. False where it is not of that form. */
bool choice_parse(const char *text, struct choice *ret_choice);
void choice_print(const struct choice *choice, const struct plan *plan);
/* The plan with what stays. */
void choice_apply(const struct choice *choice, const struct plan *plan, struct plan *ret_plan);

/* For at most so many seconds. */
void shrink(const struct plan *plan, const struct variants *variants, int seconds, struct choice *ret_choice);

#endif
