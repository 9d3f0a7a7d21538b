/* A deal: created, proposed, decided, closed; sometimes closed twice or opened again. */
#include "tools/kpisim/calendar.h"
#include "tools/kpisim/catalogue.h"
#include "tools/kpisim/customer.h"
#include "tools/kpisim/flow_after.h"

#include <stdio.h>

static void deal_event(struct world *world, struct event *event, enum event_type type, const struct action *action)
{
	world_event(world, event, type, action->customer);
	event_ref(event, "deal", "d", action->deal);
}

static void deal_dimensions(struct world *world, struct event *event, uint32_t number)
{
	const struct customer *customer = &world->customers[number];

	if (rng_percent(&world->rng, 70))
		event_text(event, "campaign", campaign_names[customer->campaign]);
	if (rng_percent(&world->rng, 90))
		event_text(event, "product", product_names[customer->product]);
	if (rng_percent(&world->rng, 90))
		event_text(event, "segment", segment_names[customer->segment]);
}

static void deal_announce(struct world *world, const struct action *action)
{
	struct event event;

	deal_event(world, &event, EVENT_DEAL_CREATED, action);
	if (action->deal_type != DEAL_NEW || rng_percent(&world->rng, 70))
		event_text(&event, "deal_type", deal_type_names[action->deal_type]);
	if (rng_percent(&world->rng, 60))
		world_amount(world, &event, action->amount);
	deal_dimensions(world, &event, action->customer);
	world_send(world, &event);
}

void flow_deal(struct world *world, const struct action *action)
{
	struct action next = *action;

	next.deal = world_number(world);
	next.amount = customer_amount(world, action->customer);
	next.announced = rng_percent(&world->rng, 90);
	next.created = rng_percent(&world->rng, 70) || next.announced ? world->stamp : 0;
	if (next.announced)
		deal_announce(world, &next);
	next.kind = ACTION_PROPOSE;
	world_plan_work(world, rng_spread(&world->rng, 20 * HOUR_MS), &next);
	next.kind = ACTION_UPDATE;
	if (rng_percent(&world->rng, 40))
		world_plan_work(world, rng_spread(&world->rng, 2 * DAY_MS), &next);
}

void flow_update(struct world *world, const struct action *action)
{
	struct event event;

	if (action->announced && rng_percent(&world->rng, 8)) {
		deal_announce(world, action); /* once more, which changes nothing */
		return;
	}
	deal_event(world, &event, EVENT_DEAL_UPDATED, action);
	world_amount(world, &event, customer_amount(world, action->customer));
	world_send(world, &event);
}

static void decide_plan(struct world *world, const struct action *action)
{
	uint32_t chance = 10 + (uint32_t)world_skill(world, action->customer) / 19;
	struct action next = *action;

	next.kind = ACTION_DECIDE;
	next.won = rng_percent(&world->rng, chance + (action->deal_type == DEAL_NEW ? 0 : 15));
	if (rng_percent(&world->rng, 90))
		world_plan_awake(world, rng_spread(&world->rng, 4 * DAY_MS), &next);
	next.kind = ACTION_PROPOSE;
	next.repeated = true;
	if (rng_percent(&world->rng, 14))
		world_plan_work(world, rng_spread(&world->rng, 3 * DAY_MS), &next);
}

void flow_propose(struct world *world, const struct action *action)
{
	struct action next = *action;
	struct event event;

	if (!action->repeated)
		next.other = world_number(world);
	deal_event(world, &event, EVENT_PROPOSAL_SENT, &next);
	event_ref(&event, "proposal", "p", next.other);
	if (rng_percent(&world->rng, 85))
		world_amount(world, &event, action->amount);
	world_send(world, &event);
	if (action->repeated)
		return;
	decide_plan(world, &next);
	next.kind = ACTION_VIEW;
	if (rng_percent(&world->rng, 78))
		world_plan_awake(world, rng_spread(&world->rng, 6 * HOUR_MS), &next);
}

void flow_view(struct world *world, const struct action *action)
{
	struct action again = *action;
	struct event event;

	deal_event(world, &event, EVENT_PROPOSAL_VIEWED, action);
	event_ref(&event, "proposal", "p", action->other);
	world_send(world, &event);
	if (rng_percent(&world->rng, 25))
		world_plan_awake(world, rng_spread(&world->rng, DAY_MS), &again);
	again.kind = ACTION_REPLY;
	again.other = 0;
	if (rng_percent(&world->rng, 35))
		world_plan_awake(world, rng_spread(&world->rng, 4 * HOUR_MS), &again);
}

