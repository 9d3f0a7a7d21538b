/* What the C library keeps of memory that was freed, and gives back to the system. */
#ifndef BASE_MEM_TRIM_H
#define BASE_MEM_TRIM_H

#include <stddef.h>
#include <stdint.h>

struct mem_trim {
	int64_t due_us; /* steady time of the next look */
	size_t kept; /* bytes that were free when it was given back last: mostly not the system's any more, so not looked at again */
};

/* Before the first large allocation. */
void mem_trim_init(struct mem_trim *trim);
/* Now and then. Catching up leaves holes in memory that nothing fills later: a third of it with a million customers. */
void mem_trim_turn(struct mem_trim *trim, int64_t now_us);

#endif
