/* Messages that ask for much memory or time: make bench-limits
 *
 *   bench_limits [--config DIR] [--ids N] [--keys N]
 *
 * N distinct ids of one customer, and N reps whose names collide under an unkeyed hash (h * 31 + c, as Java has it), each beside harmless
 * events of the same number. It fails where either is less than half as fast, where one customer keeps more events than
 * limits.customer_events, or a dimension more keys than limits.keys. Time is this process's own, memory what is in use on the heap. */
#include "pipeline/decode/decode.h"
#include "pipeline/shard.h"

#include <getopt.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define START INT64_C(1767225600000)
#define DAY INT64_C(86400000)

enum load { MANY_CUSTOMERS, ONE_CUSTOMER, HARMLESS_KEYS, COLLIDING_KEYS };
static const char *const names[] = {
	"ids of many customers", "ids of one customer", "reps with any names", "reps whose names collide"};

struct result_of_load {
	double per_second, bytes;
	uint64_t refused;
	size_t keys;
};

static double cpu_seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static size_t heap_bytes(void)
{
	struct mallinfo2 info = mallinfo2();
	return info.uordblks + info.hblkhd;
}

/* "Aa" and "BB" have one hash, and so has every row of so many of them. */
static void put_colliding(char *text, unsigned number)
{
	for (int bit = 0; bit < 20; bit++, text += 2)
		memcpy(text, number >> bit & 1 ? "Aa" : "BB", 2);
	*text = '\0';
}

static int put_event(char *text, size_t size, enum load load, long i, long count)
{
	char rep[48] = "r01";
	int64_t time = START + i * DAY / count;
	long customer = load == ONE_CUSTOMER ? 0 : i % 1000;
	if (load == COLLIDING_KEYS)
		put_colliding(rep, (unsigned)i);
	if (load == HARMLESS_KEYS)
		snprintf(rep, sizeof rep, "%040lx", (unsigned long)i * 0x9e3779b97f4a7c15ul);
	return snprintf(text, size,
		"{\"id\":\"e%ld\",\"customer\":\"c%ld\",\"rep\":\"%s\",\"time\":%lld,\"type\":\"call.completed\","
		"\"direction\":\"outbound\",\"outcome\":\"connected\"}",
		i, customer, rep, (long long)time);
}

static void feed(struct decoder *decoder, struct shard *shard, enum load load, long count)
{
	char text[512];
	struct event event;
	enum refusal reason;
	for (long i = 0; i < count; i++) {
		struct message message = {.topic = -1};
		message.body = (struct str){text, (size_t)put_event(text, sizeof text, load, i, count)};
		if (decode(decoder, &message, &event, &reason, NULL) == RESULT_OK)
			(void)shard_event(shard, &event, event.time, &reason);
	}
}

static struct result_of_load run(const struct config *config, enum load load, long count)
{
	struct decoder *decoder = decoder_new(&config->schema, (size_t)config->settings.message_bytes);
	struct shard *shard = shard_new(config, 0, window_end(&config->model, START + 2 * DAY));
	size_t before = heap_bytes();
	double start = cpu_seconds();
	struct shard_status status;
	feed(decoder, shard, load, count);
	struct result_of_load result = {.per_second = (double)count / (cpu_seconds() - start)};
	shard_status(shard, &status);
	result.bytes = (double)(heap_bytes() - before);
	result.refused = status.counts.refused;
	for (unsigned d = 0; d < config->model.dimension_count; d++)
		if (shard_groups(shard)->keys[d].count > result.keys)
			result.keys = shard_groups(shard)->keys[d].count;
	printf("%-26s %9ld events %9.0f events/s %8.1f MiB, %llu refused, %zu keys\n", names[load], count,
		result.per_second, result.bytes / 1048576, (unsigned long long)result.refused, result.keys);
	fflush(stdout);
	shard_free(shard);
	decoder_free(decoder);
	return result;
}

static bool holds(bool condition, const char *what)
{
	if (!condition)
		printf("FAILED: %s\n", what);
	return condition;
}

static bool run_all(const struct config *config, long ids, long keys)
{
	const struct settings *settings = &config->settings;
	struct result_of_load many = run(config, MANY_CUSTOMERS, ids / 10), one = run(config, ONE_CUSTOMER, ids);
	struct result_of_load any = run(config, HARMLESS_KEYS, keys), colliding = run(config, COLLIDING_KEYS, keys);
	long kept = ids - (long)one.refused;
	bool good = holds(one.per_second * 2 >= many.per_second, "ids of one customer: less than half as fast");
	good &= holds(kept <= settings->limit_customer_events, "one customer keeps more than limits.customer_events");
	good &= holds(colliding.per_second * 2 >= any.per_second, "names that collide: less than half as fast");
	/* Unassigned and __other__ come on top. */
	good &= holds((int64_t)colliding.keys <= settings->limit_keys + 2, "more keys than limits.keys");
	return good;
}

int main(int argc, char **argv)
{
	static const struct option known[] = {
		{"config", required_argument, NULL, 'c'},
		{"ids", required_argument, NULL, 'i'},
		{"keys", required_argument, NULL, 'k'},
		{NULL, 0, NULL, 0},
	};
	static const char *const overrides[] = {"roster.file="};
	const char *directory = "config";
	long ids = 10000000, keys = 1000000;
	int option;
	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1)
		if (option == 'c')
			directory = optarg;
		else if (option == 'i')
			ids = strtol(optarg, NULL, 10);
		else if (option == 'k')
			keys = strtol(optarg, NULL, 10);
		else
			return 2;
	struct config *config;
	struct config_problems problems;
	enum result result = config_load(directory, overrides, 1, &config, &problems);
	config_problems_release(&problems);
	if (result != RESULT_OK)
		return 2;
	bool good = run_all(config, ids, keys);
	config_free(config);
	return good ? 0 : 1;
}
