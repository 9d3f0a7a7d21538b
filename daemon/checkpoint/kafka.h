/* Checkpoints in a compacted Kafka topic: what the files kafka*.c share. */
#ifndef DAEMON_CHECKPOINT_KAFKA_H
#define DAEMON_CHECKPOINT_KAFKA_H

#include "daemon/checkpoint/kafka_index.h"
#include "daemon/checkpoint/store_ops.h"
#include "daemon/kafka/consumer.h"

/* How long a broker may stand still before a call gives up. */
#define KAFKA_STALL_MS 8000

struct kafka_shard {
	uint64_t epoch;      /* 0: not claimed */
	uint64_t generation; /* the newest that was tried in this epoch; numbers are never used twice */
	struct kafka_index index;
};

struct kafka_store {
	struct store store; /* first; its place is "topic NAME" */
	char *topic, *brokers;
	struct kafka_property *properties;
	size_t property_count;
	bool reading;
	struct producer *producer; /* made when needed; freed after a failure, with all that it had not delivered */
	struct consumer *consumer; /* made when needed */
	struct kafka_shard *shards;
	uint32_t shard_count;
};

static inline struct kafka_store *kafka_of(struct store *store)
{
	return (struct kafka_store *)store;
}

/* The sentence "topic NAME[ partition N]: TEXT"; gives `result`. */
enum result kafka_fail(struct kafka_store *kafka, int64_t partition, enum result result, const char *text);

/* That the topic is there, and has the shard's partition. RESULT_NOT_FOUND, RESULT_UNREACHABLE. */
MUST_CHECK enum result kafka_know(struct kafka_store *kafka, uint32_t shard);

/* From kafka_send.c. Each says what is wrong by kafka_fail, and after a failure nothing is under way any more. */
MUST_CHECK enum result kafka_connect(struct kafka_store *kafka);
MUST_CHECK enum result kafka_send(struct kafka_store *kafka, const struct kafka_key *key, struct str value);
MUST_CHECK enum result kafka_flush(struct kafka_store *kafka, uint32_t shard);
MUST_CHECK enum result kafka_send_wait(
	struct kafka_store *kafka, const struct kafka_key *key, struct str value, int64_t *ret_offset);
void kafka_disconnect(struct kafka_store *kafka);

/* From kafka_load.c. Reads the partition up to `until` (INT64_MAX: its end) into the shard's index. */
MUST_CHECK enum result kafka_scan(struct kafka_store *kafka, uint32_t shard, int64_t until);
MUST_CHECK enum result kafka_consumer(struct kafka_store *kafka);
enum result kafka_load(struct store *store, uint32_t shard, struct buf *bytes);

/* From kafka_save.c. */
enum result kafka_save(struct store *store, uint32_t shard, struct str bytes);
enum result kafka_remove(struct store *store, uint32_t shard);

#endif
