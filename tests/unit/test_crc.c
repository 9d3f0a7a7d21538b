/* The source itself, so that the way by table is tested on processors that have an instruction for it. */
#include "base/crc.c"

#include "tests/unit/unit.h"

static void assert_vectors(void)
{
	/* RFC 3720, B.4 */
	char bytes[32];
	assert_int_equal(hash_crc32c(0, STR("123456789")), 0xe3069283);
	assert_int_equal(hash_crc32c(0, STR("")), 0);
	memset(bytes, 0, sizeof bytes);
	assert_int_equal(hash_crc32c(0, (struct str){bytes, sizeof bytes}), 0x8a9136aa);
	memset(bytes, 0xff, sizeof bytes);
	assert_int_equal(hash_crc32c(0, (struct str){bytes, sizeof bytes}), 0x62a8ab43);
	for (int i = 0; i < 32; i++)
		bytes[i] = (char)i;
	assert_int_equal(hash_crc32c(0, (struct str){bytes, sizeof bytes}), 0x46dd794e);
}

static void test_vectors_by_processor(void **state)
{
	(void)state;
	assert_vectors();
}

static void test_vectors_by_table(void **state)
{
	(void)state;
	uint32_t (*usual)(uint32_t, const uint8_t *, size_t) = crc32c_update;
	crc32c_update = crc32c_by_table;
	assert_vectors();
	crc32c_update = usual;
}

/* Both ways, cut in two at every place, give the same. */
static void test_pieces_add_up(void **state)
{
	(void)state;
	char bytes[97];
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (char)(i * 37 + 11);
	struct str all = {bytes, sizeof bytes};
	uint32_t whole = hash_crc32c(0, all);
	assert_int_equal(whole, ~crc32c_by_table(~0u, (const uint8_t *)bytes, sizeof bytes));
	for (size_t cut = 0; cut <= all.length; cut++) {
		uint32_t first = hash_crc32c(0, (struct str){bytes, cut});
		assert_int_equal(hash_crc32c(first, (struct str){bytes + cut, all.length - cut}), whole);
	}
}

/* Long ones go by three stretches at a time. */
static void test_long(void **state)
{
	(void)state;
	enum { LENGTH = 100003 };
	static char bytes[LENGTH];
	uint32_t number = 1;
	for (size_t i = 0; i < LENGTH; i++)
		bytes[i] = (char)((number = number * 1664525 + 1013904223) >> 24);
	for (size_t from = 0; from < 20; from++)
		for (size_t length = 0; length <= LENGTH - from; length = length * 3 / 2 + 1) {
			uint32_t by_bytes = crc32c_by_table(7, (const uint8_t *)bytes + from, length);
			assert_int_equal(hash_crc32c(~7u, (struct str){bytes + from, length}), ~by_bytes);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors_by_processor),
		cmocka_unit_test(test_vectors_by_table),
		cmocka_unit_test(test_pieces_add_up),
		cmocka_unit_test(test_long),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
