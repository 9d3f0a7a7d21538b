#include "pipeline/correlate/tail_index.h"

#include "base/hash.h"
#include "base/mem.h"

enum { SMALLEST = 1024 };

/* Where the search for a hash begins: the product's highest bits. */
static uint32_t spot(const struct tail_index *index, uint32_t hash)
{
	return hash * index->mix >> (__builtin_clz(index->capacity) + 1);
}

static void put(struct tail_index *index, struct tail_slot slot)
{
	uint32_t mask = index->capacity - 1, at = spot(index, slot.hash);
	while (index->slots[at].place)
		at = (at + 1) & mask;
	index->slots[at] = slot;
}

static void grow(struct tail_index *index)
{
	struct tail_index larger = {
		.capacity = index->capacity ? index->capacity * 2 : SMALLEST, .count = index->count, .mix = index->mix};
	if (!larger.mix)
		larger.mix = (uint32_t)hash_process_key().k0 | 1;
	larger.slots = NEW_ARRAY(struct tail_slot, larger.capacity);
	for (uint32_t i = 0; i < index->capacity; i++)
		if (index->slots[i].place)
			put(&larger, index->slots[i]);
	mem_free(index->slots);
	*index = larger;
}

void tail_index_add(struct tail_index *index, uint32_t hash, uint32_t offset)
{
	if (index->count >= index->capacity / 2)
		grow(index);
	put(index, (struct tail_slot){hash, offset + 1});
	index->count++;
}

bool tail_index_next(const struct tail_index *index, uint32_t hash, uint32_t *step, uint32_t *ret_offset)
{
	uint32_t mask = index->capacity - 1, start = spot(index, hash);
	for (;;) {
		const struct tail_slot *slot = &index->slots[(start + (*step)++) & mask];
		if (!slot->place)
			return false;
		if (slot->hash != hash)
			continue;
		*ret_offset = slot->place - 1;
		return true;
	}
}

void tail_index_release(struct tail_index *index)
{
	mem_free(index->slots);
	*index = (struct tail_index){0};
}
