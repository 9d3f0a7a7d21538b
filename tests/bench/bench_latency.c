/* How long an event takes until it is counted in Redis:
 *
 *   bench_latency --brokers HOST:PORT --prefix TEXT [--redis URL] [--rate N] [--seconds N] [--warm-up N] [--reps N] [--customers N]
 *
 * Events come at a steady rate. Among them, for each partition one at a time and after a random pause, is a call by a rep whom nobody else writes of, the
 * probe. Every 500 us the reps' fields calls_made@1h are read: a probe has arrived once the field counts it. Its time is that from before it is
 * handed to its producer (which sends at once: linger.ms 0) until the answer of Redis is read, by one clock of one process.
 *
 * Without --redis it reads the topics itself, with the consumer of kpid: that is what Kafka takes of the time.
 *
 * Prints one line of JSON: events sent, probes, and the percentiles in ms. */
#include "base/clock.h"
#include "base/hash.h"
#include "base/mem.h"
#include "daemon/kafka/consumer.h"
#include "daemon/redis/reader.h"
#include "tests/bench/bench_event.h"
#include "tests/bench/bench_options.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum {
	PARTITIONS = 4,
	PROBES = PARTITIONS,
	PAUSE_MAX_US = 8000,
	TICK_NS = 500000,
	TIMEOUT_MS = 60000,
	BURST_MAX = 20000
};

struct probe {
	char customer[32], rep[32], key[64];
	int64_t sent_us; /* 0: none is under way */
	int64_t next_us;
	int64_t sent, seen; /* how many */
};

struct latency {
	const char *brokers, *prefix, *redis;
	int64_t rate, seconds, warm_up, reps, customers;
	struct producer *load, *probing;
	struct bench_events events;
	struct redis_reader *reader; /* or */
	struct consumer *consumer;
	struct buf topics[BENCH_TOPICS];
	struct probe probes[PROBES];
	int64_t start_us, sent;
	int64_t *taken_us;
	size_t taken_count, taken_capacity;
};

static void die(const char *what)
{
	fprintf(stderr, "bench_latency: %s\n", what);
	exit(1);
}

/* ---- sending */

static struct producer *start_producer(const struct latency *latency, const char *linger)
{
	const struct kafka_property properties[] = {{"linger.ms", linger}};
	struct producer *producer;
	char error[512];
	if (producer_new(latency->brokers, "murmur2_random", properties, 1, error, sizeof error, &producer))
		die(error);
	return producer;
}

static void send(struct latency *latency, struct producer *producer, int topic, int64_t time)
{
	struct kafka_record record = {
		.topic = latency->topics[topic].data,
		.partition = -1,
		.key = buf_str(&latency->events.key),
		.value = buf_str(&latency->events.value),
		.timestamp = time,
	};
	if (producer_send(producer, &record, TIMEOUT_MS))
		die(producer_error(producer));
}

/* As many as are due by now. */
static void send_load(struct latency *latency, int64_t now_us)
{
	int64_t due = (now_us - latency->start_us) * latency->rate / 1000000;
	int64_t time = clock_wall_ms();
	for (int burst = 0; latency->sent < due && burst < BURST_MAX; burst++, latency->sent++)
		send(latency, latency->load, bench_events_draw(&latency->events, time), time);
	producer_poll(latency->load, 0);
}

static void send_probe(struct latency *latency, struct probe *probe)
{
	int64_t time = clock_wall_ms();
	int topic = bench_events_call(&latency->events, time, probe->customer, probe->rep);
	probe->sent_us = clock_steady_us();
	probe->sent++;
	send(latency, latency->probing, topic, time);
}

static void send_probes(struct latency *latency, int64_t now_us)
{
	for (int p = 0; p < PROBES; p++)
		if (!latency->probes[p].sent_us && now_us >= latency->probes[p].next_us)
			send_probe(latency, &latency->probes[p]);
	producer_poll(latency->probing, 0);
}

/* ---- looking */

/* The value in a figure's JSON, 0 where there is none yet. */
static int64_t value_of(struct str json)
{
	static const char name[] = "\"value\":";
	const char *at = json.length ? memmem(json.data, json.length, name, sizeof name - 1) : NULL;
	return at ? strtoll(at + sizeof name - 1, NULL, 10) : 0;
}

