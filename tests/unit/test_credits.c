/* Split credit, from the message to the totals: what docs/figures.md says, computed once more by hand. */
#include "base/mem.h"
#include "pipeline/correlate/groups.h"
#include "tests/unit/random_events.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char roster[] = "teams: [{id: n}, {id: s}]\n"
			     "reps:\n"
			     "  - {id: r0, team: n}\n"
			     "  - {id: r1, team: n}\n"
			     "  - {id: r2, team: s}\n"
			     "  - {id: r3, teams: [{team: s, until: 2026-03-30}, {team: n, from: 2026-03-30}]}\n";

static const char kpis[] =
	"windows: [30d]\n"
	"stocks:\n"
	"  client: {opens: {event: deal.closed, where: \"outcome == 'won'\"}, closes: lead.closed}\n"
	"measures:\n"
	"  won: {count: deal.closed, where: \"outcome == 'won'\"}\n"
	"  sold: {sum: amount, of: {event: deal.closed, where: \"outcome == 'won'\"}}\n"
	"  points: {sum: score, of: deal.closed}\n"
	"  clients: {level: client}\n"
	"  buyers: {distinct: customer, of: deal.closed}\n"
	"  active: {distinct: customer, of: ask, while: client}\n"
	"kpis:\n"
	"  a: {title: A, formula: won + level(clients) + buyers + active, unit: count, windows: [30d]}\n"
	"  b: {title: B, formula: sold, unit: money}\n"
	"  c: {title: C, formula: points, unit: ratio}\n";

static struct fixture fixture;

static int set_up(void **state)
{
	(void)state;
	char path[] = "/tmp/kpid-unit-roster-XXXXXX", kpid[128];
	int descriptor = mkstemp(path);
	assert_true(descriptor >= 0);
	assert_int_equal(write(descriptor, roster, sizeof roster - 1), sizeof roster - 1);
	close(descriptor);
	snprintf(kpid, sizeof kpid, "time_zone: UTC\nroster: {file: %s}\n", path);
	fixture_init(&fixture, kpid, kpis, "2026-04-01T00:00:00Z");
	unlink(path);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fixture_release(&fixture);
	return 0;
}

static enum shard_outcome closed(
	const char *customer, const char *deal, const char *time, const char *amount, const char *credits)
{
	char more[512];
	snprintf(more, sizeof more, "\"deal\": \"%s\", \"outcome\": \"won\", \"amount\": %s, \"credits\": [%s]", deal,
		amount, credits);
	return fixture_feed(&fixture, "deal.closed", customer, deal, time, more);
}

static void expect(const char *dimension, const char *key, int64_t won, int64_t sold)
{
	assert_int_equal(fixture_total(&fixture, dimension, key, "won", 0, "30d"), won);
	assert_int_equal(fixture_total(&fixture, dimension, key, "sold", 0, "30d"), sold);
	assert_int_equal(fixture_total(&fixture, dimension, key, "sold", 1, "30d"), won);
	assert_int_equal(fixture_total(&fixture, dimension, key, "events", 0, "30d"), won);
}

#define THREE \
	"{\"rep\": \"r0\", \"share\": 3333}, {\"rep\": \"r2\", \"share\": 3333}, {\"rep\": \"r1\", \"share\": 3334}"

static void expect_three(void)
{
	/* 0.0005 x 0.3333 = 0.00016665 -> 0.0002; x 0.6666 -> 0.0003; x 1 = 0.0005 */
	expect("rep", "r0", 1, 2);
	expect("rep", "r2", 1, 1);
	expect("rep", "r1", 1, 2);
	expect("rep", "unassigned", 0, 0);
	expect("team", "n", 1, 4);
	expect("team", "s", 1, 1);
	expect("company", "all", 1, 5);
}

