#include "tests/simulator/brute_events.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static bool same(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

/* ---- what belongs together --------------------------------------------------------------------------------------- */

/* Events of prices, and retractions in their topic, belong to a product; all others to a customer. */
enum { TOPIC_PRICES = 2 };

static bool of_product(const struct sim_event *record)
{
	return record->type == SIM_PRICE_SET || (record->type == SIM_EVENT_RETRACTED && record->topic == TOPIC_PRICES);
}

static bool same_owner(const struct sim_event *a, const struct sim_event *b)
{
	if (of_product(a) != of_product(b))
		return false;
	return of_product(a) ? same(a->product, b->product) : same(a->customer, b->customer);
}

static bool retraction_without_customer(const struct sim_event *record)
{
	return record->type == SIM_EVENT_RETRACTED && (of_product(record) || !*record->customer);
}

static bool same_event(const struct sim_event *a, const struct sim_event *b)
{
	if (!same(a->source, b->source) || !same(a->id, b->id) || !same_owner(a, b))
		return false;
	return !retraction_without_customer(a) || !retraction_without_customer(b) || same(a->retracts, b->retracts);
}

static bool same_deal(const struct sim_event *a, const struct sim_event *b)
{
	return !of_product(a) && !of_product(b) && same_owner(a, b) && same(a->deal, b->deal);
}

static bool same_content(const struct sim_event *a, const struct sim_event *b)
{
	return a->time == b->time && a->type == b->type && same(a->rep, b->rep) && same(a->deal, b->deal) &&
		same(a->product, b->product) && same(a->retracts, b->retracts) && a->outcome == b->outcome &&
		a->has_amount == b->has_amount && (!a->has_amount || a->amount == b->amount);
}

/* ---- order ------------------------------------------------------------------------------------------------------- */

/* The order of events: time, type, source, id; <0, 0, >0. */
static int compare(const struct sim_event *a, const struct sim_event *b)
{
	if (a->time != b->time)
		return a->time < b->time ? -1 : 1;
	if (a->type != b->type)
		return a->type < b->type ? -1 : 1;
	int source = strcmp(a->source, b->source);
	return source ? source : strcmp(a->id, b->id);
}

/* Of the records of one event: which of them it is. Those that are alike in order stand in one partition. The records lie in one
 * array, so that even the same offset twice is told apart. */
static bool goes_first(const struct sim_event *a, const struct sim_event *b)
{
	int order = compare(a, b);
	if (order)
		return order < 0;
	if (a->topic != b->topic)
		return a->topic < b->topic;
	if (a->partition != b->partition)
		return a->partition < b->partition;
	return a->offset != b->offset ? a->offset < b->offset : a < b;
}

static int compare_records(const void *a, const void *b)
{
	const struct sim_event *const *one = a;
	const struct sim_event *const *other = b;
	return *one == *other ? 0 : goes_first(*one, *other) ? -1 : 1;
}

/* ---- whose it is ------------------------------------------------------------------------------------------------- */

static const char *team_at(const char *rep, int64_t time)
{
	for (size_t i = 0; i < brute_member_count; i++) {
		if (!same(brute_members[i].rep, rep))
			continue;
		struct brute_span span = brute_member_span(&brute_members[i]);
		if (span.from <= time && time < span.to)
			return brute_members[i].team;
	}
	return BRUTE_UNASSIGNED;
}

/* ---- which count ------------------------------------------------------------------------------------------------- */

static bool accepted(const struct brute_config *config, const struct sim_event *record)
{
	bool late = record->kafka_time - record->time > config->allowed_lateness;
	bool future = record->time - record->kafka_time > config->max_future;
	return !late && !future;
}

/* The accepted records, the first in order first. Free them with mem_free. */
static const struct sim_event **in_order(
	const struct brute_config *config, const struct sim_event *records, size_t count, size_t *ret_count)
{
	const struct sim_event **accepted_ones = NEW_ARRAY(const struct sim_event *, count ? count : 1);
	*ret_count = 0;
	for (size_t i = 0; i < count; i++) {
		if (accepted(config, &records[i]))
			accepted_ones[(*ret_count)++] = &records[i];
	}
	qsort(accepted_ones, *ret_count, sizeof *accepted_ones, compare_records);
	return accepted_ones;
}

