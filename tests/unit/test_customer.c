/* Closes in force, corrections, and what folding must not change. */
#include "tests/unit/shard_fixture.h"

#include <stdio.h>

static const char kpis[] =
	"windows: [1h, 30d, 365d]\n"
	"stocks:\n"
	"  lead: {opens: lead.created, closes: [lead.closed, {event: deal.closed, where: \"outcome == 'won'\"}]}\n"
	"  deal: {per: deal, once: true, opens: deal.created, closes: deal.closed}\n"
	"measures:\n"
	"  won: {count: deal.closed, where: \"outcome == 'won'\"}\n"
	"  lost: {count: deal.closed, where: \"outcome == 'lost'\"}\n"
	"  sold: {sum: amount, of: {event: deal.closed, where: \"outcome == 'won'\"}}\n"
	"  first_wins: {count: deal.closed, where: \"outcome == 'won'\", first: customer}\n"
	"  leads_open: {level: lead}\n"
	"  deals_open: {level: deal}\n"
	"  won_lead: {elapsed: lead.opened, to: {event: deal.closed, where: \"outcome == 'won'\"}, match: every, "
	"within: 20d, dated: start}\n"
	"kpis:\n"
	"  a: {title: A, formula: won + lost + first_wins + level(leads_open) + level(deals_open), unit: count}\n"
	"  b: {title: B, formula: sold, unit: money}\n"
	"  c: {title: C, formula: mean(won_lead), unit: seconds}\n";

static int set_up(void **state)
{
	static struct fixture fixture;
	fixture_init(&fixture, NULL, kpis, "2026-06-30T00:00:00Z");
	*state = &fixture;
	return 0;
}

static int tear_down(void **state)
{
	fixture_release(*state);
	return 0;
}

#define FEED(type, id, time, more) \
	assert_int_equal(fixture_feed(fixture, type, "c", id, "2026-" time "Z", more), SHARD_APPLIED)
#define ASSERT_SUM(measure, component, window, expected) \
	assert_int_equal(fixture_sum(fixture, measure, component, window), expected)
#define WON(deal, amount) "\"deal\": \"" deal "\", \"outcome\": \"won\", \"amount\": " amount
#define LOST(deal) "\"deal\": \"" deal "\", \"outcome\": \"lost\""

struct step {
	const char *type, *id, *time, *more;
};

/* Closed, reopened, closed again: what counts must be the same in all orders of arrival. */
static const struct step story[] = {
	{"deal.created", "1", "2026-06-01T10:00:00Z", "\"deal\": \"d\""},
	{"deal.closed", "2", "2026-06-02T10:00:00Z", WON("d", "10")},
	{"deal.reopened", "3", "2026-06-03T10:00:00Z", "\"deal\": \"d\""},
	{"deal.closed", "4", "2026-06-04T10:00:00Z", LOST("d")},
	{"deal.closed", "5", "2026-06-05T10:00:00Z", WON("d", "30")},
};
enum { STEPS = sizeof story / sizeof *story };

static void check_story(struct fixture *fixture)
{
	ASSERT_SUM("won", 0, "365d", 1);
	ASSERT_SUM("lost", 0, "365d", 0);
	ASSERT_SUM("sold", 0, "365d", 300000);
	ASSERT_SUM("sold", 1, "365d", 1);
	ASSERT_SUM("first_wins", 0, "365d", 1);
	ASSERT_SUM("deals_open", 0, "365d", 0);
	ASSERT_SUM("events", 0, "365d", STEPS);
}

static void play(struct fixture *fixture, int *order, int placed)
{
	if (placed == STEPS) {
		shard_free(fixture->shard);
		fixture->shard = shard_new(fixture->config, 0, at("2026-06-30T00:00:00Z"));
		for (int i = 0; i < STEPS; i++) {
			const struct step *step = &story[order[i]];
			fixture_feed(fixture, step->type, "c", step->id, step->time, step->more);
		}
		check_story(fixture);
		return;
	}
	for (int next = 0; next < STEPS; next++) {
		bool taken = false;
		for (int i = 0; i < placed; i++)
			taken |= order[i] == next;
		order[placed] = next;
		if (!taken)
			play(fixture, order, placed + 1);
	}
}

