#include "tests/simulator/brute_facts.h"

#include <string.h>

#include "base/mem.h"

/* How long an answer is waited for: `within` of the measure responses. */
static const int64_t within = 3 * BRUTE_HOUR;

static bool same(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

static struct brute_fact *add(struct brute_facts *facts, enum brute_measure measure, const struct brute_event *event)
{
	struct brute_fact *fact = &facts->of[measure][facts->count[measure]++];
	*fact = (struct brute_fact){.time = event->raw->time,
		.closed = INT64_MAX,
		.lasts = INT64_MAX,
		.owner = event->raw->type == SIM_PRICE_SET ? event->raw->product : event->raw->customer,
		.rep = event->rep,
		.team = event->team};
	return fact;
}

static bool is(const struct brute_event *event, enum sim_type type)
{
	return brute_happened(event) && event->raw->type == type;
}

static bool is_won(const struct brute_event *event)
{
	return is(event, SIM_DEAL_CLOSED) && event->raw->outcome == SIM_WON;
}

static bool same_customer(const struct brute_event *a, const struct brute_event *b)
{
	return same(a->raw->customer, b->raw->customer);
}

static bool same_deal(const struct brute_event *a, const struct brute_event *b)
{
	return same_customer(a, b) && same(a->raw->deal, b->raw->deal);
}

/* ---- counts, sums, sightings, prices: an event by itself ----------------------------------------------------------- */

static void add_amount(struct brute_facts *facts, const struct brute_event *event, int sign)
{
	int64_t amount = event->raw->has_amount ? event->raw->amount : 0;
	add(facts, BRUTE_SOLD, event)->amount = sign * amount;
}

static void add_by_itself(struct brute_facts *facts, const struct brute_event *event)
{
	if (is_won(event)) {
		add(facts, BRUTE_WON, event);
		add_amount(facts, event, +1);
	}
	if (is(event, SIM_DEAL_CLOSED) && event->raw->outcome == SIM_LOST)
		add(facts, BRUTE_LOST, event);
	if (is(event, SIM_DEAL_REFUNDED))
		add_amount(facts, event, -1);
	if (is(event, SIM_CALL_MADE))
		add(facts, BRUTE_CALLS, event);
	if ((is(event, SIM_CALL_MADE) && event->raw->outcome == SIM_CONNECTED) || is(event, SIM_REPLY_RECEIVED))
		add(facts, BRUTE_REACHED, event);
	if (is(event, SIM_PRICE_SET))
		add(facts, BRUTE_PRICE, event)->amount = event->raw->amount;
	add(facts, BRUTE_EVENTS, event);
}

/* ---- deals ------------------------------------------------------------------------------------------------------- */

/* The first event of `type` of the same deal among those before `before`; NULL if there is none. */
static const struct brute_event *first_of_deal(const struct brute_event *from, const struct brute_event *before,
	const struct brute_event *deal, enum sim_type type)
{
	for (const struct brute_event *event = from; event < before; event++) {
		if (is(event, type) && same_deal(event, deal))
			return event;
	}
	return NULL;
}

static bool is_first_creation(const struct brute_events *events, const struct brute_event *event)
{
	return is(event, SIM_DEAL_CREATED) && !first_of_deal(events->all, event, event, SIM_DEAL_CREATED);
}

/* A deal is open from its first creation; one that comes after the deal's close opens nothing. */
static bool opens_deal(const struct brute_events *events, const struct brute_event *event)
{
	return is_first_creation(events, event) && !first_of_deal(events->all, event, event, SIM_DEAL_CLOSED);
}

static void add_deal(struct brute_facts *facts, const struct brute_events *events, const struct brute_event *event)
{
	if (is_first_creation(events, event))
		add(facts, BRUTE_CREATED, event);
	if (!opens_deal(events, event))
		return;
	const struct brute_event *end = events->all + events->count;
	const struct brute_event *close = first_of_deal(event + 1, end, event, SIM_DEAL_CLOSED);
	add(facts, BRUTE_DEALS_OPEN, event)->closed = close ? close->raw->time : INT64_MAX;
}

/* The last won close of the same deal before `close`; NULL if there is none. */
static const struct brute_event *won_before(const struct brute_events *events, const struct brute_event *close)
{
	const struct brute_event *last = NULL;
	for (const struct brute_event *event = events->all; event < close; event++) {
		if (is_won(event) && same_deal(event, close))
			last = event;
	}
	return last;
}

/* From the first creation to the won close. Another one, beyond the reach of this one, has taken the creations before it. */
static void add_cycle(struct brute_facts *facts, const struct brute_events *events, const struct brute_event *event)
{
	if (!is_won(event))
		return;
	const struct brute_event *taken = won_before(events, event);
	const struct brute_event *creation = first_of_deal(taken ? taken : events->all, event, event, SIM_DEAL_CREATED);
	if (creation)
		add(facts, BRUTE_CYCLE, event)->amount = event->raw->time - creation->raw->time;
}

/* The calls and replies of the customer between the beginning of the deal that the close ends and that close. A deal that was
 * closed before, beyond the reach, is not open. */
static void add_touches(struct brute_facts *facts, const struct brute_events *events, const struct brute_event *close)
{
	if (!is_won(close))
		return;
	const struct brute_event *beginning = first_of_deal(events->all, close, close, SIM_DEAL_CREATED);
	if (!beginning || first_of_deal(events->all, close, close, SIM_DEAL_CLOSED))
		return;
	struct brute_fact *fact = add(facts, BRUTE_TOUCHES, close);
	for (const struct brute_event *touch = beginning + 1; touch < close; touch++) {
		bool kind = is(touch, SIM_CALL_MADE) || is(touch, SIM_REPLY_RECEIVED);
		if (kind && same_customer(touch, close))
			fact->amount++;
	}
}

/* ---- waits ------------------------------------------------------------------------------------------------------- */

/* What ends the wait that `call` opened: the first reply of the customer after it, if it comes in time. */
static const struct brute_event *answer_to(const struct brute_events *events, const struct brute_event *call)
{
	for (const struct brute_event *event = call + 1; event < events->all + events->count; event++) {
		if (is(event, SIM_REPLY_RECEIVED) && same_customer(event, call))
			return event->raw->time - call->raw->time <= within ? event : NULL;
	}
	return NULL;
}

/* Whether a wait that `opened` began, with that `answer` or none, is still there when `event` comes. */
static bool still_waits(
	const struct brute_event *opened, const struct brute_event *answer, const struct brute_event *event)
{
	return !(answer && answer < event) && event->raw->time - opened->raw->time <= within;
}

static void add_wait(struct brute_facts *facts, const struct brute_event *call, const struct brute_event *answer)
{
	struct brute_fact *wait = add(facts, BRUTE_WAITING, call);
	wait->lasts = call->raw->time + within;
	if (!answer)
		return;
	wait->closed = answer->raw->time;
	struct brute_fact *pair = add(facts, BRUTE_RESPONSES, call); /* rep and team of the call */
	pair->time = answer->raw->time;                              /* dated at the reply */
	pair->amount = answer->raw->time - call->raw->time;
}

/* All waits of the customer of `first`, the customer's first call. */
static void add_waits(struct brute_facts *facts, const struct brute_events *events, const struct brute_event *first)
{
	const struct brute_event *opened = NULL;
	const struct brute_event *answer = NULL;
	for (const struct brute_event *event = first; event < events->all + events->count; event++) {
		if (!is(event, SIM_CALL_MADE) || !same_customer(event, first))
			continue;
		if (opened && still_waits(opened, answer, event))
			continue;
		opened = event;
		answer = answer_to(events, opened);
		add_wait(facts, opened, answer);
	}
}

static bool is_first_call(const struct brute_events *events, const struct brute_event *event)
{
	for (const struct brute_event *before = events->all; before < event; before++) {
		if (is(before, SIM_CALL_MADE) && same_customer(before, event))
			return false;
	}
	return is(event, SIM_CALL_MADE);
}

/* ---- all --------------------------------------------------------------------------------------------------------- */

struct brute_facts *brute_facts_new(const struct brute_events *events)
{
	struct brute_facts *facts = NEW(struct brute_facts);
	facts->since = INT64_MAX;
	for (int measure = 0; measure < BRUTE_MEASURES; measure++) /* no event makes more than one fact of a measure */
		facts->of[measure] = NEW_ARRAY(struct brute_fact, events->count ? events->count : 1);
	for (const struct brute_event *event = events->all; event < events->all + events->count; event++) {
		facts->seen[event->raw->type] = true;
		if (event->raw->time < facts->since)
			facts->since = event->raw->time;
		add_by_itself(facts, event);
		add_deal(facts, events, event);
		add_cycle(facts, events, event);
		add_touches(facts, events, event);
		if (is_first_call(events, event))
			add_waits(facts, events, event);
	}
	return facts;
}

void brute_facts_free(struct brute_facts *facts)
{
	if (!facts)
		return;
	for (int measure = 0; measure < BRUTE_MEASURES; measure++)
		mem_free(facts->of[measure]);
	mem_free(facts);
}

/* ---- questions --------------------------------------------------------------------------------------------------- */

bool brute_is_stock(enum brute_measure measure)
{
	return measure == BRUTE_DEALS_OPEN || measure == BRUTE_WAITING;
}

bool brute_counts_for(const struct brute_fact *fact, const char *dimension, const char *key)
{
	switch (dimension[0]) {
	case 'c':
		return true;
	case 't':
		return same(fact->team, key);
	case 'r':
		return same(fact->rep, key);
	default:
		return same(fact->owner, key);
	}
}

bool brute_counts_in(enum brute_measure measure, const struct brute_fact *fact, struct brute_span span)
{
	if (brute_is_stock(measure))
		return fact->time < span.to && fact->closed >= span.to && fact->lasts >= span.to;
	return span.from <= fact->time && fact->time < span.to;
}
