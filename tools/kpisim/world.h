/* The simulated organisation at work: an agenda of actions in order of time, each of which emits events and plans further
 * actions. Pure: its only inputs are the settings and the times that it is given.
 *
 * Invariant: an action emits only at its own time, so events come out in order of time. Beyond `end` the agenda goes on for as
 * long as somebody steps it (the live mode stamps those events with its own clock). */
#ifndef KPISIM_WORLD_H
#define KPISIM_WORLD_H

#include "base/zone.h"
#include "tools/kpisim/actions.h"
#include "tools/kpisim/event.h"
#include "tools/kpisim/heap.h"
#include "tools/kpisim/org.h"
#include "tools/kpisim/rng.h"

#define SOURCE_COUNT 4

struct customer {
	uint8_t rep;
	uint8_t segment;
	uint8_t product;
	uint8_t campaign;
	uint8_t stage;
	bool lead_open;
	bool deal_open;
	bool won;
	uint32_t ids[SOURCE_COUNT]; /* events so far, by source */
};

struct world_settings {
	uint64_t seed;
	int64_t start;
	int64_t end;
	int reps;
	int teams;
	uint32_t customers;
};

typedef void world_emit(void *context, const struct event *event);

struct world {
	struct world_settings settings;
	const struct zone *zone;
	struct org org;
	struct rng rng;
	struct heap agenda;
	int64_t now;   /* of the agenda */
	int64_t stamp; /* of the events: `now`, or the live clock */
	struct customer *customers;
	uint32_t customers_known;
	uint32_t lead_share; /* new leads a working day, in 1000ths, and what is left over of them */
	uint32_t lead_rest;
	uint32_t numbers;       /* deals, proposals, calls ... */
	uint32_t loose_ids;     /* of events without customer */
	struct event *scripted; /* events at the edges of things */
	uint32_t scripted_count;
	uint32_t scripted_capacity;
	world_emit *emit;
	void *context;
};

void world_init(struct world *world, const struct world_settings *settings, const struct zone *zone, world_emit *emit,
	void *context);
/* When the next action is due. */
int64_t world_next(const struct world *world);
/* Does the next action. Events get its time, or `live_now` where that is not 0. */
void world_step(struct world *world, int64_t live_now);
void world_release(struct world *world);

/* For the flows. Delays count from `now`; `work` and `awake` move the time to when people work or customers are up. */
void world_plan(struct world *world, int64_t at, const struct action *action);
void world_plan_work(struct world *world, int64_t delay, const struct action *action);
void world_plan_awake(struct world *world, int64_t delay, const struct action *action);
/* An event of the customer at the world's time, with rep or team; then fields; then world_send gives it an id and emits it. */
void world_event(struct world *world, struct event *event, enum event_type type, uint32_t customer);
/* An event without customer. */
void world_event_loose(struct world *world, struct event *event, enum event_type type);
void world_send(struct world *world, struct event *event);
/* An amount, now and then in another currency. */
void world_amount(struct world *world, struct event *event, int64_t fixed);
/* The rep who looks after the customer today, 0 to 1000. */
int world_skill(struct world *world, uint32_t customer);
uint32_t world_number(struct world *world);

#endif
