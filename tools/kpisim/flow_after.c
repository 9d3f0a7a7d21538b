/* What follows a deal that was won: subscriptions, refunds, surveys, further deals. */
#include "tools/kpisim/flow_after.h"

#include "tools/kpisim/calendar.h"
#include "tools/kpisim/catalogue.h"
#include "tools/kpisim/customer.h"

static void deal_expand(struct world *world, uint32_t number)
{
	static const uint16_t weights[] = {0, 45, 32, 23};
	struct action deal = {.kind = ACTION_DEAL, .customer = number};

	deal.deal_type = (uint8_t)rng_pick(&world->rng, weights, 4);
	world_plan_work(world, rng_spread(&world->rng, 12 * DAY_MS), &deal);
}

static void first_win(struct world *world, const struct action *action)
{
	struct action next = {.kind = ACTION_SUBSCRIBE, .customer = action->customer, .other = world_number(world)};

	next.amount = action->amount / 12;
	if (rng_percent(&world->rng, 55))
		world_plan_awake(world, rng_between(&world->rng, 0, 3 * DAY_MS), &next);
	next.kind = ACTION_CARE;
	if (rng_percent(&world->rng, 60))
		world_plan_awake(world, rng_spread(&world->rng, 5 * DAY_MS), &next);
}

static void survey_plan(struct world *world, const struct action *action)
{
	struct action survey = {.kind = ACTION_SURVEY, .customer = action->customer};

	for (survey.step = 0; survey.step < 2; survey.step++)
		if (rng_percent(&world->rng, 35))
			world_plan_awake(world, rng_spread(&world->rng, 5 * DAY_MS), &survey);
}

void after_win(struct world *world, const struct action *action)
{
	struct customer *customer = &world->customers[action->customer];
	struct action next = *action;

	next.kind = ACTION_LEAD_END;
	if (customer->lead_open && rng_percent(&world->rng, 25))
		world_plan_work(world, rng_between(&world->rng, 0, HOUR_MS), &next);
	customer->lead_open = false;
	if (!customer->won)
		first_win(world, action);
	customer->won = true;
	survey_plan(world, action);
	next.kind = ACTION_REFUND;
	if (rng_percent(&world->rng, 6))
		world_plan_work(world, rng_spread(&world->rng, 8 * DAY_MS), &next);
	if (rng_percent(&world->rng, 45))
		deal_expand(world, action->customer);
}

void flow_refund(struct world *world, const struct action *action)
{
	struct event event;

	world_event(world, &event, EVENT_DEAL_REFUNDED, action->customer);
	event_ref(&event, "deal", "d", action->deal);
	world_amount(world, &event, rng_percent(&world->rng, 25) ? action->amount : action->amount * 3 / 10);
	world_send(world, &event);
}

void flow_survey(struct world *world, const struct action *action)
{
	static const uint16_t nps[] = {2, 1, 1, 2, 2, 4, 6, 12, 20, 26, 24};
	static const uint16_t csat[] = {0, 5, 7, 18, 38, 32};
	struct event event;

	world_event(world, &event, EVENT_SURVEY_ANSWERED, action->customer);
	event_text(&event, "survey", action->step ? "nps" : "csat");
	event_whole(&event, "score", rng_pick(&world->rng, action->step ? nps : csat, action->step ? 11 : 6));
	world_send(world, &event);
}

static void subscription_put(struct world *world, const struct action *action, enum event_type type)
{
	struct event event;

	world_event(world, &event, type, action->customer);
	event_ref(&event, "subscription", "s", action->other);
	if (type != EVENT_SUBSCRIPTION_ENDED)
		world_amount(world, &event, action->amount);
	event_text(&event, "product", product_names[world->customers[action->customer].product]);
	world_send(world, &event);
}

void flow_subscribe(struct world *world, const struct action *action)
{
	struct action next = *action;

	subscription_put(world, action, EVENT_SUBSCRIPTION_STARTED);
	next.kind = ACTION_RENEW;
	world_plan(world, world->now + 30 * DAY_MS, &next);
}

void flow_renew(struct world *world, const struct action *action)
{
	struct action next = *action;

	if (rng_percent(&world->rng, 12)) {
		subscription_put(world, action, EVENT_SUBSCRIPTION_ENDED);
		next = (struct action){.kind = ACTION_LEAD, .customer = action->customer};
		if (rng_percent(&world->rng, 30))
			world_plan_awake(world, rng_spread(&world->rng, 10 * DAY_MS), &next);
		return;
	}
	subscription_put(world, action, EVENT_SUBSCRIPTION_RENEWED);
	world_plan(world, world->now + 30 * DAY_MS, &next);
}
