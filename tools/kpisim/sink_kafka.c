#include "base/hash.h"
#include "base/log.h"
#include "base/mem.h"
#include "daemon/kafka/producer.h"
#include "tools/kpisim/sink.h"
#include "tools/kpisim/topics.h"

#define SEND_TIMEOUT_MS 60000
#define FLUSH_TIMEOUT_MS 120000

/* Deliveries are served every so many records. */
#define POLL_EVERY 1000

struct sink_kafka {
	struct sink sink;
	struct producer *producer;
	uint32_t partitions;
	bool murmur2;
	uint32_t sent;
	struct buf names[TOPIC_COUNT];
};

static int32_t partition_of(const struct sink_kafka *kafka, const struct record *record)
{
	struct str key = record_key(record);
	uint32_t hash = kafka->murmur2 ? hash_murmur2(key) & 0x7fffffff : hash_crc32(key);

	return (int32_t)((hash + record->wrong_partition) % kafka->partitions);
}

static enum result kafka_put(struct sink *sink, const struct record *record)
{
	struct sink_kafka *kafka = (struct sink_kafka *)sink;
	struct kafka_record sent = {
		.topic = kafka->names[record->topic].data,
		.partition = partition_of(kafka, record),
		.key = record_key(record),
		.value = record_value(record),
		.timestamp = record->arrival,
	};

	if (++kafka->sent % POLL_EVERY == 0)
		producer_poll(kafka->producer, 0);
	return producer_send(kafka->producer, &sent, SEND_TIMEOUT_MS);
}

static enum result kafka_flush(struct sink *sink)
{
	return producer_flush(((struct sink_kafka *)sink)->producer, FLUSH_TIMEOUT_MS);
}

static void kafka_poll(struct sink *sink)
{
	producer_poll(((struct sink_kafka *)sink)->producer, 0);
}

static void kafka_free(struct sink *sink)
{
	struct sink_kafka *kafka = (struct sink_kafka *)sink;

	producer_free(kafka->producer);
	for (int i = 0; i < TOPIC_COUNT; i++)
		buf_release(&kafka->names[i]);
	mem_free(kafka);
}

enum result sink_kafka_new(const struct options *options, struct sink **ret_sink)
{
	/* Oversized messages are to reach the topics: compressed, they fit into what a broker takes. */
	const struct kafka_property properties[] = {{"compression.codec", "lz4"}, {"message.max.bytes", "4000000"}};
	struct sink_kafka *kafka = NEW(struct sink_kafka);
	char error[512] = "";
	enum result result = producer_new(options->brokers, "murmur2_random", properties,
		sizeof(properties) / sizeof(properties[0]), error, sizeof(error), &kafka->producer);

	if (result != RESULT_OK) {
		log_error("cannot start a producer brokers=%s error=%s", options->brokers, error);
		mem_free(kafka);
		return result;
	}
	kafka->sink = (struct sink){.put = kafka_put, .flush = kafka_flush, .poll = kafka_poll, .free = kafka_free};
	kafka->partitions = (uint32_t)options->partitions;
	kafka->murmur2 = strcmp(options->partitioner, "murmur2") == 0;
	for (int i = 0; i < TOPIC_COUNT; i++) {
		buf_init(&kafka->names[i]);
		topics_name(&kafka->names[i], options->topic_prefix, i);
	}
	*ret_sink = &kafka->sink;
	return RESULT_OK;
}
