/* One record: decode, check the partition, apply; or to the dead letters. */
#include "base/clock.h"
#include "daemon/kafka/message.h"
#include "daemon/kafka/placement.h"
#include "daemon/worker.h"

#include <stdlib.h>

static bool send_letter(struct worker *worker, struct worker_shard *shard, struct dead_letter letter)
{
	letter.topic = worker->topic_names[letter.record->topic];
	if (letter.reason != REFUSAL_NONE)
		shard->refused[letter.reason]++;
	/* Once at least, so that a stop in the midst of work costs no checkpoint. Standing still is not hanging. */
	bool sent;
	do {
		atomic_store(&worker->beat_us, clock_steady_us());
		sent = dead_letters_send(worker->letters, &letter);
	} while (!sent && !control_workers_stop(worker->control));
	worker->lost_letter |= !sent;
	return sent;
}

static enum shard_outcome apply(struct worker *worker, struct worker_shard *shard, const struct consumer_record *record,
	struct event *event, enum refusal *ret_reason)
{
	if (!record_is_placed(worker->control->config, record, event, worker->partition_count)) {
		shard_count_refused(shard->shard);
		*ret_reason = REFUSAL_WRONG_PARTITION;
		return SHARD_REFUSED;
	}
	int64_t kafka_time = record->timestamp >= 0 ? record->timestamp : event->time;
	return shard_event(shard->shard, event, kafka_time, ret_reason);
}

/* From the record to what the shard makes of it, and what a letter about it would say. */
static enum shard_outcome judge(struct worker *worker, struct worker_shard *shard, struct dead_letter *letter)
{
	const struct consumer_record *record = letter->record;
	struct record_message message;
	record_message_init(&message, record);
	struct event event;
	if (decode(worker->decoder, &message.message, &event, &letter->reason, &letter->detail) != RESULT_OK) {
		shard_count_refused(shard->shard);
		return SHARD_REFUSED;
	}
	if (worker->crash_on && str_equal(event.id, str_of(worker->crash_on)))
		abort();
	enum shard_outcome outcome = apply(worker, shard, record, &event, &letter->reason);
	letter->missed = outcome == SHARD_MISSED;
	letter->event_time = event.time;
	return outcome;
}

/* A record that has ended kpid again and again is not even looked at. */
static enum shard_outcome judge_watched(
	struct worker *worker, struct worker_shard *shard, struct dead_letter *letter, uint32_t fingerprint)
{
	const struct consumer_record *record = letter->record;
	struct death_place place = {shard->index, worker->topic_names[record->topic], record->offset, fingerprint};
	if (!worker->deaths)
		return judge(worker, shard, letter);
	if (deaths_quarantined(worker->deaths, &place)) {
		shard_count_refused(shard->shard);
		letter->reason = REFUSAL_QUARANTINED;
		return SHARD_REFUSED;
	}
	deaths_begin(worker->note, &place);
	enum shard_outcome outcome = judge(worker, shard, letter);
	deaths_end(worker->note);
	return outcome;
}

static bool take_message(
	struct worker *worker, struct worker_shard *shard, const struct consumer_record *record, uint32_t fingerprint)
{
	struct dead_letter letter = {.record = record};
	enum shard_outcome outcome = judge_watched(worker, shard, &letter, fingerprint);
	if (outcome == SHARD_REFUSED || outcome == SHARD_LATE || outcome == SHARD_MISSED)
		return send_letter(worker, shard, letter);
	return true;
}

bool worker_take(struct worker *worker, struct worker_shard *shard, struct feed_slot *slot)
{
	const struct consumer_record *record = consumer_peek(worker->consumer, slot->slot)->record;
	uint32_t fingerprint = consumer_fingerprint(record);
	if (!take_message(worker, shard, record, fingerprint))
		return false;
	shard_count_record(shard->shard);
	slot->last_offset = record->offset;
	slot->fingerprint = fingerprint;
	slot->has_fingerprint = true;
	shard->records_read++;
	shard->dirty = true;
	consumer_advance(worker->consumer, slot->slot);
	return true;
}
