/* Reading: first what is there, then the bytes of the newest generation that is whole. */
#include "daemon/checkpoint/kafka.h"

#include "base/hash.h"
#include "base/log.h"

#include <stdio.h>

#define QUEUE_BYTES (16 << 20)
#define TEXT_SIZE 200

enum result kafka_consumer(struct kafka_store *kafka)
{
	char error[256] = "";
	struct consumer_options options = {.brokers = kafka->brokers,
		.client_id = "kpid-checkpoints",
		.group = kafka->topic,
		.properties = kafka->properties,
		.property_count = kafka->property_count,
		.queue_bytes = QUEUE_BYTES,
		.slot_count = 1};
	if (kafka->consumer)
		return RESULT_OK;
	enum result result = consumer_new(&options, error, sizeof error, &kafka->consumer);
	return result ? kafka_fail(kafka, -1, result, error) : RESULT_OK;
}

static enum result scan(
	struct kafka_store *kafka, uint32_t shard, int64_t from, int64_t until, consumer_visit *visit, void *context)
{
	char error[256] = "";
	enum result result = kafka_consumer(kafka);
	if (result)
		return result;
	result = consumer_scan(kafka->consumer, kafka->topic, (int32_t)shard, from, until, KAFKA_STALL_MS, visit,
		context, error, sizeof error);
	return result ? kafka_fail(kafka, shard, result, error) : RESULT_OK;
}

struct indexing {
	struct kafka_index *index;
	uint32_t shard;
};

static bool index_record(const struct consumer_record *record, void *context)
{
	const struct indexing *indexing = context;
	kafka_index_note(indexing->index, indexing->shard, record->key, record->value, record->offset);
	return true;
}

enum result kafka_scan(struct kafka_store *kafka, uint32_t shard, int64_t until)
{
	struct kafka_index index = {0};
	struct indexing indexing = {&index, shard};
	enum result result = scan(kafka, shard, CONSUMER_EARLIEST, until, index_record, &indexing);
	if (index.foreign)
		log_warning("topic %s partition %u: %llu records that kpid has not written are passed over",
			kafka->topic, shard, (unsigned long long)index.foreign);
	if (!result) {
		kafka_index_clear(&kafka->shards[shard].index);
		kafka->shards[shard].index = index;
	} else {
		kafka_index_clear(&index);
	}
	return result;
}

struct collecting {
	const struct kafka_generation *generation;
	uint32_t shard;
	uint32_t next; /* number of the chunk that is wanted */
	struct buf bytes;
};

static bool collect_record(const struct consumer_record *record, void *context)
{
	struct collecting *collecting = context;
	struct kafka_key key = kafka_key_read(record->key);
	bool wanted = key.kind == KEY_CHUNK && key.shard == collecting->shard &&
		key.epoch == collecting->generation->epoch && key.generation == collecting->generation->generation &&
		key.number == collecting->next && record->value.data;
	if (!wanted)
		return true;
	buf_put_str(&collecting->bytes, record->value);
	collecting->next++;
	return true;
}

static bool adds_up(const struct collecting *collecting)
{
	const struct manifest *manifest = &collecting->generation->manifest;
	return collecting->next == manifest->chunks && collecting->bytes.length == manifest->length &&
		hash_crc32c(0, buf_str(&collecting->bytes)) == manifest->crc;
}

static enum result fail_reading(struct kafka_store *kafka, uint32_t shard, const struct kafka_generation *generation,
	enum result result, const char *what)
{
	char text[TEXT_SIZE];
	snprintf(text, sizeof text, "epoch %llu, generation %llu: %s", (unsigned long long)generation->epoch,
		(unsigned long long)generation->generation, what);
	return kafka_fail(kafka, shard, result, text);
}

static enum result read_chunks(
	struct kafka_store *kafka, uint32_t shard, const struct kafka_generation *generation, struct buf *bytes)
{
	struct collecting collecting = {.generation = generation, .shard = shard};
	enum result result = RESULT_OK;
	buf_init(&collecting.bytes);
	if (generation->first < generation->last)
		result = scan(kafka, shard, generation->first, generation->last, collect_record, &collecting);
	if (!result && !adds_up(&collecting))
		result = fail_reading(kafka, shard, generation, RESULT_CORRUPT, "chunks are missing or damaged");
	if (result) {
		buf_release(&collecting.bytes);
		return result;
	}
	buf_release(bytes);
	*bytes = collecting.bytes;
	return RESULT_OK;
}

static enum result load_one(
	struct kafka_store *kafka, uint32_t shard, const struct kafka_generation *generation, struct buf *bytes)
{
	if (generation->readable != RESULT_OK)
		return fail_reading(kafka, shard, generation, generation->readable, result_text(generation->readable));
	return read_chunks(kafka, shard, generation, bytes);
}

/* As in a directory: an older state with its older offsets is as right as a newer one, but not one that a newer kpid has gone on from. */
static enum result load_newest(struct kafka_store *kafka, uint32_t shard, struct buf *bytes)
{
	const struct kafka_index *index = &kafka->shards[shard].index;
	enum result result = RESULT_NOT_FOUND;
	bool fell_back = false;
	for (size_t i = kafka_index_next(index, 0); i < index->count; i = kafka_index_next(index, i + 1)) {
		result = load_one(kafka, shard, &index->items[i], bytes);
		if (result == RESULT_OK && fell_back)
			kafka->store.fallbacks++;
		if (result != RESULT_CORRUPT && result != RESULT_NOT_FOUND)
			return result;
		fell_back = true;
		log_warning("checkpoint passed over: %s", kafka->store.error);
		result = RESULT_CORRUPT;
	}
	return result;
}

/* What was there when the shard was claimed may be gone by now, if the writer before lives on: then it has written something newer. */
static bool newest_is_there(struct kafka_store *kafka, uint32_t shard, struct buf *bytes)
{
	const struct kafka_index *index = &kafka->shards[shard].index;
	size_t newest = kafka_index_next(index, 0);
	return newest < index->count && load_one(kafka, shard, &index->items[newest], bytes) == RESULT_OK;
}

enum result kafka_load(struct store *store, uint32_t shard, struct buf *bytes)
{
	struct kafka_store *kafka = kafka_of(store);
	enum result result = kafka_know(kafka, shard);
	if (result)
		return result;
	if (kafka->shards[shard].epoch && newest_is_there(kafka, shard, bytes))
		return RESULT_OK;
	result = kafka_scan(kafka, shard, INT64_MAX);
	return result ? result : load_newest(kafka, shard, bytes);
}
