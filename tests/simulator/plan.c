#include "tests/simulator/plan.h"

#include "base/hash.h"
#include "tests/simulator/message.h"
#include "tests/simulator/shipped.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)

const char *const fault_names[FAULT_COUNT] = {
#define FAULT_NAME(name, of_member, sentence) [FAULT_##name] = #name,
	FAULTS(FAULT_NAME)
#undef FAULT_NAME
};

bool fault_is_of_member(enum fault_kind kind)
{
	static const bool of_member[FAULT_COUNT] = {
#define FAULT_MEMBER(name, member, sentence) [FAULT_##name] = (member),
		FAULTS(FAULT_MEMBER)
#undef FAULT_MEMBER
	};
	return of_member[kind];
}

/* Around clock changes, the end of a year, a leap day, and on a plain Wednesday. UTC ms. */
static const int64_t origins[] = {INT64_C(1774728000000), INT64_C(1792872000000), INT64_C(1798740000000),
	INT64_C(1835380800000), INT64_C(1781078400000)};

struct drawing {
	struct plan *plan;
	struct chance chance;
	int64_t origin, span; /* of events' times */
	int events;           /* ids given so far */
};

/* ---- events ---- */

static void text_of(char text[SIM_TEXT], char letter, int64_t number)
{
	snprintf(text, SIM_TEXT, "%c%d", letter, (int)number);
}

static int64_t delay(struct drawing *drawing)
{
	int64_t how = chance_between(&drawing->chance, 0, 99);
	if (how < 70)
		return chance_between(&drawing->chance, 0, 2000);
	if (how < 88)
		return chance_between(&drawing->chance, 0, HOUR);
	if (how < 95)
		return chance_between(&drawing->chance, HOUR, 4 * HOUR);
	if (how < 97)
		return chance_between(&drawing->chance, 4 * HOUR, 7 * HOUR); /* late */
	if (how < 99)
		return -chance_between(&drawing->chance, 0, 5 * MINUTE);
	return -chance_between(&drawing->chance, 5 * MINUTE, 20 * MINUTE); /* from the future */
}

static enum sim_type draw_type(struct drawing *drawing)
{
	static const enum sim_type types[] = {SIM_CALL_MADE, SIM_CALL_MADE, SIM_CALL_MADE, SIM_REPLY_RECEIVED,
		SIM_REPLY_RECEIVED, SIM_DEAL_CREATED, SIM_DEAL_CREATED, SIM_DEAL_CREATED, SIM_DEAL_CLOSED,
		SIM_DEAL_CLOSED, SIM_DEAL_CLOSED, SIM_DEAL_CLOSED, SIM_DEAL_REOPENED, SIM_DEAL_REFUNDED, SIM_PRICE_SET};
	return types[chance_between(&drawing->chance, 0, (int64_t)(sizeof types / sizeof *types) - 1)];
}

static void draw_money(struct drawing *drawing, struct sim_event *event, unsigned percent)
{
	event->has_amount = chance_percent(&drawing->chance, percent);
	event->amount = event->has_amount ? chance_between(&drawing->chance, 0, 2000000) : 0;
}

static void draw_what(struct drawing *drawing, struct sim_event *event)
{
	struct chance *chance = &drawing->chance;
	if (event->shipped) {
		shipped_draw_what(chance, event);
		return;
	}
	bool deal = event->type >= SIM_DEAL_CREATED && event->type <= SIM_DEAL_REFUNDED;
	if (deal)
		text_of(event->deal, 'd', chance_between(chance, 0, 2));
	if (event->type == SIM_CALL_MADE)
		event->outcome = chance_percent(chance, 60) ? SIM_CONNECTED : SIM_NO_ANSWER;
	if (event->type == SIM_DEAL_CLOSED) {
		event->outcome = chance_percent(chance, 65) ? SIM_WON : SIM_LOST;
		draw_money(drawing, event, 90);
	}
	if (event->type == SIM_DEAL_REFUNDED || event->type == SIM_PRICE_SET)
		draw_money(drawing, event, 100);
	if (event->type == SIM_PRICE_SET)
		text_of(event->product, 'p', chance_between(chance, 0, 1));
}

static uint32_t topic_of(enum sim_type type)
{
	if (type == SIM_PRICE_SET)
		return 2;
	return type == SIM_CALL_MADE || type == SIM_REPLY_RECEIVED ? 0 : 1;
}

static void draw_who(struct drawing *drawing, struct sim_event *event)
{
	static const char *const reps[] = {"a", "b", "c", "x", ""};
	struct chance *chance = &drawing->chance;
	if (event->shipped) {
		shipped_draw_who(chance, event);
		return;
	}
	strcpy(event->rep, reps[chance_between(chance, 0, 4)]);
	if (event->type != SIM_PRICE_SET)
		text_of(event->customer, 'c', chance_between(chance, 0, 3));
}

