/* A customer's recent events: found by id, in order, with what takes back what; short and long. */
#include "pipeline/correlate/tail.h"

#include "tests/unit/random_events.h"

#include <stdio.h>

static struct config *config;
static uint16_t ask, closed, reopened;

static uint16_t type_named(const char *name)
{
	for (uint16_t t = 0; t < config->schema.type_count; t++)
		if (strcmp(config->schema.types[t].name, name) == 0)
			return t;
	fail_msg("no type %s", name);
	return 0;
}

static int set_up(void **state)
{
	(void)state;
	config = fixture_config(NULL, NULL,
		"windows: [1h]\nmeasures:\n  asks: {count: ask}\nkpis:\n  a: {title: A, formula: asks, unit: count}\n");
	ask = type_named("ask");
	closed = type_named("deal.closed");
	reopened = type_named("deal.reopened");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	config_free(config);
	return 0;
}

static struct record record_of(uint16_t type, const char *id, int64_t time, int64_t deal)
{
	struct record record = {.time = time, .type = type, .id = str_of(id), .source = STR("")};
	int32_t key = config->schema.types[closed].in_force_key;
	record.present = UINT64_C(1) << key;
	record.values[key] = deal;
	return record;
}

static void insert(struct tail *tail, const struct record *record)
{
	tail_insert(tail, &config->schema, tail_place(tail, record), record);
}

static void put(struct tail *tail, uint16_t type, const char *id, int64_t time, int64_t deal)
{
	struct record record = record_of(type, id, time, deal);
	insert(tail, &record);
}

static void assert_superseded(const struct tail *tail, const char *expected)
{
	assert_int_equal(tail->count, strlen(expected));
	for (uint32_t i = 0; i < tail->count; i++)
		assert_int_equal(tail->entries[i].superseded, expected[i] == 'x');
}

static void test_taken_back(void **state)
{
	(void)state;
	struct tail tail;
	tail_init(&tail);
	put(&tail, closed, "a", 10, 1);
	put(&tail, closed, "b", 20, 2);
	put(&tail, ask, "c", 25, 1);
	assert_superseded(&tail, "...");
	put(&tail, reopened, "d", 30, 1);
	assert_superseded(&tail, "x...");
	put(&tail, closed, "e", 15, 1); /* between: it takes the first's place, and is taken back itself */
	assert_superseded(&tail, "xx...");
	put(&tail, closed, "f", 40, 1);
	assert_superseded(&tail, "xx....");
	tail_remove(&tail, &config->schema, 4); /* the reopening: the last close takes back */
	assert_superseded(&tail, "xx...");
	tail_remove(&tail, &config->schema, 4);
	assert_superseded(&tail, "x...");
	assert_int_equal(tail_superseder(&tail, &config->schema, 0), 1);
	tail_drop(&tail, 1);
	assert_superseded(&tail, "...");
	tail_release(&tail);
}

/* The windows look back 1 d 2 h. */
static void test_not_after_the_reach(void **state)
{
	(void)state;
	const int64_t reach = config->schema.in_force_reach;
	struct tail tail;
	assert_int_equal(reach, DAY + 2 * HOUR);
	tail_init(&tail);
	put(&tail, closed, "a", 10, 1);
	put(&tail, reopened, "b", 11 + reach, 1);
	assert_superseded(&tail, "..");
	assert_int_equal(tail_superseder(&tail, &config->schema, 0), TAIL_NONE);
	put(&tail, closed, "c", 12 + reach, 1);
	put(&tail, closed, "d", 12 + 2 * reach, 1);
	assert_superseded(&tail, "..x.");
	put(&tail, reopened, "e", 13 + 2 * reach, 1);
	assert_superseded(&tail, "..xx.");
	put(&tail, reopened, "f", 10 + reach, 1); /* just within: it takes back the first, which no other reached */
	assert_superseded(&tail, "x..xx.");
	tail_remove(&tail, &config->schema, 1);
	assert_superseded(&tail, "..xx.");
	put(&tail, closed, "g", 11, 1); /* the second close is taken back by what the first one is too far from */
	assert_superseded(&tail, "xx.xx.");
	tail_remove(&tail, &config->schema, 1);
	assert_superseded(&tail, "..xx.");
	tail_remove(&tail, &config->schema, 3); /* the last close: what took it back is too far from the one before */
	assert_superseded(&tail, "....");
	tail_release(&tail);
}

