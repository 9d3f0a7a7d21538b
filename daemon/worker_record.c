/* One record: decode, check the partition, apply; or to the dead letters. */
#include "base/clock.h"
#include "base/hash.h"
#include "daemon/worker.h"

#define HEADERS_MAX 32

/* Whether the partition is that of the record's key. One without a key went anywhere: its customer must belong here all the same. */
static bool record_in_partition(
	const struct worker *worker, const struct consumer_record *record, const struct event *event)
{
	const struct topic *topic = &worker->control->config->schema.topics[record->topic];
	struct str key = record->key;
	if (!key.data && topic->key == TOPIC_KEY_CUSTOMER)
		key = event->customer;
	if (!key.data || worker->partition_count < 2)
		return true;
	switch ((enum partitioner)worker->control->config->settings.kafka_partitioner) {
	case PARTITIONER_MURMUR2:
		return (int32_t)((hash_murmur2(key) & 0x7fffffff) % (uint32_t)worker->partition_count) ==
			record->partition;
	case PARTITIONER_CRC32:
		return (int32_t)(hash_crc32(key) % (uint32_t)worker->partition_count) == record->partition;
	case PARTITIONER_ANY:
		break;
	}
	return true;
}

/* The customer must be the key, or its events would be spread over shards. */
static bool key_is_customer(
	const struct worker *worker, const struct consumer_record *record, const struct event *event)
{
	const struct topic *topic = &worker->control->config->schema.topics[record->topic];
	if (topic->key != TOPIC_KEY_CUSTOMER || !record->key.data || event->customer.length == 0)
		return true;
	return str_equal(record->key, event->customer);
}

static bool refuse(struct worker *worker, struct worker_shard *shard, const struct consumer_record *record,
	enum refusal reason, struct str detail, int64_t event_time)
{
	struct dead_letter letter = {
		.record = record,
		.topic = worker->topic_names[record->topic],
		.reason = reason,
		.detail = detail,
		.event_time = event_time,
	};
	if (reason != REFUSAL_NONE)
		shard->refused[reason]++;
	/* Once at least, so that a stop in the midst of work costs no checkpoint. Standing still is not hanging. */
	bool sent;
	do {
		atomic_store(&worker->beat_us, clock_steady_us());
		sent = dead_letters_send(worker->letters, &letter);
	} while (!sent && !atomic_load(&worker->control->stop));
	worker->lost_letter |= !sent;
	return sent;
}

static size_t copy_headers(const struct consumer_record *record, struct message_header *headers)
{
	struct kafka_header found[HEADERS_MAX];
	size_t count = consumer_headers(record, found, HEADERS_MAX);
	count = count < HEADERS_MAX ? count : HEADERS_MAX;
	for (size_t i = 0; i < count; i++)
		headers[i] = (struct message_header){str_of(found[i].name), found[i].value};
	return count;
}

static enum refusal apply(struct worker *worker, struct worker_shard *shard, const struct consumer_record *record,
	const struct event *event, bool *ret_late)
{
	enum refusal reason = REFUSAL_NONE;
	if (!record_in_partition(worker, record, event) || !key_is_customer(worker, record, event)) {
		shard_count_refused(shard->shard);
		return REFUSAL_WRONG_PARTITION;
	}
	int64_t kafka_time = record->timestamp >= 0 ? record->timestamp : event->time;
	enum shard_outcome outcome = shard_event(shard->shard, event, kafka_time, &reason);
	*ret_late = outcome == SHARD_LATE;
	return outcome == SHARD_REFUSED ? reason : REFUSAL_NONE;
}

static bool take_message(struct worker *worker, struct worker_shard *shard, const struct consumer_record *record)
{
	struct message_header headers[HEADERS_MAX];
	struct message message = {.body = record->value, .topic = record->topic, .headers = headers};
	message.header_count = copy_headers(record, headers);
	struct event event;
	struct str detail = {NULL, 0};
	enum refusal reason;
	bool late = false;
	if (decode(worker->decoder, &message, &event, &reason, &detail) != RESULT_OK) {
		shard_count_refused(shard->shard);
		return refuse(worker, shard, record, reason, detail, 0);
	}
	reason = apply(worker, shard, record, &event, &late);
	if (reason != REFUSAL_NONE || late)
		return refuse(worker, shard, record, reason, (struct str){NULL, 0}, event.time);
	return true;
}

bool worker_take(struct worker *worker, struct worker_shard *shard, struct feed_slot *slot)
{
	const struct consumer_record *record = consumer_peek(worker->consumer, slot->slot)->record;
	if (!take_message(worker, shard, record))
		return false;
	shard_count_record(shard->shard);
	slot->last_offset = record->offset;
	slot->fingerprint = consumer_fingerprint(record);
	slot->has_fingerprint = true;
	shard->records_read++;
	shard->dirty = true;
	consumer_advance(worker->consumer, slot->slot);
	return true;
}
