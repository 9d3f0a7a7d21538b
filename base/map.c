/* Linear probing over slots of 24 bytes. A slot keeps 32 bits of its key's hash: they decide nearly every comparison without
 * following the key, and a larger table is filled without hashing again. */
#include "base/map.h"

#include "base/check.h"
#include "base/mem.h"

enum { SMALLEST = 16 };
#define CAPACITY_MAX (1u << 31)

struct map_entry {
	const char *key; /* NULL: free; `removed`: a tombstone; else the map's own copy */
	uint32_t length;
	uint32_t hash;
	uint64_t value;
};

static const char removed[1];

static inline bool in_use(const struct map_entry *entry)
{
	return entry->key && entry->key != removed;
}

void map_init(struct map *map)
{
	*map = (struct map){.key = hash_process_key()};
}

static inline uint32_t hash_of(const struct map *map, struct str key)
{
	return (uint32_t)hash_sip(map->key, key);
}

static inline bool holds(const struct map_entry *entry, struct str key, uint32_t hash)
{
	return entry->hash == hash && entry->length == key.length && in_use(entry) &&
		(key.length == 0 || memcmp(entry->key, key.data, key.length) == 0);
}

/* The entry of the key, else NULL and in *ret_free the slot it would get. There is always a free slot that ends the walk. */
static struct map_entry *look_up(const struct map *map, struct str key, uint32_t hash, struct map_entry **ret_free)
{
	uint32_t mask = map->capacity - 1;
	struct map_entry *tombstone = NULL;
	for (uint32_t i = hash & mask;; i = (i + 1) & mask) {
		struct map_entry *entry = &map->entries[i];
		if (!entry->key) {
			*ret_free = tombstone ? tombstone : entry;
			return NULL;
		}
		if (holds(entry, key, hash))
			return entry;
		if (!tombstone && entry->key == removed)
			tombstone = entry;
	}
}

static void rebuild_to(struct map *map, uint32_t capacity)
{
	struct map_entry *entries = NEW_ARRAY(struct map_entry, capacity);
	for (uint32_t i = 0; i < map->capacity; i++) {
		if (!in_use(&map->entries[i]))
			continue;
		uint32_t at = map->entries[i].hash & (capacity - 1);
		while (entries[at].key)
			at = (at + 1) & (capacity - 1);
		entries[at] = map->entries[i];
	}
	mem_free(map->entries);
	map->entries = entries;
	map->capacity = capacity;
	map->tombstones = 0;
}

/* Twice as large if more than a third is really in use; else tombstones were the reason, and the same size will do. */
static void rebuild(struct map *map)
{
	uint32_t capacity = map->capacity ? map->capacity : SMALLEST;
	if (map->count > capacity / 3) {
		CHECK(capacity < CAPACITY_MAX);
		capacity *= 2;
	}
	rebuild_to(map, capacity);
}

uint64_t *map_get(const struct map *map, struct str key)
{
	if (map->count == 0)
		return NULL;
	struct map_entry *ignored;
	struct map_entry *entry = look_up(map, key, hash_of(map, key), &ignored);
	return entry ? &entry->value : NULL;
}

static struct map_entry *put(struct map *map, struct str key, bool *ret_new)
{
	CHECK(key.length <= UINT32_MAX);
	/* At most two thirds are taken, counted before the key is known to be new: that costs nothing and is simpler. */
	if (map->count + map->tombstones >= map->capacity / 3 * 2)
		rebuild(map);
	uint32_t hash = hash_of(map, key);
	struct map_entry *place;
	struct map_entry *entry = look_up(map, key, hash, &place);
	if (ret_new)
		*ret_new = !entry;
	if (entry)
		return entry;
	if (place->key == removed)
		map->tombstones--;
	*place = (struct map_entry){mem_copy(key.data, key.length), (uint32_t)key.length, hash, 0};
	map->count++;
	return place;
}

uint64_t *map_put(struct map *map, struct str key, bool *ret_new)
{
	return &put(map, key, ret_new)->value;
}

bool map_remove(struct map *map, struct str key)
{
	if (map->count == 0)
		return false;
	struct map_entry *ignored;
	struct map_entry *entry = look_up(map, key, hash_of(map, key), &ignored);
	if (!entry)
		return false;
	mem_free((char *)entry->key);
	*entry = (struct map_entry){.key = removed};
	map->count--;
	map->tombstones++;
	return true;
}

bool map_next(const struct map *map, uint32_t *position, struct str *ret_key, uint64_t **ret_value)
{
	while (*position < map->capacity) {
		struct map_entry *entry = &map->entries[(*position)++];
		if (!in_use(entry))
			continue;
		*ret_key = (struct str){entry->key, entry->length};
		*ret_value = &entry->value;
		return true;
	}
	return false;
}

void map_release(struct map *map)
{
	if (!map)
		return;
	for (uint32_t i = 0; i < map->capacity; i++)
		if (in_use(&map->entries[i]))
			mem_free((char *)map->entries[i].key);
	mem_free(map->entries);
	map_init(map);
}
