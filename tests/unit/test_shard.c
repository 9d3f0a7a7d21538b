/* What becomes of a record: applied, waiting, duplicate, late or refused; and what a shard says of itself. */
#include "tests/unit/shard_fixture.h"

#include <stdio.h>

static const char kpis[] = "windows: [1h, 30d]\n"
			   "dimensions: {team_rep: [team, rep]}\n"
			   "measures:\n"
			   "  asks: {count: ask}\n"
			   "  scores: {sum: score, of: ask}\n"
			   "kpis:\n"
			   "  a: {title: A, formula: asks, unit: count, by: [team, rep, team_rep]}\n"
			   "  b: {title: B, formula: scores, unit: ratio}\n";

#define END "2026-03-31T00:00:00Z"

static int set_up(void **state)
{
	static struct fixture fixture;
	fixture_init(&fixture, NULL, kpis, END);
	*state = &fixture;
	return 0;
}

static int tear_down(void **state)
{
	fixture_release(*state);
	return 0;
}

static enum shard_outcome ask(
	struct fixture *fixture, const char *customer, const char *id, const char *time, const char *more)
{
	return fixture_feed(fixture, "ask", customer, id, time, more);
}

static enum shard_outcome ask_at(struct fixture *fixture, const char *id, const char *time, int64_t kafka_time)
{
	return fixture_feed_at(fixture, "ask", "c", id, time, "", kafka_time);
}

static struct shard_status status(const struct fixture *fixture)
{
	struct shard_status status;
	shard_status(fixture->shard, &status);
	return status;
}

/* More than are remembered at once: each is counted by itself. */
static void test_many_reps(void **state)
{
	enum { REPS = 700, ROUNDS = 3 };
	struct fixture *fixture = *state;
	char id[16], rep[32], key[16];
	for (int i = 0; i < ROUNDS * REPS; i++) {
		snprintf(id, sizeof id, "%d", i);
		snprintf(rep, sizeof rep, "\"rep\": \"r%d\"", i % REPS);
		assert_int_equal(ask(fixture, "c", id, "2026-03-30T10:00:00Z", rep), SHARD_APPLIED);
	}
	for (int i = 0; i < REPS; i++) {
		snprintf(key, sizeof key, "r%d", i);
		assert_int_equal(fixture_total(fixture, "rep", key, "asks", 0, "30d"), ROUNDS);
	}
}

static void test_duplicates(void **state)
{
	struct fixture *fixture = *state;
	assert_int_equal(ask(fixture, "c", "1", "2026-03-30T10:00:00Z", ""), SHARD_APPLIED);
	assert_int_equal(ask(fixture, "c", "2", "2026-03-30T11:00:00Z", ""), SHARD_APPLIED);
	assert_int_equal(ask(fixture, "c", "1", "2026-03-30T10:00:00Z", ""), SHARD_DUPLICATE);
	fixture_reload(fixture);
	assert_int_equal(ask(fixture, "c", "2", "2026-03-30T11:00:00Z", ""), SHARD_DUPLICATE);
	/* Of another customer, or another source, it is another event. */
	assert_int_equal(ask(fixture, "d", "1", "2026-03-30T10:00:00Z", ""), SHARD_APPLIED);
	assert_int_equal(ask(fixture, "c", "1", "2026-03-30T10:00:00Z", "\"source\": \"s\""), SHARD_APPLIED);
	assert_int_equal(fixture_sum(fixture, "asks", 0, "30d"), 4);
	assert_int_equal(status(fixture).counts.duplicates, 2);
	assert_int_equal(status(fixture).counts.applied, 4);
}

/* A | and a % of the parts themselves stand apart from the | between them. */
static void test_composite_keys(void **state)
{
	struct fixture *fixture = *state;
	assert_int_equal(ask(fixture, "c", "1", "2026-03-30T10:00:00Z", "\"rep\": \"a|b%\""), SHARD_APPLIED);
	assert_int_equal(ask(fixture, "c", "2", "2026-03-30T10:00:00Z", "\"team\": \"a\""), SHARD_APPLIED);
	fixture_reload(fixture);
	assert_int_equal(ask(fixture, "c", "3", "2026-03-30T10:00:00Z", "\"rep\": \"a|b%\""), SHARD_APPLIED);
	assert_int_equal(fixture_total(fixture, "team_rep", "unassigned|a%7Cb%25", "asks", 0, "30d"), 2);
	assert_int_equal(fixture_total(fixture, "team_rep", "a|unassigned", "asks", 0, "30d"), 1);
	assert_int_equal(fixture_total(fixture, "team_rep", "unassigned|unassigned", "asks", 0, "30d"), 0);
}

