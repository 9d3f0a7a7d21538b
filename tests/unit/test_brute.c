/* The brute-force computation of the simulator against figures computed by hand: most are the worked examples of
 * docs/kpi-language.md, in the words of tests/simulator/config. */
#include "tests/simulator/brute.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/unit.h"

enum { MOST_EVENTS = 32 };

/* Hours and minutes of the second of March 2026, a Monday; Berlin is one hour ahead. */
#define AT(hour, minute) (INT64_C(1772409600000) + (hour)*BRUTE_HOUR + (minute)*BRUTE_MINUTE)

struct log {
	struct sim_event events[MOST_EVENTS];
	size_t count;
};

static struct sim_event *put(struct log *log, enum sim_type type, int64_t time)
{
	assert_true(log->count < MOST_EVENTS);
	struct sim_event *event = &log->events[log->count];
	*event = (struct sim_event){.type = type, .time = time, .kafka_time = time, .offset = (int64_t)log->count};
	event->id[0] = 'e';
	event->id[1] = (char)('a' + log->count++);
	strcpy(event->customer, "acme");
	event->topic = type <= SIM_REPLY_RECEIVED ? 0 : type == SIM_PRICE_SET ? 2 : 1;
	return event;
}

static struct sim_event *put_deal(struct log *log, enum sim_type type, int64_t time, const char *deal)
{
	struct sim_event *event = put(log, type, time);
	strcpy(event->deal, deal);
	return event;
}

static struct sim_event *put_close(
	struct log *log, int64_t time, const char *deal, enum sim_outcome outcome, const char *rep, int amount)
{
	struct sim_event *event = put_deal(log, SIM_DEAL_CLOSED, time, deal);
	event->outcome = outcome;
	strcpy(event->rep, rep);
	event->has_amount = amount > 0;
	event->amount = (int64_t)amount * 10000;
	return event;
}

static struct sim_event *put_call(struct log *log, int64_t time, const char *customer, enum sim_outcome outcome)
{
	struct sim_event *event = put(log, SIM_CALL_MADE, time);
	strcpy(event->customer, customer);
	event->outcome = outcome;
	return event;
}

static struct sim_event *put_reply(struct log *log, int64_t time, const char *customer)
{
	struct sim_event *event = put(log, SIM_REPLY_RECEIVED, time);
	strcpy(event->customer, customer);
	return event;
}

static struct sim_event *put_price(struct log *log, int64_t time, const char *product, int amount)
{
	struct sim_event *event = put(log, SIM_PRICE_SET, time);
	strcpy(event->product, product);
	event->has_amount = true;
	event->amount = (int64_t)amount * 10000;
	return event;
}

static struct sim_event *put_retraction(struct log *log, int64_t time, const char *id)
{
	struct sim_event *event = put(log, SIM_EVENT_RETRACTED, time);
	strcpy(event->retracts, id);
	return event;
}

/* ---- questions --------------------------------------------------------------------------------------------------- */

struct wanted {
	const char *dimension;
	const char *key;
	const char *kpi; /* NULL: whether the key is there */
	const char *window;
	struct buf text;
};

static void on_key(void *context, const char *dimension, const char *key, const char *name)
{
	struct wanted *wanted = context;
	if (!wanted->kpi && !strcmp(dimension, wanted->dimension) && !strcmp(key, wanted->key))
		buf_put_text(&wanted->text, name);
}

static void on_figure(void *context, const struct brute_figure *figure)
{
	struct wanted *wanted = context;
	if (wanted->kpi && !strcmp(figure->dimension, wanted->dimension) && !strcmp(figure->key, wanted->key) &&
		!strcmp(figure->kpi, wanted->kpi) && !strcmp(figure->window, wanted->window))
		buf_printf(&wanted->text, "%s %s/%s n=%d %s", figure->value, figure->numerator, figure->denominator,
			(int)figure->n,
			figure->reason             ? figure->reason
				: figure->complete ? "complete"
						   : "incomplete");
}

static void on_rank(void *context, const struct brute_rank *rank)
{
	struct wanted *wanted = context;
	if (!strcmp(wanted->window, "board") && !strcmp(rank->window, "24h") && !strcmp(rank->kpi, wanted->kpi) &&
		!strcmp(rank->dimension, wanted->dimension) && !strcmp(rank->key, wanted->key))
		buf_printf(&wanted->text, "%.6f", rank->score);
}

