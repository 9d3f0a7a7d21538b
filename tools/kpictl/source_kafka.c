/* All topics read from their beginning to the end that they have now. */
#include "base/clock.h"
#include "base/mem.h"
#include "daemon/kafka/message.h"
#include "daemon/kafka/placement.h"
#include "daemon/kafka/topology.h"
#include "tools/kpictl/reading_consumer.h"
#include "tools/kpictl/source.h"

#include <stdio.h>

/* Nothing new for so long: the brokers do not answer. */
#define SILENCE_US INT64_C(30000000)

struct reading {
	struct engine *engine;
	const struct config *config;
	struct decoder *decoder;
	struct topology topology;
	struct consumer *consumer;
	int64_t as_of;
	size_t slot_count;
	char error[512];
};

static struct consumer *new_consumer(struct reading *reading, size_t slot_count)
{
	return reading_consumer_new(&reading->config->settings, slot_count, reading->error, sizeof reading->error);
}

static bool find_topics(struct reading *reading)
{
	struct consumer *metadata = new_consumer(reading, 0);
	topology_init(&reading->topology, reading->config);
	bool found = metadata &&
		topology_ask(&reading->topology, metadata, reading->error, sizeof reading->error) == RESULT_OK;
	consumer_free(metadata);
	return found;
}

static bool assign(struct reading *reading)
{
	const struct topology *topology = &reading->topology;
	size_t max = topology->topic_count * (size_t)topology->shard_count;
	struct consumer_position *positions = NEW_ARRAY(struct consumer_position, max);
	for (size_t t = 0; t < topology->topic_count; t++)
		for (int32_t p = 0; p < topology->partitions[t]; p++)
			positions[reading->slot_count++] = (struct consumer_position){(int32_t)t, p, CONSUMER_EARLIEST};
	reading->consumer = new_consumer(reading, reading->slot_count);
	bool good = reading->consumer &&
		consumer_assign(reading->consumer, (const char *const *)topology->names, topology->topic_count,
			positions, reading->slot_count, reading->error, sizeof reading->error) == RESULT_OK;
	mem_free(positions);
	return good;
}

static void take(struct reading *reading, const struct consumer_record *record)
{
	struct record_message message;
	record_message_init(&message, record);
	struct event event;
	enum refusal reason;
	if (decode(reading->decoder, &message.message, &event, &reason, NULL) != RESULT_OK ||
		event.time >= reading->as_of ||
		!record_is_placed(reading->config, record, &event, reading->topology.shard_count))
		return;
	engine_event(reading->engine, &event, record->timestamp >= 0 ? record->timestamp : event.time, &reason);
}

/* Takes what is there. True at the slot's end. */
static bool read_slot(struct reading *reading, size_t slot, bool *progress)
{
	const struct consumer_slot *state;
	while ((state = consumer_peek(reading->consumer, slot))->state == CONSUMER_RECORD) {
		take(reading, state->record);
		consumer_advance(reading->consumer, slot);
		*progress = true;
	}
	if (state->state == CONSUMER_ERROR)
		snprintf(reading->error, sizeof reading->error, "%s", state->error);
	return state->state == CONSUMER_END;
}

static bool read_all(struct reading *reading)
{
	bool *ended = NEW_ARRAY(bool, reading->slot_count);
	size_t open = reading->slot_count;
	int64_t last_us = clock_steady_us();
	while (open && clock_steady_us() - last_us < SILENCE_US) {
		bool progress = false;
		for (size_t slot = 0; slot < reading->slot_count; slot++)
			if (!ended[slot] && (ended[slot] = read_slot(reading, slot, &progress))) {
				progress = true;
				open--;
			}
		if (progress)
			last_us = clock_steady_us();
		else
			consumer_wait(reading->consumer, 100);
		consumer_check_end(reading->consumer, clock_wall_ms());
	}
	mem_free(ended);
	if (open && !reading->error[0])
		snprintf(reading->error, sizeof reading->error, "the brokers do not answer: %s",
			consumer_error(reading->consumer));
	return open == 0;
}

bool source_fill_from_kafka(const struct source *source, struct engine *engine, const struct config *config)
{
	static const struct publication_sink nobody;
	struct reading reading = {.engine = engine, .config = config};
	reading.as_of = source->as_of == INT64_MIN ? clock_wall_ms() : source->as_of;
	reading.decoder = decoder_new(&config->schema, (size_t)config->settings.message_bytes);
	engine_init(engine, config, 1, window_end(&config->model, reading.as_of), &nobody);
	engine->keeps_events = true;
	bool good = find_topics(&reading) && assign(&reading) && read_all(&reading);
	if (!good)
		fprintf(stderr, "kpictl %s: Kafka at %s: %s\n", source->verb, config->settings.kafka_brokers,
			reading.error);
	consumer_free(reading.consumer);
	topology_release(&reading.topology);
	decoder_free(reading.decoder);
	return good && engine_publish(engine, reading.as_of) == RESULT_OK;
}
