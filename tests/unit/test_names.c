#include "base/name_key.h"
#include "base/names.h"

#include "tests/unit/unit.h"

#include <stdio.h>

static struct str number_key(char *text, size_t size, uint32_t number)
{
	return (struct str){text, (size_t)snprintf(text, size, "customer-%u", number)};
}

static void test_names_keep_number_and_place(void **state)
{
	(void)state;
	enum { COUNT = 100000 };
	struct names names;
	char text[32];
	names_init(&names);
	assert_int_equal(names_find(&names, STR("x")), NAMES_NONE);
	assert_int_equal(names_add(&names, STR("")), 0);
	const char *place = names_text(&names, 0).data;
	for (uint32_t i = 1; i < COUNT; i++)
		assert_int_equal(names_add(&names, number_key(text, sizeof text, i)), i);
	for (uint32_t i = 1; i < COUNT; i++) {
		struct str key = number_key(text, sizeof text, i);
		assert_int_equal(names_add(&names, key), i);
		assert_int_equal(names_find(&names, key), i);
		assert_true(str_equal(names_text(&names, i), key));
	}
	assert_int_equal(names.count, COUNT);
	assert_ptr_equal(names_text(&names, 0).data, place);
	names_release(&names);
	names_release(NULL);
}

/* Tuples of numbers are names, too. */
static void test_any_bytes_are_a_name(void **state)
{
	(void)state;
	struct names names;
	names_init(&names);
	assert_int_equal(names_add(&names, (struct str){"\0\0\0\0", 4}), 0);
	assert_int_equal(names_add(&names, (struct str){"\0\0\0\0\0", 5}), 1);
	assert_int_equal(names_add(&names, (struct str){"\0\0\0\1", 4}), 2);
	assert_int_equal(names_add(&names, (struct str){NULL, 0}), 3);
	assert_int_equal(names_find(&names, (struct str){"\0\0\0\0\0", 5}), 1);
	assert_int_equal(names_find(&names, STR("")), 3);
	assert_int_equal(names_find(&names, STR("0000")), NAMES_NONE);
	names_release(&names);
}

/* What was added last is found without its hash: another text at that place must not get its number. */
static void test_texts_that_meet_are_told_apart(void **state)
{
	(void)state;
	static const struct {
		const char *front, *back;
	} forms[] = {{"customer-", ""}, {"", "-customer"}, {"customer-", "-of-whoever"}};
	for (size_t form = 0; form < sizeof forms / sizeof *forms; form++) {
		struct names names;
		struct buf name;
		names_init(&names);
		buf_init(&name);
		for (uint32_t i = 0; i < 9000; i++) {
			buf_clear(&name);
			buf_printf(&name, "%s%u%s", forms[form].front, i % 3000, forms[form].back);
			assert_int_equal(names_add(&names, buf_str(&name)), i % 3000);
		}
		buf_release(&name);
		names_release(&names);
	}
}

/* Two long names that somebody has made so that their keys are the same. */
static void test_keys_that_meet(void **state)
{
	(void)state;
	uint64_t words[4] = {1, 2, 3, 4}, others[4] = {1, 5, 3, 4};
	struct str name = {(const char *)words, sizeof words}, other = {(const char *)others, sizeof others};
	others[2] ^= (words[3] * NAME_MIX ^ words[1]) * NAME_MIX ^ (words[3] * NAME_MIX ^ others[1]) * NAME_MIX;
	struct name_key a = name_key(name), b = name_key(other);
	assert_true(a.head == b.head && a.tail == b.tail);
	struct names names;
	names_init(&names);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(names_add(&names, name), 0);
		assert_int_equal(names_add(&names, other), 1);
	}
	names_release(&names);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_keep_number_and_place),
		cmocka_unit_test(test_any_bytes_are_a_name),
		cmocka_unit_test(test_texts_that_meet_are_told_apart),
		cmocka_unit_test(test_keys_that_meet),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
