/* Runs one formula for one key and one window. */
#ifndef PIPELINE_EVALUATE_FORMULA_H
#define PIPELINE_EVALUATE_FORMULA_H

#include "pipeline/evaluate/evaluate.h"
#include "pipeline/evaluate/number.h"

/* What a formula, or a part of it, comes to. A condition is 1 or 0. */
struct operand {
	struct number number;
	int64_t n; /* its sample; of a count the number says it */
	bool is_count;
	bool is_literal;           /* made of the formula's own numbers and the window's length only */
	enum figure_reason reason; /* why it is undefined: then number means nothing; FIGURE_VALUE: it is defined */
};

struct outcome {
	enum figure_reason reason; /* the first that holds of those that stand against it */
	bool quotient; /* the last step divides: `left` and `right` are its sides, and `result` is not set */
	struct operand left, right;
	struct operand result;
	int64_t n;
};

void formula_run(const struct evaluation *evaluation, const struct merged_key *key, uint8_t window,
	const struct formula *formula, struct outcome *ret_outcome);
/* Whether every measure of the formula has seen an event of its types. */
bool formula_has_data(const struct evaluation *evaluation, const struct formula *formula);
/* Whether the step looks at its measure. */
bool formula_step_measures(const struct formula_step *step);
bool formula_is_exact(const struct formula *formula);

#endif
