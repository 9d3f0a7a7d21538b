#include "pipeline/evaluate/alert.h"
#include "tests/unit/unit.h"

enum { MINUTE = 60000 };

/* Below 25 % for 10 minutes; over at 28 %. */
static const struct alert_rule low = {.name = "low",
	.direction = ALERT_BELOW,
	.limit = 2500,
	.clear = 2800,
	.hold = 10 * MINUTE,
	.minimum_sample = 10};
static const struct alert_rule high = {.name = "high", .direction = ALERT_ABOVE, .limit = 30000, .clear = 20000};

/* Of a value in 10^-6. */
static struct figure of(int64_t value)
{
	return (struct figure){.value = value, .n = 10, .complete = true};
}

static bool step(const struct alert_rule *rule, int64_t value, int minute, struct alert *alert)
{
	struct figure figure = of(value);
	return alert_step(rule, &figure, minute * MINUTE, alert);
}

static void assert_alert(const struct alert *alert, enum alert_state state, int minute)
{
	assert_string_equal(alert_state_name((enum alert_state)alert->state), alert_state_name(state));
	assert_int_equal(alert->since, minute * MINUTE);
}

static void test_fires_after_the_hold_and_clears_at_its_own_level(void **state)
{
	(void)state;
	struct alert alert = {0};
	assert_false(step(&low, 250000, 0, &alert));
	assert_true(step(&low, 249999, 1, &alert));
	assert_alert(&alert, ALERT_PENDING, 1);
	assert_false(step(&low, 100000, 10, &alert));
	assert_true(step(&low, 249999, 11, &alert));
	assert_alert(&alert, ALERT_FIRING, 11);
	assert_false(step(&low, 279999, 12, &alert));
	assert_true(step(&low, 280000, 13, &alert));
	assert_alert(&alert, ALERT_NORMAL, 13);
	assert_false(step(&low, 260000, 14, &alert));
}

static void test_pending_starts_anew(void **state)
{
	(void)state;
	struct alert alert = {0};
	assert_true(step(&low, 0, 1, &alert));
	assert_true(step(&low, 250000, 5, &alert));
	assert_alert(&alert, ALERT_NORMAL, 5);
	assert_true(step(&low, 0, 6, &alert));
	assert_false(step(&low, 0, 15, &alert));
	assert_true(step(&low, 0, 16, &alert));
	assert_alert(&alert, ALERT_FIRING, 16);
}

static void test_above_and_at_once(void **state)
{
	(void)state;
	struct alert alert = {0};
	assert_false(step(&high, 3000000, 1, &alert));
	assert_true(step(&high, 3000001, 2, &alert));
	assert_alert(&alert, ALERT_FIRING, 2);
	assert_false(step(&high, 2000001, 3, &alert));
	assert_true(step(&high, 2000000, 4, &alert));
	assert_alert(&alert, ALERT_NORMAL, 4);
}

static void test_silence_keeps_the_state(void **state)
{
	(void)state;
	struct figure null = of(0), partial = of(0), few = of(0);
	null.reason = FIGURE_ZERO_DENOMINATOR;
	partial.complete = false;
	few.n = 9;
	const struct figure *silent[] = {&null, &partial, &few};
	for (int i = 0; i < 3; i++) {
		struct alert alert = {0};
		assert_false(alert_step(&low, silent[i], MINUTE, &alert));
		assert_alert(&alert, ALERT_NORMAL, 0);
		assert_true(step(&low, 0, 1, &alert));
		assert_false(alert_step(&low, silent[i], 20 * MINUTE, &alert));
		assert_alert(&alert, ALERT_PENDING, 1);
		assert_true(step(&low, 0, 21, &alert));
		null.value = partial.value = few.value = 900000;
		assert_false(alert_step(&low, silent[i], 22 * MINUTE, &alert));
		assert_alert(&alert, ALERT_FIRING, 21);
	}
}

static void test_names(void **state)
{
	(void)state;
	enum alert_state found;
	for (int i = ALERT_NORMAL; i <= ALERT_FIRING; i++) {
		assert_int_equal(
			alert_state_from_name(str_of(alert_state_name((enum alert_state)i)), &found), RESULT_OK);
		assert_int_equal(found, i);
	}
	assert_int_equal(alert_state_from_name(STR("fir"), &found), RESULT_NOT_FOUND);
}

/* Fingerprints are stored: they must never change. */
static void test_fingerprints(void **state)
{
	(void)state;
	char one[ALERT_FINGERPRINT], other[ALERT_FINGERPRINT];
	alert_fingerprint("low", "rep", STR("ann"), one);
	assert_string_equal(one, "c43cd71bedcfe4ac");
	alert_fingerprint("low", "repa", STR("nn"), other);
	assert_string_not_equal(one, other);
	alert_fingerprint("lowr", "ep", STR("ann"), other);
	assert_string_not_equal(one, other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fires_after_the_hold_and_clears_at_its_own_level),
		cmocka_unit_test(test_pending_starts_anew),
		cmocka_unit_test(test_above_and_at_once),
		cmocka_unit_test(test_silence_keeps_the_state),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_fingerprints),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
