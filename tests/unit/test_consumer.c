/* The consumer against librdkafka's own cluster in memory. What that cluster cannot do (transactions that stay open,
 * retention) is tested with a real broker. */
#include "tests/unit/unit.h"

#include <pthread.h>
#include <stdio.h>

#include "base/clock.h"
#include "daemon/kafka/consumer.h"
#include "daemon/kafka/embedded.h"
#include "tests/unit/c11_threads.h"

enum { PARTITIONS = 3, PATIENCE_MS = 20000, TURN_MS = 100 };
static const char *const topics[] = {"calls", "deals"};

static struct embedded_broker *broker;
static struct producer *producer;
static struct consumer *consumer;
static char error[256];

static struct consumer *new_consumer(const char *brokers, size_t slot_count)
{
	struct consumer *made = NULL;
	struct consumer_options options = {.brokers = brokers,
		.client_id = "test",
		.group = "kpid-test",
		.queue_bytes = 1 << 24,
		.slot_count = slot_count};
	assert_int_equal(consumer_new(&options, error, sizeof error, &made), RESULT_OK);
	return made;
}

static int set_up(void **state)
{
	(void)state;
	assert_int_equal(embedded_broker_new(PARTITIONS, error, sizeof error, &broker), RESULT_OK);
	const char *address = embedded_broker_address(broker);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(embedded_broker_create_topic(broker, topics[i], PARTITIONS), RESULT_OK);
	assert_int_equal(producer_new(address, "murmur2_random", NULL, 0, error, sizeof error, &producer), RESULT_OK);
	consumer = new_consumer(address, 2 * PARTITIONS);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	consumer_free(consumer);
	producer_free(producer);
	embedded_broker_free(broker);
	consumer = NULL;
	producer = NULL;
	broker = NULL;
	return 0;
}

static void produce(const char *topic, int32_t partition, int first, int count)
{
	for (int i = first; i < first + count; i++) {
		char text[32];
		snprintf(text, sizeof text, "%s-%d-%d", topic, (int)partition, i);
		struct kafka_header header = {"n", {text, 1}};
		struct kafka_record record = {.topic = topic,
			.partition = partition,
			.key = STR("key"),
			.value = str_of(text),
			.timestamp = 1000 + i,
			.headers = &header,
			.header_count = 1};
		assert_int_equal(producer_send(producer, &record, PATIENCE_MS), RESULT_OK);
	}
	assert_int_equal(producer_flush(producer, PATIENCE_MS), RESULT_OK);
}

static void assign_all(int64_t offset)
{
	struct consumer_position positions[2 * PARTITIONS];
	for (int i = 0; i < 2 * PARTITIONS; i++)
		positions[i] = (struct consumer_position){i / PARTITIONS, i % PARTITIONS, offset};
	assert_int_equal(
		consumer_assign(consumer, topics, 2, positions, 2 * PARTITIONS, error, sizeof error), RESULT_OK);
}

static const struct consumer_slot *wait_for(size_t slot, enum consumer_state state)
{
	int64_t end = clock_steady_us() + PATIENCE_MS * 1000;
	const struct consumer_slot *view = consumer_peek(consumer, slot);
	while (view->state != state && clock_steady_us() < end) {
		consumer_check_end(consumer, 1);
		consumer_wait(consumer, TURN_MS);
		(void)consumer_peek(consumer, slot);
	}
	assert_int_equal(view->state, state);
	return view;
}

static void take(size_t slot, const char *topic, int first, int count)
{
	for (int i = first; i < first + count; i++) {
		char text[32];
		snprintf(text, sizeof text, "%s-%d-%d", topic, (int)slot % PARTITIONS, i);
		const struct consumer_slot *view = wait_for(slot, CONSUMER_RECORD);
		assert_str(view->record->value, text);
		assert_str(view->record->key, "key");
		assert_int_equal(view->record->offset, i);
		assert_int_equal(view->next, i);
		assert_int_equal(view->record->timestamp, 1000 + i);
		assert_ptr_equal(consumer_peek(consumer, slot)->record, view->record);
		consumer_advance(consumer, slot);
	}
}

