#include "tests/simulator/shipped.h"

#include "base/check.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define HOUR INT64_C(3600000)

enum { CALLS, EMAILS, PROPOSALS, DEALS, LEADS, MEETINGS, COSTS, SURVEYS, PRICES, SUBSCRIPTIONS };

const char *const shipped_topics[SHIPPED_TOPICS] = {"sales.calls", "sales.emails", "sales.proposals", "sales.deals",
	"sales.leads", "sales.meetings", "sales.costs", "sales.surveys", "sales.prices", "sales.subscriptions"};

/* `members`: "name:value|value" or, when it may be left out, "name?percent:value|value". A value is a word, or
 * ~x3  an id from x0 to x3
 * #1-5 a whole number
 * !    true or false
 * $    an amount, now and then in another currency
 * %    a time before that of the event, or now and then after it
 * &    shares of two reps */
struct shipped_type {
	uint32_t topic;
	const char *name;
	unsigned weight;
	const char *members;
};

static const struct shipped_type types[] = {
	{CALLS, "call.scheduled", 4, "call?80:~k4"},
	{CALLS, "call.completed", 14,
		"call?60:~k4 direction:outbound|outbound|inbound "
		"outcome:connected|connected|no_answer|declined|voicemail "
		"duration_s?50:#0-900"},
	{EMAILS, "email.sent", 9,
		"thread?60:~t3 about?70:product_info|nurture|other sentiment?30:positive|negative|neutral auto?30:!"},
	{EMAILS, "email.received", 8,
		"thread?60:~t3 about?50:product_info|nurture|other sentiment?70:positive|negative|neutral auto?30:!"},
	{PROPOSALS, "proposal.sent", 5, "proposal:~q3 deal?50:~d2 amount?70:$"},
	{PROPOSALS, "proposal.viewed", 3, "proposal:~q3"},
	{PROPOSALS, "proposal.accepted", 3, "proposal:~q3"},
	{PROPOSALS, "proposal.declined", 2, "proposal:~q3"},
	{DEALS, "deal.created", 8, "deal:~d2 deal_type?60:new|upsell|cross_sell|renewal amount?60:$"},
	{DEALS, "deal.updated", 3, "deal:~d2 deal_type?60:new|upsell|cross_sell|renewal amount?60:$"},
	{DEALS, "deal.closed", 14,
		"deal:~d2 deal_type?60:new|upsell|cross_sell|renewal outcome:won|won|lost amount?90:$ created_at?30:% "
		"credits?20:&"},
	{DEALS, "deal.reopened", 3, "deal:~d2"},
	{DEALS, "deal.refunded", 3, "deal:~d2 amount:$"},
	{LEADS, "lead.created", 7, "lead_source?60:web|fair stage?60:new|qualified"},
	{LEADS, "lead.stage_changed", 5, "stage?60:new|qualified stage_to:qualified|working|new"},
	{LEADS, "lead.closed", 2, "reason?60:budget|timing"},
	{MEETINGS, "meeting.invited", 3, "meeting?80:~m2"},
	{MEETINGS, "meeting.answered", 3, "meeting?80:~m2 answer:accepted|declined"},
	{MEETINGS, "meeting.ended", 3, "meeting?80:~m2 outcome:held|held|no_show"},
	{COSTS, "cost.recorded", 5, "category:selling|marketing amount:$"},
	{SURVEYS, "survey.answered", 4, "survey:nps score:#0-10"},
	{SURVEYS, "survey.answered", 4, "survey:csat|enps score:#0-6"},
	{PRICES, "price.set", 4, "amount:$"},
	{PRICES, "price.observed", 4, "competitor?80:~x1 amount:$"},
	{SUBSCRIPTIONS, "subscription.started", 4, "subscription:~s1 amount?40:$"},
	{SUBSCRIPTIONS, "subscription.renewed", 2, "subscription:~s1 amount?40:$"},
	{SUBSCRIPTIONS, "subscription.ended", 3, "subscription:~s1"},
};

#define TYPES (sizeof types / sizeof *types)

/* A retraction lies in the topic of what it takes back. */
static const struct shipped_type retraction = {.name = "event.retracted"};

/* ---- what only some have ---- */