static void test_all_orders(void **state)
{
	int order[STEPS];
	play(*state, order, 0);
}

static void test_reopened(void **state)
{
	struct fixture *fixture = *state;
	FEED("deal.created", "1", "06-01T10:00:00", "\"deal\": \"d\"");
	FEED("deal.closed", "2", "06-02T10:00:00", WON("d", "10"));
	FEED("deal.closed", "3", "06-03T10:00:00", WON("e", "5"));
	FEED("deal.reopened", "4", "06-04T10:00:00", "\"deal\": \"d\"");
	ASSERT_SUM("won", 0, "365d", 1);
	ASSERT_SUM("sold", 0, "365d", 50000);
	ASSERT_SUM("first_wins", 0, "365d", 1);
	ASSERT_SUM("first_wins", 0, "30d", 1);
	ASSERT_SUM("deals_open", 0, "365d", 1);
	ASSERT_SUM("deals_open", 1, "365d", at("2026-06-01T10:00:00Z") - MODEL_EPOCH);
	FEED("deal.reopened", "5", "06-05T10:00:00", "\"deal\": \"f\""); /* nothing to take back */
	ASSERT_SUM("won", 0, "365d", 1);
}

/* A close stays for as long as a window reaches it, and what it looked at stays with it: the lead it converted, here, whose 20 days have
 * long passed when it is reopened. */
static void test_reopened_after_folding(void **state)
{
	struct fixture *fixture = *state;
	FEED("lead.created", "1", "01-01T10:00:00", "");
	FEED("deal.created", "2", "01-02T10:00:00", "\"deal\": \"d\"");
	FEED("deal.closed", "3", "01-10T10:00:00", WON("d", "10"));
	FEED("lead.created", "4", "01-11T10:00:00", "");
	ASSERT_SUM("won_lead", 0, "365d", 1);
	shard_reached(fixture->shard, at("2026-06-01T00:00:00Z"));
	assert_int_equal(fixture_feed(fixture, "ask", "c", "5", "2026-05-30T10:00:00Z", ""), SHARD_APPLIED);
	fixture_reload(fixture);
	FEED("deal.reopened", "6", "06-02T10:00:00", "\"deal\": \"d\"");
	ASSERT_SUM("won", 0, "365d", 0);
	ASSERT_SUM("won_lead", 0, "365d", 0);
	ASSERT_SUM("won_lead", 1, "365d", 0);
	ASSERT_SUM("deals_open", 0, "365d", 1);
	/* The first lead is open again, so the second never was. */
	ASSERT_SUM("leads_open", 0, "365d", 1);
	ASSERT_SUM("leads_open", 1, "365d", at("2026-01-01T10:00:00Z") - MODEL_EPOCH);
}

static void test_same_type_and_time_by_id(void **state)
{
	struct fixture *fixture = *state;
	FEED("deal.closed", "b", "06-02T10:00:00", WON("d", "10"));
	FEED("deal.closed", "a", "06-02T10:00:00", WON("d", "20")); /* comes before: it is taken back by b */
	ASSERT_SUM("sold", 0, "365d", 100000);
	FEED("deal.closed", "c", "06-02T10:00:00", WON("d", "30"));
	ASSERT_SUM("sold", 0, "365d", 300000);
}

/* A conflict that removes a close gives back what it had taken. */
static void test_a_replaced_close_lets_go(void **state)
{
	struct fixture *fixture = *state;
	FEED("deal.closed", "1", "06-02T10:00:00", WON("d", "10"));
	FEED("deal.closed", "x", "06-03T10:00:00", WON("d", "20"));
	ASSERT_SUM("sold", 0, "365d", 200000);
	assert_int_equal(
		fixture_feed(fixture, "deal.closed", "c", "x", "2026-06-01T10:00:00Z", LOST("d")), SHARD_REFUSED);
	ASSERT_SUM("sold", 0, "365d", 100000);
	ASSERT_SUM("lost", 0, "365d", 0);
}

