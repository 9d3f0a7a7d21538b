/* `retractions` of events.yaml: the event that takes another one back. */
#include "config/grammar.h"
#include "config/schema_find.h"
#include "config/schema_load.h"

/* Nothing can refer to it, and nothing is near it. */
#define REACH_NAME "(how far back a retraction reaches)"

static bool read_names(struct schema_loading *loading, const struct node *node, uint16_t *ret_field)
{
	struct str name;
	const struct node *names = node_need(loading->problems, node, "names");
	if (!expect_text(loading->problems, names, "'names'", &name))
		return false;
	int32_t field = schema_need_field(loading, names->mark, name);
	if (field >= 0 && loading->schema->fields[field].kind != FIELD_TEXT) {
		problem_at(loading->problems, names->mark, "'%.*s' must be of type text: it holds the id of an event",
			STR_ARG(name));
		return false;
	}
	*ret_field = (uint16_t)field;
	return field >= 0;
}

static int32_t add_reach(struct schema_loading *loading, struct mark mark)
{
	struct schema *schema = loading->schema;
	if (schema->field_count == SCHEMA_FIELDS_MAX) {
		problem_at(loading->problems, mark, "more than %d fields: 'retractions' need one for themselves",
			SCHEMA_FIELDS_MAX);
		return -1;
	}
	loading->field_names[schema->field_count] = REACH_NAME;
	schema->fields[schema->field_count] = (struct field){.name = REACH_NAME, .kind = FIELD_TIME};
	return schema->field_count++;
}

void schema_load_retractions(struct schema_loading *loading, const struct node *node)
{
	struct retractions *retractions = &loading->schema->retractions;
	*retractions = (struct retractions){-1, -1, -1};
	if (!node || !expect_mapping(loading->problems, node, "'retractions'"))
		return;
	expect_mapping_keys(loading->problems, node, "retraction");
	struct str name;
	uint16_t names;
	const struct node *event = node_need(loading->problems, node, "event");
	if (!expect_text(loading->problems, event, "'event'", &name) ||
		!schema_plain_name(loading, event->mark, name, "an event") || !read_names(loading, node, &names))
		return;
	struct event_type *type = &loading->retraction;
	*type = (struct event_type){.name = arena_text(loading->arena, name),
		.topic = SCHEMA_EVERY_TOPIC,
		.in_force_key = -1,
		.undone_by = -1,
		.not_after_time = -1};
	loading->retraction_mark = event->mark;
	schema_retraction_rules(loading, names, type);
	retractions->names = names;
	retractions->reach = add_reach(loading, node->mark);
}

void schema_add_retractions(struct schema_loading *loading)
{
	struct schema *schema = loading->schema;
	const struct event_type *type = &loading->retraction;
	int32_t before = type->name ? schema_type(schema, str_of(type->name)) : -1;
	if (!type->name)
		return;
	if (before >= 0) {
		problem_at(loading->problems, loading->retraction_mark, "event '%s' is defined already in line %d",
			type->name, loading->type_marks[before].line);
		return;
	}
	if (schema->type_count == SCHEMA_TYPES_MAX) {
		problem_at(loading->problems, loading->retraction_mark, "more than %d events", SCHEMA_TYPES_MAX);
		return;
	}
	loading->type_marks[schema->type_count] = loading->retraction_mark;
	schema->types[schema->type_count] = *type;
	schema->retractions.type = schema->type_count++;
}
