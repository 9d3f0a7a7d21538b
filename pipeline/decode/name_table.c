#include "pipeline/decode/name_table.h"

#include "base/check.h"

enum { TRIES = 1000, DOUBLINGS = 8 };

static bool fill(const struct name_table *table, const struct str *names, uint32_t count)
{
	for (uint32_t i = 0; i <= table->mask; i++)
		table->slots[i] = (struct name_slot){.name.length = SIZE_MAX};
	for (uint32_t i = 0; i < count; i++) {
		struct name_key key = name_key(names[i]);
		struct name_slot *slot = &table->slots[name_table_at(table, key, names[i].length)];
		if (slot->name.length != SIZE_MAX)
			return false;
		*slot = (struct name_slot){key, names[i], i};
	}
	return true;
}

/* Tries seeds until no two names meet; a table that stays too small for that is doubled. */
void name_table_init(struct name_table *table, struct arena *arena, const struct str *names, uint32_t count)
{
	uint32_t size = 1;
	while (size < 2 * count)
		size *= 2;
	*table = (struct name_table){.slots = ARENA_ARRAY(arena, struct name_slot, size), .mask = size - 1};
	for (uint32_t tries = 1; !fill(table, names, count); tries++) {
		CHECK(tries < DOUBLINGS * TRIES);
		table->seed += 0xbf58476d1ce4e5b9;
		if (tries % TRIES == 0) {
			size *= 2;
			table->slots = ARENA_ARRAY(arena, struct name_slot, size);
			table->mask = size - 1;
		}
	}
}
