/* What is decided by how far apart two events are, and by nothing else: whether a close is still taken back, and whether one id stands for one
 * event. When old state is folded away makes no difference. */
#include "tests/unit/shard_fixture.h"

/* The reach is 1 d 2 h. */
static const char kpid[] = "roster: {file: \"\"}\nlimits: {allowed_lateness: 6h}\n";
static const char kpis[] = "windows: [1h]\n"
			   "stocks:\n"
			   "  deal: {per: deal, opens: deal.created, closes: deal.closed}\n"
			   "measures:\n"
			   "  asks: {count: ask}\n"
			   "  won: {count: deal.closed}\n"
			   "  deals_open: {level: deal}\n"
			   "kpis:\n"
			   "  a: {title: A, formula: asks + won + level(deals_open), unit: count}\n";

struct feed {
	const char *type, *id, *time, *kafka_time, *more; /* kafka_time NULL: the time */
	enum shard_outcome outcome;
};

static struct shard_status status_of(const struct fixture *fixture)
{
	struct shard_status status;
	shard_status(fixture->shard, &status);
	return status;
}

static void roll(struct fixture *fixture, int64_t time)
{
	int64_t end = window_end(&fixture->config->model, time), now = status_of(fixture).end;
	shard_roll(fixture->shard, end > now ? end : now);
}

/* Feeds them, at ends that follow their Kafka times; with `folding`, all that may be folded away is, before each. */
static void feed_all(struct fixture *fixture, const struct feed *feeds, size_t count, bool folding)
{
	fixture_init(fixture, kpid, kpis, "2026-06-01T00:00:00Z");
	for (size_t i = 0; i < count; i++) {
		const struct feed *feed = &feeds[i];
		int64_t kafka_time = at(feed->kafka_time ? feed->kafka_time : feed->time);
		roll(fixture, kafka_time + MINUTE);
		for (int64_t days = 3; folding && days >= 0; days--) /* from the second on, a day's way folds all */
			shard_reached(fixture->shard, kafka_time - days * DAY);
		enum shard_outcome outcome =
			fixture_feed_at(fixture, feed->type, "c", feed->id, feed->time, feed->more, kafka_time);
		if (outcome != feed->outcome)
			fail_msg("%s %s: %d", feed->type, feed->id, (int)outcome);
	}
}

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))
#define DEAL "\"deal\": \"d\""
#define CLOSED DEAL ", \"outcome\": \"won\""

/* Open deals, and closes within the last hour, at `end`. */
static void assert_deals(const struct feed *feeds, size_t count, const char *end, int64_t open, int64_t won)
{
	for (int folding = 0; folding < 2; folding++) {
		struct fixture fixture;
		feed_all(&fixture, feeds, count, folding);
		roll(&fixture, at(end));
		assert_int_equal(fixture_sum(&fixture, "deals_open", 0, "1h"), open);
		assert_int_equal(fixture_sum(&fixture, "won", 0, "1h"), won);
		fixture_release(&fixture);
	}
}

static void test_reopened_at_the_reach(void **state)
{
	(void)state;
	struct feed feeds[] = {
		{"deal.created", "1", "2026-06-01T01:00:00Z", NULL, DEAL, SHARD_APPLIED},
		{"deal.closed", "2", "2026-06-01T02:00:00Z", NULL, CLOSED, SHARD_APPLIED},
		{"deal.reopened", "3", "2026-06-02T04:00:00Z", NULL, DEAL, SHARD_APPLIED},
	};
	assert_deals(feeds, COUNT_OF(feeds), "2026-06-02T04:01:00Z", 1, 0);
	feeds[2].time = "2026-06-02T04:00:00.001Z";
	assert_deals(feeds, COUNT_OF(feeds), "2026-06-02T04:01:00Z", 0, 0);
}

