#include "daemon/heap.h"

#include <malloc.h>

/* What is large comes from the system and goes back there. The C library learns otherwise from the first large piece that is freed, and then keeps
 * what fetches from Kafka and checkpoints once took: 200 MB after a catch-up. */
#define LARGE_BYTES (256 << 10)
#define LOOK_EVERY_US 10000000
/* Looking costs little, giving back some milliseconds in which threads wait that need memory. */
#define WORTH_IT_BYTES ((size_t)32 << 20)

void heap_init(struct heap *heap)
{
	*heap = (struct heap){0};
	mallopt(M_MMAP_THRESHOLD, LARGE_BYTES);
}

void heap_turn(struct heap *heap, int64_t now_us)
{
	if (now_us < heap->due_us)
		return;
	heap->due_us = now_us + LOOK_EVERY_US;
	size_t unused = mallinfo2().fordblks;
	if (unused > heap->kept + WORTH_IT_BYTES) {
		malloc_trim(0);
		unused = mallinfo2().fordblks;
	} else if (unused > heap->kept) {
		return;
	}
	heap->kept = unused;
}
