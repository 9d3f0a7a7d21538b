/* Inside evaluate: what measures put on the stack. */
#ifndef PIPELINE_EVALUATE_OPERAND_H
#define PIPELINE_EVALUATE_OPERAND_H

#include "pipeline/evaluate/formula.h"

/* Where a formula looks. */
struct place {
	const struct evaluation *evaluation;
	const struct merged_key *key;
	uint8_t window;
};

/* Any step that is no operation; MEAN gives its two sides, all others *ret_left only. False where it has no value: a quantile of
 * nothing. Where no last value is current, what is given has the reason FIGURE_NO_DATA. */
bool operand_of_step(const struct place *place, const struct formula_step *step, struct operand *ret_left,
	struct operand *ret_right);
/* How many things the operand was made from; at least 0 where it is a count of them. */
int64_t operand_sample(const struct operand *operand);

#endif
