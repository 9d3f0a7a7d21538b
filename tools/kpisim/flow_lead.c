/* A lead: created, touched until it is qualified, closed or left alone. */
#include "tools/kpisim/calendar.h"
#include "tools/kpisim/catalogue.h"
#include "tools/kpisim/customer.h"

/* How fast the rep is, which is what skill means before a deal is closed. */
static int64_t response_time(struct world *world, uint32_t customer)
{
	int slowness = 1000 - world_skill(world, customer);

	return rng_spread(&world->rng, 15 * MINUTE_MS + slowness * 30 * SECOND_MS);
}

static void lead_fields(struct world *world, struct event *event, const struct customer *customer)
{
	event_text(event, "lead_source", lead_source_names[rng_below(&world->rng, 5)]);
	if (rng_percent(&world->rng, 80))
		event_text(event, "campaign", campaign_names[customer->campaign]);
	if (rng_percent(&world->rng, 95))
		event_text(event, "segment", segment_names[customer->segment]);
	event_text(event, "product", product_names[customer->product]);
	if (rng_percent(&world->rng, 12))
		event_text(event, "stage", stage_names[customer->stage]);
}

void flow_lead(struct world *world, const struct action *action)
{
	struct customer *customer = &world->customers[action->customer];
	struct action next = {.kind = ACTION_TOUCH, .customer = action->customer};
	struct event event;

	if (customer->lead_open)
		return;
	customer->lead_open = true;
	customer->stage = rng_percent(&world->rng, 3) ? STAGE_CONTACTED : STAGE_NEW;
	world_event(world, &event, EVENT_LEAD_CREATED, action->customer);
	lead_fields(world, &event, customer);
	world_send(world, &event);
	if (rng_percent(&world->rng, 93))
		world_plan_work(world, response_time(world, action->customer), &next);
	if (rng_percent(&world->rng, 3)) {
		next.kind = ACTION_LEAD_AGAIN;
		world_plan_awake(world, rng_spread(&world->rng, 2 * DAY_MS), &next);
	}
}

void flow_lead_again(struct world *world, const struct action *action)
{
	struct customer *customer = &world->customers[action->customer];
	struct event event;

	if (!customer->lead_open)
		return;
	world_event(world, &event, EVENT_LEAD_CREATED, action->customer);
	lead_fields(world, &event, customer);
	world_send(world, &event);
}

void flow_lead_end(struct world *world, const struct action *action)
{
	struct customer *customer = &world->customers[action->customer];
	struct action again = {.kind = ACTION_LEAD, .customer = action->customer};
	struct event event;

	world_event(world, &event, EVENT_LEAD_CLOSED, action->customer);
	event_text(&event, "reason", action->won ? "won" : lead_end_reasons[rng_below(&world->rng, 5)]);
	world_send(world, &event);
	customer->lead_open = false;
	if (!action->won && rng_percent(&world->rng, 15))
		world_plan_awake(world, rng_spread(&world->rng, 15 * DAY_MS), &again);
}

static void stage_advance(struct world *world, uint32_t number)
{
	struct customer *customer = &world->customers[number];
	struct event event;
	enum stage last = customer->deal_open ? STAGE_NEGOTIATION : STAGE_QUALIFIED;

	if (customer->stage >= last || !rng_percent(&world->rng, 38 + (uint32_t)world_skill(world, number) / 25))
		return;
	customer->stage++;
	world_event(world, &event, EVENT_LEAD_STAGE_CHANGED, number);
	event_text(&event, "stage_to", stage_names[customer->stage]);
	if (rng_percent(&world->rng, 50))
		event_text(&event, "stage_from", stage_names[customer->stage - 1]);
	world_send(world, &event);
}

static void call_plan(struct world *world, const struct action *action)
{
	struct action call = {.kind = ACTION_CALL, .customer = action->customer, .other = world_number(world)};
	struct event event;
	int64_t at = calendar_work(world->zone, &world->rng, world->now + rng_spread(&world->rng, DAY_MS));

	world_event(world, &event, EVENT_CALL_SCHEDULED, action->customer);
	event_ref(&event, "call", "call", call.other);
	event_text(&event, "direction", "outbound");
	world_send(world, &event);
	if (rng_percent(&world->rng, 30))
		at = (at + HOUR_MS - 1) / HOUR_MS * HOUR_MS;
	world_plan(world, at, &call);
}

static void meeting_invite(struct world *world, const struct action *action)
{
	struct action invited = {.kind = ACTION_INVITED, .customer = action->customer, .other = world_number(world)};
	struct event event;

	world_event(world, &event, EVENT_MEETING_INVITED, action->customer);
	event_ref(&event, "meeting", "m", invited.other);
	world_send(world, &event);
	if (rng_percent(&world->rng, 90))
		world_plan_awake(world, rng_spread(&world->rng, 5 * HOUR_MS), &invited);
}

static void contact(struct world *world, const struct action *action)
{
	static const uint16_t first[] = {60, 0, 40, 0};
	static const uint16_t later[] = {32, 16, 37, 15};
	uint32_t way = rng_pick(&world->rng, action->step ? later : first, 4);

	if (way == 0)
		flow_call(world, &(struct action){.kind = ACTION_CALL, .customer = action->customer});
	else if (way == 1)
		call_plan(world, action);
	else if (way == 2)
		flow_answer(world, &(struct action){.kind = ACTION_ANSWER, .customer = action->customer});
	else
		meeting_invite(world, action);
}

static void touch_again(struct world *world, const struct action *action)
{
	struct action next = *action;
	int64_t delay = rng_spread(&world->rng, DAY_MS * 3 / 2);

	next.step++;
	if (next.step < 9) {
		world_plan_work(world, delay, &next);
	} else if (rng_percent(&world->rng, 65)) {
		next.kind = ACTION_LEAD_END;
		world_plan_work(world, delay, &next);
	}
}

void flow_touch(struct world *world, const struct action *action)
{
	struct customer *customer = &world->customers[action->customer];
	struct action deal = {.kind = ACTION_DEAL, .customer = action->customer};

	if (!customer->lead_open)
		return;
	contact(world, action);
	stage_advance(world, action->customer);
	if (customer->stage >= STAGE_QUALIFIED && !customer->deal_open) {
		customer->deal_open = true;
		world_plan_work(world, rng_spread(&world->rng, 8 * HOUR_MS), &deal);
	}
	touch_again(world, action);
}

void flow_care(struct world *world, const struct action *action)
{
	struct action next = *action;

	if (rng_percent(&world->rng, 20))
		meeting_invite(world, action);
	else
		flow_reply(world, &(struct action){.kind = ACTION_REPLY, .customer = action->customer});
	if (rng_percent(&world->rng, 75))
		world_plan_awake(world, rng_spread(&world->rng, 9 * DAY_MS), &next);
}
