/* The brute-force computation of the simulator: which events count, against figures computed by hand. */
#include <string.h>

#include "tests/unit/brute_fixture.h"

static void test_late_and_future_by_the_millisecond(void **state)
{
	(void)state;
	struct brute_log log = {0};
	put_call(&log, AT(9, 0), "acme", SIM_CONNECTED)->kafka_time += 4 * BRUTE_HOUR;
	put_call(&log, AT(9, 1), "acme", SIM_CONNECTED)->kafka_time += 4 * BRUTE_HOUR + 1;
	put_call(&log, AT(9, 2), "acme", SIM_CONNECTED)->kafka_time -= 5 * BRUTE_MINUTE;
	put_call(&log, AT(9, 3), "acme", SIM_CONNECTED)->kafka_time -= 5 * BRUTE_MINUTE + 1;
	put_call(&log, AT(9, 59), "acme", SIM_CONNECTED);
	put_call(&log, AT(10, 0), "acme", SIM_CONNECTED);
	ASK(&log, AT(10, 0), "calls_made", "24h", "3 3/1 n=3 incomplete");
	ASK(&log, AT(9, 59), "calls_made", "24h", "2 2/1 n=2 incomplete"); /* though the window is until 10:00 */
}

static void test_what_arrives_twice_counts_once_the_first_in_order(void **state)
{
	(void)state;
	struct brute_log log = {0};
	strcpy(put_close(&log, AT(9, 0), "d1", SIM_WON, "a", 700)->id, "x");
	strcpy(put_close(&log, AT(8, 0), "d1", SIM_WON, "b", 500)->id, "x");
	strcpy(put_close(&log, AT(8, 0), "d1", SIM_WON, "b", 500)->id, "x");
	ASK(&log, AT(10, 0), "revenue", "24h", "500 500/1 n=1 incomplete");
	strcpy(log.events[0].source, "crm"); /* another event then, and the last close of the deal */
	ASK(&log, AT(10, 0), "revenue", "24h", "700 700/1 n=1 incomplete");
	strcpy(log.events[0].source, "");
	strcpy(log.events[0].customer, "globex");
	ASK(&log, AT(10, 0), "revenue", "24h", "1200 1200/1 n=2 incomplete");
	log.events[1].kafka_time += BRUTE_DAY;
	log.events[2].kafka_time += BRUTE_DAY;
	ASK(&log, AT(10, 0), "revenue", "24h", "700 700/1 n=1 incomplete");
}

static void test_a_deal_that_was_entered_by_mistake(void **state)
{
	(void)state;
	struct brute_log log = {0};
	put_close(&log, AT(9, 0), "d1", SIM_WON, "dora", 500);
	put_retraction(&log, AT(10, 0), "ea")->kafka_time = AT(13, 0);
	ASK(&log, AT(9, 30), "revenue", "24h", "500 500/1 n=1 incomplete");
	ASK(&log, AT(10, 30), "revenue", "24h", "0 0/1 n=0 incomplete");
	ASK_NAME(&log, AT(10, 30), "rep", "dora", "dora");
	ASK_NAME(&log, AT(10, 30), "rep", "unassigned", "unassigned");
	log.events[1].kafka_time++; /* it lies 4 h back and a millisecond */
	ASK(&log, AT(10, 30), "revenue", "24h", "500 500/1 n=1 incomplete");
	struct sim_event again = log.events[1]; /* an earlier record of the same retraction */
	again.kafka_time = AT(10, 0);
	again.offset = 7;
	log.events[log.count++] = again;
	ASK(&log, AT(10, 30), "revenue", "24h", "0 0/1 n=0 incomplete");
	strcpy(log.events[0].source, "crm");
	ASK(&log, AT(10, 30), "revenue", "24h", "500 500/1 n=1 incomplete");
}

