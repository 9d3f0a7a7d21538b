#include "base/arena.h"
#include "tests/unit/unit.h"

static void assert_zero(const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		assert_int_equal(bytes[i], 0);
}

/* Twice over the same memory: what the first round wrote must not be seen by the second. */
static void test_pieces_are_aligned_and_zeroed(void **state)
{
	(void)state;
	struct arena arena;
	arena_init(&arena);
	for (int round = 0; round < 3; round++) {
		for (size_t size = 0; size < 500; size++) {
			char *piece = arena_new(&arena, size);
			assert_int_equal((uintptr_t)piece % 8, 0);
			assert_zero(piece, size);
			memset(piece, 0xff, size);
		}
		arena_clear(&arena);
	}
	arena_release(&arena);
}

static void test_pieces_stay_apart(void **state)
{
	(void)state;
	struct arena arena;
	arena_init(&arena);
	enum { COUNT = 20000 };
	uint32_t **pieces = ARENA_ARRAY(&arena, uint32_t *, COUNT);
	for (uint32_t i = 0; i < COUNT; i++) {
		pieces[i] = ARENA_ARRAY(&arena, uint32_t, i % 13 + 1);
		for (uint32_t k = 0; k <= i % 13; k++)
			pieces[i][k] = i;
	}
	for (uint32_t i = 0; i < COUNT; i++)
		for (uint32_t k = 0; k <= i % 13; k++)
			assert_int_equal(pieces[i][k], i);
	arena_release(&arena);
}

static void test_a_large_piece_gets_its_own_block(void **state)
{
	(void)state;
	struct arena arena;
	arena_init(&arena);
	size_t size = (size_t)5 << 20;
	char *large = arena_new(&arena, size);
	assert_zero(large, size);
	large[size - 1] = 1;
	assert_true(arena.total >= size);
	arena_clear(&arena);
	assert_int_equal(arena.total, 0);
	arena_release(&arena);
}

static void test_texts(void **state)
{
	(void)state;
	struct arena arena;
	arena_init(&arena);
	char *text = arena_text(&arena, (struct str){"texture", 4});
	assert_string_equal(text, "text");
	assert_string_equal(arena_text(&arena, (struct str){NULL, 0}), "");
	struct str copy = arena_str(&arena, STR("a\0b"));
	assert_int_equal(copy.length, 3);
	assert_memory_equal(copy.data, "a\0b", 4);
	const char *aligned = arena_text(&arena, STR("12345678"));
	memset(arena_new(&arena, 8), 0xff, 8);
	assert_string_equal(aligned, "12345678");
	assert_string_equal(text, "text");
	arena_release(&arena);
	arena_release(&arena);
	arena_release(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pieces_are_aligned_and_zeroed),
		cmocka_unit_test(test_pieces_stay_apart),
		cmocka_unit_test(test_a_large_piece_gets_its_own_block),
		cmocka_unit_test(test_texts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
