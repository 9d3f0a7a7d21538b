/* Checkpoints in a topic, against librdkafka's own cluster in memory. It does not compact: so everything that was ever written is read again. */
#include "tests/unit/unit.h"

#include <stdio.h>

#include "base/hash.h"
#include "base/mem.h"
#include "daemon/checkpoint/kafka_index.h"
#include "daemon/checkpoint/store.h"
#include "daemon/kafka/consumer.h"
#include "daemon/kafka/embedded.h"
#include "tests/unit/c11_threads.h"

enum { SHARDS = 4, PATIENCE_MS = 20000 };

static struct embedded_broker *broker; /* of all tests: each has a topic of its own */
static char topic[32];
static struct store *store;
static struct buf loaded;
static char error[512];

static struct store *open_topic(bool reading)
{
	struct store *opened = NULL;
	struct store_options options = {
		.kind = STORE_KAFKA, .reading = reading, .topic = topic, .brokers = embedded_broker_address(broker)};
	assert_int_equal(store_open(&options, error, sizeof error, &opened), RESULT_OK);
	return opened;
}

static int start_broker(void **state)
{
	(void)state;
	return embedded_broker_new(SHARDS, error, sizeof error, &broker) != RESULT_OK;
}

static int stop_broker(void **state)
{
	(void)state;
	embedded_broker_free(broker);
	return 0;
}

static int set_up(void **state)
{
	static int number;
	(void)state;
	snprintf(topic, sizeof topic, "checkpoints-%d", number++);
	assert_int_equal(embedded_broker_create_topic(broker, topic, SHARDS), RESULT_OK);
	buf_init(&loaded);
	store = open_topic(false);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	store_close(store);
	buf_release(&loaded);
	return 0;
}

static void reopen(void)
{
	store_close(store);
	store = open_topic(false);
}

static void save(struct store *into, uint32_t shard, const char *text)
{
	assert_int_equal(store_save(into, shard, str_of(text)), RESULT_OK);
}

static void claim(struct store *by, uint32_t shard)
{
	assert_int_equal(store_claim(by, shard), RESULT_OK);
}

static void check_load(struct store *from, uint32_t shard, const char *text)
{
	assert_int_equal(store_load(from, shard, &loaded), RESULT_OK);
	assert_str(buf_str(&loaded), text);
}

/* A record that somebody puts into the topic. value.data NULL: a tombstone. */
static void put(uint32_t shard, struct str key, struct str value)
{
	struct producer *producer;
	struct kafka_receipt receipt;
	struct kafka_record record = {.topic = topic, .partition = (int32_t)shard, .key = key, .value = value};
	assert_int_equal(producer_new(embedded_broker_address(broker), "consistent_random", NULL, 0, error,
				 sizeof error, &producer),
		RESULT_OK);
	assert_int_equal(producer_send_wait(producer, &record, PATIENCE_MS, &receipt), RESULT_OK);
	assert_true(receipt.offset >= 0);
	producer_free(producer);
}

struct counting {
	struct buf keys; /* of all records, a line each; a tombstone's with a minus before it */
	size_t count;
};

static bool count_record(const struct consumer_record *record, void *context)
{
	struct counting *counting = context;
	if (!record->value.data)
		buf_put_byte(&counting->keys, '-');
	buf_put_str(&counting->keys, record->key);
	buf_put_byte(&counting->keys, '\n');
	counting->count++;
	return true;
}

static void list_records(uint32_t shard, struct counting *counting)
{
	struct consumer *consumer;
	struct consumer_options options = {.brokers = embedded_broker_address(broker),
		.client_id = "test",
		.group = "test",
		.queue_bytes = 1 << 24,
		.slot_count = 1};
	*counting = (struct counting){.count = 0};
	buf_init(&counting->keys);
	assert_int_equal(consumer_new(&options, error, sizeof error, &consumer), RESULT_OK);
	assert_int_equal(consumer_scan(consumer, topic, (int32_t)shard, CONSUMER_EARLIEST, INT64_MAX, PATIENCE_MS,
				 count_record, counting, error, sizeof error),
		RESULT_OK);
	consumer_free(consumer);
}

