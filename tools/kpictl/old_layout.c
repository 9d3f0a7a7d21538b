#include "tools/kpictl/old_layout.h"

#include "base/clock.h"
#include "base/mem.h"
#include "daemon/kafka/dead_letters.h"
#include "daemon/kafka/message.h"
#include "daemon/kafka/placement.h"
#include "tools/kpictl/reading_consumer.h"

#include <stdio.h>

/* Nothing new for so long: the brokers do not answer. */
#define SILENCE_US INT64_C(30000000)
#define LETTERS_TIMEOUT_MS 30000
#define PROBE_TIMEOUT_MS 10000

struct reading {
	struct old_layout *layout;
	struct consumer *consumer;
	struct decoder *decoder;
	struct dead_letters *letters;
	struct consumer_position *positions; /* by slot */
	bool *ended;
	size_t slot_count;
};

static bool fail(struct old_layout *layout, const char *topic, int32_t partition, const char *what)
{
	snprintf(layout->error, sizeof layout->error, "topic %s partition %d: %s", topic, (int)partition, what);
	return false;
}

static const char *topic_of(const struct reading *reading, size_t slot)
{
	return reading->layout->topology.names[reading->positions[slot].topic];
}

static struct old_place *place_of(const struct reading *reading, size_t slot)
{
	const struct consumer_position *position = &reading->positions[slot];
	return old_layout_place(reading->layout, (uint32_t)position->partition, (size_t)position->topic);
}

/* ---- one record ---- */

static bool is_placed(const struct old_layout *layout, const struct consumer_record *record, const struct event *event)
{
	return record_is_placed(layout->config, record, event, (int32_t)layout->before) ||
		record_is_placed(layout->config, record, event, layout->topology.shard_count);
}

static enum shard_outcome judge(
	struct reading *reading, const struct consumer_record *record, struct dead_letter *letter)
{
	const struct old_layout *layout = reading->layout;
	struct shard *shard = layout->shards[record->partition];
	struct record_message message;
	struct event event;
	record_message_init(&message, record);
	bool decoded =
		decode(reading->decoder, &message.message, &event, &letter->reason, &letter->detail) == RESULT_OK;
	if (!decoded || !is_placed(layout, record, &event)) {
		if (decoded)
			letter->reason = REFUSAL_WRONG_PARTITION;
		shard_count_record(shard);
		shard_count_refused(shard);
		return SHARD_REFUSED;
	}
	letter->event_time = event.time;
	shard = layout->shards[record_partition(layout->config, record, &event, (int32_t)layout->before)];
	shard_count_record(shard);
	return shard_event(shard, &event, record->timestamp >= 0 ? record->timestamp : event.time, &letter->reason);
}

static bool send(struct reading *reading, struct dead_letter *letter)
{
	for (int tries = 0; tries < LETTERS_TIMEOUT_MS / 1000; tries++)
		if (dead_letters_send(reading->letters, letter)) {
			reading->layout->letters++;
			return true;
		}
	return fail(reading->layout, letter->topic, letter->record->partition, "a dead letter cannot be written");
}

static bool take(struct reading *reading, size_t slot, const struct consumer_record *record)
{
	struct dead_letter letter = {.record = record, .topic = topic_of(reading, slot)};
	enum shard_outcome outcome = judge(reading, record, &letter);
	letter.missed = outcome == SHARD_MISSED;
	reading->layout->records++;
	struct old_place *place = place_of(reading, slot);
	place->last_offset = record->offset;
	place->fingerprint = consumer_fingerprint(record);
	place->has_fingerprint = true;
	if (outcome == SHARD_REFUSED || outcome == SHARD_LATE || outcome == SHARD_MISSED)
		return send(reading, &letter);
	return true;
}

/* ---- all of them ---- */

/* As kpid has it: what retention took is a declared gap, a log that is shorter than it was is another log. */
static bool pass_gap(struct reading *reading, size_t slot, const struct consumer_slot *state)
{
	int32_t partition = reading->positions[slot].partition;
	if (state->earliest <= state->next)
		return fail(reading->layout, topic_of(reading, slot), partition,
			"the log ends before what was read already; it was truncated or created anew");
	shard_set_gap(reading->layout->shards[partition], clock_wall_ms());
	return consumer_resume_at(reading->consumer, slot, state->earliest) == RESULT_OK ||
		fail(reading->layout, topic_of(reading, slot), partition, "cannot read on behind a gap");
}

/* Takes what is there. False: it cannot go on. */
static bool read_slot(struct reading *reading, size_t slot, bool *progress)
{
	const struct consumer_slot *state;
	while ((state = consumer_peek(reading->consumer, slot))->state == CONSUMER_RECORD) {
		if (!take(reading, slot, state->record))
			return false;
		consumer_advance(reading->consumer, slot);
		*progress = true;
	}
	place_of(reading, slot)->next = state->next;
	if (state->state == CONSUMER_GAP)
		return pass_gap(reading, slot, state);
	if (state->state == CONSUMER_END) {
		reading->ended[slot] = true;
		*progress = true;
	}
	return true;
}

