#include "base/check.h"
#include "base/mem.h"
#include "tests/unit/unit.h"

#include <signal.h>

enum { EXIT_NO_MEMORY = 70 };

static void test_memory_is_zeroed(void **state)
{
	(void)state;
	unsigned char *bytes = mem_array(100, 7);
	for (int i = 0; i < 700; i++)
		assert_int_equal(bytes[i], 0);
	mem_free(bytes);
	void *none = mem_new(0);
	assert_non_null(none);
	mem_free(none);
	mem_free(NULL);
}

static void test_grow_keeps_what_is_there(void **state)
{
	(void)state;
	int *numbers = NULL;
	size_t count = 0, capacity = 0;
	for (int i = 0; i < 1000; i++) {
		GROW(numbers, count, capacity);
		numbers[count++] = i;
	}
	for (int i = 0; i < 1000; i++)
		assert_int_equal(numbers[i], i);
	mem_free(numbers);
}

static void test_extend_zeroes_what_is_added(void **state)
{
	(void)state;
	uint64_t *words = NULL;
	size_t count = 0;
	for (size_t more = 1; more < 5000; more = more * 2 + 1) {
		words = mem_extend(words, count, more, sizeof *words);
		for (size_t i = 0; i < more; i++) {
			assert_int_equal(words[i], i < count ? i + 1 : 0);
			words[i] = i + 1;
		}
		count = more;
	}
	mem_free(words);
}

static void test_next_size(void **state)
{
	(void)state;
	static const size_t sizes[] = {1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 49152, 65536, 131072, 262144};
	for (size_t i = 0; i + 1 < sizeof sizes / sizeof *sizes; i++)
		for (size_t bytes = sizes[i]; bytes < sizes[i + 1]; bytes += 1 + (sizes[i + 1] - bytes) / 7)
			if (sizes[i + 1] <= 128 || sizes[i] >= 49152)
				assert_int_equal(mem_next_size(bytes), sizes[i + 1]);
	assert_int_equal(mem_next_size(65535), 65536);
	assert_int_equal(mem_next_size((size_t)1 << 40), (size_t)1 << 41);
}

static void test_copies(void **state)
{
	(void)state;
	char *text = mem_text("text");
	assert_string_equal(text, "text");
	char *bytes = mem_copy("a\0b", 3);
	assert_memory_equal(bytes, "a\0b", 3);
	mem_free(mem_copy(NULL, 0));
	mem_free(text);
	mem_free(bytes);
}

static void overflow_new(void)
{
	mem_array(SIZE_MAX / 2, 3);
}

static void overflow_resize(void)
{
	mem_resize(NULL, SIZE_MAX / 8, 16);
}

static void test_overflow_is_exhaustion(void **state)
{
	(void)state;
	struct buf said;
	buf_init(&said);
	assert_int_equal(unit_run_child(overflow_new, &said), EXIT_NO_MEMORY);
	assert_str(buf_str(&said), "kpid: out of memory\n");
	buf_release(&said);
	assert_int_equal(unit_run_child(overflow_resize, NULL), EXIT_NO_MEMORY);
}

static uint64_t fail_at;

static void allocate_three_times(void)
{
	mem_fail_after(fail_at);
	mem_free(mem_resize(mem_new(1), 2, 3));
	mem_free(mem_copy("x", 1));
}

static void test_the_nth_allocation_fails(void **state)
{
	(void)state;
	for (fail_at = 1; fail_at <= 3; fail_at++)
		assert_int_equal(unit_run_child(allocate_three_times, NULL), EXIT_NO_MEMORY);
	assert_int_equal(unit_run_child(allocate_three_times, NULL), 0);
	fail_at = 0;
	assert_int_equal(unit_run_child(allocate_three_times, NULL), 0);
}

static void check_wrong(void)
{
	int one = 1;
	CHECK(one == 1);
	CHECK(one == 2);
}

static void test_check_aborts(void **state)
{
	(void)state;
	struct buf said;
	buf_init(&said);
	assert_int_equal(unit_run_child(check_wrong, &said), -SIGABRT);
	assert_non_null(strstr(said.data, "one == 2"));
	assert_null(strstr(said.data, "one == 1"));
	buf_release(&said);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_memory_is_zeroed),
		cmocka_unit_test(test_grow_keeps_what_is_there),
		cmocka_unit_test(test_extend_zeroes_what_is_added),
		cmocka_unit_test(test_next_size),
		cmocka_unit_test(test_copies),
		cmocka_unit_test(test_overflow_is_exhaustion),
		cmocka_unit_test(test_the_nth_allocation_fails),
		cmocka_unit_test(test_check_aborts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
