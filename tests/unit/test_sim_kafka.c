/* The producer against the embedded broker: all is delivered, or said to have failed, and no call waits for ever. */
#include "base/clock.h"
#include "daemon/kafka/embedded.h"
#include "daemon/kafka/producer.h"
#include "tests/unit/unit.h"

#include <stdio.h>

#define NOBODY "127.0.0.1:1"
#define PATIENCE_MS 20000

static struct embedded_broker *broker;

static int set_up(void **state)
{
	char error[256];

	(void)state;
	if (embedded_broker_new(3, error, sizeof(error), &broker) != RESULT_OK)
		return 1;
	return embedded_broker_create_topic(broker, "t", 0) == RESULT_OK ? 0 : 1;
}

static int tear_down(void **state)
{
	(void)state;
	embedded_broker_free(broker);
	return 0;
}

static struct producer *producer(const char *brokers, const char *name, const char *value)
{
	const struct kafka_property property = {name, value};
	struct producer *made = NULL;
	char error[256];

	assert_int_equal(producer_new(brokers, "murmur2_random", &property, name ? 1 : 0, error, sizeof(error), &made),
		RESULT_OK);
	return made;
}

static struct kafka_record record(int32_t partition)
{
	return (struct kafka_record){.topic = "t", .partition = partition, .key = STR("k"), .value = STR("v")};
}

static void test_all_delivered(void **state)
{
	const struct kafka_header header = {"why", STR("test")};
	struct producer *made = producer(embedded_broker_address(broker), NULL, NULL);

	(void)state;
	for (int i = 0; i < 5000; i++) {
		struct kafka_record sent = record(i % 4 - 1);

		sent.headers = &header;
		sent.header_count = (size_t)i % 2;
		sent.timestamp = 1770000000000 + i;
		if (i % 10 == 3)
			sent.key = (struct str){0};
		if (i % 10 == 4)
			sent.value = (struct str){0};
		assert_int_equal(producer_send(made, &sent, PATIENCE_MS), RESULT_OK);
	}
	assert_int_equal(producer_flush(made, PATIENCE_MS), RESULT_OK);
	assert_int_equal(producer_poll(made, 0), 0);
	assert_int_equal(producer_failed(made), 0);
	producer_free(made);
}

static void test_failure_is_said_once(void **state)
{
	struct producer *made = producer(embedded_broker_address(broker), NULL, NULL);
	struct kafka_record good = record(0);
	struct kafka_record bad = record(77);

	(void)state;
	assert_int_equal(producer_send(made, &bad, PATIENCE_MS), RESULT_OK);
	assert_int_equal(producer_flush(made, PATIENCE_MS), RESULT_REFUSED);
	assert_int_equal(producer_failed(made), 1);
	assert_int_equal(producer_send(made, &good, PATIENCE_MS), RESULT_OK);
	assert_int_equal(producer_flush(made, PATIENCE_MS), RESULT_OK);
	assert_int_equal(producer_failed(made), 1);
	producer_free(made);
}

static void test_too_large(void **state)
{
	struct producer *made = producer(embedded_broker_address(broker), "message.max.bytes", "1000");
	static char bytes[2000];
	struct kafka_record sent = record(0);

	(void)state;
	sent.value = (struct str){bytes, sizeof(bytes)};
	assert_int_equal(producer_send(made, &sent, PATIENCE_MS), RESULT_RANGE);
	assert_int_equal(producer_poll(made, 0), 0);
	producer_free(made);
}

/* With the queue full and nobody there, a send ends within its time, and so does everything else. */
static void test_nobody_there(void **state)
{
	struct producer *made = producer(NOBODY, "queue.buffering.max.messages", "2");
	struct kafka_record sent = record(-1);
	int64_t begun = clock_steady_us();

	(void)state;
	assert_int_equal(producer_send(made, &sent, 100), RESULT_OK);
	assert_int_equal(producer_send(made, &sent, 100), RESULT_OK);
	assert_int_equal(producer_send(made, &sent, 100), RESULT_TIMEOUT);
	assert_int_equal(producer_poll(made, 0), 2);
	assert_int_equal(producer_flush(made, 100), RESULT_TIMEOUT);
	producer_free(made);
	assert_true(clock_steady_us() - begun < PATIENCE_MS * INT64_C(1000));
}

static void test_bad_property(void **state)
{
	const struct kafka_property property = {"no.such.thing", "1"};
	struct producer *made = NULL;
	char error[256] = "";

	(void)state;
	assert_int_equal(
		producer_new(NOBODY, "murmur2_random", &property, 1, error, sizeof(error), &made), RESULT_INVALID);
	assert_null(made);
	assert_non_null(strstr(error, "no.such.thing"));
	assert_int_equal(producer_new(NOBODY, "no_partitioner", NULL, 0, error, sizeof(error), &made), RESULT_INVALID);
}

static void test_fixed_property(void **state)
{
	const struct kafka_property property = {"acks", "1"};
	struct producer *made = NULL;
	char error[256] = "";

	(void)state;
	assert_int_equal(
		producer_new(NOBODY, "murmur2_random", &property, 1, error, sizeof(error), &made), RESULT_INVALID);
	assert_string_equal(error, "acks cannot be set: kpid needs all");
	assert_null(made);
}

static void test_topic_without_broker(void **state)
{
	struct producer *made = producer(NOBODY, NULL, NULL);
	char error[256] = "";

	(void)state;
	assert_int_not_equal(producer_create_topic(made, "t", 1, 1, NULL, 0, 200, error, sizeof(error)), RESULT_OK);
	assert_string_not_equal(error, "");
	producer_free(made);
	producer_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_delivered),
		cmocka_unit_test(test_failure_is_said_once),
		cmocka_unit_test(test_too_large),
		cmocka_unit_test(test_nobody_there),
		cmocka_unit_test(test_bad_property),
		cmocka_unit_test(test_fixed_property),
		cmocka_unit_test(test_topic_without_broker),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
