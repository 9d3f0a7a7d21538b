#include "tests/unit/brute_fixture.h"

#include <string.h>

struct sim_event *put(struct brute_log *log, enum sim_type type, int64_t time)
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

struct sim_event *put_deal(struct brute_log *log, enum sim_type type, int64_t time, const char *deal)
{
	struct sim_event *event = put(log, type, time);
	strcpy(event->deal, deal);
	return event;
}

struct sim_event *put_close(
	struct brute_log *log, int64_t time, const char *deal, enum sim_outcome outcome, const char *rep, int amount)
{
	struct sim_event *event = put_deal(log, SIM_DEAL_CLOSED, time, deal);
	event->outcome = outcome;
	strcpy(event->rep, rep);
	event->has_amount = amount > 0;
	event->amount = (int64_t)amount * 10000;
	return event;
}

struct sim_event *put_call(struct brute_log *log, int64_t time, const char *customer, enum sim_outcome outcome)
{
	struct sim_event *event = put(log, SIM_CALL_MADE, time);
	strcpy(event->customer, customer);
	event->outcome = outcome;
	return event;
}

struct sim_event *put_reply(struct brute_log *log, int64_t time, const char *customer)
{
	struct sim_event *event = put(log, SIM_REPLY_RECEIVED, time);
	strcpy(event->customer, customer);
	return event;
}

struct sim_event *put_price(struct brute_log *log, int64_t time, const char *product, int amount)
{
	struct sim_event *event = put(log, SIM_PRICE_SET, time);
	strcpy(event->product, product);
	event->has_amount = true;
	event->amount = (int64_t)amount * 10000;
	return event;
}

struct sim_event *put_retraction(struct brute_log *log, int64_t time, const char *id)
{
	struct sim_event *event = put(log, SIM_EVENT_RETRACTED, time);
	strcpy(event->retracts, id);
	return event;
}

/* ---- questions --------------------------------------------------------------------------------------------------- */

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

void ask_of(const struct brute_config *config, const struct brute_log *log, int64_t end, struct wanted wanted,
	const char *expected, const char *file, int line)
{
	buf_init(&wanted.text);
	struct brute_reader reader = {on_key, on_figure, on_rank, &wanted};
	brute_run(config, log->events, log->count, end, false, &reader);
	unit_assert_str(buf_str(&wanted.text), expected, file, line);
	buf_release(&wanted.text);
}

void ask(const struct brute_log *log, int64_t end, struct wanted wanted, const char *expected, const char *file,
	int line)
{
	ask_of(&brute_simulator, log, end, wanted, expected, file, line);
}