static void test_a_retraction_of_a_price_goes_by_its_product(void **state)
{
	(void)state;
	struct brute_log log = {0};
	put_price(&log, AT(9, 0), "basic", 100);
	put_price(&log, AT(9, 1), "basic", 120);
	struct sim_event *retraction = put_retraction(&log, AT(10, 0), "eb");
	retraction->topic = 2;
	strcpy(retraction->product, "other");
	ASK_KEY(&log, AT(11, 0), "product", "basic", "list_price", "24h", "120 120/1 n=1 incomplete");
	strcpy(retraction->product, "basic");
	strcpy(retraction->customer, "whoever");
	ASK_KEY(&log, AT(11, 0), "product", "basic", "list_price", "24h", "100 100/1 n=1 incomplete");
	struct sim_event another = *retraction; /* the same id, but of something else */
	strcpy(another.retracts, "ea");
	another.offset++;
	log.events[log.count++] = another;
	ASK_KEY(&log, AT(11, 0), "product", "basic", "list_price", "24h", "");
	ASK(&log, AT(11, 0), "list_price", "24h", "null null/null n=0 no_data");
}

static void test_the_last_close_counts_and_a_reopening_takes_it_back(void **state)
{
	(void)state;
	struct brute_log log = {0};
	put_close(&log, AT(9, 0), "d1", SIM_LOST, "", 0);
	put_close(&log, AT(10, 0), "d1", SIM_WON, "", 500);
	put_deal(&log, SIM_DEAL_REOPENED, AT(11, 0), "d1");
	ASK(&log, AT(9, 30), "close_rate", "24h", "0 0/1 n=1 incomplete");
	ASK(&log, AT(10, 30), "revenue", "24h", "500 500/1 n=1 incomplete");
	ASK(&log, AT(10, 30), "close_rate", "24h", "1 1/1 n=1 incomplete");
	ASK(&log, AT(11, 30), "revenue", "24h", "0 0/1 n=0 incomplete");
	ASK(&log, AT(11, 30), "close_rate", "24h", "null 0/0 n=0 zero_denominator");
	ASK(&log, AT(11, 30), "new_deals", "24h", "null null/null n=0 no_data");
	put_retraction(&log, AT(12, 0), "ec");
	ASK(&log, AT(12, 30), "revenue", "24h", "500 500/1 n=1 incomplete");
}

static void test_one_id_far_apart_is_two_events(void **state)
{
	(void)state;
	struct brute_log log = {0};
	strcpy(put_call(&log, AT(8, 0), "acme", SIM_CONNECTED)->id, "x");
	strcpy(put_call(&log, AT(9, 0), "acme", SIM_CONNECTED)->id, "x");
	log.events[0].kafka_time = AT(10, 0); /* says nothing: 4 h count from the event's time */
	log.events[1].kafka_time = AT(12, 0);
	ASK(&log, AT(13, 0), "calls_made", "24h", "1 1/1 n=1 incomplete");
	log.events[2] = log.events[1]; /* once more, and a millisecond later */
	log.events[2].kafka_time++;
	log.count++;
	ASK(&log, AT(13, 0), "calls_made", "24h", "2 2/1 n=2 incomplete");
	log.events[1] = log.events[0]; /* arrived after the other */
	ASK(&log, AT(13, 0), "calls_made", "24h", "2 2/1 n=2 incomplete");
	log.events[2].kafka_time--;
	ASK(&log, AT(13, 0), "calls_made", "24h", "1 1/1 n=1 incomplete");
}