static void test_one_id_twice(void **state)
{
	(void)state;
	struct tail tail;
	tail_init(&tail);
	for (int others = 0; others <= 300; others += 300) { /* walked, then looked up in an index */
		for (int i = 0; i < others; i++) {
			char id[8];
			snprintf(id, sizeof id, "%d", i);
			put(&tail, ask, id, 1000 + i, 0);
		}
		struct record early = record_of(ask, "a", 10, 0), late = record_of(ask, "a", 5000, 0),
			      between = record_of(ask, "a", 2000, 0), last = record_of(ask, "a", 9000, 0);
		early.content = 1;
		late.content = 2;
		between.content = 3;
		last.content = 4;
		if (others == 0) {
			insert(&tail, &late);
			insert(&tail, &early);
		}
		uint32_t end = tail.count - 1;
		struct tail_found found = tail_find(&tail, &between);
		assert_true(found.same == TAIL_NONE && found.before == 0 && found.after == end);
		found = tail_find(&tail, &last);
		assert_true(found.same == TAIL_NONE && found.before == end && found.after == TAIL_NONE);
		found = tail_find(&tail, &early);
		assert_true(found.same == 0 && found.before == TAIL_NONE && found.after == end);
		tail_stamp(&tail, 0, 777);
		found = tail_find(&tail, &late);
		assert_true(found.same == end && found.before == 0 && found.after == TAIL_NONE);
		struct record stamped;
		tail_read(&tail, 0, &stamped);
		assert_true(stamped.kafka_time == 777 && stamped.time == 10);
		assert_str(stamped.id, "a");
	}
	tail_release(&tail);
}

/* As many as a long tail has, in any order, some taken out again: each is found where it stands, and no other. */
static void check_found(uint64_t seed)
{
	enum { MANY = 600 };
	struct random random = {seed};
	struct tail tail;
	bool there[MANY] = {0};
	char id[16];
	tail_init(&tail);
	for (int turn = 0; turn < 3 * MANY; turn++) {
		int n = (int)random_below(&random, MANY);
		snprintf(id, sizeof id, "e%d", n);
		struct record record = record_of(ask, id, n / 3, 0), found;
		uint32_t at = tail_find(&tail, &record).same;
		if (there[n] != (at != TAIL_NONE))
			fail_msg("seed %llu: %s is%s found", (unsigned long long)seed, id, there[n] ? " not" : "");
		if (!there[n]) {
			insert(&tail, &record);
			there[n] = true;
			continue;
		}
		tail_read(&tail, at, &found);
		assert_true(str_equal(found.id, record.id));
		assert_int_equal(found.time, record.time);
		if (random_percent(&random, 5)) {
			tail_remove(&tail, &config->schema, at);
			there[n] = false;
		}
	}
	for (uint32_t i = 1; i < tail.count; i++) {
		struct record before, after;
		tail_read(&tail, i - 1, &before);
		tail_read(&tail, i, &after);
		assert_true(record_compare(&before, &after) < 0);
	}
	tail_release(&tail);
}

static void test_found(void **state)
{
	(void)state;
	for (int i = 0; i < random_runs(5); i++)
		check_found(random_seed() + (uint64_t)i);
}

static void test_dropped_are_not_found(void **state)
{
	(void)state;
	struct tail tail;
	char id[16];
	tail_init(&tail);
	for (int i = 0; i < 1000; i++) {
		snprintf(id, sizeof id, "e%d", i);
		put(&tail, ask, id, i, 0);
	}
	struct record early = record_of(ask, "e99", 99, 0), late = record_of(ask, "e100", 100, 0);
	assert_int_equal(tail_find(&tail, &early).same, 99);
	tail_drop(&tail, 100);
	assert_int_equal(tail_find(&tail, &early).same, TAIL_NONE);
	assert_int_equal(tail_find(&tail, &late).same, 0);
	tail_drop(&tail, 800); /* its bytes are packed */
	struct record last = record_of(ask, "e999", 999, 0);
	assert_int_equal(tail_find(&tail, &last).same, 99);
	tail_release(&tail);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_taken_back),
		cmocka_unit_test(test_not_after_the_reach),
		cmocka_unit_test(test_one_id_twice),
		cmocka_unit_test(test_found),
		cmocka_unit_test(test_dropped_are_not_found),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