static void test_generations(void **state)
{
	(void)state;
	assert_int_equal(store_prepare(store, SHARDS), RESULT_OK);
	claim(store, 3);
	assert_int_equal(store_load(store, 3, &loaded), RESULT_NOT_FOUND);
	save(store, 3, "one");
	check_load(store, 3, "one");
	save(store, 3, "two");
	save(store, 3, "three");
	save(store, 1, "");
	reopen();
	check_load(store, 3, "three");
	claim(store, 3);
	check_load(store, 3, "three");
	check_load(store, 1, "");
	assert_int_equal(store_fallbacks(store), 0);
	assert_int_equal(store_prepare(store, SHARDS + 1), RESULT_CONFLICT);
	assert_non_null(strstr(store_error(store), "4 partitions, but they have 5 now"));
}

/* What is older than two generations is taken back: the manifest first. */
static void test_tombstones(void **state)
{
	(void)state;
	struct counting counting;
	claim(store, 2);
	save(store, 2, "a");
	save(store, 2, "b");
	save(store, 2, "c");
	list_records(2, &counting);
	assert_str(buf_str(&counting.keys),
		"claim/2\nchunk/2/1/1/0\nmanifest/2/1/1\nchunk/2/1/2/0\nmanifest/2/1/2\nchunk/2/1/3/0\nmanifest/2/1/3\n"
		"-manifest/2/1/1\n-chunk/2/1/1/0\n");
	buf_release(&counting.keys);
	reopen();
	claim(store, 2);
	save(store, 2, "d");
	list_records(2, &counting);
	assert_non_null(strstr(counting.keys.data, "manifest/2/10/1\n-manifest/2/1/2\n-chunk/2/1/2/0\n"));
	assert_int_equal(counting.count, 14);
	buf_release(&counting.keys);
	put(2, STR("manifest/2/10/1"), (struct str){NULL, 0});
	check_load(store, 2, "c");
}

static void test_large(void **state)
{
	(void)state;
	size_t length = 3 * CHUNK_BYTES + 17;
	char *bytes = mem_new(length);
	for (size_t i = 0; i < length; i++)
		bytes[i] = (char)(i * 31 >> 3);
	assert_int_equal(store_save(store, 0, (struct str){bytes, length}), RESULT_OK);
	reopen();
	assert_int_equal(store_load(store, 0, &loaded), RESULT_OK);
	assert_true(str_equal(buf_str(&loaded), (struct str){bytes, length}));
	mem_free(bytes);
}

static void test_shards(void **state)
{
	(void)state;
	uint32_t shards[2] = {99, 99};
	size_t count = 99;
	assert_int_equal(store_shards(store, shards, 2, &count), RESULT_OK);
	assert_int_equal(count, 0);
	claim(store, 0);
	save(store, 1, "x");
	save(store, 3, "y");
	struct store *reader = open_topic(true);
	assert_int_equal(store_shards(reader, shards, 1, &count), RESULT_OK);
	assert_int_equal(count, 2);
	assert_int_equal(shards[0], 1);
	assert_int_equal(shards[1], 99);
	check_load(reader, 3, "y");
	assert_int_equal(store_load(reader, 2, &loaded), RESULT_NOT_FOUND);
	assert_int_equal(store_load(reader, SHARDS, &loaded), RESULT_NOT_FOUND);
	assert_int_equal(store_remove(store, 3), RESULT_OK);
	assert_int_equal(store_load(reader, 3, &loaded), RESULT_NOT_FOUND);
	assert_int_equal(store_shards(reader, shards, 2, &count), RESULT_OK);
	assert_int_equal(count, 1);
	store_close(reader);
}

/* A writer that lives on after another has claimed the shard does no harm, whatever it writes and takes back. */
static void test_zombie(void **state)
{
	(void)state;
	claim(store, 1);
	save(store, 1, "old 1");
	save(store, 1, "old 2");
	struct store *successor = open_topic(false);
	claim(successor, 1);
	for (int i = 0; i < 3; i++)
		save(store, 1, "zombie");
	check_load(successor, 1, "old 2"); /* as of its claim; not compacted, all of it is still there */
	save(successor, 1, "new 1");
	for (int i = 0; i < 3; i++)
		save(store, 1, "zombie again");
	check_load(successor, 1, "new 1");
	struct store *third = open_topic(false);
	claim(third, 1);
	check_load(third, 1, "new 1");
	save(third, 1, "third");
	save(store, 1, "zombie for ever");
	save(successor, 1, "another zombie");
	check_load(third, 1, "third");
	assert_int_equal(store_fallbacks(third), 0);
	assert_int_equal(store_fallbacks(successor), 0);
	store_close(successor);
	store_close(third);
}

