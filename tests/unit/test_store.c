#include "tests/unit/unit.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "daemon/checkpoint/frame.h"
#include "daemon/checkpoint/store.h"

static char directory[64];
static struct store *store;
static struct buf loaded;
static char error[256];

/* A shell command in which $D is the directory. */
static void run(const char *command)
{
	setenv("D", directory, 1);
	assert_int_equal(system(command), 0);
}

static enum result open_place(bool reading, const char *path, struct store **ret_store)
{
	struct store_options options = {.kind = STORE_DIRECTORY, .reading = reading, .directory = path};
	return store_open(&options, error, sizeof error, ret_store);
}

static void open_store(void)
{
	assert_int_equal(open_place(false, directory, &store), RESULT_OK);
}

static void reopen_store(void)
{
	store_close(store);
	open_store();
}

static int set_up(void **state)
{
	(void)state;
	snprintf(directory, sizeof directory, "/tmp/kpid-test-store-XXXXXX");
	assert_non_null(mkdtemp(directory));
	buf_init(&loaded);
	open_store();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	store_close(store);
	buf_release(&loaded);
	run("rm -rf $D");
	return 0;
}

static void save(uint32_t shard, const char *text)
{
	assert_int_equal(store_save(store, shard, str_of(text)), RESULT_OK);
}

static void check_load(uint32_t shard, const char *text)
{
	assert_int_equal(store_load(store, shard, &loaded), RESULT_OK);
	assert_str(buf_str(&loaded), text);
}

static void path_of(char path[128], uint32_t shard, int generation)
{
	snprintf(path, 128, "%s/shard-%04u.%d.checkpoint", directory, shard, generation);
}

static bool exists(uint32_t shard, int generation)
{
	char path[128];
	path_of(path, shard, generation);
	return access(path, F_OK) == 0;
}

static void write_file(const char *path, struct str bytes)
{
	FILE *file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes.data, 1, bytes.length, file), bytes.length);
	assert_int_equal(fclose(file), 0);
}

static size_t read_file(const char *path, char *bytes, size_t size)
{
	FILE *file = fopen(path, "rb");
	assert_non_null(file);
	size_t length = fread(bytes, 1, size, file);
	fclose(file);
	return length;
}

static void test_generations(void **state)
{
	(void)state;
	assert_int_equal(store_load(store, 3, &loaded), RESULT_NOT_FOUND);
	save(3, "one");
	check_load(3, "one");
	save(3, "two");
	save(3, "three");
	save(4, "");
	reopen_store();
	check_load(3, "three");
	check_load(4, "");
	assert_false(exists(3, 1));
	assert_true(exists(3, 2));
	assert_true(exists(3, 3));
	assert_int_equal(store_fallbacks(store), 0);
	assert_string_equal(store_error(store), "");
}

static void test_shards(void **state)
{
	(void)state;
	uint32_t shards[2] = {99, 99};
	size_t count = 99;
	assert_int_equal(store_shards(store, shards, 2, &count), RESULT_OK);
	assert_int_equal(count, 0);
	save(12, "x");
	save(7, "x");
	save(7, "y");
	save(10000, "x");
	run("touch $D/shard-0007.1.tmp");
	run("touch $D/shard-7.1.checkpoint");
	run("touch $D/shard-0020.01.checkpoint");
	run("touch $D/README");
	assert_int_equal(store_shards(store, shards, 2, &count), RESULT_OK);
	assert_int_equal(count, 3);
	assert_int_equal(shards[0], 7);
	assert_int_equal(shards[1], 12);
	assert_int_equal(store_prepare(store, 10001), RESULT_OK);
	assert_int_equal(store_prepare(store, 10000), RESULT_CONFLICT);
	assert_non_null(strstr(store_error(store), "10001 partitions, but they have 10000 now"));
	assert_int_equal(store_claim(store, 7), RESULT_OK);
	assert_int_equal(store_remove(store, 7), RESULT_OK);
	assert_int_equal(store_load(store, 7, &loaded), RESULT_NOT_FOUND);
	assert_int_equal(store_shards(store, shards, 2, &count), RESULT_OK);
	assert_int_equal(count, 2);
}

