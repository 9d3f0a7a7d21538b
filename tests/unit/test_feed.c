/* How far a shard may fold: over a consumer that says what the test wants. */
#include "daemon/feed.c"
#include "tests/unit/unit.h"

#define MINUTE INT64_C(60000)
#define START INT64_C(1700000000000)

struct consumer {
	struct consumer_slot slots[2];
	struct consumer_record record;
	int peeks;
};

const struct consumer_slot *consumer_peek(struct consumer *consumer, size_t slot)
{
	consumer->peeks++;
	return &consumer->slots[slot];
}

struct fixture {
	struct consumer consumer;
	struct feed_slot slots[2];
	struct feed feed;
};

static void fixture_init(struct fixture *fixture)
{
	*fixture = (struct fixture){.feed = {.slots = fixture->slots, .slot_count = 2, .now = START}};
	for (size_t i = 0; i < 2; i++)
		fixture->slots[i] = (struct feed_slot){
			.slot = i, .time = INT64_MIN, .stamped = INT64_MIN, .ended = INT64_MAX, .awaited = INT64_MAX};
}

static void at_end(struct fixture *fixture, size_t slot)
{
	fixture->consumer.slots[slot] =
		(struct consumer_slot){.state = CONSUMER_END, .read_through = fixture->feed.now};
}

static void interrupted(struct fixture *fixture, size_t slot)
{
	fixture->consumer.slots[slot] = (struct consumer_slot){.state = CONSUMER_ERROR};
}

/* A record stamped now is next; the one behind it will be, too. */
static void record_now(struct fixture *fixture, size_t slot)
{
	fixture->consumer.record.timestamp = fixture->feed.now;
	fixture->consumer.slots[slot] =
		(struct consumer_slot){.state = CONSUMER_RECORD, .record = &fixture->consumer.record};
}

/* Slot 0 has records all the time, slot 1 none. */
static int64_t reached_after(struct fixture *fixture, int64_t minutes)
{
	int64_t reached = INT64_MIN;
	for (int64_t i = 0; i < minutes; i++) {
		fixture->feed.now += MINUTE;
		record_now(fixture, 0);
		at_end(fixture, 1);
		reached = feed_reached(&fixture->feed, &fixture->consumer);
	}
	return reached;
}

static void interrupt(struct fixture *fixture)
{
	interrupted(fixture, 1);
	(void)feed_reached(&fixture->feed, &fixture->consumer);
}

static void test_a_history_may_still_come(void **state)
{
	struct fixture fixture;
	(void)state;
	fixture_init(&fixture);
	assert_true(reached_after(&fixture, 10) == INT64_MIN);
	int64_t reached = reached_after(&fixture, 2);
	assert_int_equal(reached, fixture.feed.now - FEED_SETTLE);
}

/* What counts are the minutes at the end in all: else a break every nine minutes from the start on would keep the fold where it is. */
static void test_interrupted_before_it_was_quiet(void **state)
{
	struct fixture fixture;
	(void)state;
	fixture_init(&fixture);
	assert_true(reached_after(&fixture, 9) == INT64_MIN);
	interrupt(&fixture);
	for (int i = 0; i < 10; i++) {
		int64_t reached = reached_after(&fixture, 9);
		assert_int_equal(reached, fixture.feed.now - FEED_SETTLE - FEED_QUIET);
		interrupt(&fixture);
	}
}

/* Minutes at the end count only from the latest record on: with each, more of the past may come. */
static void test_a_history_comes_with_interruptions(void **state)
{
	struct fixture fixture;
	(void)state;
	fixture_init(&fixture);
	for (int i = 0; i < 10; i++) {
		assert_true(reached_after(&fixture, 6) <= START);
		interrupt(&fixture);
		fixture.consumer.record.timestamp = START;
		fixture.consumer.slots[1] =
			(struct consumer_slot){.state = CONSUMER_RECORD, .record = &fixture.consumer.record};
		(void)feed_reached(&fixture.feed, &fixture.consumer);
	}
}

/* Once quiet, interruptions without end do not keep the fold where it was. */
static void test_interrupted_again_and_again(void **state)
{
	struct fixture fixture;
	(void)state;
	fixture_init(&fixture);
	assert_true(reached_after(&fixture, 12) > INT64_MIN);
	for (int i = 0; i < 10; i++) {
		int64_t quiet_until = fixture.feed.now - FEED_SETTLE;
		interrupt(&fixture);
		int64_t reached = feed_reached(&fixture.feed, &fixture.consumer);
		assert_int_equal(reached, quiet_until - FEED_QUIET);
		reached = reached_after(&fixture, 5);
		assert_int_equal(reached, fixture.feed.now - FEED_SETTLE - FEED_QUIET);
	}
}

/* What is not confirmed does not count, settled or not. */
static void test_stays_while_it_does_not_answer(void **state)
{
	struct fixture fixture;
	(void)state;
	fixture_init(&fixture);
	int64_t reached = reached_after(&fixture, 12);
	interrupt(&fixture);
	fixture.feed.now += 100 * MINUTE;
	record_now(&fixture, 0);
	assert_int_equal(feed_reached(&fixture.feed, &fixture.consumer), reached - FEED_QUIET);
}

