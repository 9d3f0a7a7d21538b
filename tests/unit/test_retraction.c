/* Events that take others back: what they reach, what stays, and what is said of those that find nothing. */
#include "tests/unit/shard_fixture.h"

static const char kpis[] = "windows: [1h, 30d, 365d]\n"
			   "stocks:\n"
			   "  lead: {opens: lead.created, closes: lead.closed}\n"
			   "measures:\n"
			   "  asks: {count: ask}\n"
			   "  takings: {count: retracted}\n"
			   "  sold: {sum: amount, of: {event: deal.closed, where: \"outcome == 'won'\"}}\n"
			   "  leads_open: {level: lead}\n"
			   "  spent: {sum: amount, of: cost}\n"
			   "kpis:\n"
			   "  a: {title: A, formula: asks + takings + level(leads_open), unit: count}\n"
			   "  b: {title: B, formula: sold + spent, unit: money}\n";

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
	assert_int_equal(fixture_feed(fixture, type, "c", id, "2026-06-" time "Z", more), SHARD_APPLIED)
#define FEED_AT(type, id, time, more, kafka_time) \
	fixture_feed_at(fixture, type, "c", id, "2026-06-" time "Z", more, kafka_time)
#define RETRACTS(id) "\"retracts\": \"" id "\""
#define ASSERT_SUM(measure, expected) assert_int_equal(fixture_sum(fixture, measure, 0, "365d"), expected)
#define WON(deal, amount) "\"deal\": \"" deal "\", \"outcome\": \"won\", \"amount\": " amount

static uint64_t missed(const struct fixture *fixture)
{
	struct shard_status status;
	shard_status(fixture->shard, &status);
	return status.counts.missed;
}

static void test_takes_back(void **state)
{
	struct fixture *fixture = *state;
	FEED("ask", "1", "01T10:00:00", "\"rep\": \"ann\"");
	FEED("ask", "2", "01T11:00:00", "\"rep\": \"ann\"");
	FEED("retracted", "3", "02T10:00:00", RETRACTS("1"));
	ASSERT_SUM("asks", 1);
	ASSERT_SUM("takings", 1);
	ASSERT_SUM("events", 3);
	assert_int_equal(fixture_total(fixture, "rep", "ann", "events", 0, "365d"), 2);
	assert_int_equal(missed(fixture), 0);
	/* It is known all the same, and so is the retraction. */
	assert_int_equal(
		fixture_feed(fixture, "ask", "c", "1", "2026-06-01T10:00:00Z", "\"rep\": \"ann\""), SHARD_DUPLICATE);
	assert_int_equal(
		fixture_feed(fixture, "retracted", "c", "3", "2026-06-02T10:00:00Z", RETRACTS("1")), SHARD_DUPLICATE);
	FEED("retracted", "4", "02T11:00:00", RETRACTS("1")); /* once more: nothing changes, and nothing is missed */
	ASSERT_SUM("asks", 1);
	assert_int_equal(missed(fixture), 0);
}

/* Another source, another customer, an id that nobody has, what comes later, and a retraction. */
static void test_finds_nothing(void **state)
{
	struct fixture *fixture = *state;
	FEED("ask", "1", "01T10:00:00", "\"source\": \"crm\"");
	FEED("ask", "2", "03T10:00:00", "");
	assert_int_equal(fixture_feed(fixture, "ask", "d", "3", "2026-06-01T10:00:00Z", ""), SHARD_APPLIED);
	int64_t then = at("2026-06-03T12:00:00Z");
	assert_int_equal(FEED_AT("retracted", "4", "02T10:00:00", RETRACTS("1"), then), SHARD_MISSED);
	assert_int_equal(FEED_AT("retracted", "5", "02T10:00:00", RETRACTS("2"), then), SHARD_MISSED);
	assert_int_equal(FEED_AT("retracted", "6", "02T10:00:00", RETRACTS("3"), then), SHARD_MISSED);
	assert_int_equal(FEED_AT("retracted", "7", "02T10:00:00", RETRACTS("x"), then), SHARD_MISSED);
	assert_int_equal(FEED_AT("retracted", "8", "02T11:00:00", RETRACTS("7"), then), SHARD_MISSED);
	ASSERT_SUM("asks", 3);
	ASSERT_SUM("takings", 5);
	fixture_reload(fixture);
	assert_int_equal(missed(fixture), 5);
	/* It was there before what it names. */
	FEED("ask", "x", "01T10:00:00", "");
	ASSERT_SUM("asks", 3);
	ASSERT_SUM("events", 9);
	assert_int_equal(
		FEED_AT("retracted", "9", "02T10:00:00", "\"source\": \"crm\", " RETRACTS("1"), then), SHARD_APPLIED);
	ASSERT_SUM("asks", 2);
}

