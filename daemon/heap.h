/* What the C library keeps of memory that was freed, and gives back to the system. */
#ifndef DAEMON_HEAP_H
#define DAEMON_HEAP_H

#include <stddef.h>
#include <stdint.h>

struct heap {
	int64_t due_us; /* steady time of the next look */
	size_t kept;    /* bytes that were free when it was given back last: mostly not the system's any more, so not looked at again */
};

/* Before the first large allocation. */
void heap_init(struct heap *heap);
/* Now and then. Catching up leaves holes in memory that nothing fills later: a third of it with a million customers. */
void heap_turn(struct heap *heap, int64_t now_us);

#endif
