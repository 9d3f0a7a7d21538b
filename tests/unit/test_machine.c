/* Life cycles by hand: what every kind of measure makes of a customer's events. */
#include "tests/unit/shard_fixture.h"

#define END "2026-03-31T00:00:00Z"

static const char kpis[] =
	"windows: [1h, 30d, month]\n"
	"stocks:\n"
	"  lead: {opens: lead.created, closes: [lead.closed, {event: deal.closed, where: \"outcome == 'won'\"}]}\n"
	"  deal: {per: deal, once: true, opens: deal.created, closes: deal.closed}\n"
	"  client:\n"
	"    opens: {event: deal.closed, where: \"outcome == 'won'\"}\n"
	"    holds: {per: sub, opens: sub.started, closes: sub.ended}\n"
	"  busy: {opens: deal.created, closes: lead.closed, holds: {per: sub, opens: sub.started, closes: sub.ended}}\n"
	"measures:\n"
	"  won: {count: deal.closed, where: \"outcome == 'won'\"}\n"
	"  sold: {sum: amount, of: [{event: deal.closed, where: \"outcome == 'won'\"}, {event: cost, sign: minus}]}\n"
	"  closed: {sum: amount, of: [{event: deal.closed, where: \"outcome == 'won'\"}, {event: deal.closed, sign: "
	"minus}]}\n"
	"  scores: {sum: score, of: [{event: answer}, {event: ask, sign: minus}]}\n"
	"  first_wins: {count: deal.closed, where: \"outcome == 'won'\", first: customer}\n"
	"  created: {count: deal.created, first: deal}\n"
	"  leads: {count: lead.opened}\n"
	"  leads_open: {level: lead}\n"
	"  deals_open: {level: deal}\n"
	"  clients: {level: client}\n"
	"  busy: {level: busy}\n"
	"  reply: {elapsed: [ask, both], to: [answer, both], within: 1h, dimensions_of: start, histogram: true}\n"
	"  waiting: {level: reply}\n"
	"  latest: {elapsed: ask, to: answer, match: latest, within: 1h}\n"
	"  every: {elapsed: ask, to: answer, match: every, within: 1h, dated: start}\n"
	"  once: {elapsed: ask, to: answer, first: true, within: 1h}\n"
	"  cycle: {elapsed: deal.created, to: {event: deal.closed, where: \"outcome == 'won'\"}, per: deal, "
	"start_else: created_at}\n"
	"  quick: {elapsed: deal.created, to: deal.closed, per: deal, within: 10d, start_else: created_at}\n"
	"  seen: {distinct: customer, of: ask}\n"
	"  seen_leads: {distinct: customer, of: ask, while: lead}\n"
	"kpis:\n"
	"  a: {title: A, formula: won + first_wins + created + leads + level(leads_open) + level(deals_open) + "
	"level(clients), unit: count}\n"
	"  b: {title: B, formula: growth(sold), unit: percent}\n"
	"  c: {title: C, formula: mean(reply), unit: seconds}\n"
	"  d: {title: D, formula: mean(latest) + mean(every) + mean(once) + mean(cycle) + mean(quick), unit: seconds}\n"
	"  e: {title: E, formula: level(waiting) + level(busy) + seen + seen_leads, unit: count}\n"
	"  f: {title: F, formula: prev(won), unit: count}\n"
	"  g: {title: G, formula: scores, unit: ratio}\n"
	"  h: {title: H, formula: closed, unit: money}\n";

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

#define FEED(type, id, time, more) \
	assert_int_equal(fixture_feed(fixture, type, "c", id, "2026-03-" time "Z", more), SHARD_APPLIED)
#define ASSERT_SUM(measure, component, window, expected) \
	assert_int_equal(fixture_sum(fixture, measure, component, window), expected)
#define WON(deal) "\"deal\": \"" deal "\", \"outcome\": \"won\""
#define OPENED(time) (at("2026-03-" time "Z") - MODEL_EPOCH)