static void test_split(void **state)
{
	(void)state;
	assert_int_equal(closed("c", "d", "2026-03-30T10:00:00Z", "0.0005, \"rep\": \"r3\"", THREE), SHARD_APPLIED);
	expect_three();
	assert_int_equal(fixture_total(&fixture, "team", "n", "buyers", 0, "30d"), 1);
	assert_int_equal(fixture_total(&fixture, "team", "n", "clients", 0, "30d"), 1);
	fixture_reload(&fixture);
	expect_three();
	/* Taken back, nothing is left but the event itself. */
	fixture_feed(&fixture, "deal.reopened", "c", "x", "2026-03-30T11:00:00Z", "\"deal\": \"d\"");
	assert_int_equal(fixture_total(&fixture, "rep", "r0", "sold", 0, "30d"), 0);
	assert_int_equal(fixture_total(&fixture, "team", "n", "sold", 0, "30d"), 0);
	assert_int_equal(fixture_total(&fixture, "team", "n", "won", 0, "30d"), 0);
	assert_int_equal(fixture_total(&fixture, "team", "n", "buyers", 0, "30d"), 0);
	assert_int_equal(fixture_total(&fixture, "team", "n", "events", 0, "30d"), 1);
	assert_int_equal(fixture_total(&fixture, "rep", "r2", "events", 0, "30d"), 1);
}

/* A rep that the roster does not know is of no team; one who changed is of the team of the day. */
static void test_teams_of_the_day(void **state)
{
	(void)state;
	static const char both[] = "{\"rep\": \"r3\", \"share\": 5000}, {\"rep\": \"zoe\", \"share\": 5000}";
	closed("c", "d", "2026-03-29T10:00:00Z", "10", both);
	closed("c", "e", "2026-03-30T10:00:00Z", "20", both);
	expect("team", "s", 1, 50000);
	expect("team", "n", 1, 100000);
	expect("team", "unassigned", 2, 150000);
	expect("rep", "zoe", 2, 150000);
}

static void test_one_has_all(void **state)
{
	(void)state;
	closed("c", "d", "2026-03-29T10:00:00Z", "10, \"rep\": \"r0\"", "{\"rep\": \"r2\", \"share\": 10000}");
	expect("rep", "r2", 1, 100000);
	expect("rep", "r0", 0, 0);
	expect("team", "s", 1, 100000);
}

/* A customer is sighted for every key of the event, and in a stock for every key of the member. */
static void test_distinct(void **state)
{
	(void)state;
	static const char both[] = "{\"rep\": \"r0\", \"share\": 5000}, {\"rep\": \"r2\", \"share\": 5000}";
	static const char other[] = "{\"rep\": \"r2\", \"share\": 5000}, {\"rep\": \"r1\", \"share\": 5000}";
	closed("c", "d", "2026-03-28T10:00:00Z", "1", both);
	closed("c", "e", "2026-03-29T10:00:00Z", "1", other);
	closed("b", "f", "2026-03-29T10:00:00Z", "1", other);
	fixture_feed(&fixture, "ask", "c", "q", "2026-03-30T10:00:00Z", "\"rep\": \"r3\"");
	static const struct {
		const char *dimension, *key;
		int64_t buyers, active;
	} expected[] = {{"rep", "r0", 1, 1}, {"rep", "r1", 2, 0}, {"rep", "r2", 2, 1}, {"rep", "r3", 0, 0},
		{"team", "n", 2, 1}, {"team", "s", 2, 1}, {"company", "all", 2, 1}};
	for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
		assert_int_equal(fixture_total(&fixture, expected[i].dimension, expected[i].key, "buyers", 0, "30d"),
			expected[i].buyers);
		assert_int_equal(fixture_total(&fixture, expected[i].dimension, expected[i].key, "active", 0, "30d"),
			expected[i].active);
	}
}

/* An event that waits keeps its credits, also through a checkpoint. */
static void test_waiting(void **state)
{
	(void)state;
	assert_int_equal(closed("c", "d", "2026-04-01T00:03:00Z", "0.0005", THREE), SHARD_WAITING);
	expect("rep", "r0", 0, 0);
	fixture_reload(&fixture);
	shard_roll(fixture.shard, at("2026-04-02T00:00:00Z"));
	expect_three();
}

/* ---- groups by themselves ---- */

