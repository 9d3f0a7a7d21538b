/* A hash map from bytes to a 64-bit value, and names to small numbers on top of it.
 *
 * Open addressing, keyed SipHash, so nobody can choose keys that collide. The map copies its keys. Iteration
 * order is not defined; whoever publishes or stores sorts. */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include "base/hash.h"
#include "base/str.h"

struct map_entry;
struct map {
	struct map_entry *entries;
	uint32_t capacity; /* a power of two, or 0 */
	uint32_t count;
	uint32_t tombstones;
	struct hash_key key;
};

void map_init(struct map *map);
/* A pointer to the value of `key`, or NULL. Valid until the next put or remove. */
uint64_t *map_get(const struct map *map, struct str key);
/* As map_get, but makes the entry (value 0) where there is none; *ret_new (may be NULL) says whether it did. */
uint64_t *map_put(struct map *map, struct str key, bool *ret_new);
/* Room for `count` keys in all, so that putting them moves nothing. */
void map_reserve(struct map *map, uint32_t count);
bool map_remove(struct map *map, struct str key);
/* Walks all entries: start with *position = 0; false at the end. The entry just given may be removed. */
bool map_next(const struct map *map, uint32_t *position, struct str *ret_key, uint64_t **ret_value);
void map_release(struct map *map);

/* Names to numbers 0, 1, 2 ... in the order of their first appearance, and back. A name's bytes stay where they are until
 * release. */
struct names {
	struct map ids;
	struct str *texts;
	uint32_t count;
	uint32_t capacity;
	uint32_t recent
		[256]; /* those that were added last, by a quick hash of theirs: most texts come again and again */
};

#define NAMES_NONE UINT32_MAX
void names_init(struct names *names);
uint32_t names_add(struct names *names, struct str text);        /* the number it has or gets */
uint32_t names_find(const struct names *names, struct str text); /* NAMES_NONE where unknown */
struct str names_text(const struct names *names, uint32_t id);
void names_release(struct names *names);

#endif
