/* What a measure or a stock listens to. */
#include "config/grammar.h"
#include "config/model_load.h"
#include "config/schema_find.h"

static void add_types(const struct model_loading *loading, const struct trigger_list *list, struct type_set *types)
{
	for (uint16_t i = 0; i < list->count; i++)
		trigger_types(loading, &list->items[i], types);
}

/* Stocks listen to events only, so this ends after one step down. */
void trigger_types(const struct model_loading *loading, const struct trigger *trigger, struct type_set *types)
{
	if (trigger->kind == TRIGGER_EVENT) {
		type_set_add(types, trigger->index);
		return;
	}
	const struct stock *stock = &loading->model->stocks[trigger->index];
	add_types(loading, trigger->kind == TRIGGER_STOCK_OPENED ? &stock->opens : &stock->closes, types);
	if (trigger->kind == TRIGGER_STOCK_CLOSED)
		add_types(loading, &stock->hold_closes, types);
}

struct type_set trigger_list_types(const struct model_loading *loading, const struct trigger_list *list)
{
	struct type_set types = {0};
	add_types(loading, list, &types);
	return types;
}

static bool find_stock_trigger(const struct model_loading *loading, struct str name, struct trigger *trigger)
{
	static const struct {
		struct str suffix;
		enum trigger_kind kind;
	} moves[] = {{{".opened", 7}, TRIGGER_STOCK_OPENED}, {{".closed", 7}, TRIGGER_STOCK_CLOSED}};
	for (int i = 0; i < 2; i++) {
		size_t length = moves[i].suffix.length;
		if (name.length <= length ||
			memcmp(name.data + name.length - length, moves[i].suffix.data, length) != 0)
			continue;
		int32_t stock = name_find(loading->stock_names, loading->model->stock_count,
			(struct str){name.data, name.length - length});
		if (stock < 0)
			return false;
		trigger->kind = (uint8_t)moves[i].kind;
		trigger->index = (uint16_t)stock;
		return true;
	}
	return false;
}

bool model_is_of_products(const struct schema *schema, uint16_t type)
{
	const struct event_type *event = &schema->types[type];
	int32_t product = schema->product_field;
	const struct field_rule *rule = product < 0 ? NULL : schema_rule(event, (uint16_t)product);
	return rule && rule->required && schema->topics[event->topic].key == TOPIC_KEY_PRODUCT;
}

/* Whether the events can be followed as the rules want it. */
static bool can_follow(struct model_loading *loading, const struct node *node, unsigned rules, uint16_t type)
{
	const struct event_type *event = &loading->schema->types[type];
	if (!(rules & (TRIGGERS_OF_CUSTOMERS | TRIGGERS_OF_SUBJECTS)) || event->needs_customer)
		return true;
	if (rules & TRIGGERS_OF_SUBJECTS && model_is_of_products(loading->schema, type))
		return true;
	problem_at(loading->problems, node->mark,
		rules & TRIGGERS_OF_SUBJECTS
			? "'%s' may have no customer, nor is it of a product, and cannot be followed"
			: "'%s' may have no customer and cannot be followed",
		event->name);
	return false;
}

/* An event's name comes before a stock's. */
static bool find_trigger(
	struct model_loading *loading, const struct node *node, unsigned rules, struct trigger *trigger)
{
	struct str name;
	if (!expect_text(loading->problems, node, "an event", &name))
		return false;
	int32_t type = schema_type(loading->schema, name);
	if (type >= 0) {
		trigger->kind = TRIGGER_EVENT;
		trigger->index = (uint16_t)type;
		return can_follow(loading, node, rules, trigger->index);
	}
	if (!(rules & TRIGGERS_EVENTS_ONLY) && find_stock_trigger(loading, name, trigger))
		return true;
	problem_at(loading->problems, node->mark, "unknown event '%.*s'%s", STR_ARG(name),
		did_you_mean(loading->problems, name, loading->type_names, loading->schema->type_count));
	return false;
}

static bool read_where(struct model_loading *loading, const struct node *where, struct trigger *trigger)
{
	if (!where)
		return true;
	struct type_set types = {0};
	trigger_types(loading, trigger, &types);
	const struct predicate *predicate =
		predicate_compile(loading->problems, loading->arena, loading->schema, &types, where, "'where'");
	trigger->where = predicate_and(loading->arena, trigger->where, predicate);
	return predicate != NULL;
}

static bool read_sign(struct model_loading *loading, const struct node *node, unsigned rules, struct trigger *trigger)
{
	size_t sign = 0;
	if (!node)
		return true;
	if (!(rules & TRIGGERS_SIGNED)) {
		problem_at(loading->problems, node->mark, "only a sum or a count has signs");
		return false;
	}
	if (!expect_choice(loading->problems, node, "'sign'", KEYS("plus", "minus"), &sign))
		return false;
	trigger->sign = sign ? -1 : 1;
	return true;
}

static bool read_trigger(struct model_loading *loading, const struct node *node, const struct node *where,
	unsigned rules, struct trigger *trigger)
{
	*trigger = (struct trigger){.sign = 1};
	if (node->kind != NODE_MAPPING)
		return find_trigger(loading, node, rules, trigger) && read_where(loading, where, trigger);
	expect_mapping_keys(loading->problems, node, "listen");
	const struct node *event = node_need(loading->problems, node, "event");
	bool good = read_sign(loading, node_get(node, "sign"), rules, trigger);
	return event && find_trigger(loading, event, rules, trigger) &&
		read_where(loading, node_get(node, "where"), trigger) && read_where(loading, where, trigger) && good;
}

bool model_read_triggers(struct model_loading *loading, const struct node *node, const struct node *where,
	unsigned rules, struct trigger_list *ret_list)
{
	if (!node)
		return false;
	bool list = node->kind == NODE_SEQUENCE;
	size_t count = list ? node->count : 1;
	if (count == 0 || count > MODEL_TRIGGERS_MAX) {
		problem_at(loading->problems, node->mark, "1 to %d events are needed here", MODEL_TRIGGERS_MAX);
		return false;
	}
	ret_list->items = ARENA_ARRAY(loading->arena, struct trigger, count);
	bool good = true;
	for (size_t i = 0; i < count; i++) {
		struct trigger *trigger = &ret_list->items[ret_list->count];
		if (read_trigger(loading, list ? node->items[i] : node, where, rules, trigger))
			ret_list->count++;
		else
			good = false;
	}
	return good;
}

int32_t model_key_field(struct model_loading *loading, const struct node *node, const struct type_set *types)
{
	const struct schema *schema = loading->schema;
	const char *names[SCHEMA_FIELDS_MAX];
	for (uint16_t i = 0; i < schema->field_count; i++)
		names[i] = schema->fields[i].name;
	int32_t field = name_need(loading, node, "field", names, schema->field_count);
	if (field < 0)
		return -1;
	if (schema->fields[field].kind != FIELD_TEXT) {
		problem_at(loading->problems, node->mark, "'%s' is not of type text", names[field]);
		return -1;
	}
	for (uint16_t i = 0; i < schema->type_count; i++)
		if (type_set_has(types, i) && !schema_rule(&schema->types[i], (uint16_t)field)) {
			problem_at(loading->problems, node->mark, "'%s' does not carry the field '%s'",
				schema->types[i].name, names[field]);
			return -1;
		}
	return field;
}
