#include "pipeline/decode/name_table.h"

/* Slots for each name; and how many seeds are tried until no two names meet. */
enum { ROOM = 4, TRIES = 200 };

/* True when no two names have met. */
static bool fill(const struct name_table *table, size_t slot_count, const struct str *names, uint32_t count)
{
	bool alone = true;
	for (size_t i = 0; i < slot_count; i++)
		table->slots[i] = (struct name_slot){.name.length = SIZE_MAX};
	for (uint32_t i = 0; i < count; i++) {
		struct name_key key = name_key(names[i]);
		struct name_slot *slot = &table->slots[name_table_at(table, key, names[i].length)];
		for (; !name_slot_empty(slot); slot++)
			alone = false;
		*slot = (struct name_slot){key, names[i], i};
	}
	return alone;
}

void name_table_init(struct name_table *table, struct arena *arena, const struct str *names, uint32_t count)
{
	uint32_t bits = 1;
	while ((size_t)1 << bits < (size_t)count * ROOM)
		bits++;
	*table = (struct name_table){.shift = 64 - bits};
	/* Names that meet at the end of the table stand behind it. */
	size_t slot_count = ((size_t)1 << bits) + count + 1;
	table->slots = ARENA_ARRAY(arena, struct name_slot, slot_count);
	for (uint32_t tries = 1; !fill(table, slot_count, names, count) && tries < TRIES; tries++)
		table->seed += 0xbf58476d1ce4e5b9;
}