static struct sim_event draw_event(struct drawing *drawing)
{
	struct chance *chance = &drawing->chance;
	struct sim_event event = {0};
	if (drawing->plan->shipped)
		shipped_draw_type(chance, &event);
	else
		event.type = draw_type(drawing);
	text_of(event.id, 'e', drawing->events++);
	if (chance_percent(chance, 30))
		strcpy(event.source, "crm");
	event.time = drawing->origin + chance_between(chance, 0, drawing->span);
	if (chance_percent(chance, 15)) /* so that events share a millisecond, and stand on edges */
		event.time -= event.time % (15 * MINUTE);
	event.kafka_time = event.time + delay(drawing);
	draw_who(drawing, &event);
	draw_what(drawing, &event);
	if (!event.shipped)
		event.topic = topic_of(event.type);
	return event;
}

/* ---- records ---- */

static struct plan_record *add(struct plan *plan, enum record_form form, const struct sim_event *event)
{
	if (plan->record_count == PLAN_RECORDS_MAX)
		return NULL;
	struct plan_record *record = &plan->records[plan->record_count++];
	*record = (struct plan_record){.form = form, .event = *event};
	return record;
}

static void add_duplicate(struct drawing *drawing, struct sim_event event)
{
	event.kafka_time += chance_between(&drawing->chance, 0, 3 * HOUR);
	(void)add(drawing->plan, FORM_EVENT, &event);
}

static bool has_place_of(const struct plan *plan, const struct sim_event *event)
{
	for (size_t i = 0; i < plan->record_count; i++) {
		const struct sim_event *other = &plan->records[i].event;
		if (other->time == event->time && other->type == event->type && strcmp(other->id, event->id) == 0 &&
			strcmp(other->source, event->source) == 0)
			return true;
	}
	return false;
}

/* With the same id, soon after: no fold comes between them. Which of two contents at one place in the order of events stays is not to be told
 * without kpid's own checksum (docs/figures.md), so none are drawn. */
static void add_conflict(struct drawing *drawing, struct sim_event event)
{
	event.time += chance_between(&drawing->chance, -2 * MINUTE, 2 * MINUTE);
	event.kafka_time += chance_between(&drawing->chance, 0, 2 * MINUTE);
	draw_what(drawing, &event);
	while (has_place_of(drawing->plan, &event))
		event.time++;
	(void)add(drawing->plan, FORM_EVENT, &event);
}

static void add_retraction(struct drawing *drawing, const struct sim_event *target)
{
	struct sim_event event = {.type = SIM_EVENT_RETRACTED, .topic = target->topic};
	text_of(event.id, 'e', drawing->events++);
	memcpy(event.source, target->source, sizeof event.source);
	memcpy(event.retracts, target->id, sizeof event.retracts);
	memcpy(event.customer, target->customer, sizeof event.customer);
	if (target->shipped)
		shipped_retract(target, &event);
	else if (target->topic == 2)
		memcpy(event.product, target->product, sizeof event.product);
	event.time = target->time + chance_between(&drawing->chance, 0, 2 * HOUR);
	event.kafka_time = event.time + delay(drawing);
	(void)add(drawing->plan, FORM_EVENT, &event);
}

static void draw_records(struct drawing *drawing)
{
	struct chance *chance = &drawing->chance;
	int64_t count = chance_between(chance, 5, chance_percent(chance, 80) ? 35 : 90);
	if (drawing->plan->shipped) /* of more types */
		count = chance_between(chance, 20, 180);
	for (int64_t i = 0; i < count; i++) {
		struct sim_event event = draw_event(drawing);
		bool astray = drawing->plan->shard_count > 1 && chance_percent(chance, 1);
		enum record_form form = chance_percent(chance, 2) ? FORM_BROKEN : astray ? FORM_ASTRAY : FORM_EVENT;
		(void)add(drawing->plan, form, &event);
		if (form != FORM_EVENT)
			continue;
		if (chance_percent(chance, 10))
			add_duplicate(drawing, event);
		if (chance_percent(chance, 3))
			add_conflict(drawing, event);
		if (chance_percent(chance, 5))
			add_retraction(drawing, &event);
	}
}

static void place(const struct plan *plan, struct plan_record *record)
{
	struct sim_event *event = &record->event;
	event->partition = (hash_murmur2(message_key(record)) & 0x7fffffff) % plan->shard_count;
	if (record->form == FORM_ASTRAY)
		event->partition = (event->partition + 1) % plan->shard_count;
}

