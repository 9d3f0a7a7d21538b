/* Every stage of the pipeline in turn over the same events, for callgrind to count the instructions of each: make bench-micro
 *
 *   bench_micro [--config DIR] [--roster FILE] [--stride MINUTES] --events FILE
 *
 * FILE is of make_events or kpisim, in the order of arrival. Windows move on, and all is published, every so many minutes (1) of the
 * events' time. The work of a stage is done in a function of its own, stage_<name>, which callgrind is told to watch
 * (--toggle-collect); all else is preparation. Prints one line of JSON: how many units each stage has worked on. */
#include "base/clock.h"
#include "base/mem.h"
#include "pipeline/accumulate/windows.h"
#include "pipeline/correlate/correlate.h"
#include "pipeline/decode/decode.h"
#include "pipeline/publish/publisher.h"
#include "pipeline/shard.h"
#include "tests/bench/bench_options.h"

#include <stdio.h>
#include <stdlib.h>

#define MINUTE INT64_C(60000)
/* Under its own name, as it is written. */
#define STAGE __attribute__((noipa)) static

struct counts {
	uint64_t events, contributions, rolled_keys, records, figures, values, published_keys, turns;
};

struct micro {
	struct config *config;
	struct decoder *decoder;
	struct calendar calendar;
	struct groups groups;
	struct correlator *correlator;
	struct windows *windows;
	struct contributions contributions;
	struct merge *merge;
	struct publisher *publisher;
	struct window_spans spans;
	struct evaluation evaluation;
	struct shard *shard; /* the whole of it, beside its parts */
	struct buf records;
	int64_t stride; /* ms */
	int64_t end, reached;
	struct shard_status status;
	bool damaged; /* a batch was not understood */
	struct counts counts;
};

/* ---- stages */

STAGE bool stage_decode(struct micro *micro, struct str line, struct event *event)
{
	struct message message = {.body = line, .topic = -1};
	enum refusal reason;
	return decode(micro->decoder, &message, event, &reason, NULL) == RESULT_OK;
}

STAGE void stage_correlate(struct micro *micro, const struct event *event)
{
	uint16_t replaced;
	micro->contributions.count = 0;
	correlate_event(micro->correlator, event, &micro->contributions, &replaced);
}

/* No event: what is left to be done for those before. */
STAGE void stage_accumulate(struct micro *micro, const struct event *event)
{
	if (event)
		windows_add(micro->windows, &micro->contributions);
	else
		windows_settle(micro->windows);
}

STAGE void stage_shard(struct micro *micro, struct event *event)
{
	enum refusal reason;
	if (event)
		(void)shard_event(micro->shard, event, micro->reached, &reason);
	else
		shard_settle(micro->shard);
}

STAGE void stage_roll(struct micro *micro)
{
	windows_roll(micro->windows, micro->end);
}

STAGE void stage_hand_over(struct micro *micro)
{
	windows_partial(micro->windows, &micro->records);
}

STAGE void stage_merge(struct micro *micro)
{
	micro->damaged |= merge_apply(micro->merge, &micro->status, buf_str(&micro->records)) != RESULT_OK;
}

static void count_figure(
	void *context, uint8_t dimension, struct str key, const struct figure *figure, const struct aim *aim)
{
	struct micro *micro = context;
	(void)dimension, (void)key, (void)figure, (void)aim;
	micro->counts.figures++;
}

STAGE void stage_evaluate(struct micro *micro)
{
	publisher_each(micro->publisher, &micro->evaluation, count_figure, micro);
}

STAGE void stage_publish(struct micro *micro)
{
	publisher_turn(micro->publisher, &micro->evaluation);
}

STAGE void stage_fold(struct micro *micro)
{
	correlator_set_fold(micro->correlator, micro->end + MINUTE);
	correlator_sweep(micro->correlator, correlator_histories(micro->correlator));
}

/* ---- the way of the events */

static void count_fields(void *context, const struct snapshot_change *change)
{
	struct micro *micro = context;
	micro->counts.values += change->field_count;
	micro->counts.published_keys++;
}

/* What all keys that changed have to say, and what readers get of it. */
static void publish(struct micro *micro)
{
	struct partial_record record;
	buf_clear(&micro->records);
	stage_hand_over(micro);
	struct partial_reader reader = partial_reader_of(buf_str(&micro->records));
	while (partial_next_record(&reader, &record))
		micro->counts.records++;
	micro->status.end = micro->end;
	micro->status.as_of = micro->end;
	stage_merge(micro);
	micro->evaluation.status = merge_status(micro->merge);
	window_spans_at(&micro->config->model, &micro->calendar, micro->end, &micro->spans);
	stage_publish(micro);
	micro->counts.turns++;
}

static void start(struct micro *micro, int64_t end)
{
	const struct config *config = micro->config;
	const struct publication_sink sink = {.context = micro, .snapshot = count_fields};
	micro->end = end;
	micro->correlator = correlator_new(&config->model, &config->schema, &micro->calendar, &micro->groups);
	correlator_set_limit(micro->correlator, (uint32_t)config->settings.limit_customer_events);
	correlator_set_lateness(micro->correlator, config->settings.allowed_lateness);
	micro->windows = windows_new(&config->model, &micro->calendar, &micro->groups, end);
	micro->merge = merge_new(&config->model, 1);
	micro->publisher = publisher_new(&config->model, &config->roster, micro->merge, &sink);
	micro->evaluation = (struct evaluation){
		.model = &config->model, .roster = &config->roster, .spans = &micro->spans, .merge = micro->merge};
	micro->shard = shard_new(config, 0, end);
}