void flow_decide(struct world *world, const struct action *action)
{
	struct action next = *action;
	struct event event;

	if (rng_percent(&world->rng, action->won ? 85 : 50)) {
		deal_event(world, &event, action->won ? EVENT_PROPOSAL_ACCEPTED : EVENT_PROPOSAL_DECLINED, action);
		event_ref(&event, "proposal", "p", action->other);
		world_send(world, &event);
	}
	next.kind = ACTION_CLOSE;
	next.amount = rng_percent(&world->rng, 30) ? customer_amount(world, action->customer) : action->amount;
	world_plan_work(world, rng_spread(&world->rng, 5 * HOUR_MS), &next);
}

/* Two or three who share the credit of a deal; reps of other teams among them. */
static void credits_put(struct world *world, struct event *event, char text[static 200])
{
	uint32_t first = rng_below(&world->rng, (uint32_t)world->org.rep_count);
	uint32_t count = rng_percent(&world->rng, 75) ? 2 : 3;
	int64_t left = 10000;
	int length = 0;

	for (uint32_t i = 0; i < count; i++) {
		const struct rep *rep = &world->org.reps[(first + i) % (uint32_t)world->org.rep_count];
		int64_t share = i + 1 == count ? left : rng_between(&world->rng, 1, left - (count - 1 - i));

		length += snprintf(text + length, 200 - (size_t)length, "%s{\"rep\":\"%s\",\"share\":%d}",
			i ? "," : "[", rep->id, (int)share);
		left -= share;
	}
	snprintf(text + length, 200 - (size_t)length, "]");
	event_raw(event, "credits", text);
}

static void close_put(struct world *world, const struct action *action)
{
	char credits[200];
	struct event event;

	deal_event(world, &event, EVENT_DEAL_CLOSED, action);
	event_text(&event, "outcome", action->won ? "won" : "lost");
	if (action->deal_type != DEAL_NEW || rng_percent(&world->rng, 70))
		event_text(&event, "deal_type", deal_type_names[action->deal_type]);
	if (action->won ? rng_percent(&world->rng, 97) : rng_percent(&world->rng, 40))
		world_amount(world, &event, action->amount);
	if (action->created && (!action->announced || rng_percent(&world->rng, 12)))
		event_time(&event, "created_at", action->created);
	deal_dimensions(world, &event, action->customer);
	if (world->org.rep_count >= 3 && rng_percent(&world->rng, 10))
		credits_put(world, &event, credits);
	world_send(world, &event);
}

static void second_thoughts(struct world *world, const struct action *action)
{
	struct action next = *action;

	next.kind = ACTION_CLOSE;
	next.repeated = true;
	if (rng_percent(&world->rng, 3)) {
		next.won = rng_percent(&world->rng, 60);
		next.amount = customer_amount(world, action->customer);
		world_plan_work(world, rng_spread(&world->rng, DAY_MS), &next);
	}
	next.kind = ACTION_REOPEN;
	if (rng_percent(&world->rng, 4))
		world_plan_work(world, rng_spread(&world->rng, 4 * DAY_MS), &next);
}

void flow_close(struct world *world, const struct action *action)
{
	struct customer *customer = &world->customers[action->customer];

	close_put(world, action);
	customer->deal_open = false;
	if (!action->repeated)
		second_thoughts(world, action);
	if (action->won) {
		after_win(world, action);
	} else if (customer->lead_open && rng_percent(&world->rng, 80)) {
		struct action end = {.kind = ACTION_LEAD_END, .customer = action->customer};

		world_plan_work(world, rng_spread(&world->rng, DAY_MS), &end);
	}
}

void flow_reopen(struct world *world, const struct action *action)
{
	struct action next = *action;
	struct event event;

	deal_event(world, &event, EVENT_DEAL_REOPENED, action);
	world_send(world, &event);
	next.kind = ACTION_CLOSE;
	next.won = rng_percent(&world->rng, 60);
	if (rng_percent(&world->rng, 70))
		world_plan_work(world, rng_spread(&world->rng, 4 * DAY_MS), &next);
}
