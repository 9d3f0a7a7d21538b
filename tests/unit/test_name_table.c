/* Tables of known names. */
#include "tests/unit/unit.h"

#include <stdio.h>

#include "pipeline/decode/name_table.h"

enum { NAMES = 300, NAME_BYTES = 64 };

static char texts[NAMES][NAME_BYTES];
static struct str names[NAMES];

/* Of every length up to 40, and many that differ in one byte only. */
static void make_names(void)
{
	for (int i = 0; i < NAMES; i++) {
		size_t length = (size_t)i % 41;
		memset(texts[i], 'n', NAME_BYTES);
		if (length)
			texts[i][(size_t)i / 41 * 5 % length] = (char)('A' + i / 41);
		names[i] = (struct str){texts[i], length};
	}
}

/* The first of each text. */
static uint32_t distinct(struct str *ret_names)
{
	uint32_t count = 0;
	for (int i = 0; i < NAMES; i++) {
		bool there = false;
		for (uint32_t k = 0; k < count; k++)
			there |= str_equal(ret_names[k], names[i]);
		if (!there)
			ret_names[count++] = names[i];
	}
	return count;
}

static void test_find(void **state)
{
	(void)state;
	static struct str all[NAMES];
	struct arena arena;
	struct name_table table;
	arena_init(&arena);
	make_names();
	uint32_t count = distinct(all);
	assert_true(count > 250);
	for (uint32_t known = 0; known <= count; known += 1 + known / 4) {
		name_table_init(&table, &arena, all, known);
		for (uint32_t i = 0; i < count; i++)
			assert_int_equal(name_table_find(&table, all[i]), i < known ? i : NAME_TABLE_NONE);
	}
	arena_release(&arena);
}

/* A name ends where its length says, wherever the bytes stand. */
static void test_only_the_name_is_read(void **state)
{
	(void)state;
	struct arena arena;
	struct name_table table;
	arena_init(&arena);
	make_names();
	name_table_init(&table, &arena, names + 1, 40);
	for (size_t length = 1; length <= 40; length++) {
		char *exact = test_malloc(length);
		memcpy(exact, names[length].data, length);
		assert_int_equal(name_table_find(&table, (struct str){exact, length}), length - 1);
		exact[length / 2] ^= 1;
		assert_int_equal(name_table_find(&table, (struct str){exact, length}), NAME_TABLE_NONE);
		test_free(exact);
	}
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_only_the_name_is_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
