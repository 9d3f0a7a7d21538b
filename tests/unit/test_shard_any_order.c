/* The promise: what a shard says depends on the set of events alone. Arrival, duplicates, rolling, folding, saving and sharding are random
 * here; a failure names its seed (KPID_PROPERTY_SEED=<seed> KPID_PROPERTY_RUNS=1 shows it again). */
#include "tests/unit/random_events.h"

#include "base/mem.h"

/* Prints both where they differ. */
static void compare_totals(
	uint64_t seed, const char *what, struct shard *const *shards, size_t count, struct shard *expected)
{
	struct buf said, wanted;
	buf_init(&said);
	buf_init(&wanted);
	fixture_totals(shards, count, &said);
	fixture_totals(&expected, 1, &wanted);
	if (!str_equal(buf_str(&said), buf_str(&wanted))) {
		size_t i = 0;
		while (said.data[i] && said.data[i] == wanted.data[i])
			i++;
		while (i > 0 && said.data[i - 1] != '\n')
			i--;
		print_error("%s: seed %llu differs at\n  %.60s\nand should be\n  %.60s\n", what,
			(unsigned long long)seed, said.data + i, wanted.data + i);
		buf_release(&said);
		buf_release(&wanted);
		fail();
	}
	buf_release(&said);
	buf_release(&wanted);
}

static void compare_status(
	uint64_t seed, const struct random_history *history, const struct shard *shard, const struct shard *expected)
{
	struct shard_status said, wanted;
	shard_status(shard, &said);
	shard_status(expected, &wanted);
	const struct shard_counts *counts = &said.counts;
	uint64_t consumed = counts->applied + counts->duplicates + counts->late + counts->refused + counts->waiting;
	if (said.since != wanted.since || memcmp(said.seen_types, wanted.seen_types, sizeof said.seen_types) != 0 ||
		counts->waiting != 0 || consumed != history->count)
		fail_msg("seed %llu: since %lld and %lld, seen %llx and %llx, %llu of %zu records",
			(unsigned long long)seed, (long long)said.since, (long long)wanted.since,
			(unsigned long long)said.seen_types[0], (unsigned long long)wanted.seen_types[0],
			(unsigned long long)consumed, history->count);
}

/* No record from `at` on has a smaller Kafka time. */
static int64_t watermark(const struct random_history *history, size_t from)
{
	int64_t least = INT64_MAX;
	for (size_t i = from; i < history->count; i++)
		if (history->records[i].kafka_time < least)
			least = history->records[i].kafka_time;
	return least;
}

static int64_t a_later_end(
	const struct random_history *history, struct random *random, const struct shard *shard, int64_t time)
{
	struct shard_status status;
	shard_status(shard, &status);
	int64_t end = window_end(&history->fixture.config->model, time);
	if (random_percent(random, 30))
		end = window_end(&history->fixture.config->model, time + random_below(random, DAY));
	return end > status.end ? end : status.end;
}

static struct shard *reload(const struct random_history *history, struct shard *shard)
{
	struct buf bytes;
	struct str input;
	struct shard *loaded = NULL;
	buf_init(&bytes);
	shard_save(shard, STR("x"), &bytes);
	assert_int_equal(shard_load(history->fixture.config, 0, buf_str(&bytes), &loaded, &input), RESULT_OK);
	buf_release(&bytes);
	shard_free(shard);
	return loaded;
}

struct habits {
	int rolls, folds, reloads; /* percent, before each record */
};

static struct shard *live(struct random_history *history, struct random *random, struct habits habits)
{
	struct shard *shard =
		shard_new(history->fixture.config, 0, window_end(&history->fixture.config->model, history->first));
	for (size_t i = 0; i < history->count; i++) {
		const struct random_record *record = &history->records[i];
		if (random_percent(random, habits.folds))
			shard_reached(
				shard, watermark(history, i) - random_below(random, 2) * random_below(random, DAY));
		if (random_percent(random, habits.rolls))
			shard_roll(shard, a_later_end(history, random, shard, record->kafka_time));
		if (random_percent(random, habits.reloads))
			shard = reload(history, shard);
		enum shard_outcome outcome = random_record_feed(history, shard, record);
		assert_false(outcome == SHARD_REFUSED && history->fixture.reason == REFUSAL_LATE_ORDER);
	}
	return shard;
}

