/* Limits, reached: the events of one customer, those that wait, and ids that somebody chose. */
#include "base/hash.h"
#include "pipeline/correlate/tail.h"
#include "pipeline/correlate/tail_index.h"
#include "tests/unit/shard_fixture.h"

static const char kpid[] = "roster: {file: \"\"}\nlimits: {customer_events: 3}\n",
		  kpis[] = "windows: [1h, 30d]\nmeasures: {asks: {count: ask}}\n"
			   "kpis: {a: {title: A, formula: asks, unit: count}}\n";

#define END "2026-03-31T00:00:00Z"

static int set_up(void **state)
{
	static struct fixture fixture;
	fixture_init(&fixture, kpid, kpis, END);
	*state = &fixture;
	return 0;
}

static int tear_down(void **state)
{
	fixture_release(*state);
	return 0;
}

static enum shard_outcome ask(struct fixture *fixture, const char *customer, const char *id, const char *time)
{
	return fixture_feed(fixture, "ask", customer, id, time, "");
}

static void fill(struct fixture *fixture)
{
	assert_int_equal(ask(fixture, "c", "1", "2026-03-20T10:00:00Z"), SHARD_APPLIED);
	assert_int_equal(ask(fixture, "c", "2", "2026-03-20T11:00:00Z"), SHARD_APPLIED);
	assert_int_equal(ask(fixture, "c", "3", "2026-03-20T12:00:00Z"), SHARD_APPLIED);
}

static void test_one_customer_has_so_many(void **state)
{
	struct fixture *fixture = *state;
	fill(fixture);
	assert_int_equal(ask(fixture, "c", "4", "2026-03-20T13:00:00Z"), SHARD_REFUSED);
	assert_int_equal(fixture->reason, REFUSAL_TOO_MANY);
	assert_int_equal(ask(fixture, "d", "4", "2026-03-20T13:00:00Z"), SHARD_APPLIED);
	/* What is there is still known, and still told apart. */
	assert_int_equal(ask(fixture, "c", "2", "2026-03-20T11:00:00Z"), SHARD_DUPLICATE);
	assert_int_equal(ask(fixture, "c", "2", "2026-03-20T10:30:00Z"), SHARD_REFUSED);
	assert_int_equal(fixture->reason, REFUSAL_CONFLICT);
	fixture_reload(fixture);
	assert_int_equal(ask(fixture, "c", "4", "2026-03-20T13:00:00Z"), SHARD_REFUSED);
	assert_int_equal(fixture->reason, REFUSAL_TOO_MANY);
	assert_int_equal(fixture_sum(fixture, "asks", 0, "30d"), 4);
}

static void test_room_again_behind_the_fold(void **state)
{
	struct fixture *fixture = *state;
	fill(fixture);
	shard_reached(fixture->shard, at("2026-03-30T10:00:00Z"));
	assert_int_equal(ask(fixture, "c", "4", "2026-03-30T13:00:00Z"), SHARD_APPLIED);
	assert_int_equal(fixture_sum(fixture, "asks", 0, "30d"), 4);
}

static void test_waiting_is_no_way_around(void **state)
{
	struct fixture *fixture = *state;
	fill(fixture);
	assert_int_equal(ask(fixture, "c", "4", "2026-03-31T00:01:00Z"), SHARD_REFUSED);
	assert_int_equal(fixture->reason, REFUSAL_TOO_MANY);
	assert_int_equal(ask(fixture, "d", "1", "2026-03-31T00:01:00Z"), SHARD_WAITING);
	assert_int_equal(ask(fixture, "e", "1", "2026-03-31T00:01:00Z"), SHARD_WAITING);
	assert_int_equal(ask(fixture, "f", "1", "2026-03-31T00:01:00Z"), SHARD_WAITING);
	assert_int_equal(ask(fixture, "g", "1", "2026-03-31T00:01:00Z"), SHARD_REFUSED);
	assert_int_equal(fixture->reason, REFUSAL_TOO_MANY);
}

/* Ids whose hashes have the same lowest bits would all begin at one place of a table without a key. */
static void test_chosen_ids(void **state)
{
	(void)state;
	enum { COUNT = 1 << 16 };
	struct tail_index index = {0};
	uint32_t longest = 0, offset;
	for (uint32_t i = 0; i < COUNT; i++)
		tail_index_add(&index, i << 16, i);
	for (uint32_t i = 0; i < COUNT; i++) {
		uint32_t step = 0;
		while (tail_index_next(&index, i << 16, &step, &offset) && offset != i)
			;
		assert_int_equal(offset, i);
		longest = step > longest ? step : longest;
	}
	assert_in_range(longest, 1, 1000);
	tail_index_release(&index);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_one_customer_has_so_many, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_room_again_behind_the_fold, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_waiting_is_no_way_around, set_up, tear_down),
		cmocka_unit_test(test_chosen_ids),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
