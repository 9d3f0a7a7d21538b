/* Where the values of a message stand: many paths, found in one walk over its members.
 *
 * The paths are compiled into a tree of names; each level has a table without collisions, so a member costs one
 * comparison. Of members with the same name in one object the first counts, at every level. */
#ifndef PIPELINE_DECODE_PLACES_H
#define PIPELINE_DECODE_PLACES_H

#include "base/arena.h"
#include "config/schema.h"
#include "pipeline/decode/json.h"

struct places {
	struct branch *root;
	uint32_t *next_slot; /* further slots at the same place; 0: none */
	size_t slot_count;   /* those that were asked for, and one for each place that only leads to others */
};

/* Slot i is where paths[i] leads; an empty path leads nowhere. Everything lives in the arena. */
void places_init(struct places *places, struct arena *arena, const struct field_path *paths, size_t count);
/* Sets found[slot] for all slots, NULL where there is nothing. `object` is the index of the object that the paths
 * start from. */
void places_find(
	const struct places *places, const struct json_node *nodes, uint32_t object, const struct json_node **found);

#endif
