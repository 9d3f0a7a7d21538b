/* Shards spread over more partitions say what that many would have said from the start: of all that came before, and of all that comes
 * after, corrections of earlier events among it. A failure names its seed (KPID_PROPERTY_SEED=<seed> KPID_PROPERTY_RUNS=1 shows it again). */
#include "tests/unit/random_events.h"

#include "base/mem.h"
#include "pipeline/correlate/subject.h"
#include "pipeline/partition.h"
#include "pipeline/reshard.h"

#include <stdio.h>
#include <stdlib.h>

#define SHARDS_MAX 7

struct shards {
	struct random_history *history;
	struct shard *items[SHARDS_MAX];
	uint32_t count;
};

static void shards_init(struct shards *shards, struct random_history *history, uint32_t count)
{
	const struct config *config = history->fixture.config;
	*shards = (struct shards){.history = history, .count = count};
	for (uint32_t s = 0; s < count; s++)
		shards->items[s] = shard_new(config, s, window_end(&config->model, history->first));
}

static void shards_release(struct shards *shards)
{
	for (uint32_t s = 0; s < shards->count; s++)
		shard_free(shards->items[s]);
}

static uint32_t place(const struct shards *shards, const struct event *event)
{
	struct str key = subject_key(&shards->history->fixture.config->schema, event);
	return partition_of_key(PARTITIONER_MURMUR2, key, shards->count);
}

static void feed(struct shards *shards, const struct random_record *record)
{
	struct event event = fixture_event(&shards->history->fixture, record->json);
	struct shard *shard = shards->items[place(shards, &event)];
	enum shard_outcome outcome = random_record_feed(shards->history, shard, record);
	assert_false(outcome == SHARD_REFUSED && shards->history->fixture.reason == REFUSAL_LATE_ORDER);
	shard_count_record(shard);
}

static void roll(struct shards *shards, int64_t end)
{
	for (uint32_t s = 0; s < shards->count; s++)
		shard_roll(shards->items[s], end);
}

/* ---- any history ---- */

static bool is_customers_cost(const struct random_record *record)
{
	return record->subject == 'c' && strstr(record->json, "\"type\": \"cost\"");
}

/* Costs lie where their ids do, and so does one id with two contents: in one history or in two, as the number of partitions has it. They
 * have a test of their own. */
static void drop_customers_costs(struct random_history *history)
{
	bool dropped[200] = {false};
	size_t kept = 0;
	for (size_t i = 0; i < history->count; i++)
		dropped[history->records[i].id] |= is_customers_cost(&history->records[i]);
	for (size_t i = 0; i < history->count; i++) {
		const char *named = strstr(history->records[i].json, "\"retracts\": \"e");
		if (!dropped[history->records[i].id] && !(named && dropped[atoi(named + 14)]))
			history->records[kept++] = history->records[i];
	}
	history->count = kept;
}

static int64_t watermark(const struct random_history *history, size_t from)
{
	int64_t least = INT64_MAX;
	for (size_t i = from; i < history->count; i++)
		if (history->records[i].kafka_time < least)
			least = history->records[i].kafka_time;
	return least;
}

/* Each shard by itself: one is rolled and folded further than another. */
static void live(struct shards *shards, struct random *random, size_t from, size_t to)
{
	const struct random_history *history = shards->history;
	const struct model *model = &history->fixture.config->model;
	for (size_t i = from; i < to; i++) {
		struct shard *shard = shards->items[random_below(random, shards->count)];
		struct shard_status status;
		shard_status(shard, &status);
		int64_t reached = watermark(history, i);
		if (random_percent(random, 30)) /* what is stamped at or after the end is not read yet */
			shard_reached(shard, reached < status.end ? reached : status.end);
		int64_t end = window_end(model, history->records[i].kafka_time + random_below(random, HOUR));
		if (random_percent(random, 30) && end > status.end)
			shard_roll(shard, end);
		feed(shards, &history->records[i]);
	}
}

static void save_and_load(struct shards *shards)
{
	for (uint32_t s = 0; s < shards->count; s++) {
		struct buf bytes;
		struct str input;
		buf_init(&bytes);
		shard_save(shards->items[s], STR("x"), &bytes);
		shard_free(shards->items[s]);
		assert_int_equal(
			shard_load(shards->history->fixture.config, s, buf_str(&bytes), &shards->items[s], &input),
			RESULT_OK);
		buf_release(&bytes);
	}
}

