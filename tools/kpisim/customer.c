#include "tools/kpisim/customer.h"

#include "tools/kpisim/calendar.h"
#include "tools/kpisim/catalogue.h"

#include <stdio.h>

void customer_draw(struct world *world, struct customer *customer)
{
	static const uint16_t segments[SEGMENT_COUNT] = {50, 28, 12, 10};
	static const uint16_t products[PRODUCT_COUNT] = {40, 35, 15, 10};

	customer->rep = (uint8_t)rng_below(&world->rng, (uint32_t)world->org.rep_count);
	customer->segment = (uint8_t)rng_pick(&world->rng, segments, SEGMENT_COUNT);
	customer->product = (uint8_t)rng_pick(&world->rng, products, PRODUCT_COUNT);
	customer->campaign = (uint8_t)rng_below(&world->rng, CAMPAIGN_COUNT);
}

void customer_put_id(char id[static CUSTOMER_ID_MAX], uint32_t number)
{
	static const char *const odd[] = {"Müller-", "客户-", "O'Brien \"", "🚀"};
	const char *prefix = number % 29 == 7 ? odd[number / 29 % 4] : "c";

	snprintf(id, CUSTOMER_ID_MAX, "%s%05u", prefix, number + 1);
}

static int rep_find(struct world *world, int32_t today)
{
	int count = world->org.rep_count;
	int rep = (int)rng_below(&world->rng, (uint32_t)count);

	for (int i = 0; i < count; i++, rep = (rep + 1) % count)
		if (org_works(&world->org, rep, today))
			return rep;
	return 0;
}

int customer_rep(struct world *world, uint32_t number)
{
	struct customer *customer = &world->customers[number];
	int32_t today = calendar_day(world->zone, world->now);

	/* Some of the work of those who have left is still logged in their name. */
	if (!org_works(&world->org, customer->rep, today) &&
		(world->org.reps[customer->rep].silent || rng_percent(&world->rng, 80)))
		customer->rep = (uint8_t)rep_find(world, today);
	return customer->rep;
}

static void attribute_whom(struct world *world, struct event *event, uint32_t number)
{
	const struct org *org = &world->org;
	const char *rep = org->reps[customer_rep(world, number)].id;
	const char *team = org->teams[rng_below(&world->rng, (uint32_t)org->team_count)].id;
	uint32_t draw = rng_below(&world->rng, 1000);

	if (draw < 950)
		event_text(event, "rep", rep);
	else if (draw < 965)
		event_text(event, "rep", draw & 1 ? "r99" : "Aushilfe Jörg");
	else if (draw < 970)
		event_text(event, "rep", "");
	if (draw >= 930 && draw < 990)
		event_text(event, "team", team);
}

static void attribute_id(struct world *world, struct event *event, uint32_t number)
{
	static const char *const sources[SOURCE_COUNT] = {NULL, "crm", "dialer", "mail"};
	static const char *const prefixes[] = {"", "evt:", "urn:uuid:", "ü"};
	enum topic topic = event_type_topic(event->type);
	uint32_t source = 0;

	if (rng_percent(&world->rng, 45))
		source = topic == TOPIC_CALLS ? 2 : topic == TOPIC_EMAILS ? 3 : 1;
	event->source = sources[source];
	/* The seed is part of it, so that two runs into the same topics are two sets of events. */
	snprintf(event->id, sizeof(event->id), "%s%llu.%u-%u", prefixes[number % 7 % 4],
		(unsigned long long)world->settings.seed, number + 1, ++world->customers[number].ids[source]);
}

/* Contacts often name the customer's segment; leads and deals say so themselves. */
static void attribute_segment(struct world *world, struct event *event, uint32_t number)
{
	enum topic topic = event_type_topic(event->type);
	bool contact =
		topic == TOPIC_CALLS || topic == TOPIC_EMAILS || topic == TOPIC_MEETINGS || topic == TOPIC_PROPOSALS;

	if (contact && rng_percent(&world->rng, 60))
		event_text(event, "segment", segment_names[world->customers[number].segment]);
}

void customer_attribute(struct world *world, struct event *event, uint32_t number)
{
	attribute_segment(world, event, number);
	attribute_whom(world, event, number);
	attribute_id(world, event, number);
}

int64_t customer_amount(struct world *world, uint32_t number)
{
	static const int64_t roundings[] = {1000000, 10000, 100, 10, 1};
	static const uint16_t weights[] = {30, 30, 28, 6, 6};
	const struct customer *customer = &world->customers[number];
	int64_t price = catalogue_price(customer->product, customer->segment);
	int64_t rounding = roundings[rng_pick(&world->rng, weights, 5)];
	int64_t amount = rng_between(&world->rng, price * 6 / 10, price * 15 / 10);

	return amount / rounding * rounding;
}

bool customer_find_idle(struct world *world, uint32_t *ret_number)
{
	if (world->customers_known < world->settings.customers) {
		*ret_number = world->customers_known++;
		return true;
	}
	for (int tries = 0; tries < 8; tries++) {
		uint32_t number = rng_below(&world->rng, world->settings.customers);

		if (!world->customers[number].lead_open && !world->customers[number].deal_open) {
			*ret_number = number;
			return true;
		}
	}
	return false;
}