static void ask_of(const struct brute_config *config, const struct log *log, int64_t end, struct wanted wanted,
	const char *expected, int line)
{
	buf_init(&wanted.text);
	struct brute_reader reader = {on_key, on_figure, on_rank, &wanted};
	brute_run(config, log->events, log->count, end, false, &reader);
	unit_assert_str(buf_str(&wanted.text), expected, __FILE__, line);
	buf_release(&wanted.text);
}

static void ask(const struct log *log, int64_t end, struct wanted wanted, const char *expected, int line)
{
	ask_of(&brute_simulator, log, end, wanted, expected, line);
}

/* Of the company; of a key; a rank on a board in 24h; a key's name. "" where there is none. */
#define ASK(log, end, kpi, window, expected) \
	ask((log), (end), (struct wanted){"company", "all", (kpi), (window), {0}}, (expected), __LINE__)
#define ASK_KEY(log, end, dimension, key, kpi, window, expected) \
	ask((log), (end), (struct wanted){(dimension), (key), (kpi), (window), {0}}, (expected), __LINE__)
#define ASK_RANK(log, end, dimension, key, kpi, expected) ASK_KEY(log, end, dimension, key, kpi, "board", expected)
#define ASK_NAME(log, end, dimension, key, expected) ASK_KEY(log, end, dimension, key, NULL, "", expected)

/* ---- which events count ------------------------------------------------------------------------------------------ */

static void test_late_and_future_by_the_millisecond(void **state)
{
	(void)state;
	struct log log = {0};
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
	struct log log = {0};
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
	struct log log = {0};
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
	struct log log = {0};
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
	struct log log = {0};
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
	struct log log = {0};
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

static void test_of_two_events_of_one_id_the_last_before_a_retraction_is_taken_back(void **state)
{
	(void)state;
	struct log log = {0};
	strcpy(put_close(&log, AT(8, 0), "d1", SIM_WON, "", 100)->id, "x");
	strcpy(put_close(&log, AT(13, 0), "d2", SIM_WON, "", 30)->id, "x");
	struct sim_event *retraction = put_retraction(&log, AT(10, 0), "x");
	ASK(&log, AT(18, 0), "revenue", "24h", "30 30/1 n=1 incomplete");
	retraction->time = retraction->kafka_time = AT(14, 0);
	ASK(&log, AT(18, 0), "revenue", "24h", "100 100/1 n=1 incomplete");
	retraction->time = AT(13, 59);
	retraction->kafka_time = AT(17, 0) + 1; /* too late for the second, so for both */
	ASK(&log, AT(18, 0), "revenue", "24h", "130 130/1 n=2 incomplete");
}

/* Of 1h, 24h, day and week the week reaches furthest: 22 days. */
static void test_nothing_undoes_a_close_beyond_the_reach(void **state)
{
	(void)state;
	struct log log = {0};
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
	struct log log = {0};
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

/* ---- measures ---------------------------------------------------------------------------------------------------- */

static void test_won_of_decided_by_rep(void **state)
{
	(void)state;
	struct log log = {0};
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
	struct log log = {0};
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
	struct log log = {0};
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
	struct log log = {0};
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
	struct log log = {0};
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
	struct log log = {0};
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
	struct log log = {0};
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
	struct log log = {0};
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
	struct log log = {0};
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
	struct log log = {0};
	put_deal(&log, SIM_DEAL_CREATED, AT(-1, 0) - 1, "d1");
	put_close(&log, AT(-1, 0), "d1", SIM_LOST, "", 0);
	put_deal(&log, SIM_DEAL_CREATED, AT(-1, 0), "d2");
	ask_of(&config, &log, AT(9, 0), (struct wanted){"company", "all", "open_deals", "24h", {0}},
		"1 1/1 n=1 incomplete", __LINE__);
}

/* ---- keys, texts ------------------------------------------------------------------------------------------------- */

static void test_whose_it_is(void **state)
{
	(void)state;
	struct log log = {0};
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
	struct log log = {0};
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
		cmocka_unit_test(test_late_and_future_by_the_millisecond),
		cmocka_unit_test(test_what_arrives_twice_counts_once_the_first_in_order),
		cmocka_unit_test(test_a_deal_that_was_entered_by_mistake),
		cmocka_unit_test(test_a_retraction_of_a_price_goes_by_its_product),
		cmocka_unit_test(test_the_last_close_counts_and_a_reopening_takes_it_back),
		cmocka_unit_test(test_one_id_far_apart_is_two_events),
		cmocka_unit_test(test_of_two_events_of_one_id_the_last_before_a_retraction_is_taken_back),
		cmocka_unit_test(test_nothing_undoes_a_close_beyond_the_reach),
		cmocka_unit_test(test_a_further_close_beyond_the_reach_counts_beside_the_first),
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
