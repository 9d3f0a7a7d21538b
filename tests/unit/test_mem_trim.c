/* What is freed between what stays goes back to the system once it is much. */
#include "base/mem_trim.h"

#include "base/mem.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <unistd.h>

enum { PIECES = 65536, PIECE_BYTES = 2048 }; /* 128 MB */
#define SECOND INT64_C(1000000)

static char *pieces[PIECES];

static size_t resident(void)
{
	unsigned long all = 0, pages = 0;
	FILE *file = fopen("/proc/self/statm", "r");
	assert_non_null(file);
	assert_int_equal(fscanf(file, "%lu %lu", &all, &pages), 2);
	fclose(file);
	return pages * (size_t)sysconf(_SC_PAGESIZE);
}

static void fill(void)
{
	for (int i = 0; i < PIECES; i++) {
		pieces[i] = mem_new(PIECE_BYTES);
		memset(pieces[i], 1, PIECE_BYTES);
	}
}

/* The last one stays, so that nothing can be cut off the end. */
static void free_most(void)
{
	for (int i = 0; i < PIECES - 1; i++)
		mem_free(pieces[i]);
}

static void test_much_is_given_back(void **state)
{
	(void)state;
	struct mem_trim trim;
	mem_trim_init(&trim);
	mem_trim_turn(&trim, 0);
	fill();
	free_most();
	size_t before = resident();
	mem_trim_turn(&trim, SECOND); /* it has looked a second ago */
	assert_in_range(resident(), before - SECOND, before + SECOND);
	mem_trim_turn(&trim, 60 * SECOND);
	assert_in_range(resident(), 0, before - (size_t)PIECES * PIECE_BYTES * 9 / 10);
	mem_free(pieces[PIECES - 1]);
}

int main(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	return 0; /* memory is the sanitizer's */
#else
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_much_is_given_back)};
	return cmocka_run_group_tests(tests, NULL, NULL);
#endif
}
