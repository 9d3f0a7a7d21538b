/* Records that end the process: what dying threads leave behind, and what the next processes make of it. */
#include "daemon/checkpoint/deaths.h"
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char directory[64], path[96];

static const struct death_place poison = {3, "sales.calls", INT64_C(12345678901), 0xdeadbeef};
static const struct death_place other = {4, "sales.deals", 0, 7};

static int set_up(void **state)
{
	(void)state;
	snprintf(directory, sizeof directory, "/tmp/kpid-test-deaths-XXXXXX");
	assert_non_null(mkdtemp(directory));
	snprintf(path, sizeof path, "%s/deaths", directory);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(directory);
}

static void write_file(const char *text)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void read_file(struct buf *text)
{
	char piece[4096];
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	buf_put(text, piece, fread(piece, 1, sizeof piece, file));
	fclose(file);
}

static bool quarantined(const struct death_place *place)
{
	struct deaths *deaths = deaths_open(directory);
	bool answer = deaths_quarantined(deaths, place);
	deaths_close(deaths);
	return answer;
}

/* In the child, cmocka's handlers of signals are replaced by ours. */
static void die_at_poison(void)
{
	struct deaths *deaths = deaths_open(directory);
	deaths_begin(deaths_note(deaths, 1), &other);
	deaths_end(deaths_note(deaths, 1));
	deaths_begin(deaths_note(deaths, 0), &poison);
	abort();
}

#ifndef __SANITIZE_ADDRESS__ /* which has its own last words of a SIGSEGV */
static void *at_other(void *deaths)
{
	deaths_begin(deaths_note(deaths, 1), &other);
	return NULL;
}

/* Another thread is at a record when this one dies. */
static void die_beside(void)
{
	pthread_t thread;
	struct deaths *deaths = deaths_open(directory);
	pthread_create(&thread, NULL, at_other, deaths);
	pthread_join(thread, NULL);
	deaths_begin(deaths_note(deaths, 0), &poison);
	raise(SIGSEGV);
}
#endif

static void die_between(void)
{
	struct deaths *deaths = deaths_open(directory);
	deaths_begin(deaths_note(deaths, 0), &poison);
	deaths_end(deaths_note(deaths, 0));
	abort();
}

static void be_killed(void)
{
	deaths_begin(deaths_note(deaths_open(directory), 0), &poison);
	kill(getpid(), SIGKILL);
}

/* As the watchdog does. */
static void be_aborted(void)
{
	deaths_begin(deaths_note(deaths_open(directory), 0), &poison);
	kill(getpid(), SIGABRT);
}

static void test_quarantined_after_three(void **state)
{
	(void)state;
	for (int i = 0; i < DEATHS_MAX; i++) {
		assert_false(quarantined(&poison));
		assert_int_equal(unit_run_child(die_at_poison, NULL), -SIGABRT);
	}
	assert_true(quarantined(&poison));
	assert_true(quarantined(&poison));
	assert_false(quarantined(&other));
}

static void test_every_part_of_the_place_counts(void **state)
{
	(void)state;
	for (int i = 0; i < DEATHS_MAX; i++)
		unit_run_child(die_at_poison, NULL);
	struct death_place place = poison;
	place.shard++;
	assert_false(quarantined(&place));
	place = poison;
	place.offset++;
	assert_false(quarantined(&place));
	place = poison;
	place.fingerprint++;
	assert_false(quarantined(&place));
	place = poison;
	place.topic = "sales.call";
	assert_false(quarantined(&place));
}

static void assert_leaves(void (*end)(void), int code, const char *text)
{
	struct buf found;
	buf_init(&found);
	assert_int_equal(unit_run_child(end, NULL), code);
	read_file(&found);
	assert_str(buf_str(&found), text);
	buf_release(&found);
}

static void test_no_record_is_to_blame(void **state)
{
	(void)state;
	assert_leaves(die_between, -SIGABRT, "");
	assert_leaves(be_killed, -SIGKILL, "");
}

static void test_only_the_dying_thread_is_to_blame(void **state)
{
	(void)state;
#ifndef __SANITIZE_ADDRESS__
	assert_leaves(die_beside, -SIGSEGV, "\n3 sales.calls 12345678901 deadbeef\n");
#endif
	write_file("");
	assert_leaves(die_at_poison, -SIGABRT, "\n3 sales.calls 12345678901 deadbeef\n");
}

static void test_hanging_counts(void **state)
{
	(void)state;
	assert_leaves(be_aborted, -SIGABRT, "\n3 sales.calls 12345678901 deadbeef\n");
}

static void test_lines_that_do_not_read(void **state)
{
	(void)state;
	write_file("\n3 sales.calls 12345678901 deadbeef\nnonsense\n3 sales.calls 123\n\n3 sales.calls 12345678901 "
		   "deadbeef\n3 sales.cal");
	assert_false(quarantined(&poison));
	assert_int_equal(unit_run_child(die_at_poison, NULL), -SIGABRT);
	assert_true(quarantined(&poison));
}

static void test_no_file_no_harm(void **state)
{
	(void)state;
	struct deaths *deaths = deaths_open("/proc/no/such/place");
	assert_false(deaths_quarantined(deaths, &poison));
	deaths_begin(deaths_note(deaths, 0), &poison);
	deaths_end(deaths_note(deaths, 0));
	deaths_close(deaths);
	deaths_close(NULL);
	write_file("");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_quarantined_after_three),
		TEST(test_every_part_of_the_place_counts),
		TEST(test_no_record_is_to_blame),
		TEST(test_only_the_dying_thread_is_to_blame),
		TEST(test_hanging_counts),
		TEST(test_lines_that_do_not_read),
		TEST(test_no_file_no_harm),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
