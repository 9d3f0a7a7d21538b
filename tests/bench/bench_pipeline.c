/* How fast events go through decode and one shard: make bench-pipeline
 *
 *   bench_pipeline --config DIR FILE    every event of a kpisim file, in the order of its lines
 *   bench_pipeline --config DIR --hot N [--disorder PERCENT]    N events of one customer within a week
 *
 * The stages are measured in passes of their own, so that no clock is read between two of them. */
#include "base/clock.h"
#include "base/mem.h"
#include "pipeline/decode/decode.h"
#include "pipeline/shard.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MINUTE INT64_C(60000)
#define WEEK (10080 * MINUTE)

struct bench {
	struct config *config;
	struct decoder *decoder;
	struct buf text; /* all lines */
	struct str *lines;
	size_t count, capacity;
	int64_t first, last; /* of the events' times */
};

static void add_line(struct bench *bench, size_t start, size_t length)
{
	GROW(bench->lines, bench->count, bench->capacity);
	bench->lines[bench->count++] =
		(struct str){(const char *)(uintptr_t)start, length}; /* an offset, until all is read */
}

static void settle_lines(struct bench *bench)
{
	for (size_t i = 0; i < bench->count; i++)
		bench->lines[i].data = bench->text.data + (size_t)(uintptr_t)bench->lines[i].data;
}

static bool read_lines(struct bench *bench, const char *path)
{
	FILE *file = fopen(path, "r");
	char *line = NULL;
	size_t capacity = 0;
	ssize_t length;
	if (!file)
		return false;
	while ((length = getline(&line, &capacity, file)) > 0) {
		add_line(bench, bench->text.length, (size_t)length);
		buf_put(&bench->text, line, (size_t)length);
	}
	free(line);
	fclose(file);
	settle_lines(bench);
	return true;
}

static void make_hot(struct bench *bench, long events, long disorder)
{
	static const char *const kinds[] = {
		"\"type\":\"call.completed\",\"direction\":\"outbound\",\"outcome\":\"connected\"",
		"\"type\":\"email.sent\",\"about\":\"product_info\"",
		"\"type\":\"email.received\",\"sentiment\":\"positive\"",
		"\"type\":\"deal.created\",\"deal\":\"d1\"",
	};
	int64_t start = INT64_C(1767225600000);
	for (long i = 0; i < events; i++) {
		int64_t time = start + i * (WEEK - 600 * MINUTE) / events;
		if (i * 7919 % 100 < disorder)
			time -= i * 104729 % (300 * MINUTE);
		size_t at = bench->text.length;
		buf_printf(&bench->text, "{\"id\":\"e%ld\",\"customer\":\"hot\",\"rep\":\"r01\",\"time\":%lld,%s}\n", i,
			(long long)time, kinds[i % 4]);
		add_line(bench, at, bench->text.length - at);
	}
	settle_lines(bench);
}

static bool decode_line(struct bench *bench, size_t i, struct event *event)
{
	struct message message = {.body = bench->lines[i], .topic = -1};
	enum refusal reason;
	return decode(bench->decoder, &message, event, &reason, NULL) == RESULT_OK;
}

static void say(const char *stage, int64_t start_us, size_t count)
{
	int64_t us = clock_steady_us() - start_us;
	printf("%-28s %9.0f events/s %8.0f ns each\n", stage, us ? 1e6 * (double)count / (double)us : 0.0,
		count ? 1e3 * (double)us / (double)count : 0.0);
}

static void bench_decode(struct bench *bench)
{
	struct event event;
	int64_t start = clock_steady_us();
	bench->first = INT64_MAX;
	bench->last = INT64_MIN;
	for (size_t i = 0; i < bench->count; i++) {
		if (!decode_line(bench, i, &event))
			continue;
		bench->first = event.time < bench->first ? event.time : bench->first;
		bench->last = event.time > bench->last ? event.time : bench->last;
	}
	say("decode", start, bench->count);
}

/* Decoding is part of it; `folding` and `step` (0: the end stands still) as the daemon does while it catches up. */
static void bench_shard(struct bench *bench, const char *name, bool folding, int64_t step)
{
	const struct model *model = &bench->config->model;
	struct shard *shard = shard_new(bench->config, 0, window_end(model, step ? bench->first : bench->last + 1));
	struct buf out;
	struct event event;
	int64_t start = clock_steady_us(), reached = INT64_MIN, rolled = bench->first;
	buf_init(&out);
	for (size_t i = 0; i < bench->count; i++) {
		enum refusal reason;
		if (!decode_line(bench, i, &event))
			continue;
		reached = event.time > reached ? event.time : reached;
		if (step && reached >= rolled + step) {
			rolled = reached;
			shard_roll(shard, window_end(model, rolled));
			buf_clear(&out);
			shard_partial(shard, &out);
		}
		(void)shard_event(shard, &event, reached, &reason);
		if (folding && i % 512 == 0)
			shard_reached(shard, reached);
	}
	say(name, start, bench->count);
	start = clock_steady_us();
	buf_clear(&out);
	shard_save(shard, (struct str){NULL, 0}, &out);
	printf("  saved: %zu customers, %zu bytes, %lld us\n", (size_t)shard_customers(shard), out.length,
		(long long)(clock_steady_us() - start));
	buf_release(&out);
	shard_free(shard);
}

static bool load(struct bench *bench, const char *directory)
{
	struct config_problems problems;
	static const char *const overrides[] = {"roster.file="};
	enum result result = config_load(directory, overrides, 1, &bench->config, &problems);
	config_problems_release(&problems);
	if (result != RESULT_OK)
		return false;
	bench->decoder = decoder_new(&bench->config->schema, (size_t)bench->config->settings.message_bytes);
	return true;
}

static void run(struct bench *bench)
{
	bench_decode(bench);
	bench_shard(bench, "decode, shard", false, 0);
	bench_shard(bench, "decode, shard, fold", true, 0);
	bench_shard(bench, "decode, shard, fold, roll 1h", true, 60 * MINUTE);
}

int main(int argc, char **argv)
{
	static const struct option known[] = {
		{"config", required_argument, NULL, 'c'},
		{"hot", required_argument, NULL, 'h'},
		{"disorder", required_argument, NULL, 'd'},
		{NULL, 0, NULL, 0},
	};
	struct bench bench = {0};
	const char *directory = "config";
	long hot = 0, disorder = 0;
	int option;
	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1)
		if (option == 'c')
			directory = optarg;
		else if (option == 'h')
			hot = strtol(optarg, NULL, 10);
		else if (option == 'd')
			disorder = strtol(optarg, NULL, 10);
		else
			return 2;
	buf_init(&bench.text);
	if (!load(&bench, directory) || (!hot && (optind + 1 != argc || !read_lines(&bench, argv[optind])))) {
		fputs("usage: bench_pipeline [--config DIR] FILE | --hot EVENTS [--disorder PERCENT]\n", stderr);
		return 2;
	}
	if (hot)
		make_hot(&bench, hot, disorder);
	run(&bench);
	buf_release(&bench.text);
	mem_free(bench.lines);
	decoder_free(bench.decoder);
	config_free(bench.config);
	return 0;
}
