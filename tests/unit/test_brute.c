/* The brute-force computation of the simulator against figures computed by hand: most are the worked examples of
 * docs/kpi-language.md, in the words of tests/simulator/config. */
#include <string.h>

#include "tests/unit/brute_fixture.h"

/* ---- measures ---------------------------------------------------------------------------------------------------- */

static void test_won_of_decided_by_rep(void **state)
{
	(void)state;
	struct brute_log log = {0};
	put_close(&log, AT(9, 0), "d1", SIM_WON, "a", 0);
	put_close(&log, AT(9, 10), "d2", SIM_LOST, "a", 0);
	put_close(&log, AT(9, 20), "d3", SIM_WON, "b", 0);
	ASK(&log, AT(10, 0), "close_rate", "24h", "0.666667 2/3 n=3 incomplete");
	ASK_KEY(&log, AT(10, 0), "rep", "a", "close_rate", "24h", "0.5 1/2 n=2 incomplete");
	ASK_KEY(&log, AT(10, 0), "team", "south", "close_rate", "24h", "1 1/1 n=1 incomplete");
	ASK_KEY(&log, AT(10, 0), "rep", "c", "close_rate", "24h", "null 0/0 n=0 zero_denominator");
	ASK_RANK(&log, AT(10, 0), "rep", "b", "close_rate", "0.206543");
	ASK_RANK(&log, AT(10, 0), "rep", "c", "close_rate", "");
	ASK_RANK(&log, AT(10, 0), "rep", "c", "revenue", "0.000000");
}

static void test_what_was_sold_less_refunds_and_its_growth(void **state)
{
	(void)state;
	struct brute_log log = {0};
	put_close(&log, AT(9 - 24, 0), "d1", SIM_WON, "", 100);
	put_close(&log, AT(9, 0), "d2", SIM_WON, "", 250);
	struct sim_event *refund = put_deal(&log, SIM_DEAL_REFUNDED, AT(9, 20), "d2");
	refund->has_amount = true;
	refund->amount = 495000;
	ASK(&log, AT(10, 0), "revenue", "24h", "200.5 200.5/1 n=2 complete");
	ASK(&log, AT(10, 0), "sales_growth", "24h", "1.005 100.5/100 n=2 incomplete");
	ASK(&log, AT(10, 0), "sales_growth", "1h", "null 200.5/0 n=2 base");
	ASK(&log, AT(9 + 48, 0), "sales_growth", "24h", "-1 -200.5/200.5 n=0 complete");
}

static void test_the_median_of_ten_cycles(void **state)
{
	(void)state;
	struct brute_log log = {0};
	char deal[2] = "a";
	for (int hours = 1; hours <= 10; hours++, deal[0]++) {
		put_deal(&log, SIM_DEAL_CREATED, AT(6, 0), deal);
		put_close(&log, AT(6 + hours, 0), deal, SIM_WON, "", 0);
	}
	ASK(&log, AT(17, 0), "cycle_median", "24h", "18114.49 null/null n=10 incomplete");
	ASK(&log, AT(18, 0), "cycle_median", "1h", "null null/null n=0 zero_denominator");
}

static void test_a_deal_is_open_from_its_creation_to_its_close_and_only_once(void **state)
{
	(void)state;
	struct brute_log log = {0};
	strcpy(put_deal(&log, SIM_DEAL_CREATED, AT(9, 0), "d1")->rep, "a");
	put_deal(&log, SIM_DEAL_CREATED, AT(9, 30), "d2");
	put_close(&log, AT(10, 0), "d1", SIM_LOST, "b", 0);
	put_deal(&log, SIM_DEAL_CREATED, AT(12, 0), "d1");
	put_close(&log, AT(12, 10), "d3", SIM_LOST, "b", 0);
	put_deal(&log, SIM_DEAL_CREATED, AT(12, 20), "d3");
	ASK(&log, AT(9, 45), "open_deals", "24h", "2 2/1 n=2 incomplete");
	ASK_KEY(&log, AT(9, 45), "rep", "a", "open_deals", "24h", "1 1/1 n=1 incomplete");
	ASK(&log, AT(10, 0), "open_deals", "1h", "2 2/1 n=2 complete");
	ASK(&log, AT(10, 1), "open_deals", "1h", "1 1/1 n=1 complete");
	ASK(&log, AT(13, 0), "open_deals", "24h", "1 1/1 n=1 incomplete");
	ASK(&log, AT(13, 0), "new_deals", "24h", "3 3/1 n=3 incomplete");
	put_deal(&log, SIM_DEAL_REOPENED, AT(13, 0), "d1");
	ASK(&log, AT(13, 30), "open_deals", "24h", "2 2/1 n=2 incomplete");
}