static void compare(uint64_t seed, const struct shards *shards, const struct shards *expected)
{
	struct buf said, wanted;
	buf_init(&said);
	buf_init(&wanted);
	fixture_totals(shards->items, shards->count, &said);
	fixture_totals(expected->items, expected->count, &wanted);
	if (!str_equal(buf_str(&said), buf_str(&wanted)))
		fail_msg("seed %llu differs:\n%.3000s\n---- and should be\n%.3000s", (unsigned long long)seed,
			said.data, wanted.data);
	buf_release(&said);
	buf_release(&wanted);
}

struct sum {
	int64_t since;
	uint64_t seen, applied, duplicates, late, refused, waiting, records;
};

static struct sum sum_of(const struct shards *shards)
{
	struct sum sum = {.since = INT64_MAX};
	for (uint32_t s = 0; s < shards->count; s++) {
		struct shard_status status;
		shard_status(shards->items[s], &status);
		sum.since = status.since < sum.since ? status.since : sum.since;
		sum.seen |= status.seen_types[0];
		sum.applied += status.counts.applied;
		sum.duplicates += status.counts.duplicates;
		sum.late += status.counts.late;
		sum.refused += status.counts.refused;
		sum.waiting += status.counts.waiting;
		sum.records += status.counts.records;
	}
	return sum;
}

static void compare_sums(uint64_t seed, const struct shards *shards, const struct shards *expected)
{
	struct sum said = sum_of(shards), wanted = sum_of(expected);
	if (memcmp(&said, &wanted, sizeof said) != 0)
		fail_msg("seed %llu: since %lld %lld, seen %llx %llx, applied %llu %llu, refused %llu %llu",
			(unsigned long long)seed, (long long)said.since, (long long)wanted.since,
			(unsigned long long)said.seen, (unsigned long long)wanted.seen,
			(unsigned long long)said.applied, (unsigned long long)wanted.applied,
			(unsigned long long)said.refused, (unsigned long long)wanted.refused);
	assert_int_equal(said.records, said.applied + said.duplicates + said.late + said.refused + said.waiting);
}

static void run(uint64_t seed)
{
	struct random_history history;
	struct random random = {seed * 15485863};
	struct shards shards, expected;
	random_history_init(&history, seed, 60);
	drop_customers_costs(&history);
	uint32_t before = 1 + (uint32_t)random_below(&random, 4),
		 count = before + (uint32_t)random_below(&random, SHARDS_MAX - before + 1);
	size_t at = (size_t)random_below(&random, (int64_t)history.count + 1);
	shards_init(&shards, &history, before);
	shards_init(&expected, &history, count);
	live(&shards, &random, 0, at);
	shards_spread(history.fixture.config, shards.items, before, count);
	shards.count = count;
	if (random_percent(&random, 50))
		save_and_load(&shards);
	live(&shards, &random, at, history.count);
	for (size_t i = 0; i < history.count; i++)
		feed(&expected, &history.records[i]);
	int64_t end =
		window_end(&history.fixture.config->model, history.last + random_below(&random, 40 * DAY) + 5 * DAY);
	roll(&shards, end);
	roll(&expected, end);
	compare(seed, &shards, &expected);
	compare_sums(seed, &shards, &expected);
	shards_release(&shards);
	shards_release(&expected);
	random_history_release(&history);
}

static void test_any_history(void **state)
{
	(void)state;
	int runs = random_runs(200);
	for (int i = 0; i < runs; i++)
		run(random_seed() + (uint64_t)i);
}

/* ---- costs, which are keyed by id, of customers ---- */

static void feed_json(struct shards *shards, const char *json, const char *key, enum shard_outcome expected)
{
	struct event event = fixture_event(&shards->history->fixture, json);
	enum refusal reason;
	uint32_t to = partition_of_key(PARTITIONER_MURMUR2, str_of(key), shards->count);
	enum shard_outcome outcome = shard_event(shards->items[to], &event, event.time + 1, &reason);
	if (outcome != expected)
		fail_msg("%d, not %d: %s", outcome, expected, json);
}

