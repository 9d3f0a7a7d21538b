/* Events of the small configuration, as a history in Kafka or as lines of JSON:
 *
 *   make_events [--brokers HOST:PORT] [--out FILE] [--prefix TEXT] [--events N] [--customers N] [--reps N] [--minutes N] [--in-turn 1]
 *               [--end MS] [--seed N]
 *
 * Their times, and Kafka's timestamps, are spread evenly over so many minutes before `end` (now). With --in-turn every customer has an event in
 * turn. Lines carry `received_at` as kpictl replay reads it. */
#include "base/clock.h"
#include "daemon/kafka/producer.h"
#include "tests/bench/bench_event.h"
#include "tests/bench/bench_options.h"

#include <stdio.h>

enum { SEND_TIMEOUT_MS = 60000, FLUSH_TIMEOUT_MS = 120000, POLL_EVERY = 1000 };

struct maker {
	const char *brokers, *out, *prefix;
	int64_t count, customers, reps, minutes, in_turn, end, seed;
	struct producer *producer;
	FILE *file;
	struct buf topic;
};

static enum result start_producer(struct maker *maker)
{
	static const struct kafka_property properties[] = {{"linger.ms", "20"}};
	char error[512];
	enum result result =
		producer_new(maker->brokers, "murmur2_random", properties, 1, error, sizeof error, &maker->producer);
	if (result)
		fprintf(stderr, "%s\n", error);
	return result;
}

static enum result open_outputs(struct maker *maker)
{
	if (maker->brokers && start_producer(maker))
		return RESULT_INVALID;
	maker->file = maker->out ? fopen(maker->out, "w") : NULL;
	if (maker->out && !maker->file)
		perror(maker->out);
	return maker->out && !maker->file ? RESULT_IO : RESULT_OK;
}

static enum result send(struct maker *maker, const struct bench_events *events, int topic, int64_t time)
{
	buf_clear(&maker->topic);
	buf_printf(&maker->topic, "%s%s", maker->prefix, bench_topics[topic]);
	struct kafka_record record = {
		.topic = maker->topic.data,
		.partition = -1,
		.key = buf_str(&events->key),
		.value = buf_str(&events->value),
		.timestamp = time,
	};
	if (events->number % POLL_EVERY == 0)
		producer_poll(maker->producer, 0);
	return producer_send(maker->producer, &record, SEND_TIMEOUT_MS);
}

static enum result make(struct maker *maker, struct bench_events *events)
{
	int64_t span = maker->minutes * 60000;
	for (int64_t i = 0; i < maker->count; i++) {
		int64_t time = maker->end - span + i * span / maker->count;
		int topic = bench_events_draw(events, time);
		if (maker->file)
			fprintf(maker->file, "{\"received_at\":%lld,%s\n", (long long)time, events->value.data + 1);
		if (maker->producer && send(maker, events, topic, time))
			return RESULT_IO;
	}
	return maker->producer ? producer_flush(maker->producer, FLUSH_TIMEOUT_MS) : RESULT_OK;
}

static enum result close_outputs(struct maker *maker, enum result result)
{
	if (result && maker->producer)
		fprintf(stderr, "not all is sent: %s\n", producer_error(maker->producer));
	producer_free(maker->producer);
	buf_release(&maker->topic);
	if (maker->file && fclose(maker->file) && !result) {
		perror(maker->out);
		result = RESULT_IO;
	}
	return result;
}

int main(int argc, char **argv)
{
	struct maker maker = {
		.prefix = "", .count = 1000000, .customers = 10000, .reps = 100, .minutes = 360, .seed = 1};
	const struct bench_option options[] = {
		{"brokers", &maker.brokers, NULL},
		{"out", &maker.out, NULL},
		{"prefix", &maker.prefix, NULL},
		{"events", NULL, &maker.count},
		{"customers", NULL, &maker.customers},
		{"reps", NULL, &maker.reps},
		{"minutes", NULL, &maker.minutes},
		{"in-turn", NULL, &maker.in_turn},
		{"end", NULL, &maker.end},
		{"seed", NULL, &maker.seed},
	};
	struct bench_events events;
	if (bench_options_parse(options, sizeof options / sizeof *options, argc, argv) || !maker.customers ||
		!maker.reps)
		return 2;
	maker.end = maker.end ? maker.end : clock_wall_ms();
	buf_init(&maker.topic);
	bench_events_init(&events, (uint64_t)maker.seed, (uint32_t)maker.customers, (uint32_t)maker.reps);
	events.in_turn = maker.in_turn;
	enum result result = open_outputs(&maker);
	result = close_outputs(&maker, result ? result : make(&maker, &events));
	bench_events_release(&events);
	return result ? 1 : 0;
}
