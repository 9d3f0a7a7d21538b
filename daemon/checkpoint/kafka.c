#include "daemon/checkpoint/kafka.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

#include <stdio.h>
#include <unistd.h>

#define ASK_TIMEOUT_MS 5000
#define TURN_MS 100
#define TEXT_SIZE 300

/* Small segments, so that what is taken back goes soon, and a start reads little. */
static const struct kafka_property topic_properties[] = {
	{"cleanup.policy", "compact"},
	{"retention.ms", "-1"},
	{"retention.bytes", "-1"},
	{"segment.bytes", "16777216"},
	{"segment.ms", "600000"},
	{"min.cleanable.dirty.ratio", "0.1"},
	{"max.compaction.lag.ms", "600000"},
	{"delete.retention.ms", "3600000"},
};

enum result kafka_fail(struct kafka_store *kafka, int64_t partition, enum result result, const char *text)
{
	char *error = kafka->store.error;
	if (partition < 0)
		snprintf(error, STORE_ERROR_SIZE, "topic %s: %s", kafka->topic, text);
	else
		snprintf(error, STORE_ERROR_SIZE, "topic %s partition %lld: %s", kafka->topic, (long long)partition,
			text);
	return result;
}

static void set_shard_count(struct kafka_store *kafka, int32_t count)
{
	kafka->shards = NEW_ARRAY(struct kafka_shard, (size_t)count);
	kafka->shard_count = (uint32_t)count;
}

/* The number of partitions, asked for once. RESULT_NOT_FOUND: there is no topic. */
static enum result know_partitions(struct kafka_store *kafka)
{
	char error[256] = "";
	const char *topic = kafka->topic;
	int32_t count = 0;
	if (kafka->shard_count)
		return RESULT_OK;
	enum result result = kafka_consumer(kafka);
	if (result)
		return result;
	result = consumer_partitions(kafka->consumer, &topic, 1, ASK_TIMEOUT_MS, &count, error, sizeof error);
	if (result)
		snprintf(kafka->store.error, STORE_ERROR_SIZE, "%s", error);
	else
		set_shard_count(kafka, count);
	return result;
}

enum result kafka_know(struct kafka_store *kafka, uint32_t shard)
{
	enum result result = know_partitions(kafka);
	if (!result && shard >= kafka->shard_count)
		return kafka_fail(kafka, shard, RESULT_NOT_FOUND, "there is no such partition");
	return result;
}

static enum result create_topic(struct kafka_store *kafka, uint32_t shard_count)
{
	char error[256] = "", text[TEXT_SIZE];
	const size_t property_count = sizeof topic_properties / sizeof topic_properties[0];
	const int replicas = -1; /* as many as the brokers give by default */
	enum result result = kafka_connect(kafka);
	if (result)
		return result;
	result = producer_create_topic(kafka->producer, kafka->topic, (int)shard_count, replicas, topic_properties,
		property_count, ASK_TIMEOUT_MS, error, sizeof error);
	snprintf(text, sizeof text, "it does not exist and cannot be created: %s", error);
	if (result)
		return kafka_fail(kafka, -1, result, text);
	log_notice("topic %s created", kafka->topic);
	return RESULT_OK;
}

/* Not every broker knows a new topic at once. */
static enum result await_topic(struct kafka_store *kafka)
{
	int64_t end_us = clock_steady_us() + (int64_t)KAFKA_STALL_MS * 1000;
	enum result result = know_partitions(kafka);
	while (result == RESULT_NOT_FOUND && clock_steady_us() < end_us) {
		consumer_wait(kafka->consumer, TURN_MS);
		result = know_partitions(kafka);
	}
	return result;
}

static enum result prepare(struct store *store, uint32_t shard_count)
{
	struct kafka_store *kafka = kafka_of(store);
	enum result result = know_partitions(kafka);
	if (result == RESULT_NOT_FOUND && !kafka->reading) {
		result = create_topic(kafka, shard_count);
		if (!result)
			result = await_topic(kafka);
	}
	if (result || kafka->shard_count == shard_count)
		return result;
	snprintf(store->error, STORE_ERROR_SIZE,
		"the checkpoint is of topics with %u partitions, but they have %u now (topic %s)", kafka->shard_count,
		shard_count, kafka->topic);
	return RESULT_CONFLICT;
}