static void move_on(struct micro *micro, int64_t end)
{
	if (!micro->correlator) {
		start(micro, end);
		return;
	}
	stage_shard(micro, NULL);
	stage_accumulate(micro, NULL);
	publish(micro);
	micro->end = end;
	stage_roll(micro);
	shard_roll(micro->shard, end);
	micro->counts.rolled_keys += publisher_key_count(micro->publisher);
}

static void note_event(struct micro *micro, const struct event *event)
{
	micro->status.seen_types[event->type / 64] |= UINT64_C(1) << event->type % 64;
	if (event->time < micro->status.since)
		micro->status.since = event->time;
	micro->counts.events++;
	micro->counts.contributions += micro->contributions.count;
}

static void take_line(struct micro *micro, struct str line)
{
	struct event event;
	int64_t received;
	if (!stage_decode(micro, line, &event))
		return;
	if (decode_received_at(micro->decoder, &received) != RESULT_OK)
		received = event.time;
	micro->reached = received > micro->reached ? received : micro->reached;
	if (micro->reached >= micro->end)
		move_on(micro, window_end(&micro->config->model, micro->reached + micro->stride));
	event.kafka_time = micro->reached;
	if (event.time >= micro->end || event.kafka_time - event.time > micro->config->settings.allowed_lateness)
		return;
	stage_shard(micro, &event); /* first: it sets how far back a retraction reaches */
	stage_correlate(micro, &event);
	stage_accumulate(micro, &event);
	note_event(micro, &event);
}

static bool take_lines(struct micro *micro, const char *path, int64_t stride)
{
	FILE *file = fopen(path, "r");
	char *line = NULL;
	size_t capacity = 0;
	ssize_t length;
	if (!file)
		return false;
	micro->stride = stride;
	while ((length = getline(&line, &capacity, file)) > 0)
		take_line(micro, (struct str){line, (size_t)length});
	free(line);
	fclose(file);
	return micro->correlator;
}

static void print_counts(const struct counts *counts)
{
	printf("{\"events\":%llu,\"contributions\":%llu,\"rolled_keys\":%llu,\"records\":%llu,\"figures\":%llu,"
	       "\"values\":%llu,\"published_keys\":%llu,\"turns\":%llu}\n",
		(unsigned long long)counts->events, (unsigned long long)counts->contributions,
		(unsigned long long)counts->rolled_keys, (unsigned long long)counts->records,
		(unsigned long long)counts->figures, (unsigned long long)counts->values,
		(unsigned long long)counts->published_keys, (unsigned long long)counts->turns);
}

static void release(struct micro *micro)
{
	publisher_free(micro->publisher);
	merge_free(micro->merge);
	windows_free(micro->windows);
	correlator_free(micro->correlator);
	shard_free(micro->shard);
	groups_release(&micro->groups);
	mem_free(micro->contributions.items);
	buf_release(&micro->records);
	decoder_free(micro->decoder);
	config_free(micro->config);
}

static bool load(struct micro *micro, const char *directory, const char *roster)
{
	struct config_problems problems;
	char override[4200];
	const char *const overrides[] = {override};
	snprintf(override, sizeof override, "roster.file=%s", roster);
	enum result result = config_load(directory, overrides, 1, &micro->config, &problems);
	config_problems_release(&problems);
	if (result != RESULT_OK)
		return false;
	const struct settings *settings = &micro->config->settings;
	micro->decoder = decoder_new(&micro->config->schema, (size_t)settings->message_bytes);
	micro->calendar =
		(struct calendar){&micro->config->zone, (int)settings->week_start, (int)settings->fiscal_year_start};
	groups_init(&micro->groups, &micro->config->model, &micro->config->schema, &micro->config->roster,
		(uint32_t)settings->limit_keys);
	return true;
}

int main(int argc, char **argv)
{
	const char *directory = "tests/bench/small", *roster = "", *path = NULL;
	int64_t minutes = 1;
	const struct bench_option options[] = {{"config", &directory, NULL}, {"roster", &roster, NULL},
		{"events", &path, NULL}, {"stride", NULL, &minutes}};
	struct micro micro = {
		.reached = INT64_MIN, .status = {.since = INT64_MAX, .gap = INT64_MIN, .seed_end = INT64_MIN}};
	buf_init(&micro.records);
	if (bench_options_parse(options, 4, argc, argv) || !path || minutes < 1 || !load(&micro, directory, roster) ||
		!take_lines(&micro, path, minutes * MINUTE)) {
		fputs("usage: bench_micro [--config DIR] [--roster FILE] [--stride MINUTES] --events FILE\n", stderr);
		return 2;
	}
	publish(&micro);
	stage_evaluate(&micro);
	stage_fold(&micro);
	print_counts(&micro.counts);
	release(&micro);
	return micro.damaged ? 1 : 0;
}