/* An event at the same instant comes before the retraction, whatever its id. */
static void test_the_same_instant(void **state)
{
	struct fixture *fixture = *state;
	FEED("ask", "9", "01T10:00:00", "");
	FEED("retracted", "1", "01T10:00:00", RETRACTS("9"));
	ASSERT_SUM("asks", 0);
}

/* Seven days before the record came to Kafka, to the millisecond. */
static void test_reach(void **state)
{
	struct fixture *fixture = *state;
	int64_t kafka_time = at("2026-06-08T10:00:00Z");
	FEED("ask", "1", "01T10:00:00", "");
	FEED("ask", "2", "01T09:59:59.999", "");
	assert_int_equal(FEED_AT("retracted", "3", "07T10:00:00", RETRACTS("1"), kafka_time), SHARD_APPLIED);
	assert_int_equal(FEED_AT("retracted", "4", "07T10:00:00", RETRACTS("2"), kafka_time), SHARD_MISSED);
	ASSERT_SUM("asks", 1);
	/* The same record once more, and it came 1 ms earlier: that is how far it reaches. */
	assert_int_equal(FEED_AT("retracted", "4", "07T10:00:00", RETRACTS("2"), kafka_time - 1), SHARD_DUPLICATE);
	ASSERT_SUM("asks", 0);
	assert_int_equal(FEED_AT("retracted", "4", "07T10:00:00", RETRACTS("2"), kafka_time + 5), SHARD_DUPLICATE);
	ASSERT_SUM("asks", 0);
	assert_int_equal(FEED_AT("retracted", "5", "07T10:00:00", RETRACTS("6"), kafka_time), SHARD_MISSED);
	FEED("ask", "6", "01T09:59:59.999", "");
	ASSERT_SUM("asks", 1);
	fixture_reload(fixture);
	FEED("ask", "7", "07T10:00:00", "");
	ASSERT_SUM("asks", 2);
}

/* A close that is taken back closes nothing, and reopens nothing that it had replaced. */
static void test_closes(void **state)
{
	struct fixture *fixture = *state;
	FEED("deal.closed", "1", "01T10:00:00", WON("d", "10"));
	FEED("deal.closed", "2", "02T10:00:00", WON("d", "20"));
	ASSERT_SUM("sold", 200000);
	FEED("retracted", "3", "03T10:00:00", RETRACTS("2"));
	ASSERT_SUM("sold", 100000);
	FEED("deal.reopened", "4", "04T10:00:00", "\"deal\": \"d\"");
	ASSERT_SUM("sold", 0);
	FEED("retracted", "5", "05T10:00:00", RETRACTS("4"));
	ASSERT_SUM("sold", 100000);
	FEED("retracted", "6", "05T10:00:00", RETRACTS("1"));
	ASSERT_SUM("sold", 0);
	ASSERT_SUM("events", 6);
}

/* A retraction whose id another event takes, because it comes first: what it took back counts again. */
static void test_replaced(void **state)
{
	struct fixture *fixture = *state;
	FEED("lead.created", "1", "01T10:00:00", "");
	FEED("retracted", "2", "02T10:00:00", RETRACTS("1"));
	ASSERT_SUM("leads_open", 0);
	assert_int_equal(fixture_feed(fixture, "ask", "c", "2", "2026-06-01T12:00:00Z", ""), SHARD_REFUSED);
	assert_int_equal(fixture->reason, REFUSAL_CONFLICT);
	ASSERT_SUM("leads_open", 1);
	FEED("retracted", "3", "02T10:00:00", RETRACTS("1"));
	ASSERT_SUM("leads_open", 0);
}

