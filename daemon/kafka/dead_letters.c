#include "daemon/kafka/dead_letters.h"

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"

#include <poll.h>
#include <stdio.h>

#define HEADERS_MAX 7
#define SEND_TIMEOUT_MS 1000
#define CREATE_TIMEOUT_MS 5000

struct dead_letters {
	const struct settings *settings;
	struct producer *producer; /* made for the first letter */
	char dead_topic[400], late_topic[400];
	struct buf numbers;
	bool failing; /* said so already */
};

struct dead_letters *dead_letters_new(const struct settings *settings)
{
	struct dead_letters *letters = NEW(struct dead_letters);
	letters->settings = settings;
	const char *prefix = settings->kafka_topic_prefix;
	snprintf(letters->dead_topic, sizeof letters->dead_topic, "%s%s", prefix, settings->kafka_dead_letter_topic);
	snprintf(letters->late_topic, sizeof letters->late_topic, "%s%s", prefix, settings->kafka_late_topic);
	buf_init(&letters->numbers);
	return letters;
}

/* A letter waits for as long as the brokers are away: it never expires. */
static enum result new_producer(
	const struct settings *settings, char *error, size_t error_size, struct producer **ret_producer)
{
	const char *partitioner =
		settings->kafka_partitioner == PARTITIONER_CRC32 ? "consistent_random" : "murmur2_random";
	size_t count = settings->kafka_property_count;
	struct kafka_property *properties = NEW_ARRAY(struct kafka_property, count + 1);
	for (size_t i = 0; i < count; i++)
		properties[i] = (struct kafka_property){
			settings->kafka_properties[i].name, settings->kafka_properties[i].value};
	properties[count] = (struct kafka_property){"message.timeout.ms", "0"};
	enum result result = producer_new(
		settings->kafka_brokers, partitioner, properties, count + 1, error, error_size, ret_producer);
	mem_free(properties);
	return result;
}

static enum result connect_producer(struct dead_letters *letters)
{
	char error[256] = "";
	if (letters->producer)
		return RESULT_OK;
	enum result result = new_producer(letters->settings, error, sizeof error, &letters->producer);
	if (result != RESULT_OK)
		log_error("cannot make a producer for dead letters: %s", error);
	else
		producer_keep_trying(letters->producer);
	return result;
}

struct letter_headers {
	struct kafka_header items[HEADERS_MAX];
	size_t count;
};

static void add_header(struct letter_headers *headers, const char *name, struct str value)
{
	headers->items[headers->count++] = (struct kafka_header){name, value};
}

/* Numbers are put into one buffer that does not move while the headers are in use. */
static struct str put_number(struct buf *numbers, int64_t number)
{
	size_t start = numbers->length;
	buf_printf(numbers, "%lld", (long long)number);
	return (struct str){numbers->data + start, numbers->length - start};
}

static const char *reason_name(const struct dead_letter *letter)
{
	if (letter->reason != REFUSAL_NONE)
		return refusal_name(letter->reason);
	return letter->missed ? "retraction_missed" : "late";
}

static void fill_headers(struct dead_letters *letters, const struct dead_letter *letter, struct letter_headers *headers)
{
	struct buf *numbers = &letters->numbers;
	buf_clear(numbers);
	buf_reserve(numbers, 256);
	bool late = letter->reason == REFUSAL_NONE;
	add_header(headers, "kpid-reason", str_of(reason_name(letter)));
	add_header(headers, "kpid-topic", str_of(letter->topic));
	add_header(headers, "kpid-partition", put_number(numbers, letter->record->partition));
	add_header(headers, "kpid-offset", put_number(numbers, letter->record->offset));
	add_header(headers, "kpid-timestamp", put_number(numbers, letter->record->timestamp));
	if (letter->detail.length > 0)
		add_header(headers, "kpid-detail", letter->detail);
	if (late)
		add_header(headers, "kpid-event-time", put_number(numbers, letter->event_time));
}

/* Said once. Some failures come at once: a pause, in which what is under way is served, keeps the caller from spinning. */
static void note_failing(struct dead_letters *letters, const char *topic, enum result result)
{
	if (!letters->failing)
		log_error("cannot write to %s: %s; reading stands still until it works", topic, result_text(result));
	letters->failing = true;
	if (result != RESULT_TIMEOUT)
		poll(NULL, 0, SEND_TIMEOUT_MS);
	if (letters->producer)
		producer_poll(letters->producer, 0);
}

bool dead_letters_send(struct dead_letters *letters, const struct dead_letter *letter)
{
	struct letter_headers headers = {.count = 0};
	fill_headers(letters, letter, &headers);
	struct kafka_record record = {
		.topic = letter->reason == REFUSAL_NONE ? letters->late_topic : letters->dead_topic,
		.partition = -1,
		.key = letter->record->key,
		.value = letter->record->value,
		.headers = headers.items,
		.header_count = headers.count,
	};
	enum result result = connect_producer(letters);
	if (result == RESULT_OK)
		result = producer_send(letters->producer, &record, SEND_TIMEOUT_MS);
	if (result != RESULT_OK)
		note_failing(letters, record.topic, result);
	else
		letters->failing = false;
	return result == RESULT_OK;
}

enum result dead_letters_flush(struct dead_letters *letters, int timeout_ms)
{
	if (!letters->producer)
		return RESULT_OK;
	return producer_flush(letters->producer, timeout_ms);
}

void dead_letters_free(struct dead_letters *letters)
{
	if (!letters)
		return;
	producer_free(letters->producer);
	buf_release(&letters->numbers);
	mem_free(letters);
}

static bool topic_is_there(struct consumer *metadata, const char *topic)
{
	char error[256];
	int32_t partitions;
	return consumer_partitions(metadata, &topic, 1, CREATE_TIMEOUT_MS, &partitions, error, sizeof error) ==
		RESULT_OK;
}

static void create_topic(struct dead_letters *letters, const char *topic, int partitions)
{
	/* As many replicas as the brokers give by default. */
	const int replicas = -1;
	char error[256] = "";
	if (connect_producer(letters) != RESULT_OK)
		return;
	if (producer_create_topic(letters->producer, topic, partitions, replicas, NULL, 0, CREATE_TIMEOUT_MS, error,
		    sizeof error) == RESULT_OK)
		log_notice("topic %s created", topic);
	else
		log_warning("topic %s does not exist and cannot be created: %s", topic, error);
}

void dead_letters_create_topics(const struct settings *settings, struct consumer *metadata, int partitions)
{
	struct dead_letters *letters = dead_letters_new(settings);
	if (!topic_is_there(metadata, letters->dead_topic))
		create_topic(letters, letters->dead_topic, partitions);
	if (!topic_is_there(metadata, letters->late_topic))
		create_topic(letters, letters->late_topic, partitions);
	dead_letters_free(letters);
}
