/* A hash map from bytes to a 64-bit value.
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
bool map_remove(struct map *map, struct str key);
/* Walks all entries: start with *position = 0; false at the end. The entry just given may be removed. */
bool map_next(const struct map *map, uint32_t *position, struct str *ret_key, uint64_t **ret_value);
void map_release(struct map *map);

#endif
