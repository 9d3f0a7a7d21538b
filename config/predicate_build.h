/* What the parser of predicates (predicate.c) and its comparisons (predicate_compare.c) share. */
#ifndef CONFIG_PREDICATE_BUILD_H
#define CONFIG_PREDICATE_BUILD_H

#include "config/lexer.h"
#include "config/predicate.h"

#define PREDICATE_STEPS_MAX (EXPRESSION_BYTES_MAX + 100) /* a step takes a byte of text at least */

struct predicate_build {
	struct lexer lexer;
	struct arena *arena;
	const struct schema *schema;
	const struct type_set *types;
	struct predicate_step steps[PREDICATE_STEPS_MAX];
	uint16_t count;
	int depth, stack; /* of the parser; of the values that evaluation will hold */
};

void predicate_emit(struct predicate_build *build, struct predicate_step step);
/* `field` was taken: reads what it is compared with. */
void predicate_comparison(struct predicate_build *build, uint16_t field, size_t at);

#endif
