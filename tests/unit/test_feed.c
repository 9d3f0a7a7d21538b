/* How far a shard may fold: over a consumer that says what the test wants. */
#include "daemon/feed.c"
#include "tests/unit/unit.h"

#define MINUTE INT64_C(60000)
#define START INT64_C(1700000000000)

struct consumer {
	struct consumer_slot slots[2];
	struct consumer_record record;
};

const struct consumer_slot *consumer_peek(struct consumer *consumer, size_t slot)
{
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
		fixture->slots[i] =
			(struct feed_slot){.slot = i, .time = INT64_MIN, .stamped = INT64_MIN, .ended = INT64_MAX};
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

static void test_interrupted_before_it_was_quiet(void **state)
{
	struct fixture fixture;
	(void)state;
	fixture_init(&fixture);
	for (int i = 0; i < 10; i++) {
		assert_true(reached_after(&fixture, 9) == INT64_MIN);
		interrupt(&fixture);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_history_may_still_come),
		cmocka_unit_test(test_interrupted_before_it_was_quiet),
		cmocka_unit_test(test_interrupted_again_and_again),
		cmocka_unit_test(test_stays_while_it_does_not_answer),
	};
	return cmocka_run_group_tests_name("feed", tests, NULL, NULL);
}
