/* Histories that lie packed: nobody sees whether one was, nor what is known of when to look at it again; and how many are kept ready. */
#include "pipeline/correlate/correlator.h"

#include "pipeline/shard_state.h"
#include "tests/unit/random_events.h"

#include <stdio.h>

/* ---- two shards through the same records; one packs at any moment ---- */

struct twins {
	struct shard *ready, *packing;
	struct buf ready_says, packing_says;
};

static void visit(void *context, const struct correlate_visit *visit)
{
	struct buf *out = context;
	buf_put_byte(out, (uint8_t)visit->owner);
	buf_put_counted(out, visit->name);
	record_put(out, visit->record);
	buf_put_byte(out, visit->in_force);
	for (uint32_t i = 0; i < visit->added->count; i++) {
		const struct contribution *added = &visit->added->items[i];
		buf_put_svarint(out, added->time);
		buf_put_svarint(out, added->amount);
		buf_put_varint(out, added->cell);
		buf_put_varint(out, added->group);
	}
}

static void say_histories(const struct histories *histories, struct buf *out)
{
	struct customer work;
	struct str name;
	uint32_t position = 0;
	customer_init(&work);
	while (histories_next(histories, &position, &name)) {
		const struct customer *customer = histories_read(histories, position, &work);
		buf_put_counted(out, name);
		customer_save(customer, out);
		cells_save(&customer->head, out);
	}
	customer_release(&work);
}

/* What stands in its histories, what each of its events adds, and what the last event has added. (A save has them in the order in which they
 * lie.) */
static void say(struct shard *shard, struct buf *out)
{
	buf_clear(out);
	say_histories(&shard->correlator->customers, out);
	say_histories(&shard->correlator->products, out);
	say_histories(&shard->correlator->anonymous, out);
	shard_each(shard, visit, out);
	for (uint32_t i = 0; i < shard->contributions.count; i++) {
		buf_put_svarint(out, shard->contributions.items[i].amount);
		buf_put_varint(out, shard->contributions.items[i].cell);
	}
}

static struct shard *load(const struct random_history *history, struct str bytes)
{
	struct shard *shard = NULL;
	struct str input;
	assert_int_equal(shard_load(history->fixture.config, 0, bytes, &shard, &input), RESULT_OK);
	return shard;
}

/* Both from what one of them saves: the table's order is another one in a shard that was loaded. */
static void reload(struct twins *twins, const struct random_history *history, bool packing)
{
	struct buf *bytes = &twins->ready_says;
	buf_clear(bytes);
	shard_save(packing ? twins->packing : twins->ready, STR("x"), bytes);
	shard_free(twins->ready);
	shard_free(twins->packing);
	twins->ready = load(history, buf_str(bytes));
	twins->packing = load(history, buf_str(bytes));
}

static void look_again_at(struct histories *histories)
{
	uint32_t position = 0;
	struct str name;
	while (histories_next(histories, &position, &name))
		histories_open(histories, position)->tail.stays = INT64_MIN;
}

/* The next fold tries every customer, whatever is known of how long its first event stays. */
static void look_again(struct shard *shard)
{
	look_again_at(&shard->correlator->customers);
	look_again_at(&shard->correlator->products);
	look_again_at(&shard->correlator->anonymous);
}

static void move_on(struct twins *twins, struct random *random, int64_t reached, int64_t end)
{
	if (random_percent(random, 50))
		correlator_set_worked_on(twins->packing->correlator, 1 + (uint32_t)random_below(random, 2));
	if (random_percent(random, 30)) {
		look_again(twins->ready);
		shard_reached(twins->ready, reached);
		shard_reached(twins->packing, reached);
	}
	shard_roll(twins->ready, end);
	shard_roll(twins->packing, end);
}