static void test_of_two_events_of_one_id_all_before_a_retraction_and_within_reach_are_taken_back(void **state)
{
	(void)state;
	struct brute_log log = {0};
	strcpy(put_close(&log, AT(8, 0), "d1", SIM_WON, "", 100)->id, "x");
	strcpy(put_close(&log, AT(9, 0), "d2", SIM_WON, "", 30)->id, "x");
	log.events[1].kafka_time = AT(12, 0) + 1; /* just far enough from the first not to be in conflict with it */
	struct sim_event *retraction = put_retraction(&log, AT(8, 30), "x");
	ASK(&log, AT(18, 0), "revenue", "24h", "30 30/1 n=1 incomplete");
	retraction->time = AT(9, 30);
	retraction->kafka_time = AT(12, 0);
	ASK(&log, AT(18, 0), "revenue", "24h", "0 0/1 n=0 incomplete");
	retraction->kafka_time++; /* too late for the first */
	ASK(&log, AT(18, 0), "revenue", "24h", "100 100/1 n=1 incomplete");
	retraction->kafka_time = AT(13, 0);
	ASK(&log, AT(18, 0), "revenue", "24h", "100 100/1 n=1 incomplete");
	retraction->kafka_time++; /* and for the second */
	ASK(&log, AT(18, 0), "revenue", "24h", "130 130/1 n=2 incomplete");
}

/* Of 1h, 24h, day and week the week reaches furthest: 22 days. */
static void test_nothing_undoes_a_close_beyond_the_reach(void **state)
{
	(void)state;
	struct brute_log log = {0};
	int64_t edge = AT(9, 0) + 22 * BRUTE_DAY;
	put_deal(&log, SIM_DEAL_CREATED, AT(8, 0), "d1");
	put_close(&log, AT(9, 0), "d1", SIM_WON, "", 500);
	struct sim_event *reopened = put_deal(&log, SIM_DEAL_REOPENED, edge, "d1");
	ASK(&log, edge + BRUTE_HOUR, "open_deals", "1h", "1 1/1 n=1 complete");
	reopened->time++;
	ASK(&log, edge + BRUTE_HOUR, "open_deals", "1h", "0 0/1 n=0 complete");
}

static void test_a_further_close_beyond_the_reach_counts_beside_the_first(void **state)
{
	(void)state;
	struct brute_log log = {0};
	int64_t edge = AT(9, 0) + 22 * BRUTE_DAY;
	put_deal(&log, SIM_DEAL_CREATED, AT(8, 0), "d1");
	put_close(&log, AT(9, 0), "d1", SIM_WON, "", 500);
	struct sim_event *further = put_close(&log, edge, "d1", SIM_WON, "", 700);
	ASK(&log, edge + BRUTE_HOUR, "open_deals", "1h", "0 0/1 n=0 complete");
	ASK(&log, edge + BRUTE_HOUR, "touches_to_win", "1h", "0 0/1 n=1 complete");
	further->time++;
	ASK(&log, edge + BRUTE_HOUR, "revenue", "1h", "700 700/1 n=1 complete");
	ASK(&log, edge + BRUTE_HOUR, "open_deals", "1h", "0 0/1 n=0 complete");
	ASK(&log, edge + BRUTE_HOUR, "touches_to_win", "1h", "null 0/0 n=0 zero_denominator");
	ASK(&log, edge + BRUTE_HOUR, "cycle_median", "1h", "null null/null n=0 zero_denominator");
	put_deal(&log, SIM_DEAL_CREATED, edge + 1 - BRUTE_HOUR, "d1"); /* opens nothing, but begins a pair */
	ASK(&log, edge + BRUTE_HOUR, "cycle_median", "1h", "3571.202 null/null n=1 complete");
	ASK(&log, edge, "open_deals", "1h", "0 0/1 n=0 complete");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_late_and_future_by_the_millisecond),
		cmocka_unit_test(test_what_arrives_twice_counts_once_the_first_in_order),
		cmocka_unit_test(test_a_deal_that_was_entered_by_mistake),
		cmocka_unit_test(test_a_retraction_of_a_price_goes_by_its_product),
		cmocka_unit_test(test_the_last_close_counts_and_a_reopening_takes_it_back),
		cmocka_unit_test(test_one_id_far_apart_is_two_events),
		cmocka_unit_test(test_of_two_events_of_one_id_all_before_a_retraction_and_within_reach_are_taken_back),
		cmocka_unit_test(test_nothing_undoes_a_close_beyond_the_reach),
		cmocka_unit_test(test_a_further_close_beyond_the_reach_counts_beside_the_first),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