static void test_the_first_in_order_stays(void **state)
{
	struct fixture *fixture = *state;
	assert_int_equal(ask(fixture, "c", "1", "2026-03-30T10:00:00Z", "\"score\": 1"), SHARD_APPLIED);
	assert_int_equal(ask(fixture, "c", "1", "2026-03-30T10:01:00Z", "\"score\": 2"), SHARD_REFUSED);
	assert_int_equal(fixture->reason, REFUSAL_CONFLICT);
	assert_int_equal(fixture_sum(fixture, "scores", 0, "30d"), 10000);
	assert_int_equal(ask(fixture, "c", "1", "2026-03-30T09:00:00Z", "\"score\": 4"), SHARD_REFUSED);
	assert_int_equal(fixture->reason, REFUSAL_CONFLICT);
	assert_int_equal(fixture_sum(fixture, "scores", 0, "30d"), 40000);
	assert_int_equal(fixture_sum(fixture, "asks", 0, "30d"), 1);
	assert_int_equal(status(fixture).counts.applied, 1);
	assert_int_equal(status(fixture).counts.refused, 2);
}

/* An event that lost its id to another one is as if it had never come: its type was not seen either. */
static void test_a_replaced_event_was_not_seen(void **state)
{
	struct fixture *fixture = *state;
	const struct schema *schema = &fixture->config->schema;
	assert_int_equal(fixture_feed(fixture, "answer", "c", "1", "2026-03-30T10:00:00Z", ""), SHARD_APPLIED);
	uint64_t answered = status(fixture).seen_types[0];
	assert_int_equal(ask(fixture, "c", "1", "2026-03-30T09:00:00Z", ""), SHARD_REFUSED);
	fixture_reload(fixture);
	uint64_t asked = status(fixture).seen_types[0];
	assert_int_not_equal(answered, asked);
	assert_int_equal(__builtin_popcountll(answered), 1);
	assert_int_equal(__builtin_popcountll(asked), 1);
	assert_string_equal(schema->types[__builtin_ctzll(asked)].name, "ask");
}

static void test_late_and_future(void **state)
{
	struct fixture *fixture = *state;
	int64_t time = at("2026-03-20T10:00:00Z");
	assert_int_equal(ask_at(fixture, "1", "2026-03-20T10:00:00Z", time + 7 * DAY), SHARD_APPLIED);
	assert_int_equal(ask_at(fixture, "2", "2026-03-20T10:00:00Z", time + 7 * DAY + 1), SHARD_LATE);
	assert_int_equal(ask_at(fixture, "3", "2026-03-20T10:00:00Z", time - 5 * MINUTE), SHARD_APPLIED);
	assert_int_equal(ask_at(fixture, "4", "2026-03-20T10:00:00Z", time - 5 * MINUTE - 1), SHARD_REFUSED);
	assert_int_equal(fixture->reason, REFUSAL_FUTURE);
	assert_int_equal(fixture_sum(fixture, "asks", 0, "30d"), 2);
	assert_int_equal(status(fixture).counts.late, 1);
	shard_count_refused(fixture->shard);
	assert_int_equal(status(fixture).counts.refused, 2);
}

static void test_behind_the_fold(void **state)
{
	struct fixture *fixture = *state;
	shard_reached(fixture->shard, at("2026-03-30T10:00:00Z"));
	/* 7 days and 5 minutes before it. Such a record cannot come by the rules; this one has a wrong Kafka time. */
	assert_int_equal(ask_at(fixture, "1", "2026-03-23T09:54:59.999Z", at("2026-03-23T10:00:00Z")), SHARD_REFUSED);
	assert_int_equal(fixture->reason, REFUSAL_LATE_ORDER);
	assert_int_equal(ask_at(fixture, "2", "2026-03-23T09:55:00Z", at("2026-03-23T10:00:00Z")), SHARD_APPLIED);
	shard_reached(fixture->shard, at("2026-03-01T10:00:00Z")); /* it never goes back */
	fixture_reload(fixture);
	assert_int_equal(ask_at(fixture, "3", "2026-03-23T09:54:59.999Z", at("2026-03-23T10:00:00Z")), SHARD_REFUSED);
}

static void test_beyond_the_end(void **state)
{
	struct fixture *fixture = *state;
	assert_int_equal(ask(fixture, "c", "0", "2026-03-30T23:59:59.999Z", ""), SHARD_APPLIED);
	assert_int_equal(ask(fixture, "c", "2", "2026-03-31T00:01:00Z", ""), SHARD_WAITING);
	assert_int_equal(ask(fixture, "c", "1", "2026-03-31T00:00:00Z", ""), SHARD_WAITING);
	assert_int_equal(ask(fixture, "c", "3", "2026-03-31T00:01:00.001Z", "\"score\": 7"), SHARD_WAITING);
	assert_int_equal(status(fixture).counts.waiting, 3);
	assert_int_equal(fixture_sum(fixture, "asks", 0, "30d"), 1);
	fixture_reload(fixture);
	shard_roll(fixture->shard, at("2026-03-31T00:01:00Z"));
	assert_int_equal(fixture_sum(fixture, "asks", 0, "30d"), 2);
	assert_int_equal(status(fixture).counts.waiting, 2);
	fixture_reload(fixture);
	shard_roll(fixture->shard, at("2026-03-31T00:02:00Z"));
	assert_int_equal(fixture_sum(fixture, "asks", 0, "30d"), 4);
	assert_int_equal(fixture_sum(fixture, "scores", 0, "30d"), 70000);
	assert_int_equal(status(fixture).counts.applied, 4);
}

