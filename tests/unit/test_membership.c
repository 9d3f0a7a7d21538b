/* Who has which partition of a topic, against librdkafka's own cluster in memory. */
#include "tests/unit/unit.h"

#include "base/clock.h"
#include "daemon/kafka/embedded.h"
#include "daemon/kafka/membership.h"

enum { PARTITIONS = 5, PATIENCE_US = 60000000, TURN_MS = 50 };

static struct embedded_broker *broker;
static char error[256];

static int set_up(void **state)
{
	(void)state;
	assert_int_equal(embedded_broker_new(PARTITIONS, error, sizeof error, &broker), RESULT_OK);
	assert_int_equal(embedded_broker_create_topic(broker, "partials", PARTITIONS), RESULT_OK);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	embedded_broker_free(broker);
	return 0;
}

static struct membership *join(void)
{
	struct membership *made = NULL;
	struct membership_options options = {.brokers = embedded_broker_address(broker),
		.client_id = "test",
		.group = "fleet",
		.topic = "partials",
		.session_ms = 6000};
	assert_int_equal(membership_new(&options, error, sizeof error, &made), RESULT_OK);
	return made;
}

struct seen {
	struct membership *member;
	unsigned mask; /* of partitions */
	int assigned, revoked;
	bool holds_on; /* does not release by itself */
};

static void turn(struct seen *seen)
{
	size_t count;
	if (!seen->member)
		return;
	switch (membership_poll(seen->member, TURN_MS)) {
	case MEMBERSHIP_ASSIGNED:
		assert_int_equal(seen->assigned, seen->revoked); /* what it had is taken back before */
		seen->assigned++;
		seen->mask = 0;
		for (const int32_t *at = membership_partitions(seen->member, &count); count; at++, count--)
			seen->mask |= 1u << *at;
		break;
	case MEMBERSHIP_REVOKED:
	case MEMBERSHIP_LOST:
		seen->revoked++;
		if (seen->holds_on)
			break;
		seen->mask = 0;
		membership_release(seen->member);
		break;
	case MEMBERSHIP_NOTHING:
		break;
	}
}

static void wait_for(struct seen *one, struct seen *other, unsigned mask, unsigned other_mask)
{
	int64_t deadline = clock_steady_us() + PATIENCE_US;
	while (one->mask != mask || other->mask != other_mask) {
		assert_true(clock_steady_us() < deadline);
		turn(one);
		turn(other);
	}
}

static void test_shared_and_taken_over(void **state)
{
	(void)state;
	struct seen one = {.member = join()}, other = {0};
	wait_for(&one, &other, 31, 0);
	other.member = join();
	int64_t deadline = clock_steady_us() + PATIENCE_US;
	while (!one.mask || !other.mask || one.mask == 31) {
		assert_true(clock_steady_us() < deadline);
		turn(&one);
		turn(&other);
	}
	assert_int_equal(one.mask | other.mask, 31);
	assert_int_equal(one.mask & other.mask, 0);
	assert_true(one.mask == 7 || other.mask == 7); /* ranges */
	membership_free(other.member);
	other = (struct seen){0};
	wait_for(&one, &other, 31, 0);
	assert_true(one.revoked >= 2); /* more often where somebody was too slow for the group to wait */
	membership_free(one.member);
}

/* Nobody gets what is not given up yet. */
static void test_a_revocation_waits(void **state)
{
	(void)state;
	struct seen one = {.member = join()}, other = {0};
	wait_for(&one, &other, 31, 0);
	one.holds_on = true;
	other.member = join();
	int64_t deadline = clock_steady_us() + PATIENCE_US;
	while (!one.revoked) {
		assert_true(clock_steady_us() < deadline);
		turn(&one);
		turn(&other);
	}
	for (int i = 0; i < 20; i++) {
		turn(&one);
		turn(&other);
		assert_int_equal(other.mask, 0);
	}
	one.holds_on = false;
	one.mask = 0;
	membership_release(one.member);
	while ((one.mask | other.mask) != 31) {
		assert_true(clock_steady_us() < deadline);
		turn(&one);
		turn(&other);
	}
	assert_int_equal(one.mask & other.mask, 0);
	membership_free(one.member);
	membership_free(other.member);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_shared_and_taken_over, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_revocation_waits, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