static void test_without_customer(void **state)
{
	struct fixture *fixture = *state;
	assert_int_equal(
		fixture_feed(fixture, "cost", "", "1", "2026-06-01T10:00:00Z", "\"amount\": 5"), SHARD_APPLIED);
	assert_int_equal(
		fixture_feed(fixture, "cost", "", "2", "2026-06-01T10:00:00Z", "\"amount\": 7"), SHARD_APPLIED);
	assert_int_equal(
		fixture_feed(fixture, "retracted", "c", "3", "2026-06-02T10:00:00Z", RETRACTS("1")), SHARD_MISSED);
	fixture_reload(fixture);
	assert_int_equal(
		fixture_feed(fixture, "retracted", "", "3", "2026-06-02T10:00:00Z", RETRACTS("1")), SHARD_APPLIED);
	ASSERT_SUM("spent", 70000);
	assert_int_equal(
		fixture_feed(fixture, "retracted", "", "4", "2026-06-02T10:00:00Z", RETRACTS("9")), SHARD_MISSED);
	assert_int_equal(
		fixture_feed(fixture, "cost", "", "9", "2026-06-01T10:00:00Z", "\"amount\": 9"), SHARD_APPLIED);
	ASSERT_SUM("spent", 70000);
	assert_int_equal(missed(fixture), 2);
}

/* Dated ahead: it counts once the end has passed it, but whether it finds something is said when it comes. */
static void test_waiting(void **state)
{
	struct fixture *fixture = *state;
	int64_t now = at("2026-06-29T23:59:00Z");
	assert_int_equal(FEED_AT("ask", "1", "29T23:00:00", "", now), SHARD_APPLIED);
	assert_int_equal(FEED_AT("ask", "2", "30T00:01:00", "", now), SHARD_WAITING);
	assert_int_equal(FEED_AT("retracted", "3", "30T00:02:00", RETRACTS("1"), now), SHARD_WAITING);
	assert_int_equal(FEED_AT("retracted", "4", "30T00:02:00", RETRACTS("2"), now), SHARD_WAITING);
	assert_int_equal(FEED_AT("retracted", "5", "30T00:00:59", RETRACTS("2"), now), SHARD_MISSED);
	assert_int_equal(FEED_AT("retracted", "6", "30T00:02:00", RETRACTS("x"), now), SHARD_MISSED);
	fixture_reload(fixture);
	ASSERT_SUM("asks", 1);
	shard_roll(fixture->shard, at("2026-06-30T00:10:00Z"));
	ASSERT_SUM("asks", 0);
	ASSERT_SUM("takings", 4);
	assert_int_equal(missed(fixture), 2);
}

/* What a waiting retraction reaches is not folded away before its time has come. */
static void test_waiting_holds_the_fold(void **state)
{
	struct fixture *fixture = *state;
	int64_t now = at("2026-06-29T23:59:00Z");
	assert_int_equal(FEED_AT("ask", "1", "22T23:59:00", "", now), SHARD_APPLIED);
	assert_int_equal(FEED_AT("retracted", "2", "30T00:02:00", RETRACTS("1"), now), SHARD_WAITING);
	fixture_reload(fixture);
	shard_reached(fixture->shard, now + DAY);
	shard_reached(fixture->shard, now + 3 * DAY);
	shard_roll(fixture->shard, at("2026-06-30T00:10:00Z"));
	ASSERT_SUM("asks", 0);
	shard_reached(fixture->shard, now + 3 * DAY);
	assert_int_equal(FEED_AT("ask", "3", "22T23:59:00", "", now), SHARD_REFUSED);
	assert_int_equal(fixture->reason, REFUSAL_LATE_ORDER);
}

/* A waiting retraction that comes again reaches as far back as either. */
static void test_waiting_twice(void **state)
{
	struct fixture *fixture = *state;
	int64_t late = at("2026-06-30T00:01:30Z"), early = at("2026-06-29T23:58:00Z");
	assert_int_equal(FEED_AT("ask", "1", "22T23:59:00", "", early), SHARD_APPLIED);
	assert_int_equal(FEED_AT("retracted", "2", "30T00:02:00", RETRACTS("1"), late), SHARD_MISSED);
	assert_int_equal(FEED_AT("retracted", "2", "30T00:02:00", RETRACTS("1"), early), SHARD_DUPLICATE);
	assert_int_equal(FEED_AT("retracted", "2", "30T00:02:00", RETRACTS("1"), late), SHARD_DUPLICATE);
	fixture_reload(fixture);
	shard_roll(fixture->shard, at("2026-06-30T00:10:00Z"));
	ASSERT_SUM("asks", 0);
	assert_int_equal(missed(fixture), 1);
}

