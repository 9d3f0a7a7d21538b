/* Alerts that the publisher hands out. */
#include "tests/unit/publish_fixture.h"

static void test_alerts(void **state)
{
	(void)state;
	published.model.alert_count = 2;
	publisher_free(publisher);
	publisher = new_publisher();
	say("a:b", 1, 9);
	say("bob", 9, 1);
	turn();
	buf_clear(&said);
	publisher_alerts(publisher, &published.evaluation);
	expect("alert low rep a%3Ab normal>firing 0.1 < 0.25 n=10 announce\n"
	       "alert lowest rep a%3Ab normal>firing 0.1 < 0.25 n=10 announce\n");
	publisher_alerts(publisher, &published.evaluation);
	expect("");
	publisher_refresh_alerts(publisher, &published.evaluation);
	expect("alert low rep a%3Ab firing>firing 0.1 < 0.25 n=10 repeated\n"
	       "alert lowest rep a%3Ab firing>firing 0.1 < 0.25 n=10 repeated\n");
	say("a:b", 3, 7);
	turn();
	buf_clear(&said);
	publisher_alerts(publisher, &published.evaluation);
	expect("alert low rep a%3Ab firing>normal 0.3 < 0.25 n=10 announce\n"
	       "alert lowest rep a%3Ab firing>normal 0.3 < 0.25 n=10 announce\n");
	rules[0].hold = 1;
	say("a:b", 1, 9);
	turn();
	buf_clear(&said);
	publisher_alerts(publisher, &published.evaluation);
	expect("alert low rep a%3Ab normal>pending 0.1 < 0.25 n=10\n"
	       "alert lowest rep a%3Ab normal>firing 0.1 < 0.25 n=10 announce\n");
	say("a:b", 0, 0);
	turn();
	expect("snap rep a%3Ab (a:b) -\nboard close_rate@30d rep a%3Ab out\n"
	       "alert low rep a%3Ab pending>normal  < 0.25 n=0\n"
	       "alert lowest rep a%3Ab firing>normal  < 0.25 n=0 announce\n");
}

static void test_a_rule_for_one_key(void **state)
{
	(void)state;
	published.model.alert_count = 2;
	rules[0].key = STR("bob");
	publisher_free(publisher);
	publisher = new_publisher();
	say("ann", 0, 20);
	say("bob", 1, 19);
	turn();
	buf_clear(&said);
	publisher_alerts(publisher, &published.evaluation);
	expect("alert low rep bob normal>firing 0.05 < 0.25 n=20 announce\n");
}

static void test_alerts_from_before_a_restart(void **state)
{
	(void)state;
	char fingerprint[ALERT_FINGERPRINT];
	published.model.alert_count = 1;
	publisher_free(publisher);
	publisher = new_publisher();
	alert_fingerprint("low", "rep", STR("ann"), fingerprint);
	publisher_restore_alert(publisher, str_of(fingerprint), (struct alert){ALERT_FIRING, END - 5});
	publisher_restore_alert(publisher, STR("0123456789abcdef"), (struct alert){ALERT_FIRING, END - 5});
	publisher_restore_alert(publisher, STR("0123456789abcdee"), (struct alert){ALERT_PENDING, END - 5});
	say("ann", 1, 9);
	turn();
	buf_clear(&said);
	publisher_refresh_alerts(publisher, &published.evaluation);
	expect("alert low rep ann firing>firing 0.1 < 0.25 n=10 repeated\n");
	publisher_alerts(publisher, &published.evaluation);
	assert_non_null(strstr(said.data, "alert    firing>normal  <  n=0 announce\n"));
	assert_non_null(strstr(said.data, "alert    pending>normal  <  n=0\n"));
	assert_int_equal(
		said.length, strlen("alert    firing>normal  <  n=0 announce\nalert    pending>normal  <  n=0\n"));
	buf_clear(&said);
	publisher_alerts(publisher, &published.evaluation);
	expect("");
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, publish_set_up, publish_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_alerts),
		CASE(test_a_rule_for_one_key),
		CASE(test_alerts_from_before_a_restart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