static void test_amounts_are_odd(void **state)
{
	(void)state;
	struct groups groups;
	struct group_key up[GROUPS_PARTS_MAX], down[GROUPS_PARTS_MAX];
	struct event event = {.credits = {{STR("r0"), 1}, {STR("r1"), 4999}, {STR("r2"), 5000}}, .credit_count = 3};
	groups_init(&groups, &fixture.config->model, &fixture.config->schema, &fixture.config->roster, 100);
	uint32_t group = groups_of_event(&groups, &event);
	assert_true(groups_is_split(&groups, group));
	assert_int_equal(groups_of_event(&groups, &event), group);
	for (int64_t amount = 0; amount < 30000; amount += 7) {
		int64_t sum = 0;
		unsigned count = groups_split(&groups, group, DIMENSION_REP, amount, up);
		assert_int_equal(count, 3);
		assert_int_equal(groups_split(&groups, group, DIMENSION_REP, -amount, down), 3);
		for (unsigned i = 0; i < count; i++) {
			assert_int_equal(up[i].amount, -down[i].amount);
			sum += up[i].amount;
		}
		assert_int_equal(sum, amount);
	}
	assert_int_equal(groups_split(&groups, group, DIMENSION_TEAM, INT64_MIN, up), 2);
	assert_int_equal(up[0].amount + up[1].amount, INT64_MIN);
	assert_int_equal(groups_split(&groups, group, DIMENSION_COMPANY, 12345, up), 1);
	assert_int_equal(up[0].amount, 12345);
	groups_release(&groups);
}

/* Reps beyond the limit are one key: it counts once, with all that they get. */
static void test_limit(void **state)
{
	(void)state;
	struct groups groups;
	struct group_key keys[GROUPS_PARTS_MAX];
	struct event event = {.credits = {{STR("r0"), 1000}, {STR("r1"), 2000}, {STR("r2"), 7000}}, .credit_count = 3};
	groups_init(&groups, &fixture.config->model, &fixture.config->schema, &fixture.config->roster, 3);
	uint32_t group = groups_of_event(&groups, &event);
	assert_int_equal(groups_split(&groups, group, DIMENSION_REP, 10000, keys), 2);
	assert_int_equal(keys[0].amount, 1000);
	assert_int_equal(keys[1].key, GROUPS_OTHER);
	assert_int_equal(keys[1].amount, 9000);
	groups_release(&groups);
}

/* A member that moves takes its shares along. */
static void test_moved(void **state)
{
	(void)state;
	struct groups groups;
	struct group_key keys[GROUPS_PARTS_MAX];
	struct event event = {.credits = {{STR("r0"), 1000}, {STR("r2"), 9000}}, .credit_count = 2};
	struct event other = {.credits = {{STR("r1"), 10000}}, .credit_count = 1};
	groups_init(&groups, &fixture.config->model, &fixture.config->schema, &fixture.config->roster, 100);
	uint32_t group = groups_of_event(&groups, &event), to = groups_of_event(&groups, &other);
	assert_int_equal(groups_of_moves(&groups, &event, group), group);
	uint32_t moved = groups_moved(&groups, group, DIMENSION_TEAM, to);
	assert_int_equal(groups_split(&groups, moved, DIMENSION_TEAM, 50, keys), 1);
	assert_int_equal(keys[0].key, groups_key(&groups, to, DIMENSION_TEAM));
	assert_int_equal(keys[0].amount, 50);
	assert_int_equal(groups_split(&groups, moved, DIMENSION_REP, 50, keys), 2);
	assert_int_equal(keys[0].amount, 5);
	assert_int_equal(groups_moved(&groups, moved, DIMENSION_TEAM, to), moved);
	groups_release(&groups);
}

/* What a checkpoint may not say of groups, each with everything else as it should be. */
static void test_damaged_groups(void **state)
{
	(void)state;
	static const struct {
		uint8_t bytes[12];
		size_t length;
		enum result result;
	} lists[] = {
		{{2, 0, 0, 0, 0, 2, 0, 0x88, 0x27, 0, 0x88, 0x27}, 12, RESULT_OK},
		{{2, 0, 0, 0, 0, 2, 0, 0x88, 0x27, 0, 0x87, 0x27}, 12, RESULT_CORRUPT},  /* 9999 in all */
		{{2, 0, 0, 0, 0, 2, 0, 0x90, 0x4e, 0, 0}, 11, RESULT_CORRUPT},           /* a share of 0 */
		{{2, 0, 0, 0, 0, 1, 0, 0x90, 0x4e}, 9, RESULT_CORRUPT},                  /* only one part */
		{{2, 0, 0, 0, 0, 2, 1, 0x88, 0x27, 0, 0x88, 0x27}, 12, RESULT_CORRUPT},  /* a part of itself */
		{{2, 0, 0, 0, 0, 33, 0, 0x88, 0x27, 0, 0x88, 0x27}, 12, RESULT_CORRUPT}, /* too many */
		{{2, 0, 0, 0, 0, 0, 0, 0, 0}, 9, RESULT_CORRUPT},                        /* twice the same */
	};
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
		struct groups empty, loaded;
		struct buf bytes;
		buf_init(&bytes);
		groups_init(&empty, &fixture.config->model, &fixture.config->schema, &fixture.config->roster, 100);
		groups_init(&loaded, &fixture.config->model, &fixture.config->schema, &fixture.config->roster, 100);
		groups_save(&empty, &bytes);
		bytes.length--; /* no groups */
		buf_put(&bytes, lists[i].bytes, lists[i].length);
		struct reader in = reader_of(buf_str(&bytes));
		assert_int_equal(groups_load(&loaded, &in), lists[i].result);
		groups_release(&empty);
		groups_release(&loaded);
		buf_release(&bytes);
	}
}

