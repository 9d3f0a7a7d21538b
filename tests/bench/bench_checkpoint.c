/* What a checkpoint of many customers costs, and how soon a restart is back: make bench-checkpoint
 *
 *   bench_checkpoint [--config DIR] [--customers N] [--shards N] [--into DIR]
 *
 * Every customer has two recent events. Saving is the pause of a worker; loading is what a start does before it reads on.
 * With --into the events are of the last hour, and the checkpoints are written there, for tests/bench/restart. */
#include "base/check.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "daemon/checkpoint/input.h"
#include "daemon/checkpoint/store.h"
#include "pipeline/decode/decode.h"
#include "pipeline/shard.h"

#include <getopt.h>
#include <jemalloc/jemalloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define START INT64_C(1767225600000) /* 2026-01-01 */
#define HOUR INT64_C(3600000)
enum { SHARDS_MAX = 64 };

struct bench {
	struct config *config;
	struct decoder *decoder;
	uint32_t customers, shard_count;
	struct shard *shards[SHARDS_MAX];
	struct buf saved[SHARDS_MAX];
	int64_t start;    /* of the hour in which the events happen, ms */
	const char *into; /* directory, or NULL */
};

struct timer {
	int64_t wall_us, cpu_us;
};

static struct timer timer_now(clockid_t clock)
{
	struct timespec cpu;
	clock_gettime(clock, &cpu);
	return (struct timer){clock_steady_us(), (int64_t)cpu.tv_sec * 1000000 + cpu.tv_nsec / 1000};
}

static void say(const char *what, struct timer start, struct timer end)
{
	printf("%-28s %7.1f ms wall, %7.1f ms CPU\n", what, (double)(end.wall_us - start.wall_us) / 1000,
		(double)(end.cpu_us - start.cpu_us) / 1000);
}

static bool load_config(struct bench *bench, const char *directory)
{
	struct config_problems problems;
	struct buf text;
	enum result result = config_load(directory, NULL, 0, &bench->config, &problems);
	buf_init(&text);
	config_problems_print(&problems, directory, &text);
	fputs(text.data, stderr);
	buf_release(&text);
	config_problems_release(&problems);
	if (result != RESULT_OK)
		return false;
	bench->decoder = decoder_new(&bench->config->schema, (size_t)bench->config->settings.message_bytes);
	return true;
}

static void feed(struct bench *bench, uint32_t customer, uint32_t number, int64_t time)
{
	static const char *const kinds[] = {
		"\"type\":\"email.received\"",
		"\"type\":\"email.sent\"",
		"\"type\":\"call.completed\"",
		"\"type\":\"deal.closed\",\"deal\":\"d1\",\"outcome\":\"won\",\"amount\":1250.5",
	};
	char json[256];
	struct event event;
	enum refusal reason;
	int length = snprintf(json, sizeof json,
		"{\"id\":\"event-%08u-%u\",\"customer\":\"customer-%08u\",\"rep\":\"r%02u\",\"time\":%lld,%s}",
		customer, number, customer, customer % 40, (long long)time, kinds[(customer + number) % 4]);
	struct message message = {.body = {json, (size_t)length}, .topic = -1};
	if (decode(bench->decoder, &message, &event, &reason, NULL) != RESULT_OK) {
		fprintf(stderr, "refused: %s\n", refusal_name(reason));
		exit(1);
	}
	(void)shard_event(bench->shards[customer % bench->shard_count], &event, time, &reason);
}

static void make_customers(struct bench *bench)
{
	int64_t end = window_end(&bench->config->model, bench->start + HOUR);
	struct timer start = timer_now(CLOCK_PROCESS_CPUTIME_ID);
	for (uint32_t s = 0; s < bench->shard_count; s++)
		bench->shards[s] = shard_new(bench->config, s, end);
	for (uint32_t number = 0; number < 2; number++)
		for (uint32_t c = 0; c < bench->customers; c++)
			feed(bench, c, number,
				bench->start + number * HOUR / 2 + (int64_t)c * (HOUR / 2 - 1) / bench->customers);
	say("made", start, timer_now(CLOCK_PROCESS_CPUTIME_ID));
}

/* Each twice, as kpid does it from the second checkpoint on: into memory that the one before has left. */
static void save_all(struct bench *bench)
{
	size_t bytes = 0;
	struct buf input;
	buf_init(&input);
	input_put_head(&input, 0, bench->shard_count);
	input_put_count(&input, 0);
	for (uint32_t s = 0; s < bench->shard_count; s++) {
		char what[40];
		buf_init(&bench->saved[s]);
		for (int time = 0; time < 2; time++) {
			struct timer start = timer_now(CLOCK_THREAD_CPUTIME_ID);
			buf_clear(&bench->saved[s]);
			shard_save(bench->shards[s], buf_str(&input), &bench->saved[s]);
			snprintf(what, sizeof what, time ? "save, shard %u (the pause)" : "save, shard %u, new memory",
				s);
			say(what, start, timer_now(CLOCK_THREAD_CPUTIME_ID));
		}
		bytes += bench->saved[s].length;
	}
	printf("%-28s %zu bytes, %.1f a customer\n", "checkpoints", bytes, (double)bytes / bench->customers);
	buf_release(&input);
}