static void test_waits_end_after_three_hours(void **state)
{
	(void)state;
	struct brute_log log = {0};
	strcpy(put_call(&log, AT(9, 0), "acme", SIM_NO_ANSWER)->rep, "a");
	put_call(&log, AT(9, 30), "acme", SIM_NO_ANSWER); /* one waits already */
	strcpy(put_reply(&log, AT(12, 0), "acme")->rep, "b");
	put_call(&log, AT(9, 0), "globex", SIM_CONNECTED);
	put_reply(&log, AT(12, 0) + 1, "globex"); /* too late */
	ASK(&log, AT(11, 0), "waiting_for", "1h", "2 2/1 n=2 complete");
	ASK(&log, AT(12, 0), "waiting_for", "1h", "2 2/1 n=2 complete");
	ASK(&log, AT(12, 1), "waiting_for", "1h", "0 0/1 n=0 complete");
	ASK(&log, AT(12, 1), "response_mean", "1h", "10800 10800/1 n=1 complete");
	ASK_KEY(&log, AT(12, 1), "rep", "a", "response_mean", "1h", "10800 10800/1 n=1 complete");
	ASK_RANK(&log, AT(12, 1), "rep", "a", "response_mean", "-10800.000000");
	put_call(&log, AT(12, 0) + 1, "acme", SIM_NO_ANSWER); /* a new wait */
	put_reply(&log, AT(12, 1), "acme");
	ASK(&log, AT(12, 2), "response_mean", "1h", "5429.9995 10859.999/2 n=2 complete");
}

static void test_a_wait_that_was_over_gives_way_to_the_next(void **state)
{
	(void)state;
	struct brute_log log = {0};
	put_call(&log, AT(9, 0), "acme", SIM_NO_ANSWER);
	struct sim_event *second = put_call(&log, AT(12, 0), "acme", SIM_NO_ANSWER);
	put_reply(&log, AT(12, 30), "acme");
	ASK(&log, AT(13, 0), "response_mean", "24h", "null 0/0 n=0 zero_denominator");
	second->time++;
	ASK(&log, AT(13, 0), "response_mean", "24h", "1799.999 1799.999/1 n=1 incomplete");
}

static void test_what_it_took_to_win(void **state)
{
	(void)state;
	struct brute_log log = {0};
	put_call(&log, AT(9, 30), "acme", SIM_NO_ANSWER); /* within the same millisecond, but before the creation */
	put_deal(&log, SIM_DEAL_CREATED, AT(9, 30), "d1");
	put_call(&log, AT(9, 40), "acme", SIM_NO_ANSWER);
	put_reply(&log, AT(9, 50), "acme");
	put_call(&log, AT(9, 50), "globex", SIM_CONNECTED);
	put_call(&log, AT(9, 50), "initech", SIM_NO_ANSWER);
	put_close(&log, AT(10, 0), "d1", SIM_WON, "", 0);
	put_close(&log, AT(10, 0), "d2", SIM_WON, "", 0); /* has no beginning */
	put_deal(&log, SIM_DEAL_CREATED, AT(11, 0), "d3");
	put_call(&log, AT(11, 10), "acme", SIM_NO_ANSWER);
	put_close(&log, AT(12, 0), "d3", SIM_WON, "", 0);
	ASK(&log, AT(10, 30), "touches_to_win", "24h", "2 2/1 n=1 incomplete");
	ASK(&log, AT(13, 0), "touches_to_win", "24h", "1.5 3/2 n=2 incomplete");
	ASK(&log, AT(13, 0), "customers_reached", "24h", "2 2/1 n=2 incomplete");
}

static void test_the_price_of_now(void **state)
{
	(void)state;
	struct brute_log log = {0};
	put_price(&log, AT(9, 0), "basic", 100);
	put_price(&log, AT(9, 10) - 1, "basic", 80);
	put_price(&log, AT(9, 20), "plus", 130);
	ASK_KEY(&log, AT(9, 9), "product", "basic", "list_price", "1h", "100 100/1 n=1 incomplete");
	ASK_KEY(&log, AT(9, 10), "product", "plus", "list_price", "1h", "");
	ASK(&log, AT(10, 0), "list_price", "1h", "210 210/1 n=2 complete");
	ASK_KEY(&log, AT(33, 10), "product", "basic", "list_price", "1h", "80 80/1 n=1 complete");
	ASK_KEY(&log, AT(33, 11), "product", "basic", "list_price", "1h", "");
	ASK(&log, AT(33, 11), "list_price", "1h", "130 130/1 n=1 complete");
	ASK_KEY(&log, AT(33, 0), "product", "basic", "revenue", "1h", "");
	ASK_NAME(&log, AT(33, 11), "product", "basic", "");
	ASK_NAME(&log, AT(33, 11), "product", "acme", "");
}

static void test_a_price_from_before_all_windows_may_still_count(void **state)
{
	(void)state;
	struct brute_log log = {0};
	put_price(&log, AT(-12, 1), "basic", 100); /* on Sunday */
	ASK_KEY(&log, AT(12, 1), "product", "basic", "list_price", "1h", "100 100/1 n=1 complete");
	ASK_KEY(&log, AT(12, 1), "product", "basic", "list_price", "24h", "null null/null n=0 no_data");
	ASK_NAME(&log, AT(12, 2), "product", "basic", "");
}

