/* Records on their way to the topic of checkpoints. */
#include "daemon/checkpoint/kafka.h"

#include "base/clock.h"
#include "base/mem.h"

#include <stdio.h>

/* Chunks under way: what is copied for them is bounded. */
#define WINDOW 8
#define TURN_MS 50
#define TEXT_SIZE 400

/* Bounded times; a batch no larger than a topic with the default limit takes. */
static const struct kafka_property own[] = {
	{"message.timeout.ms", "8000"},
	{"batch.size", "600000"},
	{"queue.buffering.max.messages", "100000"},
};
enum { OWN_COUNT = sizeof own / sizeof own[0] };

enum result kafka_connect(struct kafka_store *kafka)
{
	char error[256] = "";
	size_t count = kafka->property_count;
	if (kafka->producer)
		return RESULT_OK;
	struct kafka_property *properties = NEW_ARRAY(struct kafka_property, count + OWN_COUNT);
	if (count)
		memcpy(properties, kafka->properties, count * sizeof *properties);
	memcpy(properties + count, own, sizeof own);
	enum result result = producer_new(kafka->brokers, "consistent_random", properties, count + OWN_COUNT, error,
		sizeof error, &kafka->producer);
	mem_free(properties);
	if (result)
		return kafka_fail(kafka, -1, result, error);
	producer_be_quiet(kafka->producer);
	return RESULT_OK;
}

/* What is under way is given up: its generation does not count, and is never tried again. */
void kafka_disconnect(struct kafka_store *kafka)
{
	producer_free(kafka->producer);
	kafka->producer = NULL;
}

static enum result fail_sending(struct kafka_store *kafka, uint32_t shard, enum result result)
{
	char text[TEXT_SIZE];
	const char *why = producer_error(kafka->producer);
	snprintf(text, sizeof text, "%s%s", *why ? why : "the broker does not acknowledge",
		result == RESULT_RANGE ? "; the topic's max.message.bytes must be 600000 at least" : "");
	kafka_disconnect(kafka);
	return kafka_fail(kafka, shard, result, text);
}

/* Waits until no more than `most` are under way: as long as it takes, unless nothing moves. */
static enum result await(struct kafka_store *kafka, uint32_t shard, int most)
{
	int left = producer_poll(kafka->producer, 0);
	int64_t moved_us = clock_steady_us();
	while (left > most && clock_steady_us() - moved_us < (int64_t)KAFKA_STALL_MS * 1000) {
		int now = producer_poll(kafka->producer, TURN_MS);
		if (now < left)
			moved_us = clock_steady_us();
		left = now;
	}
	if (producer_failed(kafka->producer))
		return fail_sending(kafka, shard, producer_failure(kafka->producer));
	return left > most ? fail_sending(kafka, shard, RESULT_TIMEOUT) : RESULT_OK;
}

enum result kafka_flush(struct kafka_store *kafka, uint32_t shard)
{
	return await(kafka, shard, 0);
}

static struct kafka_record record_of(
	const struct kafka_store *kafka, const struct kafka_key *key, struct str value, struct buf *text)
{
	buf_init(text);
	kafka_key_put(text, key);
	return (struct kafka_record){
		.topic = kafka->topic, .partition = (int32_t)key->shard, .key = buf_str(text), .value = value};
}

enum result kafka_send(struct kafka_store *kafka, const struct kafka_key *key, struct str value)
{
	struct buf text;
	enum result result = await(kafka, key->shard, WINDOW - 1);
	if (result)
		return result;
	struct kafka_record record = record_of(kafka, key, value, &text);
	result = producer_send(kafka->producer, &record, KAFKA_STALL_MS);
	buf_release(&text);
	return result ? fail_sending(kafka, key->shard, result) : RESULT_OK;
}

enum result kafka_send_wait(
	struct kafka_store *kafka, const struct kafka_key *key, struct str value, int64_t *ret_offset)
{
	struct buf text;
	struct kafka_receipt receipt;
	struct kafka_record record = record_of(kafka, key, value, &text);
	enum result result = producer_send_wait(kafka->producer, &record, KAFKA_STALL_MS, &receipt);
	buf_release(&text);
	if (result)
		return fail_sending(kafka, key->shard, result);
	*ret_offset = receipt.offset;
	return RESULT_OK;
}