static void put(struct sim_event *event, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void put(struct sim_event *event, const char *format, ...)
{
	size_t used = strlen(event->rest);
	va_list arguments;
	va_start(arguments, format);
	int length = vsnprintf(event->rest + used, SIM_REST - used, format, arguments);
	va_end(arguments);
	CHECK(length >= 0 && (size_t)length < SIM_REST - used);
}

static void put_amount(struct chance *chance, struct sim_event *event)
{
	static const char *const currencies[] = {"USD", "USD", "GBP", "CHF", "EUR", "XXX"};
	long long amount = (long long)chance_between(chance, 0, 2000000);
	put(event, "%lld.%04lld", amount / 10000, amount % 10000);
	if (chance_percent(chance, 15))
		put(event, ",\"currency\":\"%s\"", currencies[chance_between(chance, 0, 5)]);
}

static void put_shares(struct chance *chance, struct sim_event *event)
{
	int first = (int)chance_between(chance, 1, 6), share = (int)chance_between(chance, 1, 9999);
	put(event, "[{\"rep\":\"r%02d\",\"share\":%d},{\"rep\":\"r%02d\",\"share\":%d}]", first, share, first + 6,
		10000 - share);
}

static void put_number(struct chance *chance, struct sim_event *event, const char *range)
{
	int low, high;
	CHECK(sscanf(range, "%d-%d", &low, &high) == 2);
	put(event, "%d", (int)chance_between(chance, low, high));
}

static void put_value(struct chance *chance, struct sim_event *event, struct str value)
{
	int last = value.data[value.length - 1] - '0';
	if (*value.data == '~')
		put(event, "\"%c%d\"", value.data[1], (int)chance_between(chance, 0, last));
	else if (*value.data == '#')
		put_number(chance, event, value.data + 1);
	else if (*value.data == '!')
		put(event, chance_percent(chance, 50) ? "true" : "false");
	else if (*value.data == '$')
		put_amount(chance, event);
	else if (*value.data == '%')
		put(event, "%lld", (long long)(event->time - chance_between(chance, -2 * HOUR, 30 * HOUR)));
	else if (*value.data == '&')
		put_shares(chance, event);
	else
		put(event, "\"%.*s\"", STR_ARG(value));
}

/* One of those between bars. */
static struct str choose(struct chance *chance, struct str values)
{
	size_t bars = 0, at = 0;
	for (size_t i = 0; i < values.length; i++)
		bars += values.data[i] == '|';
	for (int64_t skip = chance_between(chance, 0, (int64_t)bars); skip > 0; at++)
		skip -= values.data[at] == '|';
	size_t length = 0;
	while (at + length < values.length && values.data[at + length] != '|')
		length++;
	return (struct str){values.data + at, length};
}

static void put_member(struct chance *chance, struct sim_event *event, const char *member, size_t length)
{
	size_t name = strcspn(member, "?:"), colon = strcspn(member, ":");
	unsigned percent = 100;
	if (member[name] == '?')
		CHECK(sscanf(member + name + 1, "%u", &percent) == 1);
	if (!chance_percent(chance, percent))
		return;
	put(event, ",\"%.*s\":", (int)name, member);
	put_value(chance, event, choose(chance, (struct str){member + colon + 1, length - colon - 1}));
}

void shipped_draw_what(struct chance *chance, struct sim_event *event)
{
	*event->rest = '\0';
	if (chance_percent(chance, 30))
		put(event, ",\"segment\":\"s%d\"", (int)chance_between(chance, 0, 1));
	if (chance_percent(chance, 30))
		put(event, ",\"campaign\":\"k%d\"", (int)chance_between(chance, 0, 1));
	if (chance_percent(chance, 15))
		put(event, ",\"team\":\"%s\"", chance_percent(chance, 50) ? "north" : "elsewhere");
	for (const char *at = event->shipped->members; *at;) {
		size_t length = strcspn(at, " ");
		put_member(chance, event, at, length);
		at += length + (at[length] == ' ');
	}
}

/* ---- what all have ---- */

void shipped_draw_type(struct chance *chance, struct sim_event *event)
{
	unsigned sum = 0;
	size_t type = 0;
	for (size_t i = 0; i < TYPES; i++)
		sum += types[i].weight;
	for (int64_t rest = chance_between(chance, 0, sum - 1); rest >= types[type].weight; type++)
		rest -= types[type].weight;
	event->shipped = &types[type];
	event->topic = types[type].topic;
}

static bool may_lack_customer(const struct sim_event *event)
{
	return event->topic == COSTS || event->topic == SURVEYS || event->topic == PRICES;
}

void shipped_draw_who(struct chance *chance, struct sim_event *event)
{
	static const char *const reps[] = {"r01", "r02", "r03", "r06", "r11", "x", ""};
	strcpy(event->rep, reps[chance_between(chance, 0, 6)]);
	if (!may_lack_customer(event) || chance_percent(chance, 30))
		snprintf(event->customer, SIM_TEXT, "c%d", (int)chance_between(chance, 0, 3));
	if (event->topic == PRICES || chance_percent(chance, 30))
		snprintf(event->product, SIM_TEXT, "p%d", (int)chance_between(chance, 0, 1));
}

void shipped_retract(const struct sim_event *target, struct sim_event *event)
{
	event->shipped = &retraction;
	if (target->topic != PRICES)
		return;
	memcpy(event->product, target->product, SIM_TEXT);
	*event->customer = '\0'; /* which says nothing there; the oracle does not know topics and would look at it */
}

const char *shipped_name(const struct sim_event *event)
{
	return event->shipped->name;
}

struct str shipped_key(const struct sim_event *event)
{
	const char *id = *event->retracts ? event->retracts : event->id;
	if (event->topic == COSTS)
		return str_of(id);
	if (event->topic == PRICES)
		return str_of(event->product);
	return str_of(*event->customer || event->topic != SURVEYS ? event->customer : id);
}