static void test_forgotten_when_nothing_is_left(void **state)
{
	struct fixture *fixture = *state;
	assert_int_equal(fixture_feed(fixture, "ask", "one", "1", "2026-06-01T10:00:00Z", ""), SHARD_APPLIED);
	assert_int_equal(fixture_feed(fixture, "lead.created", "two", "2", "2026-06-01T10:00:00Z", ""), SHARD_APPLIED);
	assert_int_equal(shard_customers(fixture->shard), 2);
	for (int day = 10; day < 29; day++)
		shard_reached(fixture->shard, at("2026-06-01T00:00:00Z") + day * DAY);
	assert_int_equal(shard_customers(fixture->shard), 1);
	ASSERT_SUM("events", 0, "365d", 2);
	ASSERT_SUM("leads_open", 0, "365d", 1);
}

static size_t saved_size(const struct fixture *fixture)
{
	struct buf bytes;
	buf_init(&bytes);
	shard_save(fixture->shard, STR(""), &bytes);
	size_t size = bytes.length;
	buf_release(&bytes);
	return size;
}

/* 500 events that leave nothing behind do not stay: a shard that holds nothing else forgets them, too. */
static void check_forgotten(struct fixture *fixture, const char *type, const char *more)
{
	char id[16];
	for (int i = 0; i < 500; i++) {
		snprintf(id, sizeof id, "%d", i);
		assert_int_equal(fixture_feed(fixture, type, "", id, "2026-06-01T10:00:00Z", more), SHARD_APPLIED);
	}
	size_t full = saved_size(fixture);
	for (int day = 10; day < 13; day++)
		shard_reached(fixture->shard, at("2026-06-01T00:00:00Z") + day * DAY);
	assert_true(saved_size(fixture) < full / 10);
	ASSERT_SUM("events", 0, "365d", 500);
}

static void test_costs_are_forgotten(void **state)
{
	check_forgotten(*state, "cost", "");
}

static void test_products_are_forgotten(void **state)
{
	check_forgotten(*state, "price", "\"product\": \"p\"");
}

/* Prices belong to their product, whoever else is named. */
static void test_a_product_has_a_history(void **state)
{
	struct fixture *fixture = *state;
	assert_int_equal(
		fixture_feed(fixture, "price", "", "1", "2026-06-01T10:00:00Z", "\"product\": \"p\""), SHARD_APPLIED);
	assert_int_equal(
		fixture_feed(fixture, "price", "", "1", "2026-06-01T10:00:00Z", "\"product\": \"p\""), SHARD_DUPLICATE);
	assert_int_equal(
		fixture_feed(fixture, "price", "", "1", "2026-06-01T10:00:00Z", "\"product\": \"q\""), SHARD_APPLIED);
	assert_int_equal(
		fixture_feed(fixture, "price", "c", "1", "2026-06-02T10:00:00Z", "\"product\": \"p\""), SHARD_REFUSED);
	assert_int_equal(fixture->reason, REFUSAL_CONFLICT);
	assert_int_equal(shard_customers(fixture->shard), 0);
	fixture_reload(fixture);
	assert_int_equal(
		fixture_feed(fixture, "price", "", "1", "2026-06-01T10:00:00Z", "\"product\": \"p\""), SHARD_DUPLICATE);
	ASSERT_SUM("events", 0, "365d", 2);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_all_orders),
		TEST(test_reopened),
		TEST(test_reopened_after_folding),
		TEST(test_same_type_and_time_by_id),
		TEST(test_a_replaced_close_lets_go),
		TEST(test_forgotten_when_nothing_is_left),
		TEST(test_costs_are_forgotten),
		TEST(test_products_are_forgotten),
		TEST(test_a_product_has_a_history),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