/* For a kpid to start on. */
static bool write_all(const struct bench *bench)
{
	struct store_options options = {.kind = STORE_DIRECTORY, .directory = bench->into};
	struct store *store;
	char error[512];
	if (store_open(&options, error, sizeof error, &store) != RESULT_OK) {
		fprintf(stderr, "%s\n", error);
		return false;
	}
	struct timer start = timer_now(CLOCK_THREAD_CPUTIME_ID);
	enum result result = store_prepare(store, bench->shard_count);
	for (uint32_t s = 0; s < bench->shard_count && result == RESULT_OK; s++)
		result = store_save(store, s, buf_str(&bench->saved[s]));
	say("written", start, timer_now(CLOCK_THREAD_CPUTIME_ID));
	store_close(store);
	return result == RESULT_OK;
}

static void load_one(struct bench *bench, uint32_t s)
{
	struct str input;
	if (shard_load(bench->config, s, buf_str(&bench->saved[s]), &bench->shards[s], &input) != RESULT_OK)
		abort();
}

static uint32_t free_all(struct bench *bench)
{
	uint32_t customers = 0;
	for (uint32_t s = 0; s < bench->shard_count; s++) {
		customers += shard_customers(bench->shards[s]);
		shard_free(bench->shards[s]);
		bench->shards[s] = NULL;
	}
	return customers;
}

/* As at a start: no memory that others have left behind. */
static void forget_memory(void)
{
	int failed = mallctl("arena.4096.purge", NULL, NULL, NULL, 0); /* of all arenas: MALLCTL_ARENAS_ALL */
	CHECK(!failed);
}

static void start_anew(struct bench *bench)
{
	free_all(bench);
	forget_memory();
}

static void load_in_turn(struct bench *bench)
{
	struct timer start = timer_now(CLOCK_PROCESS_CPUTIME_ID), before = start;
	for (uint32_t s = 0; s < bench->shard_count; s++) {
		char what[40];
		load_one(bench, s);
		struct timer now = timer_now(CLOCK_PROCESS_CPUTIME_ID);
		snprintf(what, sizeof what, "load, shard %u", s);
		say(what, before, now);
		before = now;
	}
	say("load, all, one thread", start, timer_now(CLOCK_PROCESS_CPUTIME_ID));
	printf("%-28s %u\n", "customers", free_all(bench));
}

struct load {
	struct bench *bench;
	uint32_t shard;
};

static void *load_main(void *context)
{
	const struct load *load = context;
	load_one(load->bench, load->shard);
	return NULL;
}

static void load_at_once(struct bench *bench)
{
	pthread_t threads[SHARDS_MAX];
	struct load loads[SHARDS_MAX];
	struct timer start = timer_now(CLOCK_PROCESS_CPUTIME_ID);
	for (uint32_t s = 0; s < bench->shard_count; s++) {
		loads[s] = (struct load){bench, s};
		if (pthread_create(&threads[s], NULL, load_main, &loads[s]) != 0)
			abort();
	}
	for (uint32_t s = 0; s < bench->shard_count; s++)
		pthread_join(threads[s], NULL);
	say("load, all, a thread a shard", start, timer_now(CLOCK_PROCESS_CPUTIME_ID));
	free_all(bench);
}

static bool take_number(const char *text, int64_t most, uint32_t *ret_number)
{
	int64_t number;
	if (text_to_i64(str_of(text), &number) != RESULT_OK || number < 1 || number > most)
		return false;
	*ret_number = (uint32_t)number;
	return true;
}

int main(int argc, char **argv)
{
	static const struct option known[] = {
		{"config", required_argument, NULL, 'c'},
		{"customers", required_argument, NULL, 'n'},
		{"shards", required_argument, NULL, 's'},
		{"into", required_argument, NULL, 'i'},
		{NULL, 0, NULL, 0},
	};
	struct bench bench = {.customers = 1000000, .shard_count = 4, .start = START};
	const char *directory = "tests/bench/small";
	bool good = true;
	int option;
	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1)
		if (option == 'c')
			directory = optarg;
		else if (option == 'n')
			good &= take_number(optarg, 100000000, &bench.customers);
		else if (option == 'i') {
			bench.into = optarg;
			bench.start = clock_wall_ms() - HOUR;
		} else
			good &= option == 's' && take_number(optarg, SHARDS_MAX, &bench.shard_count);
	if (!good || optind != argc || !load_config(&bench, directory)) {
		fputs("usage: bench_checkpoint [--config DIR] [--customers N] [--shards N] [--into DIR]\n", stderr);
		return 2;
	}
	make_customers(&bench);
	save_all(&bench);
	start_anew(&bench);
	if (bench.into) {
		good = write_all(&bench);
	} else {
		load_in_turn(&bench);
		forget_memory();
		load_at_once(&bench);
	}
	for (uint32_t s = 0; s < bench.shard_count; s++)
		buf_release(&bench.saved[s]);
	decoder_free(bench.decoder);
	config_free(bench.config);
	return good ? 0 : 1;
}