/* Whether the record is no event of its own, beside those before it: one of them once more, or in conflict with it. */
static bool is_nothing_new(
	const struct brute_config *config, struct brute_events *events, const struct sim_event *record)
{
	bool conflict = false;
	for (size_t i = 0; i < events->count; i++) {
		struct brute_event *event = &events->all[i];
		if (!same_event(event->raw, record))
			continue;
		if (same_content(event->raw, record)) {
			if (record->kafka_time < event->kafka_time)
				event->kafka_time = record->kafka_time;
			return true;
		}
		if (record->kafka_time - event->raw->time <= config->allowed_lateness)
			conflict = true;
	}
	return conflict;
}

static void add_event(struct brute_events *events, const struct sim_event *record)
{
	const char *rep = *record->rep ? record->rep : BRUTE_UNASSIGNED;
	events->all[events->count++] = (struct brute_event){.raw = record,
		.kafka_time = record->kafka_time,
		.rep = rep,
		.team = *record->rep ? team_at(rep, record->time) : BRUTE_UNASSIGNED};
}

/* ---- what was taken back ----------------------------------------------------------------------------------------- */

static bool is_named_by(const struct brute_event *event, const struct brute_event *retraction)
{
	return event->raw->type != SIM_EVENT_RETRACTED && same(retraction->raw->retracts, event->raw->id) &&
		same(retraction->raw->source, event->raw->source) && same_owner(retraction->raw, event->raw) &&
		compare(event->raw, retraction->raw) < 0;
}

/* Two events may have the id: each of them, if it can still be taken back. */
static void take_back(
	const struct brute_config *config, const struct brute_events *events, const struct brute_event *retraction)
{
	int64_t earliest = retraction->kafka_time - config->allowed_lateness;
	for (struct brute_event *event = events->all; event < events->all + events->count; event++) {
		if (is_named_by(event, retraction) && event->raw->time >= earliest)
			event->taken_back = true;
	}
}

static void mark_taken_back(const struct brute_config *config, const struct brute_events *events)
{
	for (size_t i = 0; i < events->count; i++) {
		if (events->all[i].raw->type == SIM_EVENT_RETRACTED)
			take_back(config, events, &events->all[i]);
	}
}

/* ---- closes in force --------------------------------------------------------------------------------------------- */

/* How long such a window looks back with the one before it. */
static int64_t reach_of(const struct brute_window *window)
{
	switch (window->unit) {
	case BRUTE_ROLLING:
		break;
	case BRUTE_UNIT_DAY:
		return 4 * BRUTE_DAY;
	case BRUTE_UNIT_WEEK:
		return 22 * BRUTE_DAY;
	case BRUTE_UNIT_MONTH:
		return 94 * BRUTE_DAY;
	case BRUTE_UNIT_QUARTER:
		return 277 * BRUTE_DAY;
	case BRUTE_UNIT_YEAR:
		return 1099 * BRUTE_DAY;
	}
	return 2 * window->length + BRUTE_DAY;
}

/* For how long after a close what follows may undo it. */
static int64_t reach(const struct brute_config *config)
{
	int64_t longest = 0;
	for (size_t w = 0; w < config->window_count; w++) {
		int64_t one = reach_of(&config->windows[w]);
		longest = one > longest ? one : longest;
	}
	return longest;
}

static bool undoes(const struct brute_event *event, const struct brute_event *close)
{
	bool kind = event->raw->type == SIM_DEAL_CLOSED || event->raw->type == SIM_DEAL_REOPENED;
	return kind && !event->taken_back && same_deal(event->raw, close->raw);
}

static void mark_in_force(const struct brute_config *config, struct brute_events *events)
{
	int64_t within = reach(config);
	for (size_t i = 0; i < events->count; i++) {
		struct brute_event *event = &events->all[i];
		event->in_force = true;
		if (event->raw->type != SIM_DEAL_CLOSED)
			continue;
		for (size_t later = i + 1; later < events->count; later++) {
			if (undoes(&events->all[later], event) &&
				events->all[later].raw->time - event->raw->time <= within)
				event->in_force = false;
		}
	}
}

struct brute_events brute_events_count(
	const struct brute_config *config, const struct sim_event *records, size_t count, int64_t end)
{
	size_t accepted_count = 0;
	const struct sim_event **ordered = in_order(config, records, count, &accepted_count);
	struct brute_events events = {NEW_ARRAY(struct brute_event, count ? count : 1), 0};
	for (size_t i = 0; i < accepted_count && ordered[i]->time < end; i++) {
		if (!is_nothing_new(config, &events, ordered[i]))
			add_event(&events, ordered[i]);
	}
	mem_free(ordered);
	mark_taken_back(config, &events);
	mark_in_force(config, &events);
	return events;
}
