#include "tools/kpisim/heap.h"

#include "base/check.h"
#include "base/mem.h"

struct heap_entry {
	int64_t at;
	uint64_t order;
	void *item;
};

void heap_init(struct heap *heap)
{
	*heap = (struct heap){0};
}

static bool entry_before(const struct heap_entry *a, const struct heap_entry *b)
{
	return a->at != b->at ? a->at < b->at : a->order < b->order;
}

void heap_push(struct heap *heap, int64_t at, void *item)
{
	struct heap_entry entry = {at, heap->pushed++, item};
	size_t place = heap->count;

	GROW(heap->entries, heap->count, heap->capacity);
	heap->count++;
	while (place > 0 && entry_before(&entry, &heap->entries[(place - 1) / 2])) {
		heap->entries[place] = heap->entries[(place - 1) / 2];
		place = (place - 1) / 2;
	}
	heap->entries[place] = entry;
}

int64_t heap_next(const struct heap *heap)
{
	return heap->count ? heap->entries[0].at : INT64_MAX;
}

static void heap_sink(struct heap *heap, struct heap_entry entry)
{
	size_t place = 0;

	for (size_t child = 1; child < heap->count; child = 2 * place + 1) {
		if (child + 1 < heap->count && entry_before(&heap->entries[child + 1], &heap->entries[child]))
			child++;
		if (!entry_before(&heap->entries[child], &entry))
			break;
		heap->entries[place] = heap->entries[child];
		place = child;
	}
	heap->entries[place] = entry;
}

void *heap_pop(struct heap *heap, int64_t *ret_at)
{
	struct heap_entry first;

	CHECK(heap->count > 0);
	first = heap->entries[0];
	heap->count--;
	if (heap->count)
		heap_sink(heap, heap->entries[heap->count]);
	*ret_at = first.at;
	return first.item;
}

void heap_release(struct heap *heap, void (*item_free)(void *item))
{
	for (size_t i = 0; i < heap->count; i++)
		item_free(heap->entries[i].item);
	mem_free(heap->entries);
	heap_init(heap);
}