static size_t open_slots(const struct reading *reading)
{
	size_t open = 0;
	for (size_t slot = 0; slot < reading->slot_count; slot++)
		open += !reading->ended[slot];
	return open;
}

static bool read_all(struct reading *reading)
{
	int64_t last_us = clock_steady_us();
	while (open_slots(reading) && clock_steady_us() - last_us < SILENCE_US) {
		bool progress = false;
		for (size_t slot = 0; slot < reading->slot_count; slot++)
			if (!reading->ended[slot] && !read_slot(reading, slot, &progress))
				return false;
		if (progress)
			last_us = clock_steady_us();
		else
			consumer_wait(reading->consumer, 100);
		consumer_check_end(reading->consumer, clock_wall_ms());
	}
	if (!open_slots(reading))
		return true;
	snprintf(reading->layout->error, sizeof reading->layout->error, "the brokers do not answer: %s",
		consumer_error(reading->consumer));
	return false;
}

/* ---- before and after ---- */

static struct consumer *new_consumer(struct old_layout *layout, size_t slot_count)
{
	return reading_consumer_new(&layout->config->settings, slot_count, layout->error, sizeof layout->error);
}

static bool same_record(struct old_layout *layout, const struct consumer_probe *probe)
{
	const struct consumer_position *position = &probe->position;
	const struct old_place *place =
		old_layout_place(layout, (uint32_t)position->partition, (size_t)position->topic);
	const char *topic = layout->topology.names[position->topic];
	if (probe->result == RESULT_NOT_FOUND) /* retention has taken it */
		return true;
	if (probe->result == RESULT_CONFLICT ||
		(probe->result == RESULT_OK && probe->fingerprint != place->fingerprint))
		return fail(layout, topic, position->partition,
			"the last record read is not there; the topic was truncated or created anew");
	return probe->result == RESULT_OK ||
		fail(layout, topic, position->partition, "no answer about the last record read");
}

/* Whether the topics are those of the checkpoints. */
static bool compare_topics(struct reading *reading)
{
	struct old_layout *layout = reading->layout;
	struct consumer_probe *probes = NEW_ARRAY(struct consumer_probe, reading->slot_count + 1);
	struct consumer *consumer = new_consumer(layout, 0);
	size_t count = 0;
	for (size_t slot = 0; slot < reading->slot_count; slot++)
		if (place_of(reading, slot)->has_fingerprint) {
			probes[count].position = reading->positions[slot];
			probes[count++].position.offset = place_of(reading, slot)->last_offset;
		}
	bool good = consumer &&
		(count == 0 ||
			consumer_probe(consumer, (const char *const *)layout->topology.names,
				layout->topology.topic_count, probes, count, PROBE_TIMEOUT_MS, layout->error,
				sizeof layout->error) == RESULT_OK);
	for (size_t i = 0; good && i < count; i++)
		good = same_record(layout, &probes[i]);
	consumer_free(consumer);
	mem_free(probes);
	return good;
}

static void choose_positions(struct reading *reading)
{
	const struct old_layout *layout = reading->layout;
	size_t topics = layout->topology.topic_count;
	reading->positions = NEW_ARRAY(struct consumer_position, topics * layout->before);
	reading->ended = NEW_ARRAY(bool, topics * layout->before);
	for (size_t t = 0; t < topics; t++)
		for (uint32_t p = 0; layout->topology.partitions[t] && p < layout->before; p++)
			reading->positions[reading->slot_count++] = (struct consumer_position){
				(int32_t)t, (int32_t)p, old_layout_place(layout, p, t)->next};
}

static bool assign(struct reading *reading)
{
	struct old_layout *layout = reading->layout;
	reading->consumer = new_consumer(layout, reading->slot_count);
	return reading->consumer &&
		consumer_assign(reading->consumer, (const char *const *)layout->topology.names,
			layout->topology.topic_count, reading->positions, reading->slot_count, layout->error,
			sizeof layout->error) == RESULT_OK;
}

/* Where a topic was read up to is stored only once its dead letters are safe. */
static bool flush(struct reading *reading)
{
	if (dead_letters_flush(reading->letters, LETTERS_TIMEOUT_MS) == RESULT_OK)
		return true;
	snprintf(reading->layout->error, sizeof reading->layout->error, "dead letters are not acknowledged");
	return false;
}

bool old_layout_read(struct old_layout *layout)
{
	struct reading reading = {.layout = layout};
	reading.decoder = decoder_new(&layout->config->schema, (size_t)layout->config->settings.message_bytes);
	reading.letters = dead_letters_new(&layout->config->settings);
	choose_positions(&reading);
	bool good = compare_topics(&reading) && assign(&reading) && read_all(&reading) && flush(&reading);
	consumer_free(reading.consumer);
	dead_letters_free(reading.letters);
	decoder_free(reading.decoder);
	mem_free(reading.positions);
	mem_free(reading.ended);
	return good;
}