static void put_claim(struct buf *out)
{
	char host[256] = "";
	(void)gethostname(host, sizeof host - 1);
	buf_printf(out, "host=%s pid=%ld time_ms=%lld", host, (long)getpid(), (long long)clock_wall_ms());
}

/* Its own record is where the shard's past ends: whatever others write behind it is of an older epoch. */
static enum result claim(struct store *store, uint32_t shard)
{
	struct kafka_store *kafka = kafka_of(store);
	struct kafka_key key = {.kind = KEY_CLAIM, .shard = shard};
	struct buf value;
	int64_t offset;
	enum result result = kafka_know(kafka, shard);
	if (!result)
		result = kafka_connect(kafka);
	if (result)
		return result;
	buf_init(&value);
	put_claim(&value);
	result = kafka_send_wait(kafka, &key, buf_str(&value), &offset);
	buf_release(&value);
	if (!result)
		result = kafka_scan(kafka, shard, offset);
	if (result)
		return result;
	kafka->shards[shard].epoch = (uint64_t)offset + 1;
	kafka->shards[shard].generation = 0;
	return RESULT_OK;
}

static enum result list_shards(struct store *store, uint32_t *shards, size_t max, size_t *ret_count)
{
	struct kafka_store *kafka = kafka_of(store);
	size_t count = 0;
	enum result result = know_partitions(kafka);
	for (uint32_t s = 0; s < kafka->shard_count && !result; s++) {
		const struct kafka_index *index = &kafka->shards[s].index;
		if (!kafka->shards[s].epoch)
			result = kafka_scan(kafka, s, INT64_MAX);
		if (result || kafka_index_next(index, 0) == index->count)
			continue;
		if (count < max)
			shards[count] = s;
		count++;
	}
	if (result && result != RESULT_NOT_FOUND)
		return result;
	*ret_count = count;
	return RESULT_OK;
}

static void close_topic(struct store *store)
{
	struct kafka_store *kafka = kafka_of(store);
	kafka_disconnect(kafka);
	consumer_free(kafka->consumer);
	for (uint32_t s = 0; s < kafka->shard_count; s++)
		kafka_index_clear(&kafka->shards[s].index);
	for (size_t i = 0; i < kafka->property_count; i++) {
		mem_free((char *)(uintptr_t)kafka->properties[i].name);
		mem_free((char *)(uintptr_t)kafka->properties[i].value);
	}
	mem_free(kafka->properties);
	mem_free(kafka->shards);
	mem_free(kafka->topic);
	mem_free(kafka->brokers);
	mem_free(store->place);
	mem_free(kafka);
}

static const struct store_ops ops = {
	.prepare = prepare,
	.claim = claim,
	.save = kafka_save,
	.load = kafka_load,
	.shards = list_shards,
	.remove = kafka_remove,
	.close = close_topic,
};

static char *place_of(const char *topic)
{
	struct buf text;
	buf_init(&text);
	buf_printf(&text, "topic %s", topic);
	char *place = mem_text(text.data);
	buf_release(&text);
	return place;
}

/* Nothing is asked of the network yet; the consumer is made to see whether the properties are right. */
enum result kafka_open(const struct store_options *options, struct store **ret_store)
{
	struct kafka_store *kafka = NEW(struct kafka_store);
	kafka->store.ops = &ops;
	kafka->store.place = place_of(options->topic);
	kafka->topic = mem_text(options->topic);
	kafka->brokers = mem_text(options->brokers);
	kafka->reading = options->reading;
	kafka->property_count = options->property_count;
	kafka->properties = NEW_ARRAY(struct kafka_property, options->property_count + 1);
	for (size_t i = 0; i < options->property_count; i++)
		kafka->properties[i] = (struct kafka_property){
			mem_text(options->properties[i].name), mem_text(options->properties[i].value)};
	*ret_store = &kafka->store;
	return kafka_consumer(kafka);
}