static void ask_redis(struct latency *latency)
{
	const struct redisReply *answer;
	for (int p = 0; p < PROBES; p++)
		redis_reader_ask(latency->reader, "HGET", latency->probes[p].key, "calls_made@1h", NULL);
	for (int p = 0; p < PROBES; p++) {
		if (redis_reader_take(latency->reader, &answer))
			die(redis_reader_problem(latency->reader));
		latency->probes[p].seen = value_of(redis_answer_text(answer));
	}
	redis_reader_free_answers(latency->reader);
}

static void look_at(struct latency *latency, const struct consumer_record *record)
{
	for (int p = 0; p < PROBES; p++)
		if (str_equal(record->key, str_of(latency->probes[p].customer)))
			latency->probes[p].seen++;
}

/* Reads what is there; whether all partitions are at their end. */
static bool read_topics(struct latency *latency)
{
	bool ended = true;
	for (size_t slot = 0; slot < BENCH_TOPICS * PARTITIONS; slot++) {
		const struct consumer_slot *state = consumer_peek(latency->consumer, slot);
		for (; state->state == CONSUMER_RECORD; consumer_advance(latency->consumer, slot))
			look_at(latency, state->record);
		ended &= state->state == CONSUMER_END;
	}
	return ended;
}

static void note_arrivals(struct latency *latency)
{
	int64_t now_us = clock_steady_us();
	for (int p = 0; p < PROBES; p++) {
		struct probe *probe = &latency->probes[p];
		if (!probe->sent_us || probe->seen < probe->sent)
			continue;
		if (probe->sent_us - latency->start_us >= latency->warm_up * 1000000) {
			GROW(latency->taken_us, latency->taken_count, latency->taken_capacity);
			latency->taken_us[latency->taken_count++] = now_us - probe->sent_us;
		}
		probe->sent_us = 0;
		probe->next_us = now_us + rng_below(&latency->events.rng, PAUSE_MAX_US);
	}
}

/* ---- */

static void start_consumer(struct latency *latency)
{
	const char *names[BENCH_TOPICS];
	struct consumer_position positions[BENCH_TOPICS * PARTITIONS];
	struct consumer_options options = {.brokers = latency->brokers,
		.client_id = "latency",
		.group = "latency",
		.queue_bytes = BENCH_QUEUE_BYTES,
		.slot_count = BENCH_TOPICS * PARTITIONS};
	char error[512];
	for (int32_t i = 0; i < BENCH_TOPICS * PARTITIONS; i++)
		positions[i] = (struct consumer_position){i / PARTITIONS, i % PARTITIONS, CONSUMER_LATEST};
	for (int t = 0; t < BENCH_TOPICS; t++)
		names[t] = latency->topics[t].data;
	if (consumer_new(&options, error, sizeof error, &latency->consumer) ||
		consumer_assign(latency->consumer, names, BENCH_TOPICS, positions, BENCH_TOPICS * PARTITIONS, error,
			sizeof error))
		die(error);
	while (!read_topics(latency))
		consumer_wait(latency->consumer, 10);
}

/* A customer whose records lie in that partition. */
static void name_probe(struct probe *probe, uint32_t partition)
{
	for (unsigned number = 0;; number++) {
		snprintf(probe->customer, sizeof probe->customer, "probe-%u", number);
		if ((hash_murmur2(str_of(probe->customer)) & 0x7fffffff) % PARTITIONS == partition)
			break;
	}
	snprintf(probe->rep, sizeof probe->rep, "probe-%u", partition);
	snprintf(probe->key, sizeof probe->key, "kpi:snap:rep:probe-%u", partition);
}

