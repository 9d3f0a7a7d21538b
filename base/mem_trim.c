#include "base/mem_trim.h"

#include <malloc.h>

/* What is large comes from the system and goes back there. The C library learns otherwise from the first large piece that is freed, and then keeps
 * what fetches from Kafka and checkpoints once took: 200 MB after a catch-up. */
#define LARGE_BYTES (256 << 10)
#define LOOK_EVERY_US 10000000
/* Looking costs little, giving back some milliseconds in which threads wait that need memory. */
#define WORTH_IT_BYTES ((size_t)32 << 20)

void mem_trim_init(struct mem_trim *trim)
{
	*trim = (struct mem_trim){0};
	mallopt(M_MMAP_THRESHOLD, LARGE_BYTES);
}

void mem_trim_turn(struct mem_trim *trim, int64_t now_us)
{
	if (now_us < trim->due_us)
		return;
	trim->due_us = now_us + LOOK_EVERY_US;
	size_t unused = mallinfo2().fordblks;
	if (unused > trim->kept + WORTH_IT_BYTES) {
		malloc_trim(0);
		unused = mallinfo2().fordblks;
	} else if (unused > trim->kept) {
		return;
	}
	trim->kept = unused;
}
