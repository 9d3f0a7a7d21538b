/* Predicates: "outcome == 'won' and deal_type != 'renewal'" to postfix steps over the fields of an event. */
#ifndef CONFIG_PREDICATE_H
#define CONFIG_PREDICATE_H

#include "config/model.h"
#include "config/node.h"

/* The event types that a predicate is asked about. */
struct type_set {
	uint64_t bits[SCHEMA_TYPES_MAX / 64];
};

static inline bool type_set_has(const struct type_set *set, uint16_t type)
{
	return set->bits[type / 64] >> (type % 64) & 1;
}
static inline void type_set_add(struct type_set *set, uint16_t type)
{
	set->bits[type / 64] |= UINT64_C(1) << (type % 64);
}

/* NULL with a problem where it is wrong; `what` is the key that it stands at, "'where'". A field must be carried by one of the types at least. */
const struct predicate *predicate_compile(struct config_problems *problems, struct arena *arena,
	const struct schema *schema, const struct type_set *types, const struct node *node, const char *what);
/* Both must hold; either may be NULL: always. */
const struct predicate *predicate_and(struct arena *arena, const struct predicate *left, const struct predicate *right);

#endif