static int64_t last_end(const struct random_history *history, struct random *random)
{
	int64_t after = history->last + 5 * DAY + random_below(random, 10 * DAY);
	if (random_percent(random, 20))
		after += random_below(random, 400 * DAY);
	return window_end(&history->fixture.config->model, after);
}

static void run_live(uint64_t seed, const char *what, struct habits habits)
{
	struct random_history history;
	struct random random = {seed * 7919};
	random_history_init(&history, seed, 60);
	struct shard *shard = live(&history, &random, habits);
	int64_t end = last_end(&history, &random);
	shard_roll(shard, end);
	struct shard *expected = random_history_plain(&history, end, -1);
	struct shard *filtered = random_history_expected(&history, end);
	compare_totals(seed, what, &shard, 1, filtered);
	compare_totals(seed, "in order", &expected, 1, filtered);
	compare_status(seed, &history, shard, expected);
	shard_free(filtered);
	shard_free(expected);
	shard_free(shard);
	random_history_release(&history);
}

static void run_all(const char *what, struct habits habits, int usual)
{
	int runs = random_runs(usual);
	for (int i = 0; i < runs; i++)
		run_live(random_seed() + (uint64_t)i, what, habits);
}

static void test_arrival(void **state)
{
	(void)state;
	run_all("arrival", (struct habits){0, 0, 0}, 60);
}

static void test_rolling(void **state)
{
	(void)state;
	run_all("rolling", (struct habits){30, 0, 0}, 60);
}

static void test_folding(void **state)
{
	(void)state;
	run_all("folding", (struct habits){0, 50, 0}, 60);
}

static void test_all_together(void **state)
{
	(void)state;
	run_all("all together", (struct habits){30, 50, 10}, 100);
}

static void run_split(uint64_t seed)
{
	struct random_history history;
	struct random random = {seed * 104729};
	struct shard *parts[3];
	random_history_init(&history, seed, 60);
	int64_t end = last_end(&history, &random);
	struct shard *whole = random_history_plain(&history, end, -1);
	for (int customer = 0; customer < 3; customer++)
		parts[customer] = random_history_plain(&history, end, customer);
	compare_totals(seed, "three shards", parts, 3, whole);
	for (int customer = 0; customer < 3; customer++)
		shard_free(parts[customer]);
	shard_free(whole);
	random_history_release(&history);
}

static void test_shards_add_up(void **state)
{
	(void)state;
	int runs = random_runs(30);
	for (int i = 0; i < runs; i++)
		run_split(random_seed() + (uint64_t)i);
}

/* Two shards through the same records, one of them saved and loaded in the middle: from then on they say the same bytes. */
static void run_twins(uint64_t seed)
{
	struct random_history history;
	struct random random = {seed * 15485863};
	random_history_init(&history, seed, 40);
	struct shard *twins[2];
	struct buf said[2];
	for (int t = 0; t < 2; t++) {
		twins[t] =
			shard_new(history.fixture.config, 0, window_end(&history.fixture.config->model, history.first));
		buf_init(&said[t]);
	}
	size_t saved_at = (size_t)random_below(&random, (int64_t)history.count);
	for (size_t i = 0; i < history.count; i++) {
		int64_t reached = watermark(&history, i),
			end = a_later_end(&history, &random, twins[0], history.records[i].kafka_time);
		if (i == saved_at) {
			twins[1] = reload(&history, twins[1]);
			shard_touch_all(twins[0]);
		}
		for (int t = 0; t < 2; t++) {
			shard_reached(twins[t], reached);
			shard_roll(twins[t], end);
			random_record_feed(&history, twins[t], &history.records[i]);
			buf_clear(&said[t]);
			shard_touch_all(twins[t]);
			shard_partial(twins[t], &said[t]);
			shard_touch_all(twins[t]);
		}
		if (i >= saved_at && !str_equal(buf_str(&said[0]), buf_str(&said[1])))
			fail_msg("twins: seed %llu differs at record %zu", (unsigned long long)seed, i);
	}
	for (int t = 0; t < 2; t++) {
		shard_free(twins[t]);
		buf_release(&said[t]);
	}
	random_history_release(&history);
}

static void test_saved_and_loaded(void **state)
{
	(void)state;
	int runs = random_runs(30);
	for (int i = 0; i < runs; i++)
		run_twins(random_seed() + (uint64_t)i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arrival),
		cmocka_unit_test(test_rolling),
		cmocka_unit_test(test_folding),
		cmocka_unit_test(test_all_together),
		cmocka_unit_test(test_shards_add_up),
		cmocka_unit_test(test_saved_and_loaded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
