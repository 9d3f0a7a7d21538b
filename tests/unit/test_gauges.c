/* Last values that are current for some time: by hand, and against a search through all events. */
#include "tests/unit/random_events.h"

#include <stdio.h>
#include <stdlib.h>

static const char kpid[] = "roster: {file: \"\"}\nlimits: {allowed_lateness: 2h}\n";
static const char kpis[] =
	"windows: [{window: 1h, step: 1m}]\n"
	"dimensions: {product: product}\n"
	"measures:\n"
	"  own: {last: score, of: {event: price, where: \"not has competitor\"}}\n"
	"  prices: {last: amount, of: price, per: competitor, max_age: 90m}\n"
	"  asked: {last: amount, of: [ask, lead.opened], max_age: 1d}\n"
	"  alone: {last: amount, of: price, per: competitor, max_age: 90m}\n"
	"stocks:\n"
	"  lead: {opens: lead.created, closes: lead.closed}\n"
	"kpis:\n"
	"  a: {formula: last(own), unit: count, by: [product]}\n"
	"  b: {formula: last(asked), unit: money}\n"
	"  c: {formula: prev(mean(prices)) - mean(prices), unit: money}\n"
	"  d: {formula: prev(lowest(prices)) + lowest(prices) + highest(prices), unit: money, by: [product]}\n"
	"  e: {formula: last(prices) / highest(alone), unit: ratio, by: [product]}\n";

/* Components. */
enum { CURRENT, SUM, LOWEST, HIGHEST };

static int set_up(void **state)
{
	static struct fixture fixture;
	fixture_init(&fixture, kpid, kpis, "2026-03-10T12:00:00Z");
	*state = &fixture;
	return 0;
}

static int tear_down(void **state)
{
	fixture_release(*state);
	return 0;
}

#define FEED(type, id, time, more)                                                                                  \
	assert_int_equal(fixture_feed(fixture, type, "c", id, "2026-03-10T" time "Z", "\"product\": \"p\", " more), \
		SHARD_APPLIED)
#define FROM(competitor, amount) "\"competitor\": \"" competitor "\", \"amount\": " amount
#define ROLL(time) shard_roll(fixture->shard, at("2026-03-10T" time "Z"))

static void assert_prices(struct fixture *fixture, int64_t current, int64_t sum, int64_t lowest, int64_t highest)
{
	static const char *const what[] = {"current", "sum", "lowest", "highest"};
	int64_t expected[] = {current, sum, lowest, highest};
	for (uint32_t c = CURRENT; c <= HIGHEST; c++) {
		int64_t said = fixture_total(fixture, "product", "p", "prices", c, "1h");
		if (said != expected[c] * (c == CURRENT ? 1 : 10000))
			fail_msg("%s: %lld, not %lld", what[c], (long long)said, (long long)expected[c]);
	}
}

/* One value for each competitor, and one for all that name none. */
static void test_the_last_one_counts(void **state)
{
	struct fixture *fixture = *state;
	FEED("price", "1", "11:00:00", FROM("x", "10"));
	FEED("price", "2", "11:10:00", FROM("y", "30"));
	FEED("price", "3", "11:20:00", "\"amount\": 20");
	FEED("price", "4", "11:15:00", "\"amount\": 5");
	assert_prices(fixture, 3, 60, 10, 30);
	FEED("price", "5", "11:30:00", FROM("x", "40"));
	assert_prices(fixture, 3, 90, 20, 40);
	FEED("price", "6", "11:29:59.999", FROM("x", "1"));
	assert_prices(fixture, 3, 90, 20, 40);
	FEED("price", "7", "11:40:00", "\"competitor\": \"y\""); /* says no amount: nothing */
	assert_prices(fixture, 3, 90, 20, 40);
}

/* Inclusive to the millisecond: the next one sees the end of it. */
static void test_values_expire(void **state)
{
	struct fixture *fixture = *state;
	FEED("price", "1", "10:29:59.998", FROM("w", "1"));
	assert_prices(fixture, 0, 0, 0, 0);
	FEED("price", "2", "10:29:59.999", FROM("x", "10"));
	FEED("price", "3", "10:30:59.999", FROM("y", "30"));
	FEED("price", "4", "11:00:00.000", FROM("z", "20"));
	assert_prices(fixture, 3, 60, 10, 30);
	ROLL("12:01:00");
	assert_prices(fixture, 2, 50, 20, 30);
	ROLL("12:02:00");
	assert_prices(fixture, 1, 20, 20, 20);
	ROLL("12:30:00");
	assert_prices(fixture, 1, 20, 20, 20);
	FEED("price", "5", "12:29:59", FROM("y", "7"));
	assert_prices(fixture, 2, 27, 7, 20);
	ROLL("12:31:00");
	assert_prices(fixture, 1, 7, 7, 7);
	assert_int_equal(fixture_total(fixture, "product", "p", "prices", SUM, "prev 1h"), 610000);
	ROLL("14:00:00");
	assert_prices(fixture, 0, 0, 0, 0);
}

