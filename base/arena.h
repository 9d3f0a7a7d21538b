/* Memory that is given back all at once. Pieces are aligned to 8 bytes and live until arena_clear or arena_release. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/str.h"

struct arena_block;
struct arena {
	struct arena_block *blocks; /* newest first */
	size_t used;                /* bytes used of the newest block */
	size_t total;               /* bytes given out since the last clear */
};

void arena_init(struct arena *arena);
void *arena_new(struct arena *arena, size_t size); /* zeroed */
void *arena_array(struct arena *arena, size_t count, size_t size);
char *arena_text(struct arena *arena, struct str text); /* a NUL-terminated copy */
struct str arena_str(struct arena *arena, struct str text);
void arena_clear(struct arena *arena); /* keeps one block */
void arena_release(struct arena *arena);

#define ARENA_NEW(arena, type) ((type *)arena_new((arena), sizeof(type)))
#define ARENA_ARRAY(arena, type, count) ((type *)arena_array((arena), (count), sizeof(type)))

#endif