static void run_packing(uint64_t seed)
{
	struct random_history history;
	struct random random = {seed * 32452843};
	random_history_init(&history, seed, 60);
	const struct model *model = &history.fixture.config->model;
	struct twins twins = {
		.ready = shard_new(history.fixture.config, 0, window_end(model, history.first)),
		.packing = shard_new(history.fixture.config, 0, window_end(model, history.first)),
	};
	buf_init(&twins.ready_says);
	buf_init(&twins.packing_says);
	for (size_t i = 0; i < history.count; i++) {
		const struct random_record *record = &history.records[i];
		int64_t end = window_end(model, record->kafka_time);
		struct shard_status status;
		shard_status(twins.ready, &status);
		if (random_percent(&random, 5))
			reload(&twins, &history, random_percent(&random, 50));
		move_on(&twins, &random, record->kafka_time - 5 * MINUTE, end > status.end ? end : status.end);
		assert_int_equal(random_record_feed(&history, twins.ready, record),
			random_record_feed(&history, twins.packing, record));
		say(twins.ready, &twins.ready_says);
		say(twins.packing, &twins.packing_says);
		if (!str_equal(buf_str(&twins.ready_says), buf_str(&twins.packing_says)))
			fail_msg("packing: seed %llu differs at record %zu", (unsigned long long)seed, i);
	}
	shard_free(twins.ready);
	shard_free(twins.packing);
	buf_release(&twins.ready_says);
	buf_release(&twins.packing_says);
	random_history_release(&history);
}

static void test_packing_does_not_show(void **state)
{
	(void)state;
	int runs = random_runs(60);
	for (int i = 0; i < runs; i++)
		run_packing(random_seed() + (uint64_t)i);
}

/* ---- how many are kept ready ---- */

static struct config *config;

static void put_event(struct customer *customer, int number)
{
	char id[16];
	struct record record = {.time = 1000 + number, .source = STR("s")};
	snprintf(id, sizeof id, "e%d", number);
	record.id = str_of(id);
	tail_insert(&customer->tail, &config->schema, customer->tail.count, &record);
}

static struct customer *named(struct histories *histories, int number)
{
	char name[16];
	snprintf(name, sizeof name, "c%d", number);
	return histories_make(histories, str_of(name));
}

static uint32_t count_packed(const struct histories *histories)
{
	uint32_t position = 0, packed = 0;
	struct str name;
	while (histories_next(histories, &position, &name))
		packed += histories_rests(histories, position, 0);
	return packed;
}

static void test_ready(void **state)
{
	struct histories histories;
	(void)state;
	histories_init(&histories);
	histories_set_most(&histories, 3);
	for (int i = 0; i < 100; i++)
		put_event(named(&histories, i), i);
	assert_int_equal(histories.count, 100);
	assert_int_equal(count_packed(&histories), 97);
	for (int i = 0; i < 100; i++) {
		put_event(named(&histories, i), 100 + i);
		put_event(named(&histories, 7), 200 + i); /* is touched all the time, and stays */
	}
	assert_int_equal(count_packed(&histories), 97);
	assert_int_equal(named(&histories, 7)->tail.count, 102);
	histories_set_most(&histories, 1);
	for (int i = 0; i < 100; i++)
		if (i != 7)
			assert_int_equal(named(&histories, i)->tail.count, 2);
	assert_int_equal(histories.count, 100);
	histories_release(&histories);
}

/* A long one is never packed, however many others there are, until it has become shorter. */
static void test_long(void **state)
{
	struct histories histories;
	(void)state;
	histories_init(&histories);
	histories_set_most(&histories, 1);
	for (int i = 0; i <= PACKED_RECORDS_MAX; i++)
		put_event(named(&histories, 0), i);
	put_event(named(&histories, 1), 0);
	put_event(named(&histories, 2), 0);
	put_event(named(&histories, 3), 0);
	assert_int_equal(count_packed(&histories), 2);
	struct customer *customer = named(&histories, 0);
	assert_int_equal(customer->tail.count, PACKED_RECORDS_MAX + 1);
	tail_drop(&customer->tail, 1);
	named(&histories, 0);
	named(&histories, 1);
	assert_int_equal(count_packed(&histories), 3);
	assert_int_equal(named(&histories, 0)->tail.count, PACKED_RECORDS_MAX);
	histories_release(&histories);
}