/* Forgotten or not, an expired one does not show. */
static void test_expired_ones_are_forgotten(void **state)
{
	struct fixture *fixture = *state;
	FEED("price", "1", "09:00:00", FROM("x", "10"));
	FEED("price", "2", "09:30:00", FROM("y", "30"));
	ROLL("16:00:00");
	shard_reached(fixture->shard, at("2026-03-10T13:30:00Z"));
	FEED("price", "3", "15:00:00", FROM("x", "20"));
	fixture_reload(fixture);
	FEED("price", "4", "15:10:00", FROM("y", "40"));
	assert_prices(fixture, 2, 60, 20, 40);
	ROLL("16:35:00");
	assert_prices(fixture, 1, 40, 40, 40);
}

/* A value counts for whom its own event names. */
static void test_whose_it_is(void **state)
{
	struct fixture *fixture = *state;
	FEED("price", "1", "11:00:00", FROM("x", "10") ", \"rep\": \"ann\"");
	assert_int_equal(fixture_total(fixture, "rep", "ann", "prices", SUM, "1h"), 100000);
	FEED("price", "2", "11:10:00", FROM("x", "12") ", \"rep\": \"bo\"");
	assert_int_equal(fixture_total(fixture, "rep", "ann", "prices", CURRENT, "1h"), 0);
	assert_int_equal(fixture_total(fixture, "rep", "ann", "prices", SUM, "1h"), 0);
	assert_int_equal(fixture_total(fixture, "rep", "bo", "prices", SUM, "1h"), 120000);
	assert_prices(fixture, 1, 12, 12, 12);
}

/* Of a customer, for ever, whole numbers, and of the event that moves a stock. */
static void test_other_gauges(void **state)
{
	struct fixture *fixture = *state;
	FEED("ask", "1", "10:00:00", "\"amount\": 3");
	assert_int_equal(
		fixture_feed(fixture, "ask", "d", "2", "2026-03-10T10:00:00Z", "\"amount\": 4"), SHARD_APPLIED);
	assert_int_equal(fixture_sum(fixture, "asked", SUM, "1h"), 70000);
	FEED("lead.created", "3", "11:00:00", "\"amount\": 6");
	FEED("lead.created", "4", "11:10:00", "\"amount\": 9"); /* there is one open */
	assert_int_equal(fixture_sum(fixture, "asked", CURRENT, "1h"), 2);
	assert_int_equal(fixture_sum(fixture, "asked", SUM, "1h"), 100000);
	FEED("price", "5", "11:00:00", "\"score\": 7");
	FEED("price", "6", "11:10:00", "\"score\": 8, \"competitor\": \"x\"");
	shard_roll(fixture->shard, at("2030-03-10T12:00:00Z"));
	assert_int_equal(fixture_total(fixture, "product", "p", "own", SUM, "1h"), 70000);
	assert_int_equal(fixture_sum(fixture, "asked", CURRENT, "1h"), 0);
}

/* Hostile amounts: differences that leave 64 bits come back. */
static void test_values_wrap_around(void **state)
{
	struct fixture *fixture = *state;
	FEED("price", "1", "11:00:00", "\"score\": 900000000000000");
	FEED("price", "2", "11:01:00", "\"score\": -900000000000000");
	FEED("price", "3", "11:02:00", "\"score\": 9223372036854775807");
	FEED("price", "4", "11:03:00", "\"score\": 2");
	assert_int_equal(fixture_total(fixture, "product", "p", "own", SUM, "1h"), 20000);
}

/* ---- against a search ---- */

enum { EVENTS = 40 };

struct price {
	int id;
	int64_t time, arrival;
	int64_t amount;
	int product, competitor, rep;
};

struct sums {
	int64_t of[HIGHEST + 1];
};

static const char *const competitors[] = {"", "x", "y", "z"};

static void make_prices(struct random *random, struct price *prices)
{
	int64_t start = at("2026-03-10T00:00:00Z");
	for (int i = 0; i < EVENTS; i++) {
		struct price *price = &prices[i];
		price->id = i;
		/* Close together in places, and at times that make others expire to the millisecond. */
		price->time = start + random_below(random, 16) * 30 * MINUTE + random_below(random, 3) - 1 + MINUTE;
		price->arrival = price->time + random_below(random, 2 * HOUR);
		price->amount = 1 + random_below(random, 6);
		price->product = (int)random_below(random, 2);
		price->competitor = (int)random_below(random, 4);
		price->rep = (int)random_below(random, 2);
	}
}

static int by_arrival(const void *left, const void *right)
{
	const struct price *a = left, *b = right;
	return a->arrival != b->arrival ? (a->arrival > b->arrival) - (a->arrival < b->arrival) : a->id - b->id;
}

static bool before(const struct price *a, const struct price *b)
{
	return a->time != b->time ? a->time < b->time : a->id < b->id;
}