struct cut {
	int at; /* the number of the step to stop at */
	int seen;
	enum store_step step;
};

static bool stop_at(enum store_step step, void *context)
{
	struct cut *cut = context;
	cut->step = step;
	return cut->seen++ != cut->at;
}

/* A crash after any record leaves the old checkpoint or the new one, and the next save works. */
static void test_crash_points(void **state)
{
	(void)state;
	size_t length = 2 * CHUNK_BYTES + 5;
	char *bytes = mem_new(length);
	bool complete = false;
	for (int at = 0; !complete; at++) {
		struct cut cut = {.at = at};
		save(store, 1, "before");
		store_set_hook(store, stop_at, &cut);
		enum result result = store_save(store, 1, (struct str){bytes, length});
		store_set_hook(store, NULL, NULL);
		complete = result == RESULT_OK;
		assert_true(complete || result == RESULT_CLOSED);
		reopen();
		claim(store, 1);
		assert_int_equal(store_load(store, 1, &loaded), RESULT_OK);
		bool is_new = cut.step == STORE_RENAMED || cut.step == STORE_DIRECTORY_SYNCED;
		assert_int_equal(loaded.length, is_new ? length : strlen("before"));
		assert_int_equal(store_fallbacks(store), 0);
	}
	mem_free(bytes);
}

/* What a crash left of a checkpoint that never had a manifest goes with the next save. */
static void test_leftovers(void **state)
{
	(void)state;
	struct counting counting;
	struct cut cut = {.at = 1};
	save(store, 0, "before");
	store_set_hook(store, stop_at, &cut);
	assert_int_equal(store_save(store, 0, STR("cut")), RESULT_CLOSED);
	reopen();
	claim(store, 0);
	save(store, 0, "after");
	list_records(0, &counting);
	assert_non_null(strstr(counting.keys.data, "manifest/0/5/1\n-chunk/0/1/2/0\n"));
	buf_release(&counting.keys);
}

static void put_manifest(struct kafka_key key, struct manifest manifest, uint32_t version)
{
	struct buf text, value;
	buf_init(&text);
	buf_init(&value);
	kafka_key_put(&text, &key);
	manifest_put(&value, &key, &manifest);
	if (version != MANIFEST_VERSION) {
		buf_patch_u32(&value, 8, version);
		value.length -= 4;
		buf_put_text(&value, "what comes later");
		buf_put_u32(&value, hash_crc32c(0, buf_str(&value)));
	}
	put(key.shard, buf_str(&text), buf_str(&value));
	buf_release(&text);
	buf_release(&value);
}

/* Missing and damaged chunks, a manifest that is none: the one before is used, and that is counted. */
static void test_damage(void **state)
{
	(void)state;
	claim(store, 1);
	save(store, 1, "the older one");
	save(store, 1, "the newer one");
	put(1, STR("chunk/1/1/2/0"), (struct str){NULL, 0});
	reopen();
	check_load(store, 1, "the newer one"); /* not compacted yet: all is there */
	put_manifest((struct kafka_key){KEY_MANIFEST, 1, 1, 3, 0}, (struct manifest){1, 5, 7}, MANIFEST_VERSION);
	check_load(store, 1, "the newer one");
	assert_int_equal(store_fallbacks(store), 1);
	put(1, STR("chunk/1/1/3/0"), STR("wrong"));
	put_manifest((struct kafka_key){KEY_MANIFEST, 1, 1, 3, 0}, (struct manifest){1, 5, 7}, MANIFEST_VERSION);
	check_load(store, 1, "the newer one");
	assert_int_equal(store_fallbacks(store), 2);
	assert_non_null(strstr(store_error(store), "epoch 1, generation 3: chunks are missing or damaged"));
	put(1, STR("manifest/1/1/4"), STR("KPIDMNFT and more"));
	check_load(store, 1, "the newer one");
	put(2, STR("manifest/2/1/4"), STR("KPIDMNFT and more"));
	assert_int_equal(store_load(store, 2, &loaded), RESULT_CORRUPT);
	assert_str(buf_str(&loaded), "the newer one");
	claim(store, 1);
	save(store, 1, "all is well");
	check_load(store, 1, "all is well");
}