/* The earliest first; what is next in a slot is not asked for again, and what comes after it is. */
static void test_the_earliest_is_next(void **state)
{
	struct fixture fixture;
	struct consumer_record records[2] = {{.timestamp = START - 5 * MINUTE}, {.timestamp = START - 4 * MINUTE}};
	(void)state;
	fixture_init(&fixture);
	for (int i = 0; i < 2; i++)
		fixture.consumer.slots[i] = (struct consumer_slot){.state = CONSUMER_RECORD, .record = &records[i]};
	assert_ptr_equal(feed_next(&fixture.feed, &fixture.consumer, START), &fixture.slots[0]);
	records[0].timestamp = START - 3 * MINUTE;
	fixture.consumer.peeks = 0;
	assert_ptr_equal(feed_next(&fixture.feed, &fixture.consumer, START), &fixture.slots[1]);
	assert_int_equal(fixture.consumer.peeks, 0);
	assert_int_equal(fixture.slots[0].time, START - 3 * MINUTE);
	at_end(&fixture, 1);
	assert_ptr_equal(feed_next(&fixture.feed, &fixture.consumer, START), &fixture.slots[0]);
	assert_int_equal(fixture.consumer.peeks, 1);
	assert_null(feed_next(&fixture.feed, &fixture.consumer, START - 3 * MINUTE));
}

/* Slot 0 may be read `ahead` of slot 1, and no further. */
static void assert_ahead(struct fixture *fixture, int64_t ahead)
{
	struct consumer_record *record = &fixture->consumer.record;
	int64_t end = START + 4 * FEED_AHEAD;
	record->timestamp = fixture->slots[1].time + ahead;
	assert_ptr_equal(feed_next(&fixture->feed, &fixture->consumer, end), &fixture->slots[0]);
	record->timestamp++;
	assert_null(feed_next(&fixture->feed, &fixture->consumer, end));
}

static void test_the_other_topic_is_awaited(void **state)
{
	struct fixture fixture;
	(void)state;
	fixture_init(&fixture);
	fixture.feed.now = START + 5 * FEED_AHEAD;
	record_now(&fixture, 0);
	fixture.consumer.record.timestamp = START;
	fixture.consumer.slots[1] = fixture.consumer.slots[0];
	assert_non_null(feed_next(&fixture.feed, &fixture.consumer, START + 1));
	fixture.consumer.slots[1].state = CONSUMER_EMPTY;
	assert_ahead(&fixture, FEED_AWAITED);
	fixture.feed.now += FEED_PATIENCE - 1;
	assert_ahead(&fixture, FEED_AWAITED);
	fixture.feed.now++;
	assert_ahead(&fixture, FEED_AHEAD);
	fixture.consumer.slots[1].state = CONSUMER_RECORD;
	assert_non_null(feed_next(&fixture.feed, &fixture.consumer, START + 4 * FEED_AHEAD));
	fixture.consumer.slots[1].state = CONSUMER_EMPTY;
	assert_ahead(&fixture, FEED_AWAITED);
	/* Each time anew, but not of one that says what is wrong, and not by a clock that was set back. */
	fixture.consumer.slots[1].state = CONSUMER_ERROR;
	assert_ahead(&fixture, FEED_AHEAD);
	fixture.consumer.slots[1].state = CONSUMER_EMPTY;
	assert_ahead(&fixture, FEED_AWAITED);
	fixture.feed.now--;
	assert_ahead(&fixture, FEED_AHEAD);
}

/* With slot 1 at its end. */
static bool is_busy_with(enum consumer_state state)
{
	struct fixture fixture;
	fixture_init(&fixture);
	record_now(&fixture, 0); /* beyond the end that is asked for */
	fixture.consumer.slots[0].state = state;
	at_end(&fixture, 1);
	fixture.feed.busy = true;
	assert_null(feed_next(&fixture.feed, &fixture.consumer, START));
	return fixture.feed.busy;
}

static void test_busy_with_what_is_there_and_what_is_on_its_way(void **state)
{
	(void)state;
	assert_true(is_busy_with(CONSUMER_RECORD));
	assert_true(is_busy_with(CONSUMER_EMPTY));
	assert_false(is_busy_with(CONSUMER_END));
	assert_false(is_busy_with(CONSUMER_ERROR));
	assert_false(is_busy_with(CONSUMER_GAP));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_earliest_is_next),
		cmocka_unit_test(test_the_other_topic_is_awaited),
		cmocka_unit_test(test_busy_with_what_is_there_and_what_is_on_its_way),
		cmocka_unit_test(test_a_history_may_still_come),
		cmocka_unit_test(test_interrupted_before_it_was_quiet),
		cmocka_unit_test(test_a_history_comes_with_interruptions),
		cmocka_unit_test(test_interrupted_again_and_again),
		cmocka_unit_test(test_stays_while_it_does_not_answer),
	};
	return cmocka_run_group_tests_name("feed", tests, NULL, NULL);
}