static int by_arrival(const void *a, const void *b)
{
	const struct plan_record *left = a, *right = b;
	return (left->visible_us > right->visible_us) - (left->visible_us < right->visible_us);
}

/* When they arrive: Kafka's times rise, but for a few minutes now and then. */
static void let_arrive(struct drawing *drawing)
{
	struct plan *plan = drawing->plan;
	for (size_t i = 0; i < plan->record_count; i++) {
		struct plan_record *record = &plan->records[i];
		int64_t after = chance_percent(&drawing->chance, 10) ? chance_between(&drawing->chance, 0, 4 * MINUTE)
								     : chance_between(&drawing->chance, 1, 900);
		record->visible_us = (record->event.kafka_time + after - plan->start_ms) * 1000;
		record->hole = chance_percent(&drawing->chance, 10) ? chance_between(&drawing->chance, 1, 3) : 0;
		place(plan, record);
	}
	qsort(plan->records, plan->record_count, sizeof *plan->records, by_arrival);
	for (size_t i = 0; i < plan->record_count; i++)
		if (plan->records[i].visible_us < 0)
			plan->records[i].visible_us = 0;
}

/* ---- faults ---- */

static enum fault_kind draw_kind(struct chance *chance)
{
	if (chance_percent(chance, 45))
		return (enum fault_kind)chance_between(chance, FAULT_CRASH, FAULT_ZOMBIE);
	for (;;) {
		enum fault_kind kind = (enum fault_kind)chance_between(chance, 0, FAULT_OF_FLEET - 1);
		if (kind != FAULT_LOG_TRIM || chance_percent(chance, 60))
			return kind;
	}
}

static int64_t draw_number(struct chance *chance, enum fault_kind kind)
{
	return kind == FAULT_CLOCK_STEP ? chance_between(chance, -3 * MINUTE, 3 * MINUTE)
					: chance_between(chance, 0, 1000);
}

/* Most of what can go wrong goes wrong while something happens. */
static int64_t draw_time(struct drawing *drawing)
{
	const struct plan *plan = drawing->plan;
	size_t near = (size_t)chance_between(&drawing->chance, 0, (int64_t)plan->record_count - 1);
	return plan->records[near].visible_us + chance_between(&drawing->chance, 0, 3000000);
}

static int by_time(const void *a, const void *b)
{
	const struct fault *left = a, *right = b;
	return (left->at_us > right->at_us) - (left->at_us < right->at_us);
}

/* The number by which log_fault finds the record's partition, and enough records to be taken. */
static int64_t number_of_partition(const struct plan *plan, const struct sim_event *event)
{
	uint32_t number = 3000;
	while (number % plan->topic_count != event->topic ||
		number / plan->topic_count % plan->shard_count != event->partition)
		number++;
	return number;
}

/* Retention is noticed only where it takes what was not read: the partition stalls before. */
static void time_trims(struct drawing *drawing)
{
	struct plan *plan = drawing->plan;
	for (size_t i = 0; i + 1 < plan->fault_count; i++) {
		struct fault *trim = &plan->faults[i], *stall = &plan->faults[i + 1];
		if (trim->kind != FAULT_LOG_TRIM)
			continue;
		const struct plan_record *near =
			&plan->records[chance_between(&drawing->chance, 0, (int64_t)plan->record_count - 1)];
		trim->number = number_of_partition(plan, &near->event);
		trim->at_us = trim->until_us = near->visible_us + chance_between(&drawing->chance, 1, 500000);
		*stall = (struct fault){.kind = FAULT_FETCH_STALL, .number = trim->number};
		stall->at_us = near->visible_us > 1000000 ? near->visible_us - 1000000 : 0;
		stall->until_us = trim->at_us + 200000;
	}
}

static void draw_faults(struct drawing *drawing)
{
	struct plan *plan = drawing->plan;
	struct chance *chance = &drawing->chance;
	plan->fault_count = (size_t)chance_between(chance, 0, 9);
	for (size_t i = 0; i < plan->fault_count; i++) {
		struct fault *fault = &plan->faults[i];
		fault->kind = draw_kind(chance);
		fault->at_us = draw_time(drawing);
		fault->until_us =
			fault->at_us + chance_between(chance, 50000, chance_percent(chance, 70) ? 8000000 : 60000000);
		fault->number = draw_number(chance, fault->kind);
	}
	time_trims(drawing);
	qsort(plan->faults, plan->fault_count, sizeof *plan->faults, by_time);
}

/* ---- a fleet ---- */

static enum fault_kind draw_fleet_kind(struct chance *chance)
{
	static const enum fault_kind often[] = {FAULT_CRASH, FAULT_STOP, FAULT_ZOMBIE, FAULT_ZOMBIE, FAULT_FLEET_CUT};
	if (chance_percent(chance, 50))
		return often[chance_between(chance, 0, (int64_t)(sizeof often / sizeof *often) - 1)];
	return (enum fault_kind)chance_between(chance, FAULT_OF_FLEET, FAULT_COUNT - 1);
}