static void test_what_ends_at_midnight_was_there_the_day_before(void **state)
{
	(void)state;
	static const struct brute_window yesterday = {"24h", BRUTE_UNIT_DAY, 0, 5 * BRUTE_MINUTE, 1};
	struct brute_config config = brute_simulator;
	config.windows = &yesterday;
	config.window_count = 1;
	struct brute_log log = {0};
	put_deal(&log, SIM_DEAL_CREATED, AT(-1, 0) - 1, "d1");
	put_close(&log, AT(-1, 0), "d1", SIM_LOST, "", 0);
	put_deal(&log, SIM_DEAL_CREATED, AT(-1, 0), "d2");
	ask_of(&config, &log, AT(9, 0), (struct wanted){"company", "all", "open_deals", "24h", {0}},
		"1 1/1 n=1 incomplete", __FILE__, __LINE__);
}

/* ---- keys, texts ------------------------------------------------------------------------------------------------- */

static void test_whose_it_is(void **state)
{
	(void)state;
	struct brute_log log = {0};
	int64_t change = INT64_C(1774738800000); /* 2026-03-29 00:00 in Berlin */
	strcpy(put_call(&log, change - 1, "acme", SIM_CONNECTED)->rep, "c");
	strcpy(put_call(&log, change, "acme", SIM_CONNECTED)->rep, "c");
	strcpy(put_call(&log, change + 1, "acme", SIM_CONNECTED)->rep, "c");
	strcpy(put_call(&log, change + 2, "acme", SIM_CONNECTED)->rep, "a:b");
	int64_t end = change + BRUTE_MINUTE;
	ASK_KEY(&log, end, "team", "north", "calls_made", "1h", "1 1/1 n=1 incomplete");
	ASK_KEY(&log, end, "team", "south", "calls_made", "1h", "2 2/1 n=2 incomplete");
	ASK_KEY(&log, end, "rep", "c", "customers_reached", "1h", "1 1/1 n=1 incomplete");
	ASK_KEY(&log, end, "team", "unassigned", "calls_made", "day", "1 1/1 n=1 complete");
	ASK_NAME(&log, end, "rep", "c", "Cy");
	ASK_NAME(&log, end, "rep", "a:b", "a:b");
	ASK_NAME(&log, end, "rep", "unassigned", "");
	ASK_NAME(&log, end + 40 * BRUTE_DAY, "rep", "a:b", "");
	ASK_NAME(&log, end + 40 * BRUTE_DAY, "team", "north", "North");
}

static void keep_text(void *context, const struct brute_figure *figure)
{
	if (!strcmp(figure->kpi, "close_rate") && !strcmp(figure->window, "1h") && !strcmp(figure->key, "all"))
		brute_figure_text(figure, context);
}

static void test_texts_are_those_in_redis(void **state)
{
	(void)state;
	struct brute_log log = {0};
	put_close(&log, AT(9, 0), "d1", SIM_WON, "", 0);
	struct buf text;
	buf_init(&text);
	struct brute_reader reader = {NULL, keep_text, NULL, &text};
	brute_run(&brute_simulator, log.events, log.count, AT(9, 30), false, &reader);
	brute_run(&brute_simulator, log.events, log.count, AT(12, 0), true, &reader);
	assert_str(buf_str(&text),
		"{\"value\":1,\"numerator\":1,\"denominator\":1,\"n\":1,\"from\":\"2026-03-02T08:30:00Z\","
		"\"to\":\"2026-03-02T09:30:00Z\",\"complete\":false}"
		"{\"value\":null,\"numerator\":0,\"denominator\":0,\"n\":0,\"from\":\"2026-03-02T11:00:00Z\","
		"\"to\":\"2026-03-02T12:00:00Z\",\"complete\":false,\"reason\":\"zero_denominator\"}");
	buf_clear(&text);
	brute_encode("a:b%@\x01\x7f|\xc3\xa9", &text);
	assert_str(buf_str(&text), "a%3Ab%25%40%01%7F|\xc3\xa9");
	buf_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_won_of_decided_by_rep),
		cmocka_unit_test(test_what_was_sold_less_refunds_and_its_growth),
		cmocka_unit_test(test_the_median_of_ten_cycles),
		cmocka_unit_test(test_a_deal_is_open_from_its_creation_to_its_close_and_only_once),
		cmocka_unit_test(test_waits_end_after_three_hours),
		cmocka_unit_test(test_a_wait_that_was_over_gives_way_to_the_next),
		cmocka_unit_test(test_what_it_took_to_win),
		cmocka_unit_test(test_the_price_of_now),
		cmocka_unit_test(test_a_price_from_before_all_windows_may_still_count),
		cmocka_unit_test(test_what_ends_at_midnight_was_there_the_day_before),
		cmocka_unit_test(test_whose_it_is),
		cmocka_unit_test(test_texts_are_those_in_redis),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
