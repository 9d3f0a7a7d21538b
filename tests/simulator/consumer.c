/* daemon/kafka/consumer.h over the simulated log. */
#include "daemon/kafka/consumer.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/mem.h"
#include "tests/simulator/log.h"
#include "tests/simulator/member.h"
#include "tests/simulator/partials.h"

#include <stdio.h>

struct slot {
	struct consumer_slot view;
	struct consumer_record record;
	struct consumer_position position;
	int64_t silent_until_us; /* nothing is fetched before */
	int64_t answer;          /* of the request under way */
	size_t index;            /* of the record, in the plan */
};

struct consumer {
	struct member *owner;
	bool of_fleet; /* reads the log of a fleet: partials.h */
	struct slot *slots;
	size_t slot_count;
	int64_t asked_ms;
	int64_t answer_us; /* when the answer about the ends comes; NEVER_US: nothing was asked */
};

enum result consumer_new(
	const struct consumer_options *options, char *error, size_t error_size, struct consumer **ret_consumer)
{
	(void)options;
	(void)error;
	(void)error_size;
	struct consumer *consumer = NEW(struct consumer);
	consumer->owner = world->current;
	consumer->answer_us = NEVER_US;
	*ret_consumer = consumer;
	return RESULT_OK;
}

enum result consumer_partitions(struct consumer *consumer, const char *const *topics, size_t topic_count,
	int timeout_ms, int32_t *ret_counts, char *error, size_t error_size)
{
	(void)consumer;
	(void)topics;
	(void)timeout_ms;
	(void)error;
	(void)error_size;
	for (size_t i = 0; i < topic_count; i++)
		ret_counts[i] = (int32_t)world->plan->shard_count;
	return RESULT_OK;
}

enum result consumer_assign(struct consumer *consumer, const char *const *topics, size_t topic_count,
	const struct consumer_position *positions, size_t count, char *error, size_t error_size)
{
	(void)error;
	(void)error_size;
	consumer->of_fleet = topic_count == 1 && partials_is_topic(topics[0]);
	consumer->slots = NEW_ARRAY(struct slot, count);
	consumer->slot_count = count;
	for (size_t i = 0; i < count; i++) {
		struct slot *slot = &consumer->slots[i];
		slot->position = positions[i];
		slot->view = (struct consumer_slot){.next = positions[i].offset, .end = CONSUMER_UNKNOWN, .error = ""};
		if (positions[i].offset == CONSUMER_LATEST)
			slot->silent_until_us = world->now_us + chance_between(&world->chance, 0, 300000);
	}
	return RESULT_OK;
}

static struct log_partition *partition_of(const struct slot *slot)
{
	return log_partition((uint32_t)slot->position.topic, (uint32_t)slot->position.partition);
}

static void take_record(struct slot *slot, const struct log_record *record)
{
	slot->index = record->index;
	slot->record = (struct consumer_record){
		.topic = slot->position.topic,
		.partition = slot->position.partition,
		.offset = record->offset,
		.timestamp = record->plan->event.kafka_time,
		.key = record->key,
		.value = record->value,
	};
	slot->view.record = &slot->record;
	slot->view.state = CONSUMER_RECORD;
	slot->view.next = record->offset;
	slot->view.error = "";
}

static void take_gap(struct slot *slot, const struct log_partition *partition)
{
	slot->view.state = CONSUMER_GAP;
	slot->view.earliest = partition->start;
	slot->view.error = "offset out of range";
	world_rare(RARE_GAP);
}

static bool is_silent(struct slot *slot, const struct log_partition *partition)
{
	int64_t now_us = world->now_us;
	if (now_us < partition->failing_until_us) {
		slot->view.state = CONSUMER_ERROR;
		slot->view.error = "the leader is away";
		world_rare(RARE_FETCH_ERROR);
		return true;
	}
	if (slot->view.state == CONSUMER_ERROR)
		slot->view.state = CONSUMER_EMPTY;
	if (now_us < partition->stalled_until_us || now_us < slot->silent_until_us)
		return true;
	if (chance_percent(&world->chance, 10))
		slot->silent_until_us = now_us + chance_between(&world->chance, 1000, 600000);
	return now_us < slot->silent_until_us;
}

static void fetch(const struct consumer *consumer, struct slot *slot)
{
	(void)consumer;
	const struct log_partition *partition = partition_of(slot);
	if (is_silent(slot, partition))
		return;
	if (slot->view.next >= 0 && slot->view.next < partition->start) {
		take_gap(slot, partition);
		return;
	}
	const struct log_record *record = log_find(partition, slot->view.next);
	if (record) {
		take_record(slot, record);
		return;
	}
	int64_t end = log_end(partition);
	slot->view.state = CONSUMER_END;
	slot->view.error = "";
	slot->view.next = end > slot->view.next ? end : slot->view.next;
}

static bool is_silent_in_fleet(const struct consumer *consumer, struct slot *slot)
{
	bool pauses = slot->view.state == CONSUMER_END && chance_percent(&world->chance, 10);
	if (pauses && world->now_us >= slot->silent_until_us)
		slot->silent_until_us = world->now_us + chance_between(&world->chance, 1000, 600000);
	return world->now_us < slot->silent_until_us || partials_stalled(consumer->owner);
}

