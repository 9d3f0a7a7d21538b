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

static int compare_events(const void *a, const void *b)
{
	return compare(((const struct brute_event *)a)->raw, ((const struct brute_event *)b)->raw);
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

/* Whether `record` is the one of its event's records that stays. */
static bool stays(const struct brute_config *config, const struct sim_event *records, size_t count, size_t record)
{
	for (size_t i = 0; i < count; i++) {
		if (i != record && accepted(config, &records[i]) && same_event(&records[i], &records[record]) &&
			goes_first(&records[i], &records[record]))
			return false;
	}
	return true;
}

static int64_t earliest(const struct brute_config *config, const struct sim_event *records, size_t count,
	const struct sim_event *record)
{
	int64_t kafka_time = record->kafka_time;
	for (size_t i = 0; i < count; i++) {
		if (accepted(config, &records[i]) && same_event(&records[i], record) &&
			same_content(&records[i], record) && records[i].kafka_time < kafka_time)
			kafka_time = records[i].kafka_time;
	}
	return kafka_time;
}

static bool takes_back(
	const struct brute_config *config, const struct brute_event *retraction, const struct brute_event *event)
{
	return retraction->raw->type == SIM_EVENT_RETRACTED && event->raw->type != SIM_EVENT_RETRACTED &&
		same(retraction->raw->retracts, event->raw->id) && same(retraction->raw->source, event->raw->source) &&
		same_owner(retraction->raw, event->raw) && compare(event->raw, retraction->raw) < 0 &&
		event->raw->time >= retraction->kafka_time - config->allowed_lateness;
}

static void mark_taken_back(const struct brute_config *config, struct brute_events *events)
{
	for (size_t i = 0; i < events->count; i++) {
		for (size_t r = 0; r < events->count; r++) {
			if (takes_back(config, &events->all[r], &events->all[i]))
				events->all[i].taken_back = true;
		}
	}
}

static bool undoes(const struct brute_event *event, const struct brute_event *close)
{
	bool kind = event->raw->type == SIM_DEAL_CLOSED || event->raw->type == SIM_DEAL_REOPENED;
	return kind && !event->taken_back && same_deal(event->raw, close->raw);
}

static void mark_in_force(struct brute_events *events)
{
	for (size_t i = 0; i < events->count; i++) {
		struct brute_event *event = &events->all[i];
		event->in_force = true;
		if (event->raw->type != SIM_DEAL_CLOSED)
			continue;
		for (size_t later = i + 1; later < events->count; later++) {
			if (undoes(&events->all[later], event))
				event->in_force = false;
		}
	}
}

struct brute_events brute_events_count(
	const struct brute_config *config, const struct sim_event *records, size_t count, int64_t end)
{
	struct brute_events events = {NEW_ARRAY(struct brute_event, count ? count : 1), 0};
	for (size_t i = 0; i < count; i++) {
		const struct sim_event *record = &records[i];
		if (!accepted(config, record) || record->time >= end || !stays(config, records, count, i))
			continue;
		const char *rep = *record->rep ? record->rep : BRUTE_UNASSIGNED;
		events.all[events.count++] = (struct brute_event){.raw = record,
			.kafka_time = earliest(config, records, count, record),
			.rep = rep,
			.team = *record->rep ? team_at(rep, record->time) : BRUTE_UNASSIGNED};
	}
	qsort(events.all, events.count, sizeof *events.all, compare_events);
	mark_taken_back(config, &events);
	mark_in_force(&events);
	return events;
}
