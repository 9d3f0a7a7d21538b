/* Names that are known beforehand, such as those of members, types and choices, to their numbers. A table that is not very large has no
 * collisions. */
#ifndef PIPELINE_DECODE_NAME_TABLE_H
#define PIPELINE_DECODE_NAME_TABLE_H

#include "base/arena.h"
#include "base/str.h"

#define NAME_TABLE_NONE UINT32_MAX

/* All of a name of up to 16 bytes, and of a longer one its ends, mixed with what lies between them. */
struct name_key {
	uint64_t head, tail;
};

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

static inline uint64_t name_word(const char *at)
{
	uint64_t word;
	memcpy(&word, at, sizeof word);
	return word;
}

#define NAME_MIX UINT64_C(0x9e3779b97f4a7c15)

static inline struct name_key name_key(struct str name)
{
	const char *at = name.data;
	size_t length = name.length;
	if (length >= 8) {
		struct name_key key = {name_word(at), name_word(at + length - 8)};
		for (size_t i = 8; i + 8 < length && length > 16; i += 8)
			key.tail = key.tail * NAME_MIX ^ name_word(at + i);
		return key;
	}
	if (length >= 4) {
		uint32_t head, tail;
		memcpy(&head, at, sizeof head);
		memcpy(&tail, at + length - 4, sizeof tail);
		return (struct name_key){head, tail};
	}
	if (length == 0)
		return (struct name_key){0, 0};
	return (struct name_key){(uint8_t)at[0], (uint64_t)(uint8_t)at[length / 2] << 8 | (uint8_t)at[length - 1]};
}

static inline uint32_t name_table_at(const struct name_table *table, struct name_key key, size_t length)
{
	uint64_t hash = (key.head ^ table->seed) * NAME_MIX;
	hash = (hash ^ hash >> 32 ^ key.tail ^ length) * NAME_MIX;
	return (uint32_t)(hash >> table->shift);
}

static inline bool name_slot_empty(const struct name_slot *slot)
{
	return slot->name.length == SIZE_MAX;
}

static inline bool name_slot_holds(const struct name_slot *slot, struct name_key key, struct str name)
{
	return slot->key.head == key.head && slot->key.tail == key.tail && slot->name.length == name.length &&
		(name.length <= 16 || memcmp(slot->name.data, name.data, name.length) == 0);
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
