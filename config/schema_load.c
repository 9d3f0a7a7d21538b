/* `topics` of events.yaml: which events there are, in their order. */
#include "config/schema_load.h"

#include "config/grammar.h"
#include "config/schema_find.h"

enum { TOPICS_MAX = 64, NAME_MAX_BYTES = 128 };

static const char *const key_names[] = {[TOPIC_KEY_CUSTOMER] = "customer",
	[TOPIC_KEY_ID] = "id",
	[TOPIC_KEY_CUSTOMER_OR_ID] = "customer_or_id",
	[TOPIC_KEY_PRODUCT] = "product"};

bool schema_plain_name(struct schema_loading *loading, struct mark mark, struct str name, const char *what)
{
	bool good = name.length > 0 && name.length <= NAME_MAX_BYTES;
	for (size_t i = 0; good && i < name.length; i++) {
		char c = name.data[i];
		good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
			c == '_' || c == '-';
	}
	if (!good)
		problem_at(loading->problems, mark,
			"'%.*s' cannot name %s: letters, digits, '.', '_' and '-', at most %d", STR_ARG(name), what,
			NAME_MAX_BYTES);
	return good;
}

static void read_customer(struct schema_loading *loading, const struct node *node, struct event_type *type)
{
	size_t choice = 0;
	if (node && expect_choice(loading->problems, node, "'customer'", KEYS("required", "optional"), &choice))
		type->needs_customer = choice == 0;
}

static void read_type(struct schema_loading *loading, const struct node_entry *entry, uint16_t topic)
{
	struct schema *schema = loading->schema;
	if (!schema_plain_name(loading, entry->mark, entry->key, "an event"))
		return;
	int32_t before = schema_type(schema, entry->key);
	if (before >= 0) {
		problem_at(loading->problems, entry->mark, "event '%s' is defined already in line %d",
			schema->types[before].name, loading->type_marks[before].line);
		return;
	}
	if (schema->type_count == SCHEMA_TYPES_MAX) {
		problem_at(loading->problems, entry->mark, "more than %d events", SCHEMA_TYPES_MAX);
		return;
	}
	uint16_t index = schema->type_count++;
	struct event_type *type = &schema->types[index];
	*type = (struct event_type){.name = arena_text(loading->arena, entry->key),
		.topic = topic,
		.needs_customer = true,
		.in_force_key = -1,
		.undone_by = -1,
		.not_after_time = -1};
	loading->type_marks[index] = entry->mark;
	const struct node *node = entry->value;
	if (node->kind != NODE_NULL && expect_mapping(loading->problems, node, "an event")) {
		expect_mapping_keys(loading->problems, node, "event");
		loading->type_nodes[index] = node;
	}
	read_customer(loading, node_get(node, "customer"), type);
	schema_load_rules(loading, node_get(node, "fields"), type);
	schema_load_refuse(loading, node_get(node, "refuse"), index);
}

static void check_customers(struct schema_loading *loading, const struct topic *topic, uint16_t index)
{
	for (uint16_t i = 0; i < loading->schema->type_count; i++) {
		const struct event_type *type = &loading->schema->types[i];
		if (type->topic != index || type->needs_customer == (topic->key == TOPIC_KEY_CUSTOMER))
			continue;
		problem_at(loading->problems, loading->type_marks[i],
			topic->key == TOPIC_KEY_CUSTOMER
				? "events of a topic that is keyed by customer cannot have 'customer: optional'"
				: "events of a topic that is keyed by %s need 'customer: optional'",
			key_names[topic->key]);
	}
}

static void read_key(struct schema_loading *loading, const struct node *node, struct topic *topic)
{
	const struct node *key = node_need(loading->problems, node, "key");
	size_t choice = TOPIC_KEY_CUSTOMER;
	if (!key ||
		!expect_choice(
			loading->problems, key, "'key'", key_names, sizeof key_names / sizeof *key_names, &choice))
		return;
	topic->key = (enum topic_key)choice;
	if (topic->key == TOPIC_KEY_PRODUCT && schema_field(loading->schema, STR("product")) < 0)
		problem_at(loading->problems, key->mark, "there is no field 'product'");
}

static void read_fixed_type(
	struct schema_loading *loading, const struct node *node, struct topic *topic, uint16_t index)
{
	struct str name;
	topic->fixed_type = -1;
	if (!node || !expect_text(loading->problems, node, "'type'", &name))
		return;
	int32_t type = schema_type(loading->schema, name);
	if (type >= 0 && loading->schema->types[type].topic == index)
		topic->fixed_type = type;
	else
		problem_at(loading->problems, node->mark, "'%.*s' is not an event of this topic", STR_ARG(name));
}

static bool read_topic_name(struct schema_loading *loading, const struct node *node, struct topic *topic)
{
	struct str name;
	const struct node *text = node_need(loading->problems, node, "topic");
	if (!expect_text(loading->problems, text, "'topic'", &name) ||
		!schema_plain_name(loading, text->mark, name, "a topic"))
		return false;
	for (uint16_t i = 0; i < loading->schema->topic_count; i++)
		if (str_equal(name, str_of(loading->schema->topics[i].name))) {
			problem_at(loading->problems, text->mark, "topic '%.*s' is defined already", STR_ARG(name));
			return false;
		}
	topic->name = arena_text(loading->arena, name);
	return true;
}

