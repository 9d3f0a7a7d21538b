#include "base/mem.h"

#include "base/check.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* sysexits.h EX_SOFTWARE: tells a supervisor that a restart makes sense. */
#define EXIT_NO_MEMORY 70
#define SMALL_MAX 1024

static _Atomic uint64_t fail_countdown;

/* No stdio and no exit handlers: both may allocate. */
_Noreturn void mem_exhausted(void)
{
	static const char message[] = "kpid: out of memory\n";
	ssize_t written = write(STDERR_FILENO, message, sizeof message - 1);
	(void)written;
	_exit(EXIT_NO_MEMORY);
}

static void may_fail(void)
{
	if (__builtin_expect(atomic_load_explicit(&fail_countdown, memory_order_relaxed) == 0, 1))
		return;
	if (atomic_fetch_sub(&fail_countdown, 1) == 1)
		mem_exhausted();
}

void mem_fail_after(uint64_t n)
{
	atomic_store(&fail_countdown, n);
}

void *mem_new(size_t size)
{
	return mem_array(1, size);
}

void *mem_array(size_t count, size_t size)
{
	may_fail();
	size_t bytes;
	if (__builtin_mul_overflow(count, size, &bytes))
		mem_exhausted();
	/* The C library's calloc passes by the thread's cache of small pieces, malloc does not. */
	bool small = bytes > 0 && bytes <= SMALL_MAX;
	void *memory = small ? malloc(bytes) : calloc(1, bytes ? bytes : 1);
	if (!memory)
		mem_exhausted();
	return small ? memset(memory, 0, bytes) : memory;
}

void *mem_resize(void *old, size_t count, size_t size)
{
	may_fail();
	size_t bytes;
	if (__builtin_mul_overflow(count, size, &bytes))
		mem_exhausted();
	void *memory = realloc(old, bytes ? bytes : 1);
	if (!memory)
		mem_exhausted();
	return memory;
}

void *mem_extend(void *old, size_t before, size_t count, size_t size)
{
	char *memory = mem_resize(old, count, size);
	CHECK(before <= count);
	memset(memory + before * size, 0, (count - before) * size);
	return memory;
}

void *mem_copy(const void *bytes, size_t size)
{
	void *memory = mem_resize(NULL, size, 1);
	if (size)
		memcpy(memory, bytes, size);
	return memory;
}

char *mem_text(const char *text)
{
	CHECK(text);
	return mem_copy(text, strlen(text) + 1);
}

void mem_free(void *memory)
{
	free(memory);
}
