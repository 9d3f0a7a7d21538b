#include "pipeline/decode/places.h"

#include "base/check.h"

#include <endian.h>

/* A name on one level of the tree. */
struct place {
	struct str name;
	uint32_t slot; /* its first one */
	struct branch *below;
};

/* One level: the places below one place. While the tree grows, `table` holds `count` places in the order of their
 * coming; then a place stands where the hash of its name says. */
struct branch {
	struct place *table;
	uint32_t count;
	uint32_t mask;
	uint64_t seed;
};

enum { TRIES = 1000, DOUBLINGS = 8 };

/* Reads whole words, so up to 7 bytes behind the name. The upper bits are the good ones. */
static inline uint64_t name_hash(uint64_t seed, struct str name)
{
	uint64_t hash = seed ^ name.length;
	const char *at = name.data;
	for (size_t left = name.length; left; at += 8) {
		uint64_t word;
		memcpy(&word, at, sizeof word);
		word = le64toh(word);
		if (left < 8)
			word &= (UINT64_C(1) << (8 * left)) - 1;
		hash ^= hash >> 32;
		hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
		left = left < 8 ? 0 : left - 8;
	}
	return hash ^ hash >> 28;
}

static inline uint32_t branch_at(const struct branch *branch, struct str name)
{
	return (uint32_t)(name_hash(branch->seed, name) >> 32) & branch->mask;
}

static inline const struct place *branch_find(const struct branch *branch, struct str name)
{
	const struct place *place = &branch->table[branch_at(branch, name)];
	return place->name.data && str_equal(place->name, name) ? place : NULL;
}

/* A copy that words can be read from. */
static struct str padded(struct arena *arena, struct str name)
{
	char *copy = arena_new(arena, name.length + JSON_PADDING);
	if (name.length)
		memcpy(copy, name.data, name.length);
	return (struct str){copy, name.length};
}

static struct place *branch_add(struct branch *branch, struct arena *arena, struct str name, bool *ret_new)
{
	for (uint32_t i = 0; i < branch->count; i++)
		if (str_equal(branch->table[i].name, name))
			return &branch->table[i];
	struct place *table = ARENA_ARRAY(arena, struct place, branch->count + 1);
	if (branch->count)
		memcpy(table, branch->table, branch->count * sizeof *table);
	branch->table = table;
	*ret_new = true;
	struct place *place = &table[branch->count++];
	place->name = padded(arena, name);
	return place;
}

static void add_path(struct places *places, struct arena *arena, const struct field_path *path, uint32_t slot)
{
	struct branch *branch = places->root;
	for (uint16_t i = 0; i < path->count; i++) {
		bool new = false;
		bool last = i + 1 == path->count;
		struct place *place = branch_add(branch, arena, path->steps[i], &new);
		if (new) {
			place->slot = last ? slot : (uint32_t)places->slot_count++;
		} else if (last) {
			places->next_slot[slot] = places->next_slot[place->slot];
			places->next_slot[place->slot] = slot;
		}
		if (!last && !place->below)
			place->below = ARENA_NEW(arena, struct branch);
		branch = place->below;
	}
}

static bool fill(const struct branch *branch, struct place *table)
{
	for (uint32_t i = 0; i < branch->count; i++) {
		uint32_t at = branch_at(branch, branch->table[i].name);
		if (table[at].name.data)
			return false;
		table[at] = branch->table[i];
	}
	return true;
}

/* Tries seeds until no two names meet; a table that stays too small for that is doubled. */
static void branch_settle(struct branch *branch, struct arena *arena)
{
	uint32_t size = 4;
	while (size < 2 * branch->count)
		size *= 2;
	struct place *table = ARENA_ARRAY(arena, struct place, size);
	for (uint32_t tries = 1;; tries++) {
		CHECK(tries < DOUBLINGS * TRIES);
		branch->seed += 0xbf58476d1ce4e5b9;
		branch->mask = size - 1;
		memset(table, 0, size * sizeof *table);
		if (fill(branch, table))
			break;
		if (tries % TRIES == 0) {
			size *= 2;
			table = ARENA_ARRAY(arena, struct place, size);
		}
	}
	branch->table = table;
	for (uint32_t i = 0; i < size; i++)
		if (table[i].below)
			branch_settle(table[i].below, arena);
}

void places_init(struct places *places, struct arena *arena, const struct field_path *paths, size_t count)
{
	size_t steps = 0;
	for (size_t i = 0; i < count; i++)
		steps += paths[i].count;
	/* Slot 0 ends the chains of next_slot, so the caller's slots are numbered from 1 in here. */
	places->slot_count = count + 1;
	places->root = ARENA_NEW(arena, struct branch);
	places->next_slot = ARENA_ARRAY(arena, uint32_t, count + steps + 1);
	for (size_t i = 0; i < count; i++)
		add_path(places, arena, &paths[i], (uint32_t)i + 1);
	branch_settle(places->root, arena);
	places->slot_count--;
}

static void walk(const struct places *places, const struct branch *branch, const struct json_node *nodes,
	uint32_t object, const struct json_node **found)
{
	for (uint32_t i = object + 1; i < nodes[object].end; i = nodes[i].end) {
		const struct place *place = branch_find(branch, nodes[i].name);
		if (!place || found[place->slot - 1])
			continue;
		for (uint32_t slot = place->slot; slot; slot = places->next_slot[slot])
			found[slot - 1] = &nodes[i];
		if (place->below && nodes[i].kind == JSON_OBJECT)
			walk(places, place->below, nodes, i, found);
	}
}

void places_find(
	const struct places *places, const struct json_node *nodes, uint32_t object, const struct json_node **found)
{
	memset(found, 0, places->slot_count * sizeof *found);
	walk(places, places->root, nodes, object, found);
}