static void start(struct latency *latency)
{
	char error[512];
	bench_events_init(
		&latency->events, (uint64_t)clock_steady_us(), (uint32_t)latency->customers, (uint32_t)latency->reps);
	latency->events.number = (uint64_t)clock_wall_ms() % 1000000 * 10000; /* ids of its own */
	for (int t = 0; t < BENCH_TOPICS; t++) {
		buf_init(&latency->topics[t]);
		buf_printf(&latency->topics[t], "%s%s", latency->prefix, bench_topics[t]);
	}
	for (uint32_t p = 0; p < PROBES; p++)
		name_probe(&latency->probes[p], p);
	latency->load = start_producer(latency, "5");
	latency->probing = start_producer(latency, "0");
	if (!latency->redis) {
		start_consumer(latency);
		return;
	}
	if (redis_reader_new(latency->redis, TIMEOUT_MS, error, sizeof error, &latency->reader))
		die(error);
	ask_redis(latency); /* what runs before have left */
	for (int p = 0; p < PROBES; p++)
		latency->probes[p].sent = latency->probes[p].seen;
}

static bool is_over(const struct latency *latency, int64_t now_us)
{
	bool waiting = false;
	for (int p = 0; p < PROBES; p++)
		waiting |= latency->probes[p].sent_us != 0;
	int64_t over_us = now_us - latency->start_us - (latency->warm_up + latency->seconds) * 1000000;
	if (over_us > TIMEOUT_MS * INT64_C(1000))
		die("a probe has not arrived");
	return over_us > 0 && !waiting;
}

static void measure(struct latency *latency)
{
	int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	struct itimerspec tick = {{0, TICK_NS}, {0, TICK_NS}};
	uint64_t ticks;
	timerfd_settime(timer, 0, &tick, NULL);
	latency->start_us = clock_steady_us();
	for (int64_t now_us = latency->start_us; !is_over(latency, now_us); now_us = clock_steady_us()) {
		bool ending = now_us - latency->start_us > (latency->warm_up + latency->seconds) * 1000000;
		send_load(latency, now_us);
		if (!ending)
			send_probes(latency, now_us);
		if (latency->reader)
			ask_redis(latency);
		else
			read_topics(latency);
		note_arrivals(latency);
		if (read(timer, &ticks, sizeof ticks) < 0)
			die("no timer");
	}
	close(timer);
}

static int compare(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
	return left < right ? -1 : left > right;
}

static double percentile(const struct latency *latency, double share)
{
	size_t rank = (size_t)(share * (double)latency->taken_count);
	size_t last = latency->taken_count - 1;
	return (double)latency->taken_us[rank < last ? rank : last] / 1000;
}

static void print(struct latency *latency)
{
	if (!latency->taken_count)
		die("no probe was sent");
	double seconds = (double)(clock_steady_us() - latency->start_us) / 1e6;
	qsort(latency->taken_us, latency->taken_count, sizeof *latency->taken_us, compare);
	printf("{\"events\":%lld,\"events_per_second\":%.1f,\"probes\":%zu,\"p50_ms\":%.3f,\"p90_ms\":%.3f,"
	       "\"p99_ms\":%.3f,\"p999_ms\":%.3f,\"max_ms\":%.3f}\n",
		(long long)latency->sent, (double)latency->sent / seconds, latency->taken_count,
		percentile(latency, 0.5), percentile(latency, 0.9), percentile(latency, 0.99),
		percentile(latency, 0.999), percentile(latency, 1));
}

static void release(struct latency *latency)
{
	producer_free(latency->load);
	producer_free(latency->probing);
	redis_reader_free(latency->reader);
	consumer_free(latency->consumer);
	bench_events_release(&latency->events);
	for (int t = 0; t < BENCH_TOPICS; t++)
		buf_release(&latency->topics[t]);
	mem_free(latency->taken_us);
}

int main(int argc, char **argv)
{
	struct latency latency = {
		.prefix = "", .rate = 5000, .seconds = 20, .warm_up = 2, .reps = 100, .customers = 10000};
	const struct bench_option options[] = {
		{"brokers", &latency.brokers, NULL},
		{"prefix", &latency.prefix, NULL},
		{"redis", &latency.redis, NULL},
		{"rate", NULL, &latency.rate},
		{"seconds", NULL, &latency.seconds},
		{"warm-up", NULL, &latency.warm_up},
		{"reps", NULL, &latency.reps},
		{"customers", NULL, &latency.customers},
	};
	if (bench_options_parse(options, sizeof options / sizeof *options, argc, argv) || !latency.brokers ||
		!latency.reps || !latency.customers)
		return 2;
	start(&latency);
	measure(&latency);
	print(&latency);
	release(&latency);
	return 0;
}