/* The second close takes back the first only within the reach; beyond it both count, each at its time. */
static void test_closed_again(void **state)
{
	(void)state;
	struct feed feeds[] = {
		{"deal.created", "1", "2026-06-01T01:00:00Z", NULL, DEAL, SHARD_APPLIED},
		{"deal.closed", "2", "2026-06-01T02:00:00Z", NULL, CLOSED, SHARD_APPLIED},
		{"deal.closed", "3", "2026-06-02T04:00:00.001Z", NULL, CLOSED, SHARD_APPLIED},
		{"deal.created", "4", "2026-06-02T04:10:00Z", NULL, DEAL, SHARD_APPLIED},
		{"deal.reopened", "5", "2026-06-02T04:20:00Z", NULL, DEAL, SHARD_APPLIED},
	};
	assert_deals(feeds, 3, "2026-06-02T04:05:00Z", 0, 1);
	assert_deals(feeds, 4, "2026-06-02T04:15:00Z", 1, 1);
	assert_deals(feeds, 5, "2026-06-02T04:25:00Z", 1, 0);
}

static void test_one_id(void **state)
{
	(void)state;
	struct fixture fixture;
	struct feed feeds[] = {
		{"ask", "x", "2026-06-02T04:00:00Z", "2026-06-02T04:00:01Z", "", SHARD_APPLIED},
		{"ask", "x", "2026-06-02T04:30:00Z", "2026-06-02T10:00:00Z", "", SHARD_REFUSED},
		{"ask", "x", "2026-06-02T04:30:00Z", "2026-06-02T10:00:00.001Z", "", SHARD_APPLIED},
		{"ask", "x", "2026-06-02T04:30:00Z", "2026-06-02T10:00:00.001Z", "", SHARD_DUPLICATE},
	};
	for (int folding = 0; folding < 2; folding++) {
		feed_all(&fixture, feeds, COUNT_OF(feeds), folding);
		assert_int_equal(status_of(&fixture).counts.applied, 2);
		fixture_release(&fixture);
	}
}

/* Whichever comes first: the later event's Kafka time decides, here that of its latest record. */
static void test_one_id_the_other_way(void **state)
{
	(void)state;
	struct fixture fixture;
	struct feed feeds[] = {
		{"ask", "x", "2026-06-02T04:30:00Z", "2026-06-02T09:59:00Z", "", SHARD_APPLIED},
		{"ask", "x", "2026-06-02T04:30:00Z", "2026-06-02T10:00:00.001Z", "", SHARD_DUPLICATE},
		{"ask", "x", "2026-06-02T04:00:00Z", "2026-06-02T10:00:00Z", "", SHARD_APPLIED},
	};
	feed_all(&fixture, feeds, 3, false);
	fixture_release(&fixture);
	feeds[1].kafka_time = "2026-06-02T10:00:00Z";
	feeds[2].outcome = SHARD_REFUSED;
	feed_all(&fixture, feeds, 3, false);
	fixture_release(&fixture);
}

/* The retraction takes back both, and what stands between them changes with it. */
static void test_both_are_retracted(void **state)
{
	(void)state;
	struct fixture fixture;
	static const char *const types[] = {"ask", "ask", "retracted"};
	static const char *const times[] = {"2026-06-02T04:00:00Z", "2026-06-02T04:30:00Z", "2026-06-02T04:40:00Z"};
	static const char *const arrivals[] = {
		"2026-06-02T04:00:00Z", "2026-06-02T10:00:00.001Z", "2026-06-02T09:50:00Z"};
	static const int orders[][3] = {{0, 1, 2}, {0, 2, 1}, {2, 1, 0}, {1, 0, 2}};
	for (size_t o = 0; o < COUNT_OF(orders); o++) {
		fixture_init(&fixture, kpid, kpis, "2026-06-02T05:00:00Z");
		for (int i = 0; i < 3; i++) {
			int n = orders[o][i];
			assert_int_not_equal(fixture_feed_at(&fixture, types[n], "c", n < 2 ? "x" : "y", times[n],
						     n < 2 ? "" : "\"retracts\": \"x\"", at(arrivals[n])),
				SHARD_REFUSED);
			fixture_reload(&fixture);
		}
		assert_int_equal(fixture_sum(&fixture, "asks", 0, "1h"), 0);
		assert_int_equal(fixture_sum(&fixture, "events", 0, "1h"), 3);
		fixture_release(&fixture);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reopened_at_the_reach),
		cmocka_unit_test(test_closed_again),
		cmocka_unit_test(test_one_id),
		cmocka_unit_test(test_one_id_the_other_way),
		cmocka_unit_test(test_both_are_retracted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
