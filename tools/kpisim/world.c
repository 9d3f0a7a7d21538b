#include "tools/kpisim/world.h"

#include "base/check.h"
#include "base/mem.h"
#include "tools/kpisim/calendar.h"
#include "tools/kpisim/catalogue.h"
#include "tools/kpisim/customer.h"
#include "tools/kpisim/edges.h"

#include <stdio.h>

#define STREAM_WORLD 1

/* Share of customers who are in the middle of a deal when the records begin. */
#define KNOWN_PERCENT 12

static void plan_known(struct world *world, uint32_t customer)
{
	struct action action = {.kind = ACTION_PROPOSE, .customer = customer, .deal = world_number(world)};
	int64_t ahead = rng_between(&world->rng, 0, 21 * DAY_MS);

	action.created = world->settings.start - rng_between(&world->rng, DAY_MS, 60 * DAY_MS);
	action.amount = customer_amount(world, customer);
	world->customers[customer].deal_open = true;
	world_plan_work(world, ahead, &action);
}

static uint32_t work_days(const struct world *world)
{
	int32_t last = calendar_day(world->zone, world->settings.end - 1);
	uint32_t count = 0;

	for (int32_t day = calendar_day(world->zone, world->settings.start); day <= last; day++)
		count += calendar_is_workday(day);
	return count ? count : 1;
}

void world_init(struct world *world, const struct world_settings *settings, const struct zone *zone, world_emit *emit,
	void *context)
{
	struct action first_day = {.kind = ACTION_DAY};
	uint32_t known = settings->customers * KNOWN_PERCENT / 100;

	*world = (struct world){.settings = *settings, .zone = zone, .emit = emit, .context = context};
	world->now = settings->start;
	rng_init(&world->rng, settings->seed, STREAM_WORLD);
	heap_init(&world->agenda);
	org_init(&world->org, settings->reps, settings->teams, calendar_day(zone, settings->start),
		calendar_day(zone, settings->end));
	world->customers = NEW_ARRAY(struct customer, settings->customers);
	for (uint32_t i = 0; i < settings->customers; i++)
		customer_draw(world, &world->customers[i]);
	world->customers_known = known;
	world->lead_share = (uint32_t)((uint64_t)(settings->customers - known) * 1150 / work_days(world));
	world_plan(world, settings->start, &first_day);
	for (uint32_t i = 0; i < known; i++)
		plan_known(world, i);
	edges_plan(world);
}

int64_t world_next(const struct world *world)
{
	return heap_next(&world->agenda);
}

void world_step(struct world *world, int64_t live_now)
{
	static void (*const flows[])(struct world *, const struct action *) = {
#define ACTION_FLOW(name, flow) flow_##flow,
		ACTIONS(ACTION_FLOW)
#undef ACTION_FLOW
	};
	struct action *action = heap_pop(&world->agenda, &world->now);

	world->stamp = live_now ? live_now : world->now;
	flows[action->kind](world, action);
	mem_free(action);
}

void world_release(struct world *world)
{
	heap_release(&world->agenda, mem_free);
	org_release(&world->org);
	mem_free(world->customers);
	mem_free(world->scripted);
	*world = (struct world){0};
}

void world_plan(struct world *world, int64_t at, const struct action *action)
{
	CHECK(at >= world->now);
	heap_push(&world->agenda, at, mem_copy(action, sizeof(*action)));
}

void world_plan_work(struct world *world, int64_t delay, const struct action *action)
{
	world_plan(world, calendar_work(world->zone, &world->rng, world->now + delay), action);
}

void world_plan_awake(struct world *world, int64_t delay, const struct action *action)
{
	world_plan(world, calendar_awake(world->zone, &world->rng, world->now + delay), action);
}

void world_event(struct world *world, struct event *event, enum event_type type, uint32_t customer)
{
	event_init(event, type, world->stamp);
	customer_put_id(event->customer, customer);
	customer_attribute(world, event, customer);
}

void world_event_loose(struct world *world, struct event *event, enum event_type type)
{
	event_init(event, type, world->stamp);
	snprintf(event->id, sizeof(event->id), "x-%llu.%u", (unsigned long long)world->settings.seed,
		++world->loose_ids);
}

void world_send(struct world *world, struct event *event)
{
	world->emit(world->context, event);
}

void world_amount(struct world *world, struct event *event, int64_t fixed)
{
	static const char *const currencies[] = {"USD", "GBP", "CHF"};

	event_amount(event, fixed);
	if (rng_percent(&world->rng, 5))
		event_text(event, "currency", currencies[rng_below(&world->rng, 3)]);
}

int world_skill(struct world *world, uint32_t customer)
{
	return world->org.reps[customer_rep(world, customer)].skill;
}

uint32_t world_number(struct world *world)
{
	return ++world->numbers;
}
