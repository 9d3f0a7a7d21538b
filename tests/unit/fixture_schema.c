#include "tests/unit/fixture_schema.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define PATH(...)                                                                                     \
	{                                                                                             \
		(struct str[]){__VA_ARGS__}, sizeof((struct str[]){__VA_ARGS__}) / sizeof(struct str) \
	}
#define NAME(text)                       \
	{                                \
		(text), sizeof(text) - 1 \
	}

static struct field fields[FIELDS] = {
	[FIELD_REP] = {.name = "rep", .kind = FIELD_TEXT},
	[FIELD_DEAL] = {.name = "deal", .kind = FIELD_TEXT},
	[FIELD_OUTCOME] = {.name = "outcome",
		.kind = FIELD_CHOICE,
		.choices = (const char *[]){"won", "lost", "held"},
		.choice_count = 3},
	[FIELD_DEAL_TYPE] = {.name = "deal_type",
		.kind = FIELD_CHOICE,
		.choices = (const char *[]){"new", "upsell"},
		.choice_count = 2},
	[FIELD_AUTO] = {.name = "auto", .kind = FIELD_BOOLEAN},
	[FIELD_AMOUNT] = {.name = "amount", .kind = FIELD_DECIMAL, .money = true},
	[FIELD_EUR] = {.name = "currency", .kind = FIELD_CURRENCY},
	[FIELD_SCORE] = {.name = "score", .kind = FIELD_INTEGER},
	[FIELD_CREATED] = {.name = "created_at", .kind = FIELD_TIME},
	[FIELD_SHARES] = {.name = "credits", .kind = FIELD_CREDITS},
};

static struct field_binding flat[] = {
	{FIELD_REP, PATH(NAME("rep"))},
	{FIELD_DEAL, PATH(NAME("deal"))},
	{FIELD_OUTCOME, PATH(NAME("outcome"))},
	{FIELD_DEAL_TYPE, PATH(NAME("deal_type"))},
	{FIELD_AUTO, PATH(NAME("auto"))},
	{FIELD_AMOUNT, PATH(NAME("amount"))},
	{FIELD_EUR, PATH(NAME("currency"))},
	{FIELD_SCORE, PATH(NAME("score"))},
	{FIELD_CREATED, PATH(NAME("created_at"))},
	{FIELD_SHARES, PATH(NAME("credits"))},
};

/* Two fields in one place, and a place that is a field and leads to another one. */
static struct field_binding mapped[] = {
	{FIELD_REP, PATH(NAME("owner"), NAME("id"))},
	{FIELD_DEAL, PATH(NAME("event"), NAME("id"))},
	{FIELD_AMOUNT, PATH(NAME("a"), NAME("b"), NAME("c"))},
};

#define FLAT                                                                                  \
	.id = PATH(NAME("id")), .type = PATH(NAME("type")), .time = PATH(NAME("time")),       \
	.source = PATH(NAME("source")), .customer = PATH(NAME("customer")), .bindings = flat, \
	.binding_count = COUNT(flat)

static struct topic topics[TOPICS] = {
	[TOPIC_DEALS] = {.name = "sales.deals", .key = TOPIC_KEY_CUSTOMER, .fixed_type = -1, FLAT},
	[TOPIC_COSTS] = {.name = "sales.costs", .key = TOPIC_KEY_ID, .fixed_type = -1, FLAT},
	[TOPIC_MAPPED] = {.name = "crm",
		.fixed_type = -1,
		.id = PATH(NAME("event"), NAME("id")),
		.type = PATH(NAME("event"), NAME("kind")),
		.time = PATH(NAME("event"), NAME("at")),
		.customer = PATH(NAME("account")),
		.bindings = mapped,
		.binding_count = COUNT(mapped)},
	[TOPIC_FIXED] = {.name = "pings", .fixed_type = TYPE_FIXED, FLAT},
};

#define AMOUNT_MAX INT64_C(10000000000000000) /* 10^12 */
#define RULE_COMMON                                                                         \
	{.field = FIELD_AMOUNT, .minimum = 0, .maximum = AMOUNT_MAX}, {.field = FIELD_EUR}, \
	{                                                                                   \
		.field = FIELD_SCORE, .minimum = 0, .maximum = 10                           \
	}

static struct field_rule created_rules[] = {{.field = FIELD_REP}, {.field = FIELD_DEAL, .required = true},
	{.field = FIELD_DEAL_TYPE, .has_default = true, .default_number = 1, .allowed = 3},
	{.field = FIELD_AUTO, .has_default = true}, RULE_COMMON};
static struct field_rule closed_rules[] = {{.field = FIELD_REP}, {.field = FIELD_DEAL, .required = true},
	{.field = FIELD_OUTCOME, .required = true, .allowed = 1 << OUTCOME_WON | 1 << OUTCOME_LOST}, RULE_COMMON,
	{.field = FIELD_CREATED}, {.field = FIELD_SHARES}};
static struct field_rule cost_rules[] = {{.field = FIELD_REP}, RULE_COMMON};
static struct field_rule mapped_rules[] = {
	{.field = FIELD_REP}, {.field = FIELD_DEAL}, {.field = FIELD_OUTCOME, .allowed = 7}, RULE_COMMON};

#define RULES(array) .rules = (array), .rule_count = COUNT(array), .in_force_key = -1, .undone_by = -1, .gate = -1

static struct event_type types[TYPES] = {
	[TYPE_DEAL_CREATED] = {.name = "deal.created",
		.topic = TOPIC_DEALS,
		.needs_customer = true,
		.not_after_time = -1,
		RULES(created_rules)},
	[TYPE_DEAL_CLOSED] = {.name = "deal.closed",
		.topic = TOPIC_DEALS,
		.needs_customer = true,
		.not_after_time = FIELD_CREATED,
		RULES(closed_rules)},
	[TYPE_COST] = {.name = "cost.recorded", .topic = TOPIC_COSTS, .not_after_time = -1, RULES(cost_rules)},
	[TYPE_MAPPED] = {.name = "crm.event", .topic = TOPIC_MAPPED, .not_after_time = -1, RULES(mapped_rules)},
	[TYPE_FIXED] = {.name = "ping", .topic = TOPIC_FIXED, .not_after_time = -1, RULES(cost_rules)},
};

/* 20780 is 2026-11-23, 20781 the day after. */
static struct rate dollar[] = {{20780, 8514000000}, {20781, 9000000000}};
static struct currency_rates currencies[] = {{{"USD", 3}, dollar, 2}};
static const struct rates rates = {currencies, 1};
/* One hour east of UTC. */
static const struct zone zone = {"", (int64_t[]){INT64_MIN}, (int32_t[]){3600}, 1, {0}};

const struct schema *fixture_schema(void)
{
	static const struct schema schema = {
		.fields = fields,
		.field_count = FIELDS,
		.topics = topics,
		.topic_count = TOPICS,
		.types = types,
		.type_count = TYPES,
		.currency = "EUR",
		.rep_field = FIELD_REP,
		.team_field = -1,
		.product_field = -1,
		.credits_field = FIELD_SHARES,
		.currency_field = FIELD_EUR,
		.rates = &rates,
		.zone = &zone,
		.retractions = {-1, -1, -1},
	};
	return &schema;
}