static void test_counts_and_sums(void **state)
{
	struct fixture *fixture = *state;
	FEED("deal.closed", "1", "10T10:00:00", WON("d1") ", \"amount\": \"12.5\", \"rep\": \"ann\", \"team\": \"x\"");
	FEED("deal.closed", "2", "10T10:00:00", "\"deal\": \"d2\", \"outcome\": \"lost\", \"amount\": 7");
	FEED("cost", "3", "11T10:00:00", "\"amount\": 2.5, \"rep\": \"ann\"");
	FEED("cost", "4", "11T10:00:00", "\"rep\": \"bo\"");
	ASSERT_SUM("won", 0, "month", 1);
	ASSERT_SUM("sold", 0, "30d", 100000);
	ASSERT_SUM("sold", 1, "30d", 3);
	ASSERT_SUM("sold", 1, "1h", 0);
	ASSERT_SUM("events", 0, "month", 4);
	ASSERT_SUM("scores", 1, "month", 0);
}

/* A measure that is to hear an event twice hears it once, in the first role that fits. */
static void test_hears_once(void **state)
{
	struct fixture *fixture = *state;
	FEED("deal.closed", "1", "10T10:00:00", WON("d1") ", \"amount\": 12");
	ASSERT_SUM("closed", 0, "month", 120000);
	ASSERT_SUM("closed", 1, "month", 1);
	FEED("deal.closed", "2", "10T11:00:00", "\"deal\": \"d2\", \"outcome\": \"lost\", \"amount\": 5");
	ASSERT_SUM("closed", 0, "month", 70000);
	ASSERT_SUM("closed", 1, "month", 2);
}

/* Hostile numbers wrap around, and come back. */
static void test_sums_wrap_around(void **state)
{
	struct fixture *fixture = *state;
	FEED("ask", "1", "10T10:00:00", "\"score\": 576460752303423488");
	FEED("answer", "2", "10T10:01:00", "\"score\": 576460752303423488");
	ASSERT_SUM("scores", 0, "month", 0);
	ASSERT_SUM("scores", 1, "month", 2);
	shard_roll(fixture->shard, at("2026-05-31T00:00:00Z"));
	ASSERT_SUM("scores", 1, "month", 0);
}

static void test_first(void **state)
{
	struct fixture *fixture = *state;
	FEED("deal.created", "1", "10T10:00:00", "\"deal\": \"d1\"");
	FEED("deal.created", "2", "10T10:00:01", "\"deal\": \"d1\"");
	FEED("deal.created", "3", "09T10:00:00", "\"deal\": \"d2\"");
	ASSERT_SUM("created", 0, "month", 2);
	FEED("deal.closed", "4", "12T10:00:00", WON("d1") ", \"rep\": \"ann\"");
	FEED("deal.closed", "5", "11T10:00:00",
		WON("d2") ", \"rep\": \"bo\""); /* an earlier one: it is the first now */
	ASSERT_SUM("first_wins", 0, "month", 1);
}

static void test_lead(void **state)
{
	struct fixture *fixture = *state;
	FEED("lead.created", "1", "10T10:00:00", "");
	FEED("lead.created", "2", "11T10:00:00", ""); /* there is one open */
	ASSERT_SUM("leads", 0, "month", 1);
	ASSERT_SUM("leads_open", 0, "month", 1);
	ASSERT_SUM("leads_open", 1, "month", OPENED("10T10:00:00"));
	FEED("lead.closed", "3", "12T10:00:00", "");
	ASSERT_SUM("leads_open", 0, "month", 0);
	ASSERT_SUM("leads_open", 1, "month", 0);
	FEED("lead.created", "4", "13T10:00:00", "");
	FEED("deal.closed", "5", "14T10:00:00", "\"deal\": \"d\", \"outcome\": \"lost\""); /* does not end it */
	ASSERT_SUM("leads", 0, "month", 2);
	ASSERT_SUM("leads_open", 1, "month", OPENED("13T10:00:00"));
}

static void test_a_deal_opens_once(void **state)
{
	struct fixture *fixture = *state;
	FEED("deal.created", "1", "10T10:00:00", "\"deal\": \"d1\"");
	FEED("deal.created", "2", "10T11:00:00", "\"deal\": \"d2\"");
	ASSERT_SUM("deals_open", 0, "month", 2);
	FEED("deal.closed", "3", "11T10:00:00", WON("d1"));
	FEED("deal.created", "4", "12T10:00:00", "\"deal\": \"d1\"");
	ASSERT_SUM("deals_open", 0, "month", 1);
	FEED("deal.closed", "5", "11T10:00:00", WON("d3"));
	FEED("deal.created", "6", "12T10:00:00", "\"deal\": \"d3\""); /* after its close: it opens nothing */
	ASSERT_SUM("deals_open", 0, "month", 1);
	ASSERT_SUM("created", 0, "month", 3);
}

