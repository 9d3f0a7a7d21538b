#include "tools/kpisim/edges.h"

#include "base/decimal.h"
#include "base/mem.h"
#include "tools/kpisim/calendar.h"

#include <stdio.h>

/* One group of events of one customer: "edge-<name>-<number>". */
struct edge {
	struct world *world;
	const char *name;
	uint32_t number;
	int rep;
};

/* Never the one who does nothing. */
static int rep_named(const struct world *world, int rep)
{
	rep %= world->org.rep_count;
	return world->org.reps[rep].silent ? 0 : rep;
}

static struct event *edge_event(const struct edge *edge, enum event_type type, int64_t at)
{
	struct world *world = edge->world;
	struct event *event;

	GROW(world->scripted, world->scripted_count, world->scripted_capacity);
	event = &world->scripted[world->scripted_count++];
	event_init(event, type, at);
	snprintf(event->customer, sizeof(event->customer), "edge-%s-%u", edge->name, edge->number);
	snprintf(event->id, sizeof(event->id), "edge-%llu.%u", (unsigned long long)world->settings.seed,
		world->scripted_count);
	event_text(event, "rep", world->org.reps[rep_named(world, edge->rep)].id);
	return event;
}

static void edge_call(const struct edge *edge, int64_t at, const char *direction)
{
	struct event *event = edge_event(edge, EVENT_CALL_COMPLETED, at);

	event_text(event, "direction", direction);
	event_text(event, "outcome", "connected");
}

static struct event *edge_deal(const struct edge *edge, enum event_type type, int64_t at)
{
	struct event *event = edge_event(edge, type, at);

	event_ref(event, "deal", "edge", edge->number);
	return event;
}

static struct event *edge_won(const struct edge *edge, int64_t at)
{
	struct event *event = edge_deal(edge, EVENT_DEAL_CLOSED, at);

	event_text(event, "outcome", "won");
	event_amount(event, 1000 * DECIMAL_ONE + edge->number);
	return event;
}

static void edge_lead(const struct edge *edge, int64_t at)
{
	event_text(edge_event(edge, EVENT_LEAD_CREATED, at), "lead_source", "edge");
}

static void edge_request(const struct edge *edge, int64_t at)
{
	event_text(edge_event(edge, EVENT_EMAIL_SENT, at), "about", "product_info");
}

static void edge_received(const struct edge *edge, int64_t at)
{
	event_text(edge_event(edge, EVENT_EMAIL_RECEIVED, at), "sentiment", "positive");
}

static void edge_proposal(const struct edge *edge, enum event_type type, int64_t at)
{
	event_ref(edge_deal(edge, type, at), "proposal", "edge", edge->number);
}

/* Each of the same kind of edge is another customer. */
static struct edge edge_next(struct world *world, const char *name)
{
	uint32_t number = world_number(world);

	return (struct edge){world, name, number, (int)(number % (uint32_t)world->org.rep_count)};
}

#define ANY_REP (-1)

static void around(struct world *world, const char *name, int64_t at, int rep)
{
	for (int64_t moment = at - 1; moment <= at; moment++) {
		struct edge edge = edge_next(world, name);

		if (rep != ANY_REP)
			edge.rep = rep;
		edge_call(&edge, moment, "outbound");
		edge_lead(&edge, moment);
		edge_won(&edge, moment);
	}
}

/* The days on which a team changes come with the rep whose team it is. */
static void plan_roster_dates(struct world *world)
{
	for (int rep = 0; rep < world->org.rep_count; rep++) {
		int32_t until = world->org.reps[rep].memberships[0].until;

		if (until != ORG_NO_DATE)
			around(world, "roster", zone_instant(world->zone, until, 0), rep);
	}
}

static void plan_midnights(struct world *world)
{
	int32_t first = calendar_day(world->zone, world->settings.start) + 1;
	int32_t last = calendar_day(world->zone, world->settings.end - 1);

	for (int32_t day = first; day <= last; day++) {
		int64_t midnight = zone_instant(world->zone, day, 0);
		struct edge edge = edge_next(world, "midnight");
		int year, month, day_of_month;

		date_of_day(day, &year, &month, &day_of_month);
		edge_call(&edge, midnight - 1, "outbound");
		edge_call(&edge, midnight, "outbound");
		if (day_of_month == 1 || date_weekday(day) == 0)
			around(world, day_of_month == 1 ? "month" : "week", midnight, ANY_REP);
	}
}

static void plan_clock_changes(struct world *world)
{
	const struct zone *zone = world->zone;

	for (uint32_t i = 1; i < zone->count; i++) {
		int64_t at = zone->starts[i];

		if (at <= world->settings.start || at >= world->settings.end)
			continue;
		around(world, "clock", at, ANY_REP);
		around(world, "clock", at - HOUR_MS / 2, ANY_REP);
		around(world, "clock", at + HOUR_MS / 2, ANY_REP);
		around(world, "clock", at + HOUR_MS, ANY_REP);
	}
}

