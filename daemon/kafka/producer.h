/* A Kafka producer: idempotent, acks=all, asynchronous, with a count of what is not yet acknowledged.
 *
 * One thread sends; delivery is reported on that same thread from within producer_poll and producer_flush. */
#ifndef DAEMON_KAFKA_PRODUCER_H
#define DAEMON_KAFKA_PRODUCER_H

#include "base/result.h"
#include "base/str.h"

struct producer;

struct kafka_property {
	const char *name;
	const char *value;
};

struct kafka_header {
	const char *name;
	struct str value;
};

struct kafka_record {
	const char *topic;
	int32_t partition; /* -1: by the partitioner */
	struct str key;    /* data NULL: no key */
	struct str value;  /* data NULL: a tombstone */
	int64_t timestamp; /* ms; 0: now */
	const struct kafka_header *headers;
	size_t header_count;
};

/* `partitioner` is a librdkafka partitioner name ("murmur2_random" is Java's, "consistent_random" librdkafka's own). On failure
 * the sentence stands in `error`. */
MUST_CHECK enum result producer_new(const char *brokers, const char *partitioner,
	const struct kafka_property *properties, size_t property_count, char *error, size_t error_size,
	struct producer **ret_producer);
/* Copies the record. Blocks (serving deliveries) while the local queue is full, at most `timeout_ms`. */
MUST_CHECK enum result producer_send(struct producer *producer, const struct kafka_record *record, int timeout_ms);
/* Where a record has come to lie. */
struct kafka_receipt {
	int64_t offset;
	int64_t append_time; /* the broker's clock, ms, where the topic has message.timestamp.type=LogAppendTime; else -1 */
};

/* As producer_send; the record's receipt can be asked for once it is settled (delivered or not), which producer_poll brings about. One at a
 * time: the next one takes its place. */
MUST_CHECK enum result producer_send_tracked(
	struct producer *producer, const struct kafka_record *record, int timeout_ms);
bool producer_is_settled(const struct producer *producer);
MUST_CHECK enum result producer_receipt(const struct producer *producer, struct kafka_receipt *ret_receipt);

/* Sends and waits for the acknowledgement of this record; what was sent before it is served meanwhile. RESULT_TIMEOUT: it may be delivered
 * all the same; RESULT_RANGE: larger than the topic takes; RESULT_NOT_FOUND: no such topic or partition; RESULT_REFUSED. Why stands in
 * producer_error. */
MUST_CHECK enum result producer_send_wait(struct producer *producer, const struct kafka_record *record, int timeout_ms,
	struct kafka_receipt *ret_receipt);
/* The newest failure of a delivery, as a sentence; empty: none. */
const char *producer_error(const struct producer *producer);
/* As what kind of result it counts; RESULT_OK: none. */
enum result producer_failure(const struct producer *producer);
/* From now on failed deliveries are not logged: the caller says what they mean. */
void producer_be_quiet(struct producer *producer);
/* From now on a record that is not delivered is sent again, for ever; one that is larger than its topic takes, without its value and with
 * the header PRODUCER_OMITTED_HEADER, which says how many bytes it had. */
#define PRODUCER_OMITTED_HEADER "kpid-omitted-bytes"
void producer_keep_trying(struct producer *producer);
/* Serves delivery reports; returns how many records are still under way. */
int producer_poll(struct producer *producer, int timeout_ms);
/* Waits until all is acknowledged: RESULT_TIMEOUT when it is not by then, RESULT_REFUSED when a record failed for good. */
MUST_CHECK enum result producer_flush(struct producer *producer, int timeout_ms);
/* Records that failed for good since the start. */
uint64_t producer_failed(const struct producer *producer);
/* Creates a topic if it is not there; `config` are topic properties such as retention.ms. */
MUST_CHECK enum result producer_create_topic(struct producer *producer, const char *topic, int partitions, int replicas,
	const struct kafka_property *config, size_t config_count, int timeout_ms, char *error, size_t error_size);
/* Waits until the brokers have said where the topic's partitions are, or the time is over: what is sent before may lie here for a second. */
void producer_find_topic(struct producer *producer, const char *topic, int timeout_ms);
void producer_free(struct producer *producer);

#endif