/* A client stays while any subscription is held. */
static void test_holds(void **state)
{
	struct fixture *fixture = *state;
	FEED("sub.started", "1", "10T10:00:00", "\"sub\": \"a\"");
	FEED("sub.started", "2", "11T10:00:00", "\"sub\": \"b\"");
	ASSERT_SUM("clients", 0, "month", 1);
	ASSERT_SUM("clients", 1, "month", OPENED("10T10:00:00"));
	FEED("sub.ended", "3", "12T10:00:00", "\"sub\": \"a\"");
	FEED("sub.ended", "4", "12T10:00:01", "\"sub\": \"a\"");
	ASSERT_SUM("clients", 0, "month", 1);
	FEED("sub.ended", "5", "13T10:00:00", "\"sub\": \"b\"");
	ASSERT_SUM("clients", 0, "month", 0);
	FEED("deal.closed", "6", "14T10:00:00", WON("d")); /* without a subscription: for ever */
	FEED("sub.ended", "7", "15T10:00:00", "\"sub\": \"b\"");
	ASSERT_SUM("clients", 0, "month", 1);
}

/* What closes a stock by itself does so whatever is held, and lets go of nothing. */
static void test_closes_what_is_held(void **state)
{
	struct fixture *fixture = *state;
	FEED("sub.started", "1", "10T10:00:00", "\"sub\": \"a\"");
	FEED("sub.started", "2", "10T11:00:00", "\"sub\": \"b\"");
	FEED("lead.closed", "3", "11T10:00:00", "");
	ASSERT_SUM("busy", 0, "month", 0);
	ASSERT_SUM("clients", 0, "month", 1);
	FEED("deal.created", "4", "12T10:00:00", "\"deal\": \"d\"");
	ASSERT_SUM("busy", 0, "month", 1);
	ASSERT_SUM("busy", 1, "month", OPENED("12T10:00:00"));
	FEED("sub.ended", "5", "13T10:00:00", "\"sub\": \"a\""); /* b is held still */
	ASSERT_SUM("busy", 0, "month", 1);
	FEED("sub.ended", "6", "14T10:00:00", "\"sub\": \"b\"");
	ASSERT_SUM("busy", 0, "month", 0);
	FEED("sub.started", "7", "15T10:00:00", "\"sub\": \"c\"");
	FEED("lead.closed", "8", "16T10:00:00", "");
	FEED("sub.started", "9", "17T10:00:00", "\"sub\": \"c\"");
	ASSERT_SUM("busy", 1, "month", OPENED("17T10:00:00"));
}

static void test_wait_within(void **state)
{
	struct fixture *fixture = *state;
	FEED("ask", "1", "10T10:00:00", "\"rep\": \"ann\"");
	FEED("ask", "2", "10T10:30:00", "\"rep\": \"bo\"");
	FEED("answer", "3", "10T11:00:00", "\"rep\": \"bo\""); /* exactly within */
	ASSERT_SUM("reply", 0, "month", 1);
	ASSERT_SUM("reply", 1, "month", HOUR);
	assert_int_equal(fixture_total(fixture, "company", "all", "waiting", 0, "month"), 0);
	ASSERT_SUM("latest", 1, "month", HOUR / 2);
	ASSERT_SUM("every", 0, "month", 2);
	ASSERT_SUM("every", 1, "month", HOUR + HOUR / 2);
	ASSERT_SUM("once", 0, "month", 1);
	FEED("ask", "4", "11T10:00:00", "");
	FEED("answer", "5", "11T11:00:00.001", ""); /* 1 ms too late */
	ASSERT_SUM("reply", 0, "month", 1);
	ASSERT_SUM("latest", 0, "month", 1);
	ASSERT_SUM("once", 0, "month", 1);
	FEED("answer", "6", "11T11:00:00.000", "");
	ASSERT_SUM("reply", 0, "month", 2);
	ASSERT_SUM("once", 0, "month", 1);
}

/* What is of both kinds closes first and then opens. */
static void test_both_ends_and_starts(void **state)
{
	struct fixture *fixture = *state;
	FEED("ask", "1", "10T10:00:00", "");
	FEED("both", "2", "10T10:10:00", "");
	FEED("both", "3", "10T10:25:00", "");
	ASSERT_SUM("reply", 0, "month", 2);
	ASSERT_SUM("reply", 1, "month", 25 * MINUTE);
}

