/* KPI values a second into a real Redis: merge, evaluate, JSON, guarded and pipelined writes, acknowledged.
 *
 *   bench_publish --redis URL [--config DIR] [--keys N] [--seconds N]
 *
 * Two batches of what a shard says, of other events by the same reps, take turns, so that nearly every figure of every key changes each time. Prints one
 * line of JSON: turns, keys, values (fields of snapshots) and board entries written, seconds, and this process's own processor
 * seconds. */
#include "base/clock.h"
#include "base/mem.h"
#include "daemon/redis/writer.h"
#include "pipeline/decode/decode.h"
#include "pipeline/publish/publisher.h"
#include "pipeline/shard.h"
#include "tests/bench/bench_event.h"
#include "tests/bench/bench_options.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { BATCHES = 2, EVENTS_A_KEY = 40, WAIT_MS = 5000 };
#define HOUR INT64_C(3600000)

struct publish {
	struct config *config;
	int64_t keys, seconds, end;
	struct buf records[BATCHES];
	struct shard_status status[BATCHES];
	struct merge *merge;
	struct writer *writer;
	struct publication_sink writers; /* where everything goes on to */
	struct publisher *publisher;
	struct calendar calendar;
	struct window_spans spans;
	struct evaluation evaluation;
	uint64_t values, entries, turns;
	uint64_t first_values; /* before the measurement: all keys as they are made */
};

static void die(const char *what)
{
	fprintf(stderr, "bench_publish: %s\n", what);
	exit(1);
}

/* ---- what the shard says */

static void take_event(struct publish *publish, struct decoder *decoder, struct shard *shard,
	struct bench_events *events, int64_t time)
{
	struct event event;
	enum refusal reason;
	bench_events_draw(events, time);
	struct message message = {.body = buf_str(&events->value), .topic = -1};
	if (decode(decoder, &message, &event, &reason, NULL) ||
		shard_event(shard, &event, publish->end, &reason) != SHARD_APPLIED)
		die(refusal_name(reason));
}

static void make_batch(struct publish *publish, struct decoder *decoder, int number)
{
	struct bench_events events;
	struct shard *shard = shard_new(publish->config, 0, publish->end);
	int64_t count = publish->keys * EVENTS_A_KEY;
	bench_events_init(&events, (uint64_t)number + 1, (uint32_t)publish->keys, (uint32_t)publish->keys);
	events.in_turn = true;
	for (int64_t i = 0; i < count; i++)
		take_event(publish, decoder, shard, &events, publish->end - HOUR + 1 + i * (HOUR - 2) / count);
	shard_set_as_of(shard, publish->end);
	buf_init(&publish->records[number]);
	shard_partial(shard, &publish->records[number]);
	shard_status(shard, &publish->status[number]);
	shard_free(shard);
	bench_events_release(&events);
}

/* ---- turns */

static void count_snapshot(void *context, const struct snapshot_change *change)
{
	struct publish *publish = context;
	publish->values += change->field_count;
	publish->writers.snapshot(publish->writers.context, change);
}

static void count_board(void *context, const struct board_change *change)
{
	struct publish *publish = context;
	publish->entries++;
	publish->writers.board(publish->writers.context, change);
}

static void wait_for_redis(struct publish *publish)
{
	while (writer_busy(publish->writer) && writer_state(publish->writer) == WRITER_READY)
		writer_poll(publish->writer, 1000);
	if (writer_state(publish->writer) != WRITER_READY)
		die(writer_problem(publish->writer));
}

/* As kpid does it (daemon/publishing.c): what has come is merged while Redis still takes what was sent before. */
static void turn(struct publish *publish, int batch)
{
	if (merge_apply(publish->merge, &publish->status[batch], buf_str(&publish->records[batch])))
		die("a batch is damaged");
	publish->evaluation.status = merge_status(publish->merge);
	wait_for_redis(publish);
	bool all = writer_begin_all(publish->writer);
	publisher_turn(publish->publisher, &publish->evaluation);
	if (all) {
		publisher_refresh_all(publish->publisher, &publish->evaluation);
		writer_end_all(publish->writer);
	}
	writer_flush(publish->writer, publish->end, NULL, 0);
	publish->turns++;
}