static void test_newer_version(void **state)
{
	(void)state;
	save(store, 1, "old");
	put_manifest((struct kafka_key){KEY_MANIFEST, 1, 9, 9, 0}, (struct manifest){0, 0, 0}, MANIFEST_VERSION + 1);
	reopen();
	claim(store, 1);
	assert_int_equal(store_load(store, 1, &loaded), RESULT_VERSION);
}

/* Records of others are passed over, whatever they look like. */
static void test_foreign(void **state)
{
	(void)state;
	save(store, 1, "ours");
	const char *keys[] = {"", "chunk", "chunk/1/1/1/00", "chunk/1/1/1/4294967295", "manifest/2/7/7", "claim/x",
		"chunk/1/1/1/0/", "chunk/1/99999999999999999999/1/0", "manifest/1/-1/1",
		"a key that is far longer than any that kpid writes, so long that it fits into no buffer that was made "
		"for keys, and then "
		"some"};
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		put(1, str_of(keys[i]), STR("foreign"));
	put(1, (struct str){NULL, 0}, STR("no key"));
	put(1, STR("foreign"), (struct str){NULL, 0});
	reopen();
	claim(store, 1);
	check_load(store, 1, "ours");
	assert_int_equal(store_fallbacks(store), 0);
}

/* Failures are results with a sentence, and saving again is right. */
static void test_unreachable(void **state)
{
	(void)state;
	const struct kafka_property quick[] = {{"socket.connection.setup.timeout.ms", "1000"}};
	struct store_options options = {.kind = STORE_KAFKA,
		.topic = topic,
		.brokers = "127.0.0.1:1",
		.properties = quick,
		.property_count = 1};
	struct store *lost = NULL;
	assert_int_equal(store_open(&options, error, sizeof error, &lost), RESULT_OK);
	assert_int_equal(store_claim(lost, 0), RESULT_UNREACHABLE);
	assert_non_null(strstr(store_error(lost), topic));
	assert_int_equal(store_load(lost, 0, &loaded), RESULT_UNREACHABLE);
	assert_int_not_equal(store_save(lost, 0, STR("x")), RESULT_OK);
	store_close(lost);
	const struct kafka_property wrong = {"no.such.property", "1"};
	options.properties = &wrong;
	assert_int_equal(store_open(&options, error, sizeof error, &lost), RESULT_INVALID);
	assert_non_null(strstr(error, "no.such.property"));
}

/* The order of what is there, whatever the order it is seen in; only what is older than two whole ones may go. */
static void test_index(void **state)
{
	(void)state;
	struct kafka_index index = {0};
	const uint64_t seen[][2] = {{5, 2}, {5, 1}, {9, 1}, {5, 3}, {7, 1}};
	for (size_t i = 0; i < 5; i++) {
		struct kafka_key key = {KEY_MANIFEST, 0, seen[i][0], seen[i][1], 0};
		struct manifest manifest = {0};
		struct buf text, value;
		buf_init(&text);
		buf_init(&value);
		kafka_key_put(&text, &key);
		manifest_put(&value, &key, &manifest);
		kafka_index_note(&index, 0, buf_str(&text), buf_str(&value), (int64_t)i);
		buf_release(&text);
		buf_release(&value);
	}
	kafka_index_note(&index, 0, STR("chunk/0/7/2/0"), STR("x"), 10);
	assert_int_equal(index.count, 6);
	assert_int_equal(index.items[0].epoch, 9);
	assert_int_equal(index.items[1].generation, 2);
	assert_int_equal(index.items[5].generation, 1);
	assert_int_equal(kafka_index_next(&index, 1), 2);
	/* Epoch 7 does not touch what 9 wrote: of its own past it keeps (7, 1) and (5, 3). */
	assert_int_equal(kafka_index_garbage(&index, 0, 7, 2), 1);
	assert_int_equal(kafka_index_garbage(&index, 2, 7, 2), 4);
	assert_int_equal(kafka_index_garbage(&index, 5, 9, 2), 5);
	kafka_index_note(&index, 0, STR("chunk/0/7/2/0"), (struct str){NULL, 0}, 11);
	assert_int_equal(index.count, 5);
	kafka_index_clear(&index);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_generations, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_tombstones, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_large, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_shards, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_zombie, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_crash_points, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_leftovers, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_damage, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_newer_version, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_foreign, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_unreachable, set_up, tear_down),
		cmocka_unit_test(test_index),
	};
	return cmocka_run_group_tests(tests, start_broker, stop_broker);
}