/* The end of a wait that comes with time alone. */
static void test_a_wait_expires(void **state)
{
	struct fixture *fixture = *state;
	FEED("ask", "1", "30T23:00:00.000", "");
	ASSERT_SUM("waiting", 0, "1h", 1);
	shard_roll(fixture->shard, at("2026-03-31T00:01:00Z")); /* 23:00 + 1 h is still within */
	ASSERT_SUM("waiting", 0, "1h", 0);
	FEED("answer", "2", "30T23:50:00.000", ""); /* late in coming: what was posted ahead is withdrawn */
	ASSERT_SUM("waiting", 0, "1h", 0);
	ASSERT_SUM("reply", 1, "1h", 50 * MINUTE);
	FEED("ask", "3", "30T23:55:00.000", "");
	ASSERT_SUM("waiting", 0, "1h", 1);
	shard_roll(fixture->shard, at("2026-03-31T00:55:00Z"));
	ASSERT_SUM("waiting", 0, "1h", 1);
	shard_roll(fixture->shard, at("2026-03-31T00:56:00Z"));
	ASSERT_SUM("waiting", 0, "1h", 0);
	ASSERT_SUM("waiting", 1, "1h", 0);
}

static void test_start_named_by_the_end(void **state)
{
	struct fixture *fixture = *state;
	FEED("deal.closed", "1", "10T10:00:00", WON("d1") ", \"created_at\": \"2026-03-01T10:00:00Z\"");
	ASSERT_SUM("cycle", 1, "month", 9 * DAY);
	ASSERT_SUM("quick", 1, "month", 9 * DAY);
	FEED("deal.created", "2", "10T09:00:00", "\"deal\": \"d1\""); /* the creation itself was seen */
	ASSERT_SUM("cycle", 0, "month", 1);
	ASSERT_SUM("cycle", 1, "month", HOUR);
	FEED("deal.closed", "3", "12T10:00:00", WON("d2") ", \"created_at\": \"2026-03-01T10:00:00Z\"");
	ASSERT_SUM("cycle", 0, "month", 2);
	ASSERT_SUM("quick", 0, "month", 1);                 /* 11 days: not within 10 */
	FEED("deal.closed", "4", "13T10:00:00", WON("d3")); /* neither */
	ASSERT_SUM("cycle", 0, "month", 2);
}

/* An expired start is as good as none, whether it is forgotten already or not. */
static void test_start_named_by_the_end_after_an_expired_one(void **state)
{
	struct fixture *fixture = *state;
	FEED("deal.created", "1", "01T10:00:00", "\"deal\": \"d1\"");
	shard_reached(fixture->shard, at("2026-03-18T10:00:00Z"));
	FEED("deal.created", "2", "12T10:00:00", "\"deal\": \"d2\"");
	FEED("deal.closed", "3", "15T10:00:00", WON("d1") ", \"created_at\": \"2026-03-14T10:00:00Z\"");
	ASSERT_SUM("quick", 0, "month", 1);
	ASSERT_SUM("quick", 1, "month", DAY);
	shard_reached(fixture->shard, at("2026-03-30T10:00:00Z"));
	FEED("deal.closed", "4", "25T10:00:00", WON("d2") ", \"created_at\": \"2026-03-24T10:00:00Z\"");
	ASSERT_SUM("quick", 0, "month", 2);
	ASSERT_SUM("quick", 1, "month", 2 * DAY);
}

static void test_distinct(void **state)
{
	struct fixture *fixture = *state;
	FEED("ask", "1", "10T10:00:00", "");
	FEED("ask", "2", "20T10:00:00", "");
	FEED("ask", "3", "15T10:00:00", "");
	assert_int_equal(fixture_feed(fixture, "ask", "other", "4", "2026-02-20T10:00:00Z", ""), SHARD_APPLIED);
	ASSERT_SUM("seen", 1, "month", 1);
	ASSERT_SUM("seen", 0, "30d", 1);
	/* Each kind of window has a number of its own. */
	ASSERT_SUM("seen", 0, "month", 0);
	ASSERT_SUM("seen", 1, "30d", 0);
	/* The sighting of February is in no window now; in its own month it counts once. */
	shard_roll(fixture->shard, at("2026-04-10T00:00:00Z"));
	ASSERT_SUM("seen", 0, "30d", 1);
	ASSERT_SUM("seen", 1, "month", 0);
}

