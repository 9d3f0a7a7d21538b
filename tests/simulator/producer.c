/* daemon/kafka/producer.h: records are under way for a moment, are then delivered in order, and acknowledged. */
#include "daemon/kafka/producer.h"

#include "base/check.h"
#include "base/mem.h"
#include "base/text.h"
#include "tests/simulator/log.h"
#include "tests/simulator/partials.h"

#define WAY_US 20000
#define SLOW_WAY_US 5000000

struct producer {
	struct letter *waiting;
	int64_t *due_us;
	size_t count, capacity, due_capacity;
};

enum result producer_new(const char *brokers, const char *partitioner, const struct kafka_property *properties,
	size_t property_count, char *error, size_t error_size, struct producer **ret_producer)
{
	(void)brokers;
	(void)partitioner;
	(void)properties;
	(void)property_count;
	(void)error;
	(void)error_size;
	int slot = 0;
	while (slot < LETTERS_PRODUCERS_MAX && world->letters->producers[slot])
		slot++;
	CHECK(slot < LETTERS_PRODUCERS_MAX);
	world->letters->producers[slot] = *ret_producer = NEW(struct producer);
	return RESULT_OK;
}

static int64_t number_of(const struct kafka_record *record, const char *name)
{
	int64_t number = -1;
	for (size_t i = 0; i < record->header_count; i++)
		if (strcmp(record->headers[i].name, name) == 0 &&
			text_to_i64(record->headers[i].value, &number) != RESULT_OK)
			world_fail("a dead letter's %s is no number", name);
	return number;
}

static const char *topic_of(const struct kafka_record *record, char *text, size_t size)
{
	for (size_t i = 0; i < record->header_count; i++)
		if (strcmp(record->headers[i].name, "kpid-topic") == 0) {
			struct str value = record->headers[i].value;
			size_t length = value.length < size - 1 ? value.length : size - 1;
			memcpy(text, value.data, length);
			text[length] = '\0';
			return text;
		}
	return "";
}

enum result producer_send(struct producer *producer, const struct kafka_record *record, int timeout_ms)
{
	char text[64];
	(void)timeout_ms;
	if (partials_is_topic(record->topic))
		return partials_send(producer, record);
	GROW(producer->waiting, producer->count, producer->capacity);
	if (producer->due_capacity < producer->capacity)
		producer->due_us = mem_resize(producer->due_us, producer->capacity, sizeof *producer->due_us);
	producer->due_capacity = producer->capacity;
	producer->waiting[producer->count] = (struct letter){.topic = log_topic(topic_of(record, text, sizeof text)),
		.partition = number_of(record, "kpid-partition"),
		.offset = number_of(record, "kpid-offset"),
		.late = strcmp(record->topic, "sim.late") == 0};
	bool slow = chance_percent(&world->chance, 25);
	producer->due_us[producer->count++] =
		world->now_us + chance_between(&world->chance, 0, slow ? SLOW_WAY_US : 2 * WAY_US);
	return RESULT_OK;
}

/* The record by which the broker's clock is asked for: it is appended at once, and the broker's clock is right. */
enum result producer_send_tracked(struct producer *producer, const struct kafka_record *record, int timeout_ms)
{
	(void)record;
	(void)timeout_ms;
	(void)producer;
	return RESULT_OK;
}

bool producer_is_settled(const struct producer *producer)
{
	(void)producer;
	return true;
}

enum result producer_receipt(const struct producer *producer, struct kafka_receipt *ret_receipt)
{
	(void)producer;
	*ret_receipt = (struct kafka_receipt){.offset = 0, .append_time = world_true_ms()};
	return RESULT_OK;
}

enum result producer_send_wait(
	struct producer *producer, const struct kafka_record *record, int timeout_ms, struct kafka_receipt *ret_receipt)
{
	(void)producer;
	(void)record;
	(void)timeout_ms;
	(void)ret_receipt;
	return RESULT_REFUSED; /* only of a fleet */
}

const char *producer_error(const struct producer *producer)
{
	(void)producer;
	return "";
}

enum result producer_failure(const struct producer *producer)
{
	(void)producer;
	return RESULT_OK;
}

void producer_be_quiet(struct producer *producer)
{
	(void)producer;
}

void producer_keep_trying(struct producer *producer)
{
	(void)producer;
}

static void deliver(const struct letter *letter)
{
	struct sim_letters *letters = world->letters;
	bool again = letters_have(letters, letter->topic, letter->partition, letter->offset);
	world_rare(again ? RARE_DEAD_LETTER_AGAIN : RARE_DEAD_LETTER);
	GROW(letters->items, letters->count, letters->capacity);
	letters->items[letters->count++] = *letter;
}

static void forget_first(struct producer *producer, size_t count)
{
	producer->count -= count;
	memmove(producer->waiting, producer->waiting + count, producer->count * sizeof *producer->waiting);
	memmove(producer->due_us, producer->due_us + count, producer->count * sizeof *producer->due_us);
}

static void deliver_due(struct producer *producer)
{
	size_t done = 0;
	if (world->now_us < world->letters->stuck_until_us)
		return;
	while (done < producer->count && producer->due_us[done] <= world->now_us)
		deliver(&producer->waiting[done++]);
	if (done)
		forget_first(producer, done);
}

void letters_run(void)
{
	for (int i = 0; i < LETTERS_PRODUCERS_MAX; i++)
		if (world->letters->producers[i] && world->letters->producers[i]->count)
			deliver_due(world->letters->producers[i]);
}

int producer_poll(struct producer *producer, int timeout_ms)
{
	(void)timeout_ms;
	deliver_due(producer);
	return (int)(producer->count + partials_under_way(producer));
}

enum result producer_flush(struct producer *producer, int timeout_ms)
{
	int64_t until_us = world->now_us + (int64_t)timeout_ms * 1000;
	while (producer_poll(producer, 0) > 0 && world->now_us < until_us)
		world_advance(world->now_us + WAY_US);
	if (producer->count)
		world_rare(RARE_DEAD_LETTERS_LATE);
	return producer->count ? RESULT_TIMEOUT : RESULT_OK;
}

uint64_t producer_failed(const struct producer *producer)
{
	return partials_failed(producer);
}

enum result producer_create_topic(struct producer *producer, const char *topic, int partitions, int replicas,
	const struct kafka_property *config, size_t config_count, int timeout_ms, char *error, size_t error_size)
{
	(void)producer;
	(void)topic;
	(void)partitions;
	(void)replicas;
	(void)config;
	(void)config_count;
	(void)timeout_ms;
	(void)error;
	(void)error_size;
	return RESULT_OK;
}

void producer_find_topic(struct producer *producer, const char *topic, int timeout_ms)
{
	(void)producer;
	(void)topic;
	(void)timeout_ms;
}

/* What was under way at a death may have arrived, up to some point. */
void producer_free(struct producer *producer)
{
	if (!producer)
		return;
	partials_forget(producer);
	size_t arrived = producer->count ? (size_t)chance_between(&world->chance, 0, (int64_t)producer->count) : 0;
	for (size_t i = 0; i < arrived; i++)
		deliver(&producer->waiting[i]);
	if (arrived < producer->count)
		world_rare(RARE_DEAD_LETTER_LOST);
	for (int i = 0; i < LETTERS_PRODUCERS_MAX; i++)
		if (world->letters->producers[i] == producer)
			world->letters->producers[i] = NULL;
	mem_free(producer->waiting);
	mem_free(producer->due_us);
	mem_free(producer);
}