static void read_topic(struct schema_loading *loading, const struct node *node)
{
	struct schema *schema = loading->schema;
	struct topic topic = {0};
	if (!expect_mapping(loading->problems, node, "a topic"))
		return;
	expect_mapping_keys(loading->problems, node, "topic");
	if (!read_topic_name(loading, node, &topic))
		return;
	if (schema->topic_count == TOPICS_MAX) {
		problem_at(loading->problems, node->mark, "more than %d topics", TOPICS_MAX);
		return;
	}
	uint16_t index = schema->topic_count++;
	read_key(loading, node, &topic);
	const struct node *events = node_need(loading->problems, node, "events");
	if (expect_mapping(loading->problems, events, "'events'"))
		for (size_t i = 0; i < events->count; i++)
			read_type(loading, &events->entries[i], index);
	check_customers(loading, &topic, index);
	read_fixed_type(loading, node_get(node, "type"), &topic, index);
	schema_load_map(loading, node_get(node, "map"), &topic, index);
	schema->topics[index] = topic;
}

static void read_undone_by(struct schema_loading *loading, const struct node *node, struct event_type *type)
{
	const struct schema *schema = loading->schema;
	struct str name;
	if (!expect_text(loading->problems, node, "'undone_by'", &name))
		return;
	const char *names[SCHEMA_TYPES_MAX];
	for (uint16_t i = 0; i < schema->type_count; i++)
		names[i] = schema->types[i].name;
	type->undone_by = schema_type(schema, name);
	if (type->undone_by < 0)
		problem_at(loading->problems, node->mark, "unknown event '%.*s'%s", STR_ARG(name),
			did_you_mean(loading->problems, name, names, schema->type_count));
	else if (&schema->types[type->undone_by] == type)
		problem_at(loading->problems, node->mark, "an event cannot undo itself");
	else if (type->in_force_key >= 0 && !schema_rule(&schema->types[type->undone_by], (uint16_t)type->in_force_key))
		problem_at(loading->problems, node->mark, "'%.*s' does not carry '%s'", STR_ARG(name),
			schema->fields[type->in_force_key].name);
}

static void read_in_force(struct schema_loading *loading, const struct node *node, struct event_type *type)
{
	if (!node || !expect_mapping(loading->problems, node, "'in_force'"))
		return;
	expect_mapping_keys(loading->problems, node, "in_force");
	struct str name;
	const struct node *per = node_need(loading->problems, node, "per");
	int32_t field = -1;
	if (expect_text(loading->problems, per, "'per'", &name))
		field = schema_need_field(loading, per->mark, name);
	const struct field_rule *rule = field < 0 ? NULL : schema_rule(type, (uint16_t)field);
	if (field >= 0 && (!rule || !rule->required || loading->schema->fields[field].kind != FIELD_TEXT))
		problem_at(loading->problems, per->mark, "'%.*s' must be a required text of '%s'", STR_ARG(name),
			type->name);
	else
		type->in_force_key = field;
	if (!type->needs_customer)
		problem_at(loading->problems, node->mark, "an event without a customer cannot have 'in_force'");
	const struct node *undone_by = node_get(node, "undone_by");
	if (undone_by)
		read_undone_by(loading, undone_by, type);
}

static int32_t gate_of(const struct schema *schema, int32_t type)
{
	if (schema->types[type].in_force_key >= 0)
		return type;
	for (int32_t i = 0; i < schema->type_count; i++)
		if (schema->types[i].in_force_key >= 0 && schema->types[i].undone_by == type)
			return i;
	return -1;
}

static int32_t text_field(struct schema_loading *loading, const char *name)
{
	int32_t field = schema_field(loading->schema, str_of(name));
	if (field < 0 || loading->schema->fields[field].kind == FIELD_TEXT)
		return field;
	problem_at(loading->problems, loading->drafts[field].mark, "field '%s' must be of type text", name);
	return -1;
}

void schema_load(struct config_problems *problems, struct arena *arena, const struct node *root, const char *currency,
	struct schema *ret_schema)
{
	struct schema_loading *loading = ARENA_NEW(arena, struct schema_loading);
	*loading = (struct schema_loading){.problems = problems, .arena = arena, .schema = ret_schema};
	*ret_schema = (struct schema){.currency = currency, .credits_field = -1, .currency_field = -1};
	ret_schema->topics = ARENA_ARRAY(arena, struct topic, TOPICS_MAX);
	ret_schema->types = ARENA_ARRAY(arena, struct event_type, SCHEMA_TYPES_MAX);
	expect_mapping_keys(problems, root, "events");
	schema_load_fields(loading, root);
	schema_load_retractions(loading, node_get(root, "retractions"));
	const struct node *topics = node_need(problems, root, "topics");
	if (expect_sequence(problems, topics, "'topics'"))
		for (size_t i = 0; i < topics->count; i++)
			read_topic(loading, topics->items[i]);
	for (uint16_t i = 0; i < ret_schema->type_count; i++)
		read_in_force(loading, node_get(loading->type_nodes[i], "in_force"), &ret_schema->types[i]);
	schema_add_retractions(loading);
	for (uint16_t i = 0; i < ret_schema->type_count; i++)
		ret_schema->types[i].gate = gate_of(ret_schema, i);
	if (topics && !ret_schema->type_count && !problems->error_count)
		problem_at(problems, topics->mark, "there are no events");
	ret_schema->rep_field = text_field(loading, "rep");
	ret_schema->team_field = text_field(loading, "team");
	ret_schema->product_field = text_field(loading, "product");
}
