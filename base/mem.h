/* Memory from the heap that is always there: on exhaustion the process says so on stderr and ends with exit code 70.
 * State is safe in checkpoints, so a clean end loses nothing. Sizes are multiplied with an overflow check.
 *
 * mem_fail_after(n) makes the n-th allocation from now fail (tests); 0 turns that off. */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>
#include <stdint.h>

void *mem_new(size_t size);                             /* zeroed */
void *mem_array(size_t count, size_t size);             /* zeroed */
void *mem_resize(void *old, size_t count, size_t size); /* what is added is not zeroed */
void *mem_extend(
	void *old, size_t before, size_t count, size_t size); /* from `before` to `count`; what is added is zeroed */
void *mem_copy(const void *bytes, size_t size);
char *mem_text(const char *text); /* a copy, NUL-terminated */
void mem_free(void *memory);      /* takes NULL */
void mem_fail_after(uint64_t n);
/* For memory that a library did not get. */
#ifdef __cplusplus
[[noreturn]]
#else
_Noreturn
#endif
void mem_exhausted(void);

#define NEW(type) ((type *)mem_new(sizeof(type)))
#define NEW_ARRAY(type, count) ((type *)mem_array((count), sizeof(type)))

/* A size for what has outgrown `bytes` (not 0): the next of 2^n and 1.5 * 2^n, which are sizes that allocators have. From 64 KB on, where there are few of
 * them and copying counts more than what is left over, the next of 2^n. */
static inline size_t mem_next_size(size_t bytes)
{
	enum { LARGE = 65536 };
	size_t power = (size_t)1 << (8 * sizeof(unsigned long) - 1 - (size_t)__builtin_clzl(bytes));
	return bytes < LARGE && bytes < power / 2 * 3 ? power / 2 * 3 : power * 2;
}

/* Makes room for one more element in a growing array: doubles `capacity` when `count` has reached it. */
#define GROW(array, count, capacity)                                                \
	do {                                                                        \
		if ((count) == (capacity)) {                                        \
			(capacity) = (capacity) ? (capacity)*2 : 4;                 \
			(array) = mem_resize((array), (capacity), sizeof *(array)); \
		}                                                                   \
	} while (0)

#endif