static void wait_read_through(size_t slot, int64_t since_ms)
{
	int64_t end = clock_steady_us() + PATIENCE_MS * 1000;
	while (consumer_peek(consumer, slot)->read_through < since_ms && clock_steady_us() < end) {
		consumer_check_end(consumer, since_ms);
		consumer_wait(consumer, TURN_MS);
	}
	assert_true(consumer_peek(consumer, slot)->read_through >= since_ms);
}

static void test_partitions(void **state)
{
	(void)state;
	int32_t counts[2];
	assert_int_equal(consumer_partitions(consumer, topics, 2, PATIENCE_MS, counts, error, sizeof error), RESULT_OK);
	assert_int_equal(counts[0], PARTITIONS);
	assert_int_equal(counts[1], PARTITIONS);
}

static void test_read_all(void **state)
{
	(void)state;
	enum { COUNT = 1000 };
	for (int32_t p = 0; p < PARTITIONS; p++)
		produce("calls", p, 0, COUNT);
	produce("deals", 1, 0, 1);
	assign_all(CONSUMER_EARLIEST);
	for (size_t i = 0; i < 2 * PARTITIONS; i++)
		assert_int_equal(consumer_peek(consumer, i)->earliest, 0); /* where it begins is known at once */
	for (int32_t p = 0; p < PARTITIONS; p++)
		take((size_t)p, "calls", 0, COUNT);
	take(PARTITIONS + 1, "deals", 0, 1);
	for (size_t i = 0; i < 2 * PARTITIONS; i++) {
		const struct consumer_slot *view = wait_for(i, CONSUMER_END);
		wait_read_through(i, 1000);
		assert_int_equal(view->end, view->next);
	}
	assert_int_equal(consumer_peek(consumer, 0)->next, COUNT);
	assert_int_equal(consumer_peek(consumer, PARTITIONS)->next, 0);
}

/* After the end more comes, and the slot is only read through again when that was taken. */
static void test_after_the_end(void **state)
{
	(void)state;
	produce("calls", 0, 0, 5);
	assign_all(CONSUMER_EARLIEST);
	take(0, "calls", 0, 5);
	wait_read_through(0, 1000);
	produce("calls", 0, 5, 2);
	(void)wait_for(0, CONSUMER_RECORD);
	int64_t end = clock_steady_us() + PATIENCE_MS * 1000;
	while (consumer_peek(consumer, 0)->end != 7 && clock_steady_us() < end) {
		consumer_check_end(consumer, 5000);
		consumer_wait(consumer, TURN_MS);
	}
	assert_int_equal(consumer_peek(consumer, 0)->end, 7);
	assert_true(consumer_peek(consumer, 0)->read_through < 5000);
	take(0, "calls", 5, 2);
	wait_read_through(0, 5000);
}

static void test_from_offset_and_headers(void **state)
{
	(void)state;
	for (int32_t p = 0; p < PARTITIONS; p++) {
		produce("calls", p, 0, 10);
		produce("deals", p, 0, 10);
	}
	assign_all(7);
	const struct consumer_slot *view = wait_for(PARTITIONS, CONSUMER_RECORD);
	struct kafka_header header[2];
	assert_int_equal(consumer_headers(view->record, header, 2), 1);
	assert_string_equal(header[0].name, "n");
	assert_str(header[0].value, "d");
	assert_int_equal(consumer_headers(view->record, NULL, 0), 1);
	take(PARTITIONS, "deals", 7, 3);
	consumer_commit(consumer, NULL);
}

static void test_out_of_range(void **state)
{
	(void)state;
	produce("calls", 0, 0, 10);
	struct consumer_position positions[] = {{0, 0, 50}, {0, 1, CONSUMER_EARLIEST}};
	assert_int_equal(consumer_assign(consumer, topics, 2, positions, 2, error, sizeof error), RESULT_OK);
	const struct consumer_slot *view = wait_for(0, CONSUMER_GAP);
	assert_int_equal(view->next, 50);
	assert_int_equal(view->earliest, 0);
	assert_int_equal(view->end, 10);
	assert_true(strlen(view->error) > 10);
	assert_int_equal(view->read_through, 0);
	produce("calls", 1, 0, 3);
	(void)wait_for(1, CONSUMER_RECORD);
	assert_int_equal(consumer_resume_at(consumer, 0, 4), RESULT_OK);
	take(0, "calls", 4, 6);
	take(1, "calls", 0, 3);
}