static void connect_writer(struct publish *publish, const char *url)
{
	struct writer_options options = {.url = url, .prefix = "kpi:"};
	char error[512];
	uint64_t token;
	if (writer_new(&options, error, sizeof error, &publish->writer))
		die(error);
	if (writer_connect(publish->writer, WAIT_MS) || writer_take_token(publish->writer, 0, &token))
		die(writer_problem(publish->writer));
	publish->writers = writer_sink(publish->writer);
}

static void start(struct publish *publish, const char *url)
{
	const struct config *config = publish->config;
	struct decoder *decoder = decoder_new(&config->schema, (size_t)config->settings.message_bytes);
	publish->end = window_end(&config->model, clock_wall_ms());
	publish->calendar = (struct calendar){
		&config->zone, (int)config->settings.week_start, (int)config->settings.fiscal_year_start};
	for (int i = 0; i < BATCHES; i++)
		make_batch(publish, decoder, i);
	decoder_free(decoder);
	connect_writer(publish, url);
	publish->merge = merge_new(&config->model, 1);
	struct publication_sink sink = {publish, count_snapshot, count_board, publish->writers.alert};
	publish->publisher = publisher_new(&config->model, &config->roster, publish->merge, &sink);
	window_spans_at(&config->model, &publish->calendar, publish->end, &publish->spans);
	publish->evaluation = (struct evaluation){
		.model = &config->model, .roster = &config->roster, .spans = &publish->spans, .merge = publish->merge};
}

static double cpu_seconds(void)
{
	struct timespec cpu;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
	return (double)cpu.tv_sec + (double)cpu.tv_nsec / 1e9;
}

static uint64_t lost(const struct writer_stats *stats)
{
	return stats->dropped + stats->refused_older + stats->losses;
}

static void measure(struct publish *publish)
{
	for (int i = 0; i < BATCHES; i++)
		turn(publish, i); /* all keys are there */
	uint64_t lost_before = lost(writer_stats(publish->writer));
	publish->first_values = publish->values;
	publish->values = publish->entries = publish->turns = 0;
	int64_t start_us = clock_steady_us();
	double cpu = cpu_seconds();
	while (clock_steady_us() - start_us < publish->seconds * 1000000)
		turn(publish, (int)(publish->turns % BATCHES));
	if (writer_drain(publish->writer, WAIT_MS * 10))
		die("not all was acknowledged");
	double seconds = (double)(clock_steady_us() - start_us) / 1e6;
	cpu = cpu_seconds() - cpu;
	if (lost(writer_stats(publish->writer)) != lost_before)
		die("changes were dropped or refused");
	printf("{\"turns\":%llu,\"keys\":%zu,\"values\":%llu,\"first_values\":%llu,\"board_entries\":%llu,\"seconds\":%"
	       ".4f,"
	       "\"cpu_seconds\":%.4f}\n",
		(unsigned long long)publish->turns, publisher_key_count(publish->publisher),
		(unsigned long long)publish->values, (unsigned long long)publish->first_values,
		(unsigned long long)publish->entries, seconds, cpu);
}

static void release(struct publish *publish)
{
	publisher_free(publish->publisher);
	merge_free(publish->merge);
	writer_free(publish->writer);
	for (int i = 0; i < BATCHES; i++)
		buf_release(&publish->records[i]);
	config_free(publish->config);
}

static bool load(struct publish *publish, const char *directory)
{
	static const char *const overrides[] = {"roster.file=", "limits.keys=10000000"};
	struct config_problems problems;
	enum result result = config_load(directory, overrides, 2, &publish->config, &problems);
	config_problems_release(&problems);
	return result == RESULT_OK;
}

int main(int argc, char **argv)
{
	struct publish publish = {.keys = 10000, .seconds = 5};
	const char *directory = "tests/bench/small", *url = NULL;
	const struct bench_option options[] = {{"redis", &url, NULL}, {"config", &directory, NULL},
		{"keys", NULL, &publish.keys}, {"seconds", NULL, &publish.seconds}};
	if (bench_options_parse(options, 4, argc, argv) || !url || !publish.keys || !load(&publish, directory))
		return 2;
	start(&publish, url);
	measure(&publish);
	release(&publish);
	return 0;
}
