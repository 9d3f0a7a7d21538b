/* What lies ahead, in order of time; things of the same time come out in the order in which they were pushed.
 *
 * The heap owns the items (from mem_new) until they are popped. */
#ifndef KPISIM_HEAP_H
#define KPISIM_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct heap_entry;
struct heap {
	struct heap_entry *entries;
	size_t count;
	size_t capacity;
	uint64_t pushed;
};

void heap_init(struct heap *heap);
void heap_push(struct heap *heap, int64_t at, void *item);
/* The time of the first one; INT64_MAX where there is none. */
int64_t heap_next(const struct heap *heap);
/* The first one, which is now the caller's; the heap must not be empty. */
void *heap_pop(struct heap *heap, int64_t *ret_at);
/* Frees the items with `item_free`. */
void heap_release(struct heap *heap, void (*item_free)(void *item));

#endif