static void fetch_entry(const struct consumer *consumer, struct slot *slot)
{
	uint32_t shard = (uint32_t)slot->position.partition;
	if (is_silent_in_fleet(consumer, slot))
		return;
	if (slot->view.next == CONSUMER_LATEST)
		slot->view.next = partials_end(shard);
	else if (slot->view.next == CONSUMER_EARLIEST)
		slot->view.next = 0;
	const struct str *entry = partials_at(shard, slot->view.next);
	slot->view.state = entry ? CONSUMER_RECORD : CONSUMER_END;
	if (!entry)
		return;
	slot->record = (struct consumer_record){
		.partition = (int32_t)shard, .offset = slot->view.next, .timestamp = world_true_ms(), .value = *entry};
	slot->view.record = &slot->record;
}

const struct consumer_slot *consumer_peek(struct consumer *consumer, size_t index)
{
	CHECK(index < consumer->slot_count);
	struct slot *slot = &consumer->slots[index];
	if (slot->view.state != CONSUMER_RECORD && slot->view.state != CONSUMER_GAP)
		(consumer->of_fleet ? fetch_entry : fetch)(consumer, slot);
	return &slot->view;
}

void consumer_advance(struct consumer *consumer, size_t index)
{
	struct slot *slot = &consumer->slots[index];
	CHECK(slot->view.state == CONSUMER_RECORD);
	if (!consumer->of_fleet)
		member_read(consumer->owner, (uint32_t)slot->position.partition, slot->index);
	slot->view.next = slot->record.offset + 1;
	slot->view.record = NULL;
	slot->view.state = CONSUMER_EMPTY;
}

size_t consumer_headers(const struct consumer_record *record, struct kafka_header *headers, size_t max)
{
	(void)record;
	(void)headers;
	(void)max;
	return 0;
}

uint32_t consumer_fingerprint(const struct consumer_record *record)
{
	return hash_crc32c((uint32_t)record->timestamp, record->value);
}

void consumer_wait(struct consumer *consumer, int timeout_ms)
{
	int64_t until_us = world->now_us + world_wait_us((int64_t)timeout_ms * 1000);
	if (consumer->answer_us < until_us && consumer->answer_us > world->now_us)
		until_us = consumer->answer_us;
	world_advance(until_us);
	consumer_collect(consumer);
}

void consumer_wake(struct consumer *consumer)
{
	(void)consumer;
}

static int64_t end_of(const struct consumer *consumer, const struct slot *slot)
{
	return consumer->of_fleet ? partials_end((uint32_t)slot->position.partition) : log_end(partition_of(slot));
}

void consumer_check_end(struct consumer *consumer, int64_t now_ms)
{
	if (consumer->answer_us != NEVER_US)
		return;
	int64_t delay_us = chance_between(&world->chance, 500, 60000);
	consumer->asked_ms = now_ms;
	consumer->answer_us = world->now_us + delay_us;
	if (consumer->answer_us < world->log->ends_slow_until_us)
		consumer->answer_us = world->log->ends_slow_until_us;
	for (size_t i = 0; i < consumer->slot_count; i++)
		consumer->slots[i].answer = end_of(consumer, &consumer->slots[i]);
}

/* As the real one: what was stable when it was asked for was read. */
static void take_end(const struct consumer *consumer, struct slot *slot, int64_t now_ms)
{
	bool failing = !consumer->of_fleet && world->now_us < partition_of(slot)->failing_until_us;
	if (slot->view.state == CONSUMER_GAP || failing)
		return;
	slot->view.end = slot->answer;
	if (slot->view.state == CONSUMER_RECORD || slot->view.next != slot->answer)
		return;
	slot->view.state = CONSUMER_END;
	slot->view.error = "";
	if (now_ms > slot->view.read_through)
		slot->view.read_through = now_ms;
}

void consumer_collect(struct consumer *consumer)
{
	if (world->now_us < consumer->answer_us)
		return;
	consumer->answer_us = NEVER_US;
	for (size_t i = 0; i < consumer->slot_count; i++)
		take_end(consumer, &consumer->slots[i], consumer->asked_ms);
}

enum result consumer_resume_at(struct consumer *consumer, size_t index, int64_t offset)
{
	struct slot *slot = &consumer->slots[index];
	CHECK(slot->view.state == CONSUMER_GAP);
	consumer->owner->gap = true;
	slot->view.next = offset;
	slot->view.state = CONSUMER_EMPTY;
	slot->view.error = "";
	return RESULT_OK;
}

void consumer_commit(struct consumer *consumer, const int64_t *offsets)
{
	(void)consumer;
	(void)offsets;
}

static void probe_one(struct consumer_probe *probe)
{
	const struct log_partition *partition =
		log_partition((uint32_t)probe->position.topic, (uint32_t)probe->position.partition);
	const struct log_record *record = log_find(partition, probe->position.offset);
	probe->result = RESULT_NOT_FOUND;
	if (!record || record->offset != probe->position.offset)
		return;
	struct consumer_record found = {.timestamp = record->plan->event.kafka_time, .value = record->value};
	probe->result = RESULT_OK;
	probe->fingerprint = consumer_fingerprint(&found);
}

enum result consumer_probe(struct consumer *consumer, const char *const *topics, size_t topic_count,
	struct consumer_probe *probes, size_t count, int timeout_ms, char *error, size_t error_size)
{
	(void)consumer;
	(void)topics;
	(void)topic_count;
	(void)timeout_ms;
	(void)error;
	(void)error_size;
	for (size_t i = 0; i < count; i++)
		probe_one(&probes[i]);
	return RESULT_OK;
}

const char *consumer_error(const struct consumer *consumer)
{
	(void)consumer;
	return "";
}

void consumer_free(struct consumer *consumer)
{
	if (!consumer)
		return;
	mem_free(consumer->slots);
	mem_free(consumer);
}