/* What was retracted is kept for as long as its retraction may still be replaced; then both are forgotten. */
static void test_folded(void **state)
{
	struct fixture *fixture = *state;
	FEED("lead.created", "1", "01T10:00:00", "");
	FEED("retracted", "2", "05T10:00:00", RETRACTS("1"));
	shard_reached(fixture->shard, at("2026-06-09T12:00:00Z"));
	shard_reached(fixture->shard, at("2026-06-10T13:00:00Z"));
	assert_int_equal(shard_customers(fixture->shard), 1);
	fixture_reload(fixture);
	assert_int_equal(fixture_feed(fixture, "ask", "c", "2", "2026-06-04T10:00:00Z", ""), SHARD_REFUSED);
	ASSERT_SUM("leads_open", 1);
	assert_int_equal(fixture_feed(fixture, "lead.created", "d", "1", "2026-06-05T10:00:00Z", ""), SHARD_APPLIED);
	assert_int_equal(
		fixture_feed(fixture, "retracted", "d", "2", "2026-06-05T11:00:00Z", RETRACTS("1")), SHARD_APPLIED);
	for (int day = 13; day < 16; day++)
		shard_reached(fixture->shard, at("2026-06-01T00:00:00Z") + day * DAY);
	assert_int_equal(shard_customers(fixture->shard), 1);
	ASSERT_SUM("leads_open", 1);
}

/* A close that another one has taken back is in force again once that one is retracted: so it stays until that can no longer be. */
static void test_what_was_superseded_stays(void **state)
{
	struct fixture *fixture = *state;
	FEED("deal.closed", "1", "01T10:00:00", WON("d", "10"));
	FEED("deal.closed", "2", "05T10:00:00", WON("d", "20"));
	ASSERT_SUM("sold", 200000);
	shard_reached(fixture->shard, at("2026-06-09T12:00:00Z"));
	shard_reached(fixture->shard, at("2026-06-10T13:00:00Z"));
	fixture_reload(fixture);
	assert_int_equal(fixture_feed(fixture, "ask", "c", "3", "2026-06-03T10:00:00Z", ""), SHARD_REFUSED);
	FEED("retracted", "4", "05T11:00:00", RETRACTS("2"));
	ASSERT_SUM("sold", 100000);
}

/* What a topic asks of its retractions: as which the text is read, and why it is refused. */
static void read_as(
	struct fixture *fixture, int32_t topic, const char *members, enum refusal expected, const char *customer)
{
	struct event event;
	enum refusal reason = REFUSAL_NONE;
	struct buf body;
	buf_init(&body);
	buf_printf(&body, "{\"id\": \"1\", \"type\": \"retracted\", \"time\": 5%s}", members);
	struct message message = {.body = buf_str(&body), .topic = topic};
	enum result result = decode(fixture->decoder, &message, &event, &reason, NULL);
	assert_string_equal(refusal_name(reason), refusal_name(expected));
	assert_int_equal(result, expected ? RESULT_REFUSED : RESULT_OK);
	if (!expected)
		assert_str(event.customer, customer);
	buf_release(&body);
}

static void test_topics(void **state)
{
	enum { ANY = -1, SALES, COSTS, PRICES };
	struct fixture *fixture = *state;
	read_as(fixture, SALES, ", \"retracts\": \"x\", \"customer\": \"c\"", REFUSAL_NONE, "c");
	read_as(fixture, SALES, ", \"retracts\": \"x\"", REFUSAL_MISSING_CUSTOMER, "");
	read_as(fixture, SALES, ", \"customer\": \"c\"", REFUSAL_MISSING_FIELD, "");
	read_as(fixture, COSTS, ", \"retracts\": \"x\"", REFUSAL_NONE, "");
	read_as(fixture, PRICES, ", \"retracts\": \"x\"", REFUSAL_MISSING_FIELD, "");
	read_as(fixture, PRICES, ", \"retracts\": \"x\", \"product\": \"p\", \"customer\": \"c\"", REFUSAL_NONE, "");
	read_as(fixture, ANY, ", \"retracts\": \"x\", \"customer\": \"c\"", REFUSAL_NONE, "c");
	read_as(fixture, ANY, ", \"retracts\": \"x\"", REFUSAL_NONE, "");
	read_as(fixture, ANY, ", \"customer\": \"c\"", REFUSAL_MISSING_FIELD, "");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_takes_back),
		TEST(test_finds_nothing),
		TEST(test_the_same_instant),
		TEST(test_reach),
		TEST(test_closes),
		TEST(test_replaced),
		TEST(test_without_customer),
		TEST(test_waiting),
		TEST(test_waiting_holds_the_fold),
		TEST(test_waiting_twice),
		TEST(test_folded),
		TEST(test_what_was_superseded_stays),
		TEST(test_topics),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
