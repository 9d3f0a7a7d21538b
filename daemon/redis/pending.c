#include "daemon/redis/pending.h"

#include "base/mem.h"

#define CAPACITY_MIN 256

static void grow(struct pending_queue *queue)
{
	size_t capacity = queue->capacity ? 2 * queue->capacity : CAPACITY_MIN;
	struct pending *items = NEW_ARRAY(struct pending, capacity);
	for (size_t i = 0; i < queue->count; i++)
		items[i] = queue->items[(queue->first + i) & (queue->capacity - 1)];
	mem_free(queue->items);
	queue->items = items;
	queue->capacity = capacity;
	queue->first = 0;
}

void pending_push(struct pending_queue *queue, const struct pending *pending)
{
	if (queue->count == queue->capacity)
		grow(queue);
	queue->items[(queue->first + queue->count) & (queue->capacity - 1)] = *pending;
	queue->count++;
	queue->bytes += pending->bytes;
}

bool pending_take_prelude(struct pending_queue *queue, struct pending *ret_pending)
{
	struct pending *first = queue->count ? &queue->items[queue->first] : NULL;
	if (!first || !first->preludes)
		return false;
	first->preludes--;
	*ret_pending = *first;
	return true;
}

bool pending_pop(struct pending_queue *queue, struct pending *ret_pending)
{
	if (!queue->count)
		return false;
	*ret_pending = queue->items[queue->first];
	queue->first = (queue->first + 1) & (queue->capacity - 1);
	queue->count--;
	queue->bytes -= ret_pending->bytes;
	return true;
}

void pending_clear(struct pending_queue *queue)
{
	queue->first = queue->count = 0;
	queue->bytes = 0;
}

void pending_release(struct pending_queue *queue)
{
	mem_free(queue->items);
	*queue = (struct pending_queue){0};
}
