#include "pipeline/decode/places.h"

void places_init(struct places *places)
{
	*places = (struct places){.count = PLACE_NOWHERE + 1};
}

/* One more of an array of `count`. */
static void *grown(struct arena *arena, const void *array, uint32_t count, size_t size)
{
	void *larger = arena_array(arena, (size_t)count + 1, size);
	if (count)
		memcpy(larger, array, count * size);
	return larger;
}

static struct place *step(struct places *places, struct arena *arena, struct branch *branch, struct str name)
{
	for (uint32_t i = 0; i < branch->count; i++)
		if (str_equal(branch->names[i], name))
			return &branch->places[i];
	branch->names = grown(arena, branch->names, branch->count, sizeof *branch->names);
	branch->places = grown(arena, branch->places, branch->count, sizeof *branch->places);
	branch->names[branch->count] = name;
	struct place *place = &branch->places[branch->count++];
	place->number = places->count++;
	return place;
}

uint32_t places_add(struct places *places, struct arena *arena, const struct field_path *path)
{
	uint32_t number = PLACE_NOWHERE;
	struct branch *branch = &places->root;
	for (uint16_t i = 0; i < path->count; i++) {
		struct place *place = step(places, arena, branch, path->steps[i]);
		number = place->number;
		if (i + 1 == path->count)
			break;
		if (!place->below)
			place->below = ARENA_NEW(arena, struct branch);
		branch = place->below;
	}
	return number;
}

static void expect_few(struct branch *branch, uint32_t number)
{
	for (uint32_t i = 0; i < branch->count; i++) {
		branch->places[i].few |= branch->places[i].number == number;
		if (branch->places[i].below)
			expect_few(branch->places[i].below, number);
	}
}

void places_expect_few(struct places *places, uint32_t number)
{
	expect_few(&places->root, number);
}

static void settle(struct branch *branch, struct arena *arena)
{
	name_table_init(&branch->table, arena, branch->names, branch->count);
	for (uint32_t i = 0; i < branch->count; i++)
		if (branch->places[i].below)
			settle(branch->places[i].below, arena);
}

void places_settle(struct places *places, struct arena *arena)
{
	settle(&places->root, arena);
}