static void test_probe(void **state)
{
	(void)state;
	produce("calls", 0, 0, 10);
	produce("deals", 2, 0, 3);
	struct consumer_probe probes[] = {{.position = {0, 0, 9}}, {.position = {1, 2, 0}}, {.position = {0, 1, 0}},
		{.position = {0, 0, 10}}, {.position = {1, 2, 40}}};
	assert_int_equal(consumer_probe(consumer, topics, 2, probes, 3, PATIENCE_MS, error, sizeof error), RESULT_OK);
	assert_int_equal(probes[0].result, RESULT_OK);
	assert_int_equal(probes[1].result, RESULT_OK);
	assert_int_equal(probes[2].result, RESULT_CONFLICT);
	assert_int_equal(
		consumer_probe(consumer, topics, 2, probes + 3, 2, PATIENCE_MS, error, sizeof error), RESULT_OK);
	assert_int_equal(probes[3].result, RESULT_CONFLICT);
	assert_int_equal(probes[4].result, RESULT_CONFLICT);
	assert_int_not_equal(probes[0].fingerprint, probes[1].fingerprint);
	assign_all(CONSUMER_EARLIEST);
	take(0, "calls", 0, 9);
	assert_int_equal(consumer_fingerprint(wait_for(0, CONSUMER_RECORD)->record), probes[0].fingerprint);
}

static void *wake(void *context)
{
	consumer_wake(context);
	return NULL;
}

/* Without the wake-up it would wait for an hour. */
static void test_wake(void **state)
{
	(void)state;
	pthread_t thread;
	pthread_create(&thread, NULL, wake, consumer);
	consumer_wait(consumer, 3600000);
	pthread_join(thread, NULL);
}

/* Nobody listens on the port: nothing is at its end, nothing blocks, and it ends. */
static void test_no_broker(void **state)
{
	(void)state;
	struct consumer *lonely = new_consumer("127.0.0.1:1", 1);
	struct consumer_position position = {0, 0, 5};
	int32_t count;
	assert_int_equal(
		consumer_partitions(lonely, topics, 1, TURN_MS, &count, error, sizeof error), RESULT_UNREACHABLE);
	assert_int_equal(consumer_assign(lonely, topics, 1, &position, 1, error, sizeof error), RESULT_OK);
	int64_t start = clock_steady_us();
	for (int i = 0; i < 10; i++) {
		consumer_check_end(lonely, 1000);
		consumer_wait(lonely, TURN_MS);
		consumer_commit(lonely, NULL);
	}
	const struct consumer_slot *view = consumer_peek(lonely, 0);
	assert_true(view->state == CONSUMER_EMPTY || view->state == CONSUMER_ERROR);
	assert_int_equal(view->read_through, 0);
	assert_true(strlen(consumer_error(lonely)) > 0);
	consumer_free(lonely);
	assert_true(clock_steady_us() - start < PATIENCE_MS * 1000);
}

static void test_properties(void **state)
{
	(void)state;
	static const struct kafka_property fixed = {"enable.auto.commit", "true"}, unknown = {"no.such.thing", "1"};
	struct consumer_options options = {
		.brokers = "x", .client_id = "test", .group = "g", .properties = &fixed, .property_count = 1};
	struct consumer *none = NULL;
	assert_int_equal(consumer_new(&options, error, sizeof error, &none), RESULT_INVALID);
	assert_non_null(strstr(error, "enable.auto.commit"));
	options.properties = &unknown;
	assert_int_equal(consumer_new(&options, error, sizeof error, &none), RESULT_INVALID);
	assert_non_null(strstr(error, "no.such.thing"));
	assert_null(none);
	consumer_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_partitions, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_read_all, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_after_the_end, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_from_offset_and_headers, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_out_of_range, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_probe, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_wake, set_up, tear_down),
		cmocka_unit_test(test_no_broker),
		cmocka_unit_test(test_properties),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
