/* Names that are known beforehand, such as those of members, types and choices, to their numbers. A table that is not very large has no
 * collisions. */
#ifndef PIPELINE_DECODE_NAME_TABLE_H
#define PIPELINE_DECODE_NAME_TABLE_H

#include "base/arena.h"
#include "base/name_key.h"

#define NAME_TABLE_NONE UINT32_MAX

struct name_slot {
	struct name_key key;
	struct str name; /* of an empty slot: a length that no name has */
	uint32_t number;
};

struct name_table {
	struct name_slot *
		slots; /* a name stands where its hash says, or behind that before the next empty slot; the last one is empty */
	uint64_t seed;
	uint32_t shift; /* of a hash, whose upper bits choose the slot */
};

/* names[i] gets number i; no two are equal. Everything lives in the arena; the names' bytes are borrowed. */
void name_table_init(struct name_table *table, struct arena *arena, const struct str *names, uint32_t count);

static inline uint32_t name_table_at(const struct name_table *table, struct name_key key, size_t length)
{
	return (uint32_t)(name_key_hash(key, length, table->seed) >> table->shift);
}

static inline bool name_slot_empty(const struct name_slot *slot)
{
	return slot->name.length == SIZE_MAX;
}

static inline bool name_slot_holds(const struct name_slot *slot, struct name_key key, struct str name)
{
	return slot->key.head == key.head && slot->key.tail == key.tail && slot->name.length == name.length &&
		(name.length <= NAME_KEY_WHOLE || memcmp(slot->name.data, name.data, name.length) == 0);
}

/* The name's number, or NAME_TABLE_NONE. */
static inline uint32_t name_table_find(const struct name_table *table, struct str name)
{
	struct name_key key = name_key(name);
	const struct name_slot *slot = &table->slots[name_table_at(table, key, name.length)];
	while (!name_slot_holds(slot, key, name))
		if (name_slot_empty(slot++))
			return NAME_TABLE_NONE;
	return slot->number;
}

#endif