/* ---- by brute force ---- */

enum { REPS = 5, DEALS = 150 };

static int64_t half_even(__int128 numerator)
{
	int64_t quotient = (int64_t)(numerator / 10000), rest = (int64_t)(numerator % 10000);
	return quotient + (rest > 5000 || (rest == 5000 && quotient % 2 == 1));
}

struct expected {
	int64_t rep_won[REPS], rep_sold[REPS];
	int64_t team_won[2], team_sold[2];
	int64_t sold;
};

/* Random shares of some reps, in random order; adds what they get of `amount`. r4 stands for nobody's team. */
static void put_credits(struct random *random, int64_t amount, struct buf *out, struct expected *expected)
{
	int order[REPS] = {0, 1, 2, 3, 4};
	bool seen[2] = {false};
	int count = 1 + (int)random_below(random, REPS), left = 10000;
	int64_t before = 0;
	for (int i = 0; i < count; i++) {
		int k = i + (int)random_below(random, REPS - i), rep = order[k];
		order[k] = order[i];
		int share = i + 1 == count ? left : 1 + (int)random_below(random, left - (count - i) + 1);
		left -= share;
		buf_printf(out, "%s{\"rep\": \"r%d\", \"share\": %d}", i ? ", " : "", rep, share);
		int64_t through = half_even((__int128)amount * (10000 - left));
		expected->rep_won[rep]++;
		expected->rep_sold[rep] += through - before;
		if (rep < 4) {
			expected->team_sold[rep / 2] += through - before;
			expected->team_won[rep / 2] += !seen[rep / 2];
			seen[rep / 2] = true;
		}
		before = through;
	}
	expected->sold += amount;
}

static void test_by_hand(void **state)
{
	(void)state;
	struct random random = {random_seed()};
	struct expected expected = {0};
	for (int i = 0; i < DEALS; i++) {
		struct buf credits;
		char deal[16], customer[16], amount[32];
		int64_t fixed = random_below(&random, random_percent(&random, 50) ? 100 : INT64_C(9999999999));
		buf_init(&credits);
		put_credits(&random, fixed, &credits, &expected);
		snprintf(deal, sizeof deal, "d%d", i);
		snprintf(customer, sizeof customer, "c%d", i % 7);
		snprintf(amount, sizeof amount, "%lld.%04d", (long long)(fixed / 10000), (int)(fixed % 10000));
		assert_int_equal(closed(customer, deal, "2026-03-20T10:00:00Z", amount, credits.data), SHARD_APPLIED);
		buf_release(&credits);
	}
	for (int rep = 0; rep < REPS; rep++)
		expect("rep", (const char *[]){"r0", "r1", "r2", "r3", "r4"}[rep], expected.rep_won[rep],
			expected.rep_sold[rep]);
	for (int team = 0; team < 2; team++)
		expect("team", team ? "s" : "n", expected.team_won[team], expected.team_sold[team]);
	expect("company", "all", DEALS, expected.sold);
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(test_split),
		CASE(test_teams_of_the_day),
		CASE(test_one_has_all),
		CASE(test_distinct),
		CASE(test_waiting),
		CASE(test_amounts_are_odd),
		CASE(test_limit),
		CASE(test_moved),
		CASE(test_damaged_groups),
		CASE(test_by_hand),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