static void feed_cost(struct shards *shards, int id, int amount, const char *customer, enum shard_outcome expected)
{
	char json[200], key[16];
	snprintf(key, sizeof key, "e%d", id);
	snprintf(json, sizeof json, "{\"type\": \"cost\", \"id\": \"%s\", \"amount\": %d, \"time\": %lld%s%s%s}", key,
		amount, (long long)(shards->history->first + id * MINUTE - amount),
		*customer ? ", \"customer\": \"" : "", customer, *customer ? "\"" : "");
	feed_json(shards, json, key, expected);
}

static void retract_cost(struct shards *shards, int id, enum shard_outcome expected)
{
	char json[200], key[16];
	snprintf(key, sizeof key, "e%d", id);
	snprintf(json, sizeof json,
		"{\"type\": \"retracted\", \"retracts\": \"%s\", \"id\": \"r%d\", \"customer\": \"c%d\", \"time\": "
		"%lld}",
		key, id, id % 3, (long long)(shards->history->first + 100 * MINUTE));
	feed_json(shards, json, key, expected);
}

static void feed_customers(struct shards *shards, int from)
{
	static const char *const types[] = {"ask", "answer", "lead.created"};
	for (int i = from; i < from + 9; i++) {
		char json[200], customer[8];
		snprintf(customer, sizeof customer, "c%d", i % 3);
		snprintf(json, sizeof json,
			"{\"type\": \"%s\", \"id\": \"x%d\", \"customer\": \"%s\", \"rep\": \"r%d\", \"time\": %lld}",
			types[i / 3 % 3], i, customer, i % 2, (long long)(shards->history->first + i * MINUTE));
		feed_json(shards, json, customer, SHARD_APPLIED);
	}
}

static void feed_first_costs(struct shards *shards)
{
	static const char *const customers[] = {"c0", "c1", "c2", ""};
	feed_customers(shards, 0);
	for (int id = 0; id < 60; id++)
		feed_cost(shards, id, 10, customers[id % 4 == 3 ? 3 : id % 3], SHARD_APPLIED);
	for (int id = 0; id < 60; id += 12)
		retract_cost(shards, id, SHARD_APPLIED);
}

/* Each finds what it concerns: repeated, replaced by one that comes first, taken back. */
static void feed_corrections(struct shards *shards)
{
	static const char *const customers[] = {"c0", "c1", "c2", ""};
	for (int id = 0; id < 60; id++) {
		const char *customer = customers[id % 4 == 3 ? 3 : id % 3];
		if (id % 5 == 0)
			feed_cost(shards, id, 10, customer, SHARD_DUPLICATE);
		else if (id % 5 == 1)
			feed_cost(shards, id, 30, customer, SHARD_REFUSED);
		else if (id % 5 == 2 && id % 12 && id % 4 != 3)
			retract_cost(shards, id, SHARD_APPLIED);
	}
	feed_customers(shards, 9);
}

/* The first one whose retractions reach far enough. */
static void init_late_history(struct random_history *history)
{
	uint64_t seed = 1;
	for (random_history_init(history, seed, 1); history->lateness < DAY; random_history_init(history, ++seed, 1))
		random_history_release(history);
}

static void test_costs_of_customers(void **state)
{
	(void)state;
	struct random_history history;
	struct shards shards, expected;
	init_late_history(&history);
	int64_t end = window_end(&history.fixture.config->model, history.first + 3 * DAY);
	shards_init(&shards, &history, 2);
	shards_init(&expected, &history, 5);
	roll(&shards, end);
	roll(&expected, end);
	feed_first_costs(&shards);
	feed_first_costs(&expected);
	shards_spread(history.fixture.config, shards.items, 2, 5);
	shards.count = 5;
	compare(0, &shards, &expected);
	save_and_load(&shards);
	feed_corrections(&shards);
	feed_corrections(&expected);
	compare(1, &shards, &expected);
	struct sum said = sum_of(&shards), wanted = sum_of(&expected);
	assert_memory_equal(&said, &wanted, sizeof said);
	shards_release(&shards);
	shards_release(&expected);
	random_history_release(&history);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_any_history),
		cmocka_unit_test(test_costs_of_customers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
