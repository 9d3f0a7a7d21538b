/* Where the values of messages stand: the paths of all topics as one tree of names, by which a message is read once, whatever it
 * turns out to be.
 *
 * Of members with the same name in one object the first counts, at every level. */
#ifndef PIPELINE_DECODE_PLACES_H
#define PIPELINE_DECODE_PLACES_H

#include "config/schema.h"
#include "pipeline/decode/name_table.h"

#define PLACE_NOWHERE 0

struct place {
	uint32_t number;
	bool few; /* few different texts stand here: which one it is, is part of a document's shape (shapes.h) */
	struct branch *below; /* NULL: it leads no further */
};

/* One level: the places below one place. */
struct branch {
	struct name_table table; /* of `names`; once all is settled */
	struct str *names;
	struct place *places; /* by the number of their name */
	uint32_t count;
};

struct places {
	struct branch root;
	uint32_t count; /* of the numbers given out, PLACE_NOWHERE among them */
};

void places_init(struct places *places);
/* The number of the place that the path leads to, from the root object down; PLACE_NOWHERE for an empty path. The names are borrowed. */
uint32_t places_add(struct places *places, struct arena *arena, const struct field_path *path);
void places_expect_few(struct places *places, uint32_t number);
/* Once all paths are there. Everything lives in the arena. */
void places_settle(struct places *places, struct arena *arena);

#endif
