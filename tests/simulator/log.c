#include "tests/simulator/log.h"

#include "base/hash.h"
#include "base/mem.h"
#include "daemon/kafka/producer.h"
#include "tests/simulator/message.h"

#include <string.h>

int log_topic(const char *name)
{
	for (uint32_t i = 0; i < world->plan->topic_count; i++)
		if (strcmp(plan_topic(world->plan, i), name) == 0)
			return (int)i;
	return -1;
}

static void append(struct log_partition *partition, const struct plan_record *record, size_t index)
{
	struct buf value;
	buf_init(&value);
	message_put(&value, record);
	int64_t next = partition->count ? partition->records[partition->count - 1].offset + 1 + partition->tail : 0;
	struct str key = message_key(record);
	partition->records[partition->count++] = (struct log_record){.plan = record,
		.index = index,
		.offset = next + record->hole,
		.key = {mem_copy(key.data, key.length), key.length},
		.value = {value.data, value.length}};
}

struct sim_log *log_new(const struct plan *plan)
{
	struct sim_log *log = NEW(struct sim_log);
	for (uint32_t t = 0; t < plan->topic_count; t++)
		for (uint32_t p = 0; p < PLAN_SHARDS_MAX; p++) {
			log->partitions[t][p].records = NEW_ARRAY(struct log_record, plan->record_count + 1);
			log->partitions[t][p].tail = (int64_t)((plan->seed >> (t + p)) & 1);
		}
	for (size_t i = 0; i < plan->record_count; i++) {
		const struct sim_event *event = &plan->records[i].event;
		append(&log->partitions[event->topic][event->partition], &plan->records[i], i);
	}
	return log;
}

struct log_partition *log_partition(uint32_t topic, uint32_t partition)
{
	return &world->log->partitions[topic][partition];
}

static size_t visible(const struct log_partition *partition)
{
	size_t count = 0;
	while (count < partition->count && partition->records[count].plan->visible_us <= world->now_us)
		count++;
	return count;
}

int64_t log_end(const struct log_partition *partition)
{
	size_t count = visible(partition);
	return count ? partition->records[count - 1].offset + 1 + partition->tail : 0;
}

const struct log_record *log_find(const struct log_partition *partition, int64_t offset)
{
	size_t count = visible(partition);
	for (size_t i = 0; i < count; i++)
		if (partition->records[i].offset >= offset && partition->records[i].offset >= partition->start)
			return &partition->records[i];
	return NULL;
}

const struct log_record *log_record_of(size_t index)
{
	const struct sim_event *event = &world->plan->records[index].event;
	const struct log_partition *partition = log_partition(event->topic, event->partition);
	for (size_t i = 0; i < partition->count; i++)
		if (partition->records[i].index == index)
			return &partition->records[i];
	return NULL;
}

/* Retention: the first records that are visible go, at most as many as the fault says. */
static void trim(struct log_partition *partition, int64_t records)
{
	size_t count = visible(partition);
	size_t gone = (size_t)records < count ? (size_t)records : count;
	int64_t start = gone ? partition->records[gone - 1].offset + 1 : 0;
	partition->start = start > partition->start ? start : partition->start;
}

void log_fault(const struct fault *fault)
{
	uint32_t number = (uint32_t)fault->number;
	const struct plan *plan = world->plan;
	struct log_partition *partition =
		log_partition(number % plan->topic_count, number / plan->topic_count % plan->shard_count);
	if (fault->kind == FAULT_FETCH_STALL)
		partition->stalled_until_us = fault->until_us;
	else if (fault->kind == FAULT_FETCH_ERROR)
		partition->failing_until_us = fault->until_us;
	else if (fault->kind == FAULT_ENDS_SLOW)
		world->log->ends_slow_until_us = fault->until_us;
	else if (fault->kind == FAULT_LOG_TRIM)
		trim(partition, fault->number / 100);
	else if (fault->kind == FAULT_LETTERS_STUCK)
		world->letters->stuck_until_us = fault->until_us;
}

void log_free(struct sim_log *log)
{
	for (int t = 0; t < PLAN_TOPICS_MAX; t++)
		for (int p = 0; p < PLAN_SHARDS_MAX; p++) {
			struct log_partition *partition = &log->partitions[t][p];
			for (size_t i = 0; i < partition->count; i++) {
				mem_free((char *)partition->records[i].key.data);
				mem_free((char *)partition->records[i].value.data);
			}
			mem_free(partition->records);
		}
	mem_free(log);
}

struct sim_letters *letters_new(void)
{
	return NEW(struct sim_letters);
}

bool letters_have(const struct sim_letters *letters, int64_t topic, int64_t partition, int64_t offset)
{
	for (size_t i = 0; i < letters->count; i++)
		if (letters->items[i].topic == topic && letters->items[i].partition == partition &&
			letters->items[i].offset == offset)
			return true;
	return false;
}

void letters_free(struct sim_letters *letters)
{
	mem_free(letters->items);
	mem_free(letters);
}
