/* What happens day by day, without a customer: the plan of the day, costs, prices, surveys among the reps. */
#include "tools/kpisim/calendar.h"
#include "tools/kpisim/catalogue.h"
#include "tools/kpisim/customer.h"

/* The third competitor's price is seen in the first part of the period only, so that it gets too old. */
#define LAST_SIGHT_DAYS 40

static void plan_between(struct world *world, int64_t from, int64_t to, struct action action)
{
	if (from < world->now)
		from = world->now;
	if (from < to)
		world_plan(world, rng_between(&world->rng, from, to - 1), &action);
}

static void plan_leads(struct world *world, int32_t today)
{
	struct action lead = {.kind = ACTION_LEAD};
	bool work = calendar_is_workday(today);
	uint32_t count;

	world->lead_rest += work ? world->lead_share : world->lead_share / 10;
	count = world->lead_rest / 1000;
	world->lead_rest %= 1000;
	while (count-- && customer_find_idle(world, &lead.customer)) {
		int64_t at = calendar_work_moment(world->zone, &world->rng, today);

		if (at < world->now)
			at = world->now;
		world_plan(world, at, &lead);
	}
}

static void plan_prices(struct world *world, int32_t today, int64_t from, int64_t to)
{
	bool third_seen = world->now < world->settings.start + LAST_SIGHT_DAYS * DAY_MS;

	for (uint8_t product = 0; product < PRODUCT_COUNT; product++) {
		struct action price = {.kind = ACTION_PRICE, .other = product};

		if (date_weekday(today) == 0)
			plan_between(world, from, from + HOUR_MS, price);
		for (price.step = 1; price.step <= COMPETITOR_COUNT; price.step++)
			if (rng_percent(&world->rng, 60) && (price.step < 3 || third_seen))
				plan_between(world, from, to, price);
	}
}

static void plan_costs(struct world *world, int32_t today, int64_t from)
{
	int count = world->org.team_count + CAMPAIGN_COUNT;
	int64_t at = from + 6 * HOUR_MS; /* on the hour, but on days of a clock change */

	if (!calendar_is_workday(today) || at < world->now)
		return;
	for (int i = 0; i < count; i++)
		world_plan(world, at, &(struct action){.kind = ACTION_COST, .other = (uint32_t)i});
}

void flow_day(struct world *world, const struct action *action)
{
	int32_t today = calendar_day(world->zone, world->now);
	int64_t from = zone_instant(world->zone, today, 0);
	int64_t to = zone_instant(world->zone, today + 1, 0);
	struct action mood = {.kind = ACTION_MOOD};

	plan_leads(world, today);
	plan_costs(world, today, from);
	plan_prices(world, today, from, to);
	if (today % 14 == 6)
		for (mood.other = 0; mood.other < (uint32_t)world->org.rep_count; mood.other++)
			if (rng_percent(&world->rng, 75))
				plan_between(world, from + 9 * HOUR_MS, from + 17 * HOUR_MS, mood);
	world_plan(world, to, action);
}

/* The first costs are the teams' own, the rest those of the campaigns. */
void flow_cost(struct world *world, const struct action *action)
{
	uint32_t teams = (uint32_t)world->org.team_count;
	bool selling = action->other < teams;
	struct event event;

	world_event_loose(world, &event, EVENT_COST_RECORDED);
	event_text(&event, "category", selling ? "selling" : "marketing");
	world_amount(world, &event, rng_between(&world->rng, 1000000, selling ? 24000000 : 9000000) / 100 * 100);
	if (selling)
		event_text(&event, "team", world->org.teams[action->other].id);
	else
		event_text(&event, "campaign", campaign_names[action->other - teams]);
	world_send(world, &event);
}

void flow_price(struct world *world, const struct action *action)
{
	int64_t price = catalogue_price((uint8_t)action->other, 0);
	struct event event;

	world_event_loose(world, &event, action->step ? EVENT_PRICE_OBSERVED : EVENT_PRICE_SET);
	event.key = product_names[action->other];
	event_text(&event, "product", product_names[action->other]);
	world_amount(world, &event, rng_between(&world->rng, price * 85 / 100, price * 115 / 100) / 100 * 100);
	if (action->step && rng_percent(&world->rng, 97))
		event_text(&event, "competitor", competitor_names[action->step - 1]);
	world_send(world, &event);
}

void flow_mood(struct world *world, const struct action *action)
{
	static const uint16_t scores[] = {1, 1, 1, 2, 3, 6, 9, 16, 24, 22, 15};
	int team = org_team(&world->org, (int)action->other, calendar_day(world->zone, world->now));
	struct event event;

	world_event_loose(world, &event, EVENT_SURVEY_ANSWERED);
	event_text(&event, "survey", "enps");
	event_whole(&event, "score", rng_pick(&world->rng, scores, 11));
	if (team >= 0)
		event_text(&event, "team", world->org.teams[team].id);
	world_send(world, &event);
}
