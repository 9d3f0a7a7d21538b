#include "pipeline/correlate/tail_index.h"

#include "base/mem.h"

enum { SMALLEST = 1024 };

static void put(struct tail_index *index, struct tail_slot slot)
{
	uint32_t mask = index->capacity - 1, at = slot.hash & mask;
	while (index->slots[at].place)
		at = (at + 1) & mask;
	index->slots[at] = slot;
}

static void grow(struct tail_index *index)
{
	struct tail_index larger = {
		.capacity = index->capacity ? index->capacity * 2 : SMALLEST, .count = index->count};
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
	uint32_t mask = index->capacity - 1;
	for (;;) {
		const struct tail_slot *slot = &index->slots[(hash + (*step)++) & mask];
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