/* However late the end comes: what waits for it is not folded away, nor is what it may be in conflict with. */
static void test_waiting_while_the_log_runs_on(void **state)
{
	struct fixture *fixture = *state;
	assert_int_equal(ask(fixture, "c", "x", "2026-03-30T23:59:00Z", "\"score\": 1"), SHARD_APPLIED);
	assert_int_equal(ask(fixture, "c", "x", "2026-03-31T00:03:00Z", "\"score\": 2"), SHARD_REFUSED);
	assert_int_equal(ask(fixture, "c", "y", "2026-03-31T00:03:00Z", "\"score\": 4"), SHARD_WAITING);
	assert_int_equal(ask(fixture, "c", "y", "2026-03-31T00:03:00Z", "\"score\": 4"), SHARD_DUPLICATE);
	assert_int_equal(ask(fixture, "c", "y", "2026-03-31T00:02:00Z", "\"score\": 8"), SHARD_REFUSED);
	shard_reached(fixture->shard, at("2026-05-30T10:00:00Z"));
	shard_reached(fixture->shard, at("2026-06-30T10:00:00Z"));
	shard_roll(fixture->shard, at("2026-03-31T00:10:00Z"));
	assert_int_equal(fixture_sum(fixture, "asks", 0, "30d"), 2);
	assert_int_equal(fixture_sum(fixture, "scores", 0, "30d"), 90000);
	assert_int_equal(status(fixture).counts.applied, 2);
	assert_int_equal(status(fixture).counts.refused, 2);
	assert_int_equal(status(fixture).counts.duplicates, 1);
	assert_int_equal(status(fixture).counts.waiting, 0);
}

static void check_conflict(
	struct fixture *fixture, const char *customer, const char *id, const char *time, const char *more)
{
	assert_int_equal(ask(fixture, customer, id, time, more), SHARD_REFUSED);
	assert_int_equal(fixture->reason, REFUSAL_CONFLICT);
	fixture_reload(fixture);
}

/* Two events with one id: who is refused is told when the second one comes, and the first in order stays. */
static void test_conflicts_while_waiting(void **state)
{
	struct fixture *fixture = *state;
	assert_int_equal(ask(fixture, "c", "x", "2026-03-31T00:03:00Z", "\"score\": 1"), SHARD_WAITING);
	assert_int_equal(ask(fixture, "d", "x", "2026-03-31T00:02:30Z", "\"score\": 2"), SHARD_WAITING);
	assert_int_equal(
		ask(fixture, "c", "x", "2026-03-31T00:02:00Z", "\"source\": \"s\", \"score\": 4"), SHARD_WAITING);
	fixture_reload(fixture);
	check_conflict(fixture, "c", "x", "2026-03-31T00:03:01Z", "\"score\": 9"); /* behind the first one */
	check_conflict(fixture, "d", "x", "2026-03-31T00:02:00Z", "\"score\": 9"); /* before it: takes its place */
	check_conflict(fixture, "d", "x", "2026-03-31T00:02:30Z", "\"score\": 9");
	assert_int_equal(status(fixture).counts.waiting, 3);
	check_conflict(fixture, "c", "x", "2026-03-30T23:00:00Z", "\"score\": 9"); /* waits no longer */
	check_conflict(fixture, "c", "x", "2026-03-31T00:03:00Z", "\"score\": 9");
	assert_int_equal(status(fixture).counts.waiting, 2);
	assert_int_equal(status(fixture).counts.applied, 1);
	assert_int_equal(status(fixture).counts.refused, 5);
	shard_roll(fixture->shard, at("2026-03-31T00:10:00Z"));
	assert_int_equal(fixture_sum(fixture, "scores", 0, "30d"), 220000);
	assert_int_equal(status(fixture).counts.applied, 3);
	assert_int_equal(status(fixture).counts.refused, 5);
}

static int64_t sum_of_pairs(struct fixture *fixture, const char *first, const char *second)
{
	for (char id[2] = "a"; id[0] <= 'h'; id[0]++) {
		assert_int_equal(ask(fixture, "c", id, "2026-03-30T10:00:00Z", first), SHARD_APPLIED);
		check_conflict(fixture, "c", id, "2026-03-30T10:00:00Z", second);
	}
	return fixture_sum(fixture, "scores", 0, "30d");
}

