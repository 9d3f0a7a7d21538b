#include "base/map.h"
#include "base/mem.h"
#include "tests/unit/unit.h"

#include <stdio.h>

enum { MANY = 2000000 };

static struct str number_key(char *text, size_t size, uint32_t number)
{
	return (struct str){text, (size_t)snprintf(text, size, "customer-%u", number)};
}

static void test_an_empty_map(void **state)
{
	(void)state;
	struct map map;
	map_init(&map);
	uint32_t position = 0;
	struct str key;
	uint64_t *value;
	assert_null(map_get(&map, STR("a")));
	assert_false(map_remove(&map, STR("a")));
	assert_false(map_next(&map, &position, &key, &value));
	map_release(&map);
	map_release(NULL);
}

static void test_any_bytes_are_a_key(void **state)
{
	(void)state;
	struct map map;
	map_init(&map);
	static const struct str keys[] = {
		{NULL, 0}, {"", 1}, {"\0\0", 2}, {"a", 1}, {"a\0", 2}, {"\xff", 1}, {"aa", 2}};
	for (uint64_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		bool added = false;
		*map_put(&map, keys[i], &added) = i + 1;
		assert_true(added);
	}
	for (uint64_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		bool added = true;
		assert_int_equal(*map_get(&map, keys[i]), i + 1);
		assert_int_equal(*map_put(&map, keys[i], &added), i + 1);
		assert_false(added);
	}
	assert_int_equal(map.count, sizeof keys / sizeof *keys);
	map_release(&map);
}

static void test_keys_are_copied(void **state)
{
	(void)state;
	struct map map;
	map_init(&map);
	char text[] = "before";
	assert_int_equal(*map_put(&map, str_of(text), NULL), 0);
	memcpy(text, "behind", 6);
	assert_non_null(map_get(&map, STR("before")));
	assert_null(map_get(&map, STR("behind")));
	map_release(&map);
}

static void assert_every_third_is_gone(const struct map *map)
{
	char text[32];
	for (uint32_t i = 0; i < MANY; i++) {
		uint64_t *value = map_get(map, number_key(text, sizeof text, i));
		if (i % 3 == 0) {
			assert_null(value);
		} else {
			assert_non_null(value);
			assert_int_equal(*value, i);
		}
	}
}

static void test_millions(void **state)
{
	(void)state;
	struct map map;
	char text[32];
	map_init(&map);
	for (uint32_t i = 0; i < MANY; i++)
		*map_put(&map, number_key(text, sizeof text, i), NULL) = i;
	assert_int_equal(map.count, MANY);
	for (uint32_t i = 0; i < MANY; i += 3)
		assert_true(map_remove(&map, number_key(text, sizeof text, i)));
	assert_false(map_remove(&map, STR("customer-0")));
	assert_every_third_is_gone(&map);
	for (uint32_t i = 0; i < MANY; i += 3)
		*map_put(&map, number_key(text, sizeof text, i), NULL) = i;
	assert_int_equal(map.count, MANY);
	for (uint32_t i = 0; i < MANY; i++)
		assert_int_equal(*map_get(&map, number_key(text, sizeof text, i)), i);
	map_release(&map);
}

/* Keys that come and go leave tombstones: they must neither fill the table, which would never end a search, nor grow it. */
static void test_coming_and_going_does_not_grow(void **state)
{
	(void)state;
	struct map map;
	char text[32];
	map_init(&map);
	for (uint32_t i = 0; i < 300000; i++) {
		map_put(&map, number_key(text, sizeof text, i), NULL);
		if (i >= 10)
			assert_true(map_remove(&map, number_key(text, sizeof text, i - 10)));
		assert_true(map.count + map.tombstones < map.capacity);
	}
	assert_int_equal(map.count, 10);
	assert_true(map.capacity <= 64);
	map_release(&map);
}

static void test_a_tombstone_is_used_again(void **state)
{
	(void)state;
	struct map map;
	map_init(&map);
	for (int i = 0; i < 100; i++) {
		map_put(&map, STR("the same"), NULL);
		assert_int_equal(map.tombstones, 0);
		assert_true(map_remove(&map, STR("the same")));
		assert_int_equal(map.tombstones, 1);
	}
	map_release(&map);
}

static void test_a_walk_sees_each_once(void **state)
{
	(void)state;
	enum { COUNT = 1000 };
	struct map map;
	char text[32];
	map_init(&map);
	for (uint32_t i = 0; i < COUNT; i++)
		*map_put(&map, number_key(text, sizeof text, i), NULL) = i;
	uint8_t seen[COUNT] = {0};
	uint32_t position = 0;
	struct str key;
	uint64_t *value;
	while (map_next(&map, &position, &key, &value)) {
		assert_true(str_equal(key, number_key(text, sizeof text, (uint32_t)*value)));
		assert_int_equal(seen[*value]++, 0);
		/* What the walk has just given may be removed. */
		if (*value % 2)
			assert_true(map_remove(&map, number_key(text, sizeof text, (uint32_t)*value)));
	}
	for (uint32_t i = 0; i < COUNT; i++)
		assert_int_equal(seen[i], 1);
	assert_int_equal(map.count, COUNT / 2);
	map_release(&map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_empty_map),
		cmocka_unit_test(test_any_bytes_are_a_key),
		cmocka_unit_test(test_keys_are_copied),
		cmocka_unit_test(test_millions),
		cmocka_unit_test(test_coming_and_going_does_not_grow),
		cmocka_unit_test(test_a_tombstone_is_used_again),
		cmocka_unit_test(test_a_walk_sees_each_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
