#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static void say_two(void)
{
	log_info("started port=%d", 9092);
	log_debug("too quiet");
}

static void test_a_line_has_time_and_level(void **state)
{
	(void)state;
	struct buf said;
	buf_init(&said);
	int64_t before = clock_wall_ms();
	assert_int_equal(unit_run_child(say_two, &said), 0);
	int64_t after = clock_wall_ms();
	char *space = strchr(said.data, ' ');
	assert_non_null(space);
	assert_string_equal(space, " info started port=9092\n");
	int64_t ms = 0;
	assert_int_equal(text_to_time((struct str){said.data, (size_t)(space - said.data)}, &ms), RESULT_OK);
	assert_true(before <= ms && ms <= after);
	buf_release(&said);
}

static void say_all_levels(void)
{
	log_set_level(LOG_LEVEL_DEBUG);
	log_debug("1");
	log_set_level(LOG_LEVEL_ERROR);
	log_warning("2");
	log_error("3");
}

static void test_the_level_decides(void **state)
{
	(void)state;
	struct buf said;
	buf_init(&said);
	unit_run_child(say_all_levels, &said);
	assert_non_null(strstr(said.data, " debug 1\n"));
	assert_null(strstr(said.data, "2\n"));
	assert_non_null(strstr(said.data, " error 3\n"));
	buf_release(&said);
}

static void say_dirty(void)
{
	log_error("a\nb\x1b[31m\tc\x7f");
	log_error("%s", "Z\xc3\xbcrich");
	log_error("%09999d", 1);
}

static void test_a_message_is_one_line(void **state)
{
	(void)state;
	struct buf said;
	buf_init(&said);
	unit_run_child(say_dirty, &said);
	assert_non_null(strstr(said.data, " error a b [31m c \n"));
	assert_non_null(strstr(said.data, " error Z\xc3\xbcrich\n"));
	assert_int_equal(said.data[said.length - 1], '\n');
	assert_true(said.length < 5000);
	buf_release(&said);
}

/* As systemd does: the device and the inode of what stderr is. */
static void say_to_journal_at(unsigned long long other)
{
	struct stat file;
	char stream[64];
	fstat(STDERR_FILENO, &file);
	snprintf(stream, sizeof stream, "%llu:%llu", (unsigned long long)file.st_dev, file.st_ino + other);
	setenv("JOURNAL_STREAM", stream, 1);
	log_warning("slow shard=%d", 3);
}

static void say_to_journal(void)
{
	say_to_journal_at(0);
}

static void say_beside_journal(void)
{
	say_to_journal_at(1);
}

static void test_the_journal_gets_a_priority(void **state)
{
	(void)state;
	struct buf said;
	buf_init(&said);
	unit_run_child(say_to_journal, &said);
	assert_str(buf_str(&said), "<4>slow shard=3\n");
	buf_clear(&said);
	unit_run_child(say_beside_journal, &said);
	assert_non_null(strstr(said.data, "Z warning slow shard=3\n"));
	buf_release(&said);
}

static void test_clocks(void **state)
{
	(void)state;
	int64_t last = clock_steady_us();
	for (int i = 0; i < 10000; i++) {
		int64_t next = clock_steady_us();
		assert_true(next >= last);
		last = next;
	}
	int64_t before = time(NULL);
	int64_t now = clock_wall_ms();
	/* time() may lag by a tick of the kernel. */
	assert_in_range(now / 1000, before, (int64_t)time(NULL) + 1);
}

static void test_every_result_has_a_sentence(void **state)
{
	(void)state;
	assert_string_equal(result_text(RESULT_OK), "success");
	assert_string_equal(result_text(RESULT_CLOSED), "it is closed");
	assert_non_null(result_text((enum result)4711));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_line_has_time_and_level),
		cmocka_unit_test(test_the_level_decides),
		cmocka_unit_test(test_a_message_is_one_line),
		cmocka_unit_test(test_the_journal_gets_a_priority),
		cmocka_unit_test(test_clocks),
		cmocka_unit_test(test_every_result_has_a_sentence),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
