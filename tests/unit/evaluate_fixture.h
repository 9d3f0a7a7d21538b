/* One figure of the little model, its formula step by step, and keys with totals. */
#ifndef TESTS_UNIT_EVALUATE_FIXTURE_H
#define TESTS_UNIT_EVALUATE_FIXTURE_H

#include "pipeline/evaluate/evaluate.h"
#include "tests/unit/little_model.h"
#include "tests/unit/unit.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))
#define STEPS(...) ((struct formula_step[]){__VA_ARGS__}), COUNT_OF(((struct formula_step[]){__VA_ARGS__}))
#define NOW(m)                                          \
	{                                               \
		.code = FORMULA_MEASURE, .measure = (m) \
	}
#define BEFORE(m)                                                          \
	{                                                                  \
		.code = FORMULA_PREVIOUS, .previous = true, .measure = (m) \
	}
#define OF(c, m)                                    \
	{                                           \
		.code = FORMULA_##c, .measure = (m) \
	}
#define OF_BEFORE(c, m)                                               \
	{                                                             \
		.code = FORMULA_##c, .previous = true, .measure = (m) \
	}
#define QUANTILE(m, percent)                                                  \
	{                                                                     \
		.code = FORMULA_QUANTILE, .measure = (m), .number = (percent) \
	}
#define NUMBER(n)                                     \
	{                                             \
		.code = FORMULA_NUMBER, .number = (n) \
	}
#define OP(c)                       \
	{                           \
		.code = FORMULA_##c \
	}

extern struct little_model little;
extern struct merge *merge; /* of the little model */

/* cmocka's; the model begins anew. */
int set_up(void **state);
int tear_down(void **state);
/* The key with these totals. */
struct merged_key *key_of(uint8_t dimension, const char *name, const struct little_total *totals, size_t count);
struct merged_key *company(const struct little_total *totals, size_t count);
/* Of the figure that the others ask for. */
void formula(struct formula_step *steps, size_t count);
struct figure figure_of(const struct merged_key *key, uint8_t window);
/* "value = numerator/denominator n=sample", a reason in place of a value that there is not, and "-" where there is no quotient; valid until
 * the next call. */
const char *described(const struct figure *figure);
/* Over 30 days. */
void expect(const struct merged_key *key, const char *expected);

#endif
