/* The fields of one event type, and by what they refuse an event. */
#include "config/grammar.h"
#include "config/predicate.h"
#include "config/schema_find.h"
#include "config/schema_load.h"

static void read_default_choice(
	struct schema_loading *loading, const struct field *field, const struct node *node, struct field_rule *rule)
{
	struct str text;
	if (!expect_text(loading->problems, node, "'default'", &text))
		return;
	for (uint16_t i = 0; i < field->choice_count; i++)
		if ((rule->allowed >> i & 1) && str_equal(text, str_of(field->choices[i]))) {
			rule->has_default = true;
			rule->default_number = i;
			return;
		}
	problem_at(loading->problems, node->mark, "the default '%.*s' is not one of the choices%s", STR_ARG(text),
		did_you_mean(loading->problems, text, field->choices, field->choice_count));
}

static void read_default_text(struct schema_loading *loading, const struct node *node, struct field_rule *rule)
{
	struct str text;
	if (!expect_text(loading->problems, node, "'default'", &text))
		return;
	rule->has_default = text.length > 0;
	rule->default_text = str_of(arena_text(loading->arena, text));
	if (!rule->has_default)
		problem_at(loading->problems, node->mark, "an empty text is no default: it counts as absent");
}

static void read_default(
	struct schema_loading *loading, const struct field *field, const struct node *node, struct field_rule *rule)
{
	bool truth = false;
	switch (field->kind) {
	case FIELD_TEXT:
		read_default_text(loading, node, rule);
		break;
	case FIELD_CHOICE:
		read_default_choice(loading, field, node, rule);
		break;
	case FIELD_BOOLEAN:
		rule->has_default = expect_boolean(loading->problems, node, &truth);
		rule->default_number = truth;
		break;
	case FIELD_DECIMAL:
	case FIELD_INTEGER:
		rule->has_default = schema_read_number(loading, field, node, &rule->default_number);
		if (rule->has_default && (rule->default_number < rule->minimum || rule->default_number > rule->maximum))
			problem_at(loading->problems, node->mark, "the default is out of its bounds");
		break;
	default:
		problem_at(loading->problems, node->mark, "field '%s' cannot have a default", field->name);
	}
}

static void read_bounds(
	struct schema_loading *loading, const struct field *field, const struct node *node, struct field_rule *rule)
{
	const struct node *minimum = node_get(node, "minimum"), *maximum = node_get(node, "maximum");
	if (minimum)
		schema_read_number(loading, field, minimum, &rule->minimum);
	if (maximum)
		schema_read_number(loading, field, maximum, &rule->maximum);
	if (rule->minimum > rule->maximum)
		problem_at(loading->problems, (maximum ? maximum : node)->mark, "the maximum is below the minimum");
}

static void read_not_after_time(
	struct schema_loading *loading, uint16_t field, const struct node *node, struct event_type *type)
{
	bool wanted = false;
	if (!expect_boolean(loading->problems, node, &wanted) || !wanted)
		return;
	if (loading->schema->fields[field].kind != FIELD_TIME)
		problem_at(loading->problems, node->mark, "only a time can have 'not_after_time'");
	else if (type->not_after_time >= 0)
		problem_at(loading->problems, node->mark, "only one field of an event can have 'not_after_time'");
	else
		type->not_after_time = field;
}

static void read_rule(
	struct schema_loading *loading, const struct node *node, struct event_type *type, struct field_rule *rule)
{
	struct field *field = &loading->schema->fields[rule->field];
	if (node->kind == NODE_NULL || !expect_mapping(loading->problems, node, "a field of an event"))
		return;
	expect_mapping_keys(loading->problems, node, "rule");
	const struct node *required = node_get(node, "required"), *choices = node_get(node, "one_of");
	const struct node *otherwise = node_get(node, "default"), *not_after = node_get(node, "not_after_time");
	if (required)
		expect_boolean(loading->problems, required, &rule->required);
	if (choices)
		rule->allowed = schema_read_choices(loading, field, choices);
	read_bounds(loading, field, node, rule);
	if (otherwise)
		read_default(loading, field, otherwise, rule);
	if (otherwise && rule->required)
		problem_at(loading->problems, otherwise->mark, "a required field needs no default");
	if (not_after)
		read_not_after_time(loading, rule->field, not_after, type);
}

