/* Pace and status by hand: docs/targets.md, 4 and 5. One working day is 8 here. */
#include "pipeline/evaluate/pace.h"
#include "tests/unit/unit.h"

#include "base/text.h"

#define ONE INT64_C(1000000)

static const struct pace_question sums = {
	.cumulative = true,
	.higher_is_better = true,
	.has_value = true,
	.value = 40 * ONE,
	.goal = 100 * ONE,
	.way = {.total = 80, .worked = 40, .day = 8},
};

static void put_number(struct buf *out, const struct pace_number *number)
{
	if (number->known)
		decimal_put(out, number->value, 6);
	else
		buf_put_byte(out, '-');
	buf_put_byte(out, ' ');
}

/* "expected needed projected remaining status" */
static void expect(const struct pace_question *question, const char *expected)
{
	struct pace pace;
	struct buf said;
	buf_init(&said);
	pace_of(question, &pace);
	put_number(&said, &pace.expected);
	put_number(&said, &pace.needed_per_day);
	put_number(&said, &pace.projected);
	put_number(&said, &pace.remaining_days);
	buf_put_text(&said, pace.status ? pace_status_name(pace.status) : "-");
	assert_string_equal(said.data, expected);
	buf_release(&said);
}

static void expect_status(struct pace_question question, i128 value, enum pace_status expected)
{
	struct pace pace;
	question.value = value;
	pace_of(&question, &pace);
	assert_int_equal(pace.status, expected);
}

static void test_bit_by_bit(void **state)
{
	(void)state;
	struct pace_question question = sums;
	expect(&question, "50 12 80 5 behind");
	question.value = 50 * ONE;
	expect(&question, "50 10 100 5 on track");
	question.value = 120 * ONE;
	expect(&question, "50 0 240 5 met");
	question.way.worked = 30; /* 37.5; 6.25 days to go */
	question.value = 10 * ONE;
	expect(&question, "37.5 14.4 26.666667 6.25 behind");
	question.has_value = false;
	expect(&question, "37.5 - - 6.25 -");
}

static void test_edges_of_the_way(void **state)
{
	(void)state;
	struct pace_question question = sums;
	question.way.worked = 0;
	expect(&question, "0 6 - 10 ahead");
	expect_status(question, 0, PACE_ON_TRACK);
	expect_status(question, -1, PACE_BEHIND);
	question.way.worked = 80;
	expect(&question, "100 - 40 0 behind"); /* a Saturday, say: the days are gone, the period is not over */
	question.way.over = true;
	expect(&question, "100 - 40 0 missed");
	question.value = question.goal;
	expect(&question, "100 - 100 0 met");
	question.way = (struct pace_way){.day = 8}; /* nothing is worked in it */
	question.value = 0;
	expect(&question, "0 - - 0 on track");
	question.way.over = true;
	expect(&question, "100 - - 0 missed");
	question.way = (struct pace_way){0}; /* no calendar */
	expect(&question, "0 - - - on track");
}

static void test_limits_of_the_track(void **state)
{
	(void)state;
	struct pace_question question = sums; /* 50 are expected */
	expect_status(question, 525 * ONE / 10, PACE_AHEAD);
	expect_status(question, 525 * ONE / 10 - 1, PACE_ON_TRACK);
	expect_status(question, 475 * ONE / 10, PACE_ON_TRACK);
	expect_status(question, 475 * ONE / 10 - 1, PACE_BEHIND);
	expect_status(question, 100 * ONE - 1, PACE_AHEAD);
	expect_status(question, 100 * ONE, PACE_MET);
	question.way.total = 3; /* 33.3333..: exact, not as it is shown */
	question.way.worked = 1;
	expect_status(question, 35 * ONE, PACE_AHEAD);
	expect_status(question, 35 * ONE - 1, PACE_ON_TRACK);
	expect_status(question, 31666667, PACE_ON_TRACK);
	expect_status(question, 31666666, PACE_BEHIND);
}

static void test_a_budget(void **state)
{
	(void)state;
	struct pace_question question = sums;
	question.higher_is_better = false;
	expect(&question, "50 12 80 5 ahead");
	expect_status(question, 475 * ONE / 10, PACE_AHEAD);
	expect_status(question, 475 * ONE / 10 + 1, PACE_ON_TRACK);
	expect_status(question, 525 * ONE / 10, PACE_ON_TRACK);
	expect_status(question, 525 * ONE / 10 + 1, PACE_BEHIND);
	question.way.worked = 79; /* 98.75 are expected, and 101 would be near enough, but the budget is spent */
	expect_status(question, 100 * ONE, PACE_ON_TRACK);
	expect_status(question, 101 * ONE, PACE_BEHIND);
	question.way.over = true;
	expect_status(question, 100 * ONE, PACE_MET);
	expect_status(question, 101 * ONE, PACE_MISSED);
}

static void test_at_any_time(void **state)
{
	(void)state;
	struct pace_question question = sums;
	question.cumulative = false;
	expect(&question, "100 - 40 5 behind");
	expect_status(question, 95 * ONE, PACE_ON_TRACK);
	expect_status(question, 100 * ONE, PACE_ON_TRACK);
	expect_status(question, 105 * ONE, PACE_AHEAD);
	question.way.endless = true;
	expect(&question, "100 - 40 - behind");
	question.goal = -20 * ONE; /* a score may be below 0: 5 % of it are 1 */
	expect_status(question, -19 * ONE, PACE_AHEAD);
	expect_status(question, -21 * ONE, PACE_ON_TRACK);
	expect_status(question, -21 * ONE - 1, PACE_BEHIND);
	question.goal = 0;
	expect_status(question, 0, PACE_ON_TRACK);
	expect_status(question, 1, PACE_AHEAD);
	expect_status(question, -1, PACE_BEHIND);
	question.higher_is_better = false;
	expect_status(question, 1, PACE_BEHIND);
	expect_status(question, -1, PACE_AHEAD);
}

static void test_from_a_base(void **state)
{
	(void)state;
	struct pace_question question = sums;
	question.cumulative = false;
	question.has_base = true;
	question.base = 60 * ONE;
	expect(&question, "80 - 40 5 behind");
	question.way.worked = 20;
	expect(&question, "70 - 40 7.5 behind");
	question.way.worked = question.way.total = 0;
	expect(&question, "60 - 40 0 behind");
	question.way.over = true;
	expect(&question, "100 - 40 0 missed");
	question = sums;
	question.has_base = true; /* one that adds up begins with nothing */
	question.base = 60 * ONE;
	expect(&question, "50 12 80 5 behind");
}

static void test_beyond_128_bits(void **state)
{
	(void)state;
	struct pace_question question = sums;
	question.goal = (i128)1 << 126;
	expect(&question, "- - 80 5 -");
	question.goal = 100 * ONE;
	question.value = -((i128)1 << 126);
	expect(&question, "50 - - 5 -");
	question.way.over = true;
	expect_status(question, (i128)1 << 126, PACE_MET);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bit_by_bit),
		cmocka_unit_test(test_edges_of_the_way),
		cmocka_unit_test(test_limits_of_the_track),
		cmocka_unit_test(test_a_budget),
		cmocka_unit_test(test_at_any_time),
		cmocka_unit_test(test_from_a_base),
		cmocka_unit_test(test_beyond_128_bits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