static void test_removed_and_taken(void **state)
{
	struct histories histories;
	struct customer taken;
	struct str name;
	uint32_t position = 0, removed = 0;
	(void)state;
	histories_init(&histories);
	histories_set_most(&histories, 5);
	for (int i = 0; i < 200; i++)
		put_event(named(&histories, i), i);
	while (histories_next(&histories, &position, &name))
		if (removed++ % 2)
			histories_remove(&histories, position);
	assert_int_equal(histories.count, 100);
	for (int i = 0; i < 200; i++)
		put_event(named(&histories, i), 200 + i);
	assert_int_equal(histories.count, 200);
	assert_true(histories_take_named(&histories, STR("c17"), &taken));
	assert_false(histories_take_named(&histories, STR("c17"), &taken));
	assert_null(histories_find(&histories, STR("c17")));
	uint32_t events = taken.tail.count;
	assert_true(histories_put(&histories, STR("c17"), &taken));
	assert_int_equal(taken.tail.count, 0);
	assert_false(histories_put(&histories, STR("c17"), &taken));
	assert_int_equal(histories_find(&histories, STR("c17"))->tail.count, events);
	customer_release(&taken);
	histories_release(&histories);
}

/* Random sizes put, touched and removed: what lies on the shelf is what was put, and its gaps stay small. */
static void test_shelf(void **state)
{
	enum { NAMES = 3000, TURNS = 60000 };
	static uint32_t events[NAMES];
	struct histories histories;
	struct random random = {4711};
	(void)state;
	histories_init(&histories);
	histories_set_most(&histories, 50);
	memset(events, 0, sizeof events);
	for (int i = 0; i < TURNS; i++) {
		int number = (int)random_below(&random, NAMES);
		struct customer *customer = named(&histories, number);
		assert_int_equal(customer->tail.count, events[number]);
		if (events[number] > 20) {
			tail_drop(&customer->tail, events[number]);
			events[number] = 0;
		}
		put_event(customer, (int)events[number]++);
		const struct shelf *shelf = &histories.shelf;
		assert_true(shelf->taken - shelf->live <= shelf->live / 4 + (1 << 18) + (1 << 12));
	}
	struct shelf_walk walk = {0};
	uint32_t lying = 0;
	while (shelf_next(&histories.shelf, &walk))
		lying++;
	assert_int_equal(lying, histories.count - 50);
	for (int number = 0; number < NAMES; number++)
		assert_int_equal(named(&histories, number)->tail.count, events[number]);
	histories_release(&histories);
}

/* One that is larger than a piece of the shelf. */
static void test_large(void **state)
{
	enum { CELLS = 20000 };
	struct histories histories;
	(void)state;
	histories_init(&histories);
	histories_set_most(&histories, 1);
	struct customer *customer = named(&histories, 0);
	put_event(customer, 0);
	for (int i = 0; i < CELLS; i++)
		cells_add(&customer->head, (struct cell){.key = INT64_MAX - CELLS + i, .time = i});
	for (int turn = 0; turn < 3; turn++) {
		for (int i = 1; i < 20; i++)
			put_event(named(&histories, i), turn);
		assert_int_equal(named(&histories, 0)->head.count, CELLS);
	}
	histories_release(&histories);
}

static int set_up(void **state)
{
	(void)state;
	config = fixture_config(NULL, NULL,
		"windows: [1h]\nmeasures:\n  asks: {count: ask}\nkpis:\n  a: {title: A, formula: asks, unit: count}\n");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	config_free(config);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_packing_does_not_show),
		cmocka_unit_test(test_ready),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_removed_and_taken),
		cmocka_unit_test(test_shelf),
		cmocka_unit_test(test_large),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