static struct field_rule fresh_rule(const struct schema_loading *loading, uint16_t field)
{
	const struct field_draft *draft = &loading->drafts[field];
	return (struct field_rule){
		.field = field, .minimum = draft->minimum, .maximum = draft->maximum, .allowed = draft->allowed};
}

static void check_choices(struct schema_loading *loading, struct mark mark, const struct field_rule *rule)
{
	const struct field *field = &loading->schema->fields[rule->field];
	if (field->kind == FIELD_CHOICE && !rule->allowed)
		problem_at(loading->problems, mark, "choice '%s' needs 'one_of'", field->name);
}

/* Rules stand in field order, whatever the order in the file. */
static void keep_rules(
	struct schema_loading *loading, const struct field_rule *rules, uint64_t carried, struct event_type *type)
{
	type->rules = ARENA_ARRAY(loading->arena, struct field_rule, SCHEMA_FIELDS_MAX);
	for (int field = 0; field < loading->schema->field_count; field++)
		if (carried >> field & 1)
			type->rules[type->rule_count++] = rules[field];
}

/* Rules of the common fields; returns which they are. */
static uint64_t common_rules(const struct schema_loading *loading, struct field_rule *rules)
{
	uint64_t carried = 0;
	for (uint16_t i = 0; i < loading->common_count; i++) {
		rules[loading->common[i]] = fresh_rule(loading, loading->common[i]);
		carried |= UINT64_C(1) << loading->common[i];
	}
	return carried;
}

void schema_retraction_rules(struct schema_loading *loading, uint16_t names, struct event_type *type)
{
	struct field_rule rules[SCHEMA_FIELDS_MAX];
	uint64_t carried = common_rules(loading, rules);
	int32_t product = schema_field(loading->schema, STR("product"));
	if (product >= 0) {
		rules[product] = fresh_rule(loading, (uint16_t)product);
		carried |= UINT64_C(1) << product;
	}
	rules[names] = fresh_rule(loading, names);
	rules[names].required = true;
	keep_rules(loading, rules, carried | UINT64_C(1) << names, type);
}

void schema_load_rules(struct schema_loading *loading, const struct node *fields, struct event_type *type)
{
	struct field_rule rules[SCHEMA_FIELDS_MAX];
	uint64_t carried = common_rules(loading, rules);
	bool given = fields && expect_mapping(loading->problems, fields, "'fields'");
	for (size_t i = 0; given && i < fields->count; i++) {
		const struct node_entry *entry = &fields->entries[i];
		int32_t field = schema_need_field(loading, entry->mark, entry->key);
		if (field < 0)
			continue;
		rules[field] = fresh_rule(loading, (uint16_t)field);
		read_rule(loading, entry->value, type, &rules[field]);
		check_choices(loading, entry->mark, &rules[field]);
		carried |= UINT64_C(1) << field;
	}
	keep_rules(loading, rules, carried, type);
}

void schema_load_refuse(struct schema_loading *loading, const struct node *node, uint16_t index)
{
	struct event_type *type = &loading->schema->types[index];
	struct type_set types = {0};
	if (!node)
		return;
	bool list = node->kind == NODE_SEQUENCE;
	size_t count = list ? node->count : 1;
	if (count == 0 || count > SCHEMA_REFUSES_MAX) {
		problem_at(loading->problems, node->mark, "1 to %d conditions are needed here", SCHEMA_REFUSES_MAX);
		return;
	}
	type_set_add(&types, index);
	struct refuse_rule *rules = ARENA_ARRAY(loading->arena, struct refuse_rule, count);
	for (size_t i = 0; i < count; i++) {
		const struct node *item = list ? node->items[i] : node;
		const struct predicate *where =
			predicate_compile(loading->problems, loading->arena, loading->schema, &types, item, "'refuse'");
		if (where)
			rules[type->refuse_count++] =
				(struct refuse_rule){where, arena_str(loading->arena, item->text)};
	}
	type->refuses = rules;
}
