/* Members of stocks, worked out by hand: they move, and are touched. */
#include "tests/unit/members_fixture.h"
#include "tests/unit/random_events.h"

#include <stdio.h>

static int set_up(void **state)
{
	static struct fixture fixture;
	fixture_init(&fixture, members_kpid, members_kpis, "2026-03-31T00:00:00Z");
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
#define ASSERT_STAGE(stage, component, expected) \
	assert_int_equal(fixture_total(fixture, "stage", stage, "leads", component, "30d"), expected)
#define OPENED(time) (at("2026-03-" time "Z") - MODEL_EPOCH)

static void test_a_lead_moves(void **state)
{
	struct fixture *fixture = *state;
	FEED("moved", "0", "09T10:00:00", "\"stage\": \"p2\""); /* nothing is open */
	FEED("lead.created", "1", "10T10:00:00", "\"rep\": \"r1\"");
	ASSERT_STAGE("new", 0, 1);
	FEED("moved", "2", "12T10:00:00", "\"stage\": \"p1\", \"rep\": \"r2\"");
	ASSERT_STAGE("new", 0, 0);
	ASSERT_STAGE("new", 1, 0);
	ASSERT_STAGE("p1", 0, 1);
	ASSERT_STAGE("p1", 1, OPENED("10T10:00:00"));
	assert_int_equal(fixture_total(fixture, "rep", "r1", "leads", 0, "30d"), 1);
	assert_int_equal(fixture_total(fixture, "rep", "r2", "leads", 0, "30d"), 0);
	assert_int_equal(fixture_sum(fixture, "leads", 0, "30d"), 1);
	assert_int_equal(fixture_sum(fixture, "unstaged", 0, "30d"), 1);
	FEED("moved", "3", "11T10:00:00", "\"stage\": \"p2\""); /* late: it was there in between */
	ASSERT_STAGE("p1", 0, 1);
	ASSERT_STAGE("p2", 0, 0);
	FEED("moved", "4", "13T10:00:00", ""); /* without a stage */
	ASSERT_STAGE("unassigned", 0, 1);
	FEED("moved", "5", "14T10:00:00", "\"stage\": \"p2\", \"score\": 3"); /* not one of those */
	ASSERT_STAGE("unassigned", 0, 1);
	fixture_reload(fixture);
	FEED("lead.closed", "6", "15T10:00:00", "\"stage\": \"p1\"");
	ASSERT_STAGE("unassigned", 0, 0);
	ASSERT_STAGE("unassigned", 1, 0);
	ASSERT_STAGE("p1", 0, 0);
}

/* With `per` only the member with the event's key moves. */
static void test_one_deal_moves(void **state)
{
	struct fixture *fixture = *state;
	FEED("deal.created", "1", "10T10:00:00", "\"deal\": \"a\"");
	FEED("deal.created", "2", "10T10:00:00", "\"deal\": \"b\"");
	FEED("moved", "3", "11T10:00:00", "\"deal\": \"b\", \"stage\": \"p1\"");
	FEED("moved", "4", "12T10:00:00", "\"stage\": \"p2\"");
	assert_int_equal(fixture_total(fixture, "stage", "p1", "deals", 0, "30d"), 1);
	assert_int_equal(fixture_total(fixture, "stage", "unassigned", "deals", 0, "30d"), 1);
	assert_int_equal(fixture_total(fixture, "stage", "p2", "deals", 0, "30d"), 0);
}

#define ASSERT_TOUCHED(ends, touches)                                                 \
	do {                                                                          \
		assert_int_equal(fixture_sum(fixture, "touched", 0, "30d"), ends);    \
		assert_int_equal(fixture_sum(fixture, "touched", 1, "30d"), touches); \
	} while (0)

static void test_touches_before_a_win(void **state)
{
	struct fixture *fixture = *state;
	FEED("ask", "0", "09T10:00:00", "");
	FEED("lead.created", "1", "10T10:00:00", ""); /* itself before the beginning */
	FEED("ask", "2", "11T10:00:00", "\"rep\": \"r2\"");
	FEED("ask", "3", "12T10:00:00", "");
	FEED("deal.closed", "4", "13T10:00:00",
		"\"deal\": \"a\", \"outcome\": \"won\", \"rep\": \"r1\""); /* ends the lead */
	FEED("ask", "5", "13T10:00:00", ""); /* comes before deal.closed in the order of events */
	ASSERT_TOUCHED(1, 3);
	assert_int_equal(fixture_total(fixture, "rep", "r1", "touched", 1, "30d"), 3);
	FEED("deal.closed", "6", "14T10:00:00", "\"deal\": \"b\", \"outcome\": \"won\""); /* no beginning */
	ASSERT_TOUCHED(1, 3);
	FEED("ask", "7", "10T09:00:00", ""); /* late, and before the lead */
	FEED("ask", "8", "10T11:00:00", "");
	ASSERT_TOUCHED(1, 4);
	FEED("ask", "9", "13T12:00:00", "");
	ASSERT_TOUCHED(1, 4);
	FEED("deal.reopened", "10", "15T10:00:00", "\"deal\": \"a\"");
	ASSERT_TOUCHED(1, 5); /* the close of b ends the lead now; that of a is neither end nor touch */
}

/* Without a lead the deal has the beginning; only the deal that is closed. */
static void test_touches_since_the_deal(void **state)
{
	struct fixture *fixture = *state;
	FEED("deal.created", "1", "10T10:00:00", "\"deal\": \"a\"");
	FEED("ask", "2", "11T10:00:00", "");
	FEED("deal.created", "3", "12T10:00:00", "\"deal\": \"b\"");
	FEED("ask", "4", "13T10:00:00", "");
	FEED("deal.closed", "5", "14T10:00:00", "\"deal\": \"b\", \"outcome\": \"won\"");
	ASSERT_TOUCHED(1, 1);
	fixture_reload(fixture);
	FEED("deal.closed", "6", "15T10:00:00", "\"deal\": \"a\", \"outcome\": \"won\"");
	ASSERT_TOUCHED(2, 4); /* two asks, and the close of b */
}

static void test_an_end_that_closes_nothing(void **state)
{
	struct fixture *fixture = *state;
	FEED("deal.created", "1", "10T10:00:00", "\"deal\": \"a\"");
	FEED("moved", "2", "11T10:00:00", "");
	FEED("ask", "3", "12T10:00:00", "\"deal\": \"a\"");
	FEED("ask", "4", "12T11:00:00", "\"deal\": \"b\""); /* no such deal */
	FEED("ask", "5", "12T12:00:00", "");                /* of no deal */
	FEED("moved", "6", "13T10:00:00", "");
	FEED("ask", "7", "14T10:00:00", "\"deal\": \"a\"");
	FEED("deal.closed", "8", "15T10:00:00", "\"deal\": \"a\", \"outcome\": \"lost\"");
	FEED("ask", "9", "16T10:00:00", "\"deal\": \"a\""); /* it is not open any more */
	assert_int_equal(fixture_sum(fixture, "asked", 0, "30d"), 2);
	assert_int_equal(fixture_sum(fixture, "asked", 1, "30d"), 3);
}

/* The number of touches stands where other cells have a time, and is none: here it is later than the fold. */
static void test_more_touches_than_milliseconds(void **state)
{
	struct fixture *fixture = *state;
	char id[16], time[32];
	assert_int_equal(
		fixture_feed(fixture, "lead.created", "c", "l", "1970-01-01T00:00:00.000Z", ""), SHARD_APPLIED);
	for (int i = 0; i < 100; i++) {
		snprintf(id, sizeof id, "a%d", i);
		snprintf(time, sizeof time, "1970-01-01T00:00:00.%03dZ", 1 + i / 2);
		assert_int_equal(fixture_feed(fixture, "ask", "c", id, time, ""), SHARD_APPLIED);
	}
	shard_reached(fixture->shard, 7 * DAY + 5 * MINUTE + 40);
	FEED("lead.created", "1", "10T10:00:00", "");
	FEED("ask", "2", "10T10:00:00", "");
	fixture_reload(fixture);
	FEED("deal.closed", "3", "12T10:00:00", "\"deal\": \"a\", \"outcome\": \"won\"");
	ASSERT_TOUCHED(1, 102);
}

/* Nothing is left of touches when nobody is open any more. */
static void test_touches_are_forgotten(void **state)
{
	struct fixture *fixture = *state;
	FEED("lead.created", "1", "01T10:00:00", "");
	FEED("ask", "2", "02T10:00:00", "");
	FEED("lead.closed", "3", "03T10:00:00", "");
	FEED("ask", "4", "04T10:00:00", "");
	assert_int_equal(shard_customers(fixture->shard), 1);
	for (int day = 0; day < 3; day++)
		shard_reached(fixture->shard, at("2026-03-20T00:00:00Z") + day * DAY);
	assert_int_equal(shard_customers(fixture->shard), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_a_lead_moves, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_one_deal_moves, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_touches_before_a_win, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_touches_since_the_deal, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_an_end_that_closes_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_more_touches_than_milliseconds, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_touches_are_forgotten, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