/* Of two contents at one and the same place in the order always the same one stays. */
static void test_contents_at_one_place(void **state)
{
	int64_t sum = sum_of_pairs(*state, "\"score\": 1", "\"score\": 3");
	tear_down(state);
	set_up(state);
	assert_int_equal(sum_of_pairs(*state, "\"score\": 3", "\"score\": 1"), sum);
}

static void test_what_it_says_of_itself(void **state)
{
	struct fixture *fixture = *state;
	assert_true(status(fixture).since == INT64_MAX);
	assert_true(status(fixture).gap == INT64_MIN);
	ask(fixture, "c", "1", "2026-03-30T10:00:00Z", "");
	ask(fixture, "d", "2", "2026-03-29T10:00:00Z", "");
	shard_set_as_of(fixture->shard, 7000);
	shard_set_as_of(fixture->shard, 6000);
	shard_set_gap(fixture->shard, 5000);
	shard_set_gap(fixture->shard, 4000);
	fixture_reload(fixture);
	assert_int_equal(status(fixture).as_of, 7000);
	assert_int_equal(status(fixture).gap, 5000);
	assert_int_equal(status(fixture).since, at("2026-03-29T10:00:00Z"));
	assert_int_equal(status(fixture).end, at(END));
}

/* Only keys that changed, and of those what changed. */
static void test_partial(void **state)
{
	struct fixture *fixture = *state;
	struct buf records;
	struct partial_record record;
	struct partial_entry entry;
	buf_init(&records);
	ask(fixture, "c", "1", "2026-03-30T10:00:00Z", "\"rep\": \"ann\"");
	shard_partial(fixture->shard, &records);
	buf_clear(&records);
	shard_partial(fixture->shard, &records);
	assert_int_equal(records.length, 0);
	shard_roll(fixture->shard, at("2026-03-31T00:01:00Z"));
	shard_partial(fixture->shard, &records);
	assert_int_equal(records.length, 0); /* no total changed */
	shard_roll(fixture->shard, at("2027-03-31T00:00:00Z"));
	shard_partial(fixture->shard, &records);
	struct partial_reader reader = partial_reader_of(buf_str(&records));
	assert_true(partial_next_record(&reader, &record));
	assert_true(record.change && record.count > 0);
	while (partial_next_entry(&reader, &entry))
		assert_true(entry.views == 0); /* gone */
	buf_clear(&records);
	shard_touch_all(fixture->shard);
	shard_partial(fixture->shard, &records);
	reader = partial_reader_of(buf_str(&records));
	assert_true(partial_next_record(&reader, &record));
	assert_true(!record.change && record.count == 0);
	buf_release(&records);
}

struct visits {
	uint32_t count;
	int64_t asks, in_force;
	bool ordered;
	int64_t last;
};

static void note_visit(void *context, const struct correlate_visit *visit)
{
	struct visits *visits = context;
	assert_int_equal(visit->owner, OWNER_CUSTOMER);
	assert_true(str_equal(visit->name, STR("c")));
	visits->ordered &= visit->record->time >= visits->last;
	visits->last = visit->record->time;
	visits->count++;
	visits->in_force += visit->in_force;
	for (uint32_t i = 0; i < visit->added->count; i++)
		if (visit->added->items[i].measure == 0)
			visits->asks += visit->added->items[i].amount;
}

/* What the events add, one after the other and each once, is what was handed out, in whatever order they came. */
static void test_each_event(void **state)
{
	struct fixture *fixture = *state;
	struct visits visits = {.ordered = true};
	ask(fixture, "c", "2", "2026-03-30T11:00:00Z", "");
	ask(fixture, "c", "1", "2026-03-30T10:00:00Z", "");
	ask(fixture, "c", "3", "2026-03-30T12:00:00Z", "");
	ask(fixture, "c", "3", "2026-03-30T12:00:00Z", "");
	shard_each(fixture->shard, note_visit, &visits);
	assert_int_equal(visits.count, 3);
	assert_int_equal(visits.in_force, 3);
	assert_int_equal(visits.asks, fixture_sum(fixture, "asks", 0, "30d"));
	assert_true(visits.ordered);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_many_reps),
		TEST(test_duplicates),
		TEST(test_composite_keys),
		TEST(test_the_first_in_order_stays),
		TEST(test_a_replaced_event_was_not_seen),
		TEST(test_late_and_future),
		TEST(test_behind_the_fold),
		TEST(test_beyond_the_end),
		TEST(test_waiting_while_the_log_runs_on),
		TEST(test_conflicts_while_waiting),
		TEST(test_contents_at_one_place),
		TEST(test_what_it_says_of_itself),
		TEST(test_partial),
		TEST(test_each_event),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
