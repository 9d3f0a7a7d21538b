/* One record: decode, check the partition, apply; or to the dead letters. */
#include "base/clock.h"
#include "daemon/kafka/placement.h"
#include "daemon/worker.h"

#define HEADERS_MAX 32

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
	if (!record_is_placed(worker->control->config, record, event, worker->partition_count)) {
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