static void test_lock(void **state)
{
	(void)state;
	struct store *second = NULL;
	assert_int_equal(open_place(false, directory, &second), RESULT_CONFLICT);
	assert_non_null(strstr(error, directory));
	assert_null(second);
	save(1, "x");
	reopen_store();
	check_load(1, "x");
}

/* Beside the process that holds the directory, and without a trace. */
static void test_reading(void **state)
{
	(void)state;
	struct store *reader = NULL;
	save(1, "x");
	run("rm $D/lock; touch $D/shard-0001.9.tmp; chmod 500 $D");
	assert_int_equal(open_place(true, directory, &reader), RESULT_OK);
	assert_int_equal(store_load(reader, 1, &loaded), RESULT_OK);
	assert_true(str_equal(buf_str(&loaded), STR("x")));
	store_close(reader);
	run("test ! -e $D/lock && test -e $D/shard-0001.9.tmp; chmod 700 $D");
	run("test ! -e $D/lock && test -e $D/shard-0001.9.tmp");
	char none[128];
	snprintf(none, sizeof none, "%s/none", directory);
	assert_int_equal(open_place(true, none, &reader), RESULT_IO);
	assert_non_null(strstr(error, none));
	run("test ! -e $D/none");
}

static void test_open_failures(void **state)
{
	(void)state;
	struct store *none = NULL;
	assert_int_equal(open_place(false, "/proc/no/such", &none), RESULT_IO);
	assert_non_null(strstr(error, "/proc/no/such"));
	assert_int_equal(open_place(false, "/dev/null", &none), RESULT_IO);
	assert_non_null(strstr(error, "/dev/null"));
	char deep[128];
	snprintf(deep, sizeof deep, "%s/a/b/c", directory);
	assert_int_equal(open_place(false, deep, &none), RESULT_OK);
	struct stat status;
	assert_int_equal(stat(deep, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0700);
	store_close(none);
	store_close(NULL);
}

/* Whatever happens to the newest file, the one before is used. */
static void check_damaged(const char *path, struct str bytes)
{
	uint64_t fallbacks = store_fallbacks(store);
	write_file(path, bytes);
	check_load(5, "the older one");
	assert_int_equal(store_fallbacks(store), fallbacks + 1);
	assert_non_null(strstr(store_error(store), "shard-0005.2.checkpoint"));
}

static void test_damage(void **state)
{
	(void)state;
	char path[128], whole[256], other[256];
	save(5, "the older one");
	save(5, "the newer one, which is damaged in every way");
	path_of(path, 5, 2);
	size_t length = read_file(path, whole, sizeof whole);
	for (size_t i = 0; i < length; i++) {
		memcpy(other, whole, length);
		other[i] ^= (char)(1 << i % 8);
		check_damaged(path, (struct str){other, length});
		check_damaged(path, (struct str){whole, i});
	}
	whole[length] = '\0';
	check_damaged(path, (struct str){whole, length + 1});
	write_file(path, (struct str){whole, length});
	check_load(5, "the newer one, which is damaged in every way");
}

static void test_nothing_whole(void **state)
{
	(void)state;
	char path[128];
	save(5, "a");
	save(5, "b");
	for (int generation = 1; generation <= 2; generation++) {
		path_of(path, 5, generation);
		write_file(path, STR("KPIDCKPT and nothing more"));
	}
	buf_put_text(&loaded, "untouched");
	assert_int_equal(store_load(store, 5, &loaded), RESULT_CORRUPT);
	assert_str(buf_str(&loaded), "untouched");
	save(5, "c");
	check_load(5, "c");
}

/* The file of another shard or generation, renamed, is not taken for the right one. */
static void test_foreign(void **state)
{
	(void)state;
	char from[128], to[128], bytes[256];
	save(5, "five");
	save(6, "six");
	path_of(from, 6, 1);
	size_t length = read_file(from, bytes, sizeof bytes);
	path_of(to, 5, 2);
	write_file(to, (struct str){bytes, length});
	check_load(5, "five");
	path_of(from, 5, 1);
	length = read_file(from, bytes, sizeof bytes);
	write_file(to, (struct str){bytes, length});
	check_load(5, "five");
	assert_int_equal(store_fallbacks(store), 2);
}

static void test_newer_version(void **state)
{
	(void)state;
	char path[128];
	struct buf file;
	save(5, "old");
	buf_init(&file);
	frame_head(&file, 5, 2, STR("new"));
	buf_patch_u32(&file, 8, FRAME_VERSION + 1);
	buf_put_text(&file, "new");
	buf_put_u32(&file, hash_crc32c(0, buf_str(&file)));
	path_of(path, 5, 2);
	write_file(path, buf_str(&file));
	assert_int_equal(store_load(store, 5, &loaded), RESULT_VERSION);
	buf_release(&file);
}

static bool stop_at(enum store_step step, void *context)
{
	return step != *(enum store_step *)context;
}

/* A crash between any two steps leaves the old one or the new one, and the next save works. */
static void test_crash_points(void **state)
{
	(void)state;
	for (int i = 0; i < STORE_STEPS; i++) {
		enum store_step step = (enum store_step)i;
		uint32_t shard = (uint32_t)i;
		save(shard, "first");
		save(shard, "second");
		store_set_hook(store, stop_at, &step);
		assert_int_equal(store_save(store, shard, STR("third")), RESULT_CLOSED);
		store_set_hook(store, NULL, NULL);
		reopen_store();
		check_load(shard, step < STORE_RENAMED ? "second" : "third");
		save(shard, "fourth");
		check_load(shard, "fourth");
		assert_int_equal(store_fallbacks(store), 0);
	}
	run("test -z \"$(find $D -name '*.tmp')\"");
}

/* The disk is full in the middle of a write. */
static void test_no_space(void **state)
{
	(void)state;
	static char large[8192];
	memset(large, 'x', sizeof large);
	save(1, "small");
	struct rlimit before, limit;
	getrlimit(RLIMIT_FSIZE, &before);
	limit = (struct rlimit){4096, before.rlim_max};
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &limit);
	assert_int_equal(store_save(store, 1, (struct str){large, sizeof large}), RESULT_IO);
	setrlimit(RLIMIT_FSIZE, &before);
	assert_non_null(strstr(store_error(store), "shard-0001.2.tmp"));
	run("test -z \"$(find $D -name '*.tmp')\"");
	check_load(1, "small");
	assert_int_equal(store_save(store, 1, (struct str){large, sizeof large}), RESULT_OK);
	assert_int_equal(store_load(store, 1, &loaded), RESULT_OK);
	assert_int_equal(loaded.length, sizeof large);
}

/* Where the files should be is something else, or nothing any more. */
static void test_no_directory(void **state)
{
	(void)state;
	save(1, "x");
	run("mkdir $D/shard-0001.2.tmp");
	assert_int_equal(store_save(store, 1, STR("y")), RESULT_IO);
	run("mkdir $D/shard-0001.2.checkpoint");
	check_load(1, "x");
	run("rm -r $D");
	assert_int_equal(store_save(store, 1, STR("z")), RESULT_IO);
	assert_int_equal(store_load(store, 1, &loaded), RESULT_NOT_FOUND);
	run("mkdir $D");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_generations, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_shards, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_lock, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_reading, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_open_failures, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_damage, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_nothing_whole, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_foreign, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_newer_version, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_crash_points, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_no_space, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_no_directory, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