static void test_distinct_by_month(void **state)
{
	struct fixture *fixture = *state;
	FEED("ask", "1", "01T00:00:00", "");
	assert_int_equal(fixture_feed(fixture, "ask", "c", "2", "2026-02-28T23:59:59.999Z", ""), SHARD_APPLIED);
	ASSERT_SUM("seen", 1, "month", 1);
	FEED("ask", "3", "30T00:00:00", "");
	ASSERT_SUM("seen", 1, "month", 1);
}

static void test_distinct_while(void **state)
{
	struct fixture *fixture = *state;
	FEED("ask", "1", "10T10:00:00", ""); /* no lead yet */
	ASSERT_SUM("seen_leads", 0, "30d", 0);
	FEED("lead.created", "2", "10T11:00:00", "\"rep\": \"ann\"");
	FEED("ask", "3", "10T12:00:00", "\"rep\": \"bo\"");
	FEED("ask", "4", "11T12:00:00", "");
	ASSERT_SUM("seen_leads", 0, "30d", 1);
	ASSERT_SUM("seen_leads", 1, "month", 1);
	FEED("lead.closed", "5", "12T12:00:00", "");
	ASSERT_SUM("seen_leads", 0, "30d", 0);
	ASSERT_SUM("seen_leads", 1, "month", 0);
	FEED("lead.created", "6", "13T12:00:00", ""); /* another membership: not seen yet */
	ASSERT_SUM("seen_leads", 1, "month", 0);
	FEED("ask", "7", "13T12:00:00", "");
	ASSERT_SUM("seen_leads", 1, "month", 1);
}

/* Who leaves in another month than that of the last sighting was not seen in it anyway. */
static void test_distinct_while_over_a_month_end(void **state)
{
	struct fixture *fixture = *state;
	assert_int_equal(fixture_feed(fixture, "lead.created", "c", "1", "2026-02-20T10:00:00Z", ""), SHARD_APPLIED);
	assert_int_equal(fixture_feed(fixture, "ask", "c", "2", "2026-02-21T10:00:00Z", ""), SHARD_APPLIED);
	FEED("lead.closed", "3", "10T10:00:00", "");
	ASSERT_SUM("seen_leads", 1, "month", 0);
	ASSERT_SUM("seen_leads", 0, "30d", 0);
}

/* Within one millisecond the position of the type in events.yaml decides, then source and id. */
static void test_order_within_a_millisecond(void **state)
{
	struct fixture *fixture = *state;
	FEED("answer", "1", "10T10:00:00", "");
	FEED("ask", "2", "10T10:00:00", "");
	ASSERT_SUM("reply", 0, "month", 1);
	ASSERT_SUM("reply", 1, "month", 0);
}

/* As many measures of one event as a configuration may have. */
static void test_many_measures_of_one_event(void **state)
{
	(void)state;
	enum { MANY = 1000 };
	struct buf text;
	struct fixture fixture;
	buf_init(&text);
	buf_put_text(&text, "windows: [1h]\nmeasures:\n");
	for (int i = 0; i < MANY; i++)
		buf_printf(&text, "  m%d: {count: ask}\n", i);
	buf_put_text(&text, "kpis:\n");
	for (int i = 0; i < MANY; i++)
		buf_printf(&text, "  k%d: {title: K, formula: m%d, unit: count}\n", i, i);
	fixture_init(&fixture, NULL, text.data, "2026-03-10T10:01:00Z");
	assert_int_equal(fixture_feed(&fixture, "ask", "c", "1", "2026-03-10T10:00:00Z", ""), SHARD_APPLIED);
	assert_int_equal(fixture_sum(&fixture, "m0", 0, "1h"), 1);
	assert_int_equal(fixture_sum(&fixture, "m999", 0, "1h"), 1);
	fixture_release(&fixture);
	buf_release(&text);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_counts_and_sums),
		TEST(test_hears_once),
		TEST(test_sums_wrap_around),
		TEST(test_first),
		TEST(test_lead),
		TEST(test_a_deal_opens_once),
		TEST(test_holds),
		TEST(test_closes_what_is_held),
		TEST(test_wait_within),
		TEST(test_both_ends_and_starts),
		TEST(test_a_wait_expires),
		TEST(test_start_named_by_the_end),
		TEST(test_start_named_by_the_end_after_an_expired_one),
		TEST(test_distinct),
		TEST(test_distinct_by_month),
		TEST(test_distinct_while),
		TEST(test_distinct_while_over_a_month_end),
		TEST(test_order_within_a_millisecond),
		cmocka_unit_test(test_many_measures_of_one_event),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