static void plan_steps(struct world *world)
{
	static const int64_t windows[] = {0, HOUR_MS, DAY_MS, 7 * DAY_MS, 30 * DAY_MS, 90 * DAY_MS, 365 * DAY_MS};
	int64_t end = world->settings.end;
	int64_t hour = end / HOUR_MS * HOUR_MS;

	for (size_t i = 0; i < sizeof(windows) / sizeof(windows[0]); i++)
		around(world, "window", end - windows[i], ANY_REP);
	for (int64_t back = 0; back < 48; back++) {
		struct edge edge = edge_next(world, "hour");

		edge_call(&edge, hour - back * HOUR_MS, "outbound");
		edge_call(&edge, end / MINUTE_MS * MINUTE_MS - back * MINUTE_MS, "outbound");
	}
}

static void plan_same_ms(struct world *world, int64_t at)
{
	struct edge edge = edge_next(world, "same-all");

	edge_won(&edge, at);
	edge_deal(&edge, EVENT_DEAL_CREATED, at);
	edge_lead(&edge, at);
	edge_received(&edge, at);
	edge_request(&edge, at);
	edge = edge_next(world, "same-reply");
	edge_received(&edge, at);
	edge_request(&edge, at);
	edge_call(&edge, at, "inbound");
	edge_proposal(&edge, EVENT_PROPOSAL_VIEWED, at);
	edge_proposal(&edge, EVENT_PROPOSAL_SENT, at);
	edge = edge_next(world, "same-close");
	edge_deal(&edge, EVENT_DEAL_CREATED, at - HOUR_MS);
	edge_deal(&edge, EVENT_DEAL_REOPENED, at);
	edge_won(&edge, at);
	edge_won(&edge, at);
	edge = edge_next(world, "same-twice");
	edge_won(&edge, at);
	event_amount(edge_won(&edge, at), 77 * DECIMAL_ONE);
}

static void plan_limits_of_waits(struct world *world, int64_t at, int64_t limit)
{
	for (int64_t over = 0; over <= 1; over++) {
		struct edge edge = edge_next(world, "reply-14d");

		edge_request(&edge, at);
		edge_received(&edge, at + limit + over);
		edge = edge_next(world, "response-14d");
		edge_lead(&edge, at);
		edge_call(&edge, at + limit + over, "outbound");
		edge = edge_next(world, "request-14d");
		edge_request(&edge, at);
		edge_request(&edge, at + limit + over);
		edge_received(&edge, at + limit + 2);
	}
}

static void plan_limits_of_cohorts(struct world *world, int64_t at)
{
	for (int64_t over = 0; over <= 1; over++) {
		struct edge edge = edge_next(world, "viewed-30d");

		edge_proposal(&edge, EVENT_PROPOSAL_SENT, at);
		edge_proposal(&edge, EVENT_PROPOSAL_VIEWED, at + 30 * DAY_MS + over);
		edge = edge_next(world, "won-90d");
		edge_lead(&edge, at);
		edge_deal(&edge, EVENT_DEAL_CREATED, at);
		edge_won(&edge, at + 90 * DAY_MS + over);
	}
}

static void plan_values(struct world *world, int64_t at)
{
	static const char *const amounts[] = {
		"12.00005", "12.00015", "\"0.00005\"", "1e3", "2.5E+2", "0", "\"0.0000\"", "null"};
	struct edge edge = edge_next(world, "long-id");

	event_raw(edge_deal(&edge, EVENT_DEAL_UPDATED, at), "amount", "1000000000000");
	struct event *longest = edge_event(&edge, EVENT_CALL_SCHEDULED, at);
	memset(longest->id, 'i', EVENT_ID_MAX);
	longest->id[snprintf(longest->id, sizeof(longest->id), "%llu", (unsigned long long)world->settings.seed)] = 'i';
	longest->id[EVENT_ID_MAX] = '\0';
	for (size_t i = 0; i < sizeof(amounts) / sizeof(amounts[0]); i++) {
		edge = edge_next(world, "amount");
		event_raw(edge_won(&edge, at + (int64_t)i), "amount", amounts[i]);
	}
	for (int64_t before = 0; before <= 1; before++) {
		edge = edge_next(world, "cycle");
		event_time(edge_won(&edge, at), "created_at", at - before);
	}
}

void edges_plan(struct world *world)
{
	int32_t first = calendar_day(world->zone, world->settings.start) + 1;
	const struct world_settings *settings = &world->settings;

	plan_roster_dates(world);
	plan_midnights(world);
	plan_clock_changes(world);
	plan_steps(world);
	for (int32_t day = first; zone_instant(world->zone, day, 0) < settings->end; day += 30) {
		int64_t at = zone_instant(world->zone, day, 10 * 3600);

		plan_same_ms(world, at);
		plan_limits_of_waits(world, at, 14 * DAY_MS);
		plan_limits_of_cohorts(world, at);
		plan_values(world, at + HOUR_MS);
	}
	for (uint32_t i = 0; i < world->scripted_count; i++) {
		int64_t at = world->scripted[i].time;

		if (at >= settings->start && at < settings->end)
			world_plan(world, at, &(struct action){.kind = ACTION_SCRIPTED, .other = i});
	}
}

void flow_scripted(struct world *world, const struct action *action)
{
	world_send(world, &world->scripted[action->other]);
}