/* Who is not there for longer than its session, or its lease, or not quite. */
static int64_t draw_absence(struct chance *chance)
{
	return chance_percent(chance, 50) ? chance_between(chance, 100000, 9000000)
					  : chance_between(chance, 9000000, 60000000);
}

/* From a chance of its own: all else of the seed is as without a fleet. */
static void draw_fleet(struct drawing *drawing)
{
	struct plan *plan = drawing->plan;
	struct chance fleet = chance_of(plan->seed, 3), *chance = &fleet;
	plan->members = (unsigned)chance_between(chance, 2, 3);
	size_t more = (size_t)chance_between(chance, 0, 6);
	for (size_t i = 0; i < plan->fault_count; i++)
		if (plan->faults[i].kind == FAULT_ZOMBIE)
			plan->faults[i].until_us = plan->faults[i].at_us + draw_absence(chance);
	for (size_t i = 0; i < more; i++) {
		struct fault *fault = &plan->faults[plan->fault_count++];
		fault->kind = draw_fleet_kind(chance);
		fault->at_us = draw_time(drawing);
		fault->until_us = fault->at_us + draw_absence(chance);
		fault->number = chance_between(chance, 0, 1000);
	}
	qsort(plan->faults, plan->fault_count, sizeof *plan->faults, by_time);
}

static int64_t last_us(const struct plan *plan)
{
	int64_t last = 0;
	for (size_t i = 0; i < plan->record_count; i++)
		last = plan->records[i].visible_us > last ? plan->records[i].visible_us : last;
	for (size_t i = 0; i < plan->fault_count; i++)
		last = plan->faults[i].until_us > last ? plan->faults[i].until_us : last;
	return last;
}

const char *plan_topic(const struct plan *plan, uint32_t topic)
{
	static const char *const topics[] = {"sim.calls", "sim.deals", "sim.prices"};
	return plan->shipped ? shipped_topics[topic] : topics[topic];
}

void plan_make(struct plan *plan, uint64_t seed, bool shipped)
{
	struct drawing drawing = {.plan = plan, .chance = chance_of(seed, 1)};
	struct chance *chance = &drawing.chance;
	memset(plan, 0, sizeof *plan);
	plan->seed = seed;
	plan->shipped = shipped;
	plan->topic_count = shipped ? SHIPPED_TOPICS : 3;
	plan->shard_count = (uint32_t)chance_between(chance, 1, PLAN_SHARDS_MAX);
	drawing.origin = origins[chance_between(chance, 0, 4)];
	drawing.span = chance_between(chance, HOUR, chance_percent(chance, 70) ? 10 * HOUR : 48 * HOUR);
	if (shipped && chance_percent(chance, 50)) /* it has windows of months */
		drawing.span = chance_between(chance, 2, 120) * 24 * HOUR;
	plan->start_ms = drawing.origin + drawing.span * chance_between(chance, 10, 100) / 100;
	draw_records(&drawing);
	let_arrive(&drawing);
	draw_faults(&drawing);
	if (seed % 3 == 0)
		draw_fleet(&drawing);
	plan->end_us = last_us(plan) + 1000000;
}

void plan_print(const struct plan *plan)
{
	printf("seed %llu: %s configuration, %u shards, %u members of a fleet, %zu records, %zu faults, from %lld ms\n",
		(unsigned long long)plan->seed, plan->shipped ? "shipped" : "small", plan->shard_count, plan->members,
		plan->record_count, plan->fault_count, (long long)plan->start_ms);
	for (size_t i = 0; i < plan->record_count; i++) {
		const struct plan_record *record = &plan->records[i];
		const struct sim_event *event = &record->event;
		printf("  record %zu at %.3f s: topic %u partition %u, form %d, type %d, %s %s %s %s %s retracts '%s' "
		       "outcome %d amount %lld, time %lld, kafka %+lld ms\n",
			i, (double)record->visible_us / 1e6, event->topic, event->partition, (int)record->form,
			(int)event->type, event->source, event->id, event->customer, event->rep, event->deal,
			event->retracts, (int)event->outcome, (long long)event->amount, (long long)event->time,
			(long long)(event->kafka_time - event->time));
	}
	for (size_t i = 0; i < plan->fault_count; i++)
		printf("  fault %zu at %.3f s until %.3f s: %s %lld\n", i, (double)plan->faults[i].at_us / 1e6,
			(double)plan->faults[i].until_us / 1e6, fault_names[plan->faults[i].kind],
			(long long)plan->faults[i].number);
}