/* The last price of a product and competitor before `to`, where that is current; of those that have arrived. */
static const struct price *current(const struct price *prices, int count, int product, int competitor, int64_t to)
{
	const struct price *last = NULL;
	for (int i = 0; i < count; i++)
		if (prices[i].product == product && prices[i].competitor == competitor && prices[i].time < to &&
			(!last || before(last, &prices[i])))
			last = &prices[i];
	return last && last->time + 90 * MINUTE >= to - 1 ? last : NULL;
}

static void add(struct sums *sums, int64_t amount)
{
	if (sums->of[CURRENT] == 0 || amount < sums->of[LOWEST])
		sums->of[LOWEST] = amount;
	if (sums->of[CURRENT] == 0 || amount > sums->of[HIGHEST])
		sums->of[HIGHEST] = amount;
	sums->of[CURRENT]++;
	sums->of[SUM] += amount;
}

/* product or rep -1: all of them */
static struct sums search(const struct price *prices, int count, int product, int rep, int64_t to)
{
	struct sums sums = {0};
	for (int p = 0; p < 2; p++)
		for (int c = 0; c < 4; c++) {
			const struct price *price = current(prices, count, p, c, to);
			if (price && (product < 0 || product == p) && (rep < 0 || rep == price->rep))
				add(&sums, price->amount * 10000);
		}
	return sums;
}

static void compare(uint64_t seed, struct fixture *fixture, const char *dimension, const char *key, const char *window,
	const struct sums *expected, uint32_t components)
{
	for (uint32_t c = 0; c < components; c++) {
		int64_t said = fixture_total(fixture, dimension, key, "prices", c, window);
		if (said != expected->of[c])
			fail_msg("seed %llu: %s %s, component %u of %s is %lld, not %lld", (unsigned long long)seed,
				dimension, key, c, window, (long long)said, (long long)expected->of[c]);
	}
}

static void compare_all(uint64_t seed, struct fixture *fixture, const struct price *prices, int count, int64_t end)
{
	static const char *const products[] = {"p0", "p1"}, *const reps[] = {"r0", "r1"},
				 *const windows[] = {"1h", "prev 1h"};
	for (int i = 0; i < 4; i++) {
		int64_t to = end - (i / 2) * HOUR;
		struct sums product = search(prices, count, i % 2, -1, to), rep = search(prices, count, -1, i % 2, to),
			    all = search(prices, count, -1, -1, to);
		compare(seed, fixture, "product", products[i % 2], windows[i / 2], &product, HIGHEST + (i < 2));
		if (i < 2)
			assert_int_equal(
				fixture_total(fixture, "product", products[i], "alone", 2, "1h"), product.of[HIGHEST]);
		compare(seed, fixture, "rep", reps[i % 2], windows[i / 2], &rep, SUM + 1);
		compare(seed, fixture, "company", "all", windows[i / 2], &all, SUM + 1);
	}
}

static void feed(struct fixture *fixture, const struct price *price)
{
	char json[256];
	const char *competitor = competitors[price->competitor];
	snprintf(json, sizeof json,
		"{\"type\": \"price\", \"id\": \"%02d\", \"time\": %lld, \"product\": \"p%d\", \"amount\": %d, "
		"\"rep\": "
		"\"r%d\", \"competitor\": \"%s\"}",
		price->id, (long long)price->time, price->product, (int)price->amount, price->rep, competitor);
	struct event event = fixture_event(fixture, json);
	assert_int_equal(shard_event(fixture->shard, &event, price->arrival, &fixture->reason), SHARD_APPLIED);
}

static void run(uint64_t seed)
{
	struct random random = {seed};
	struct fixture fixture;
	struct price prices[EVENTS];
	make_prices(&random, prices);
	qsort(prices, EVENTS, sizeof *prices, by_arrival);
	int64_t end = at("2026-03-10T00:00:00Z");
	fixture_init(&fixture, kpid, kpis, "2026-03-10T00:00:00Z");
	for (int i = 0; i < EVENTS; i++) {
		shard_reached(fixture.shard, prices[i].arrival - (random_percent(&random, 50) ? HOUR : 0));
		if (prices[i].arrival > end)
			end = (prices[i].arrival + MINUTE - 1) / MINUTE * MINUTE;
		shard_roll(fixture.shard, end);
		feed(&fixture, &prices[i]);
		if (random_percent(&random, 20))
			fixture_reload(&fixture);
		compare_all(seed, &fixture, prices, i + 1, end);
	}
	for (int i = 0; i < 20; i++) {
		end += random_below(&random, 20) * MINUTE;
		shard_roll(fixture.shard, end);
		shard_reached(fixture.shard, end);
		compare_all(seed, &fixture, prices, EVENTS, end);
	}
	fixture_release(&fixture);
}

static void test_any_order(void **state)
{
	(void)state;
	int runs = random_runs(40);
	for (int i = 0; i < runs; i++)
		run(random_seed() + (uint64_t)i);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_the_last_one_counts),
		TEST(test_values_expire),
		TEST(test_expired_ones_are_forgotten),
		TEST(test_whose_it_is),
		TEST(test_other_gauges),
		TEST(test_values_wrap_around),
		cmocka_unit_test(test_any_order),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
