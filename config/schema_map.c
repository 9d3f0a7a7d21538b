/* Where the envelope and the fields stand in a topic's messages. */
#include "config/schema_find.h"
#include "config/schema_load.h"

enum { PATH_STEPS_MAX = 16 };

static struct field_path single(struct arena *arena, const char *name)
{
	struct field_path path = {ARENA_NEW(arena, struct str), 1};
	path.steps[0] = arena_str(arena, str_of(name));
	return path;
}

/* ~1 is / and ~0 is ~ (RFC 6901); in a dotted path nothing is escaped. */
static bool unescape(struct arena *arena, struct str step, bool pointer, struct str *ret_step)
{
	char *text = arena_text(arena, step);
	size_t length = 0;
	for (size_t i = 0; i < step.length; i++) {
		char c = step.data[i];
		if (pointer && c == '~') {
			if (i + 1 == step.length || (step.data[i + 1] != '0' && step.data[i + 1] != '1'))
				return false;
			c = step.data[++i] == '0' ? '~' : '/';
		}
		text[length++] = c;
	}
	*ret_step = (struct str){text, length};
	return length > 0;
}

static bool parse_path(struct arena *arena, struct str text, struct field_path *ret_path)
{
	bool pointer = text.length && text.data[0] == '/';
	char separator = pointer ? '/' : '.';
	struct str *steps = ARENA_ARRAY(arena, struct str, PATH_STEPS_MAX);
	uint16_t count = 0;
	for (size_t from = pointer, to; from <= text.length; from = to + 1) {
		for (to = from; to < text.length && text.data[to] != separator;)
			to++;
		struct str step = {text.data + from, to - from};
		if (count == PATH_STEPS_MAX || !unescape(arena, step, pointer, &steps[count]))
			return false;
		count++;
	}
	*ret_path = (struct field_path){steps, count};
	return count > 0;
}

static void read_path(struct schema_loading *loading, const struct node *node, struct field_path *ret_path)
{
	struct str text;
	if (expect_text(loading->problems, node, "a path", &text) && !parse_path(loading->arena, text, ret_path))
		problem_at(loading->problems, node->mark, "'%.*s' is no path: /a/b or a.b, at most %d levels",
			STR_ARG(text), PATH_STEPS_MAX);
}

static uint64_t fields_of_type(const struct event_type *type)
{
	uint64_t fields = 0;
	for (uint16_t i = 0; i < type->rule_count; i++)
		fields |= UINT64_C(1) << type->rules[i].field;
	return fields;
}

static uint64_t fields_of_topic(const struct schema_loading *loading, uint16_t topic)
{
	const struct schema *schema = loading->schema;
	uint64_t fields = fields_of_type(&loading->retraction);
	for (uint16_t i = 0; i < schema->type_count; i++)
		if (schema->types[i].topic == topic)
			fields |= fields_of_type(&schema->types[i]);
	return fields;
}

static void bind_fields(struct schema_loading *loading, struct topic *topic, uint64_t fields)
{
	const struct schema *schema = loading->schema;
	topic->bindings = ARENA_ARRAY(loading->arena, struct field_binding, SCHEMA_FIELDS_MAX);
	for (uint16_t i = 0; i < schema->field_count; i++)
		if (fields >> i & 1)
			topic->bindings[topic->binding_count++] =
				(struct field_binding){i, single(loading->arena, schema->fields[i].name)};
}

static struct field_path *path_of_field(struct topic *topic, int32_t field)
{
	for (uint16_t i = 0; i < topic->binding_count; i++)
		if (topic->bindings[i].field == field)
			return &topic->bindings[i].path;
	return NULL;
}

void schema_load_map(struct schema_loading *loading, const struct node *map, struct topic *topic, uint16_t index)
{
	struct {
		const char *name;
		struct field_path *path;
	} envelope[] = {{"id", &topic->id}, {"type", &topic->type}, {"time", &topic->time}, {"source", &topic->source},
		{"customer", &topic->customer}};
	enum { ENVELOPE = sizeof envelope / sizeof *envelope };
	for (int i = 0; i < ENVELOPE; i++)
		*envelope[i].path = single(loading->arena, envelope[i].name);
	bind_fields(loading, topic, fields_of_topic(loading, index));
	if (!map || !expect_mapping(loading->problems, map, "'map'"))
		return;
	for (size_t i = 0; i < map->count; i++) {
		const struct node_entry *entry = &map->entries[i];
		struct field_path *path = NULL;
		for (int j = 0; j < ENVELOPE; j++)
			if (str_equal(entry->key, str_of(envelope[j].name)))
				path = envelope[j].path;
		int32_t field = path ? -1 : schema_need_field(loading, entry->mark, entry->key);
		if (field >= 0) {
			path = path_of_field(topic, field);
			if (!path)
				problem_at(loading->problems, entry->mark, "no event of this topic carries '%.*s'",
					STR_ARG(entry->key));
		}
		if (path)
			read_path(loading, entry->value, path);
	}
}
