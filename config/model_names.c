/* Names that a file defines, and dimensions. */
#include "config/model_load.h"
#include "config/schema_find.h"

int32_t name_find(const char *const *names, size_t count, struct str name)
{
	for (size_t i = 0; i < count; i++)
		if (str_equal(name, str_of(names[i])))
			return (int32_t)i;
	return -1;
}

int32_t name_need(struct model_loading *loading, const struct node *node, const char *what, const char *const *names,
	size_t count)
{
	struct str name;
	if (!expect_text(loading->problems, node, what, &name))
		return -1;
	int32_t index = name_find(names, count, name);
	if (index < 0)
		problem_at(loading->problems, node->mark, "unknown %s '%.*s'%s", what, STR_ARG(name),
			did_you_mean(loading->problems, name, names, count));
	return index;
}

uint16_t definitions_read(struct model_loading *loading, const struct node *mapping, const char *what, uint16_t maximum,
	struct definition **ret_definitions, const char ***ret_names)
{
	bool given = mapping && expect_mapping(loading->problems, mapping, what);
	size_t count = given ? mapping->count : 0;
	if (count > maximum) {
		problem_at(loading->problems, mapping->entries[maximum].mark, "more than %d %s", maximum, what);
		count = maximum;
	}
	*ret_definitions = ARENA_ARRAY(loading->arena, struct definition, count + 1);
	*ret_names = ARENA_ARRAY(loading->arena, const char *, count + 1);
	for (size_t i = 0; i < count; i++) {
		const struct node_entry *entry = &mapping->entries[i];
		struct definition *definition = &(*ret_definitions)[i];
		definition->name = (*ret_names)[i] = arena_text(loading->arena, entry->key);
		definition->mark = entry->mark;
		definition->node = entry->value;
		definition->broken = !expect_name(loading->problems, entry->mark, entry->key, "this");
		if (!expect_mapping(loading->problems, entry->value, definition->name))
			definition->broken = true;
	}
	return (uint16_t)count;
}

static struct dimension *add_dimension(struct model_loading *loading, const char *name, int32_t field)
{
	struct model *model = loading->model;
	loading->dimension_names[model->dimension_count] = name;
	model->dimensions[model->dimension_count] = (struct dimension){.name = name, .field = field};
	return &model->dimensions[model->dimension_count++];
}

static bool can_add_dimension(struct model_loading *loading, const struct node_entry *entry)
{
	struct model *model = loading->model;
	if (!expect_name(loading->problems, entry->mark, entry->key, "a dimension"))
		return false;
	if (name_find(loading->dimension_names, model->dimension_count, entry->key) >= 0) {
		problem_at(loading->problems, entry->mark, "dimension '%.*s' is there already", STR_ARG(entry->key));
		return false;
	}
	if (model->dimension_count < MODEL_DIMENSIONS_MAX)
		return true;
	problem_at(loading->problems, entry->mark, "more than %d dimensions", MODEL_DIMENSIONS_MAX);
	return false;
}

/* What a key is made of: dimensions that are there already. */
static void read_parts(struct model_loading *loading, const struct node *node, struct dimension *dimension)
{
	const struct model *model = loading->model;
	if (node->count < 2 || node->count > DIMENSION_PARTS_MAX) {
		problem_at(loading->problems, node->mark,
			"a dimension has one field, or 2 to %d dimensions as its parts", DIMENSION_PARTS_MAX);
		return;
	}
	for (size_t i = 0; i < node->count; i++) {
		uint8_t before = (uint8_t)(model->dimension_count - 1);
		int32_t part = name_need(loading, node->items[i], "dimension", loading->dimension_names, before);
		if (part < 0)
			continue;
		if (part == DIMENSION_COMPANY || model->dimensions[part].part_count)
			problem_at(loading->problems, node->items[i]->mark, "'%s' cannot be a part",
				model->dimensions[part].name);
		else if (dimension_holds(model->dimensions, before, (uint8_t)part))
			problem_at(loading->problems, node->items[i]->mark, "'%s' is a part already",
				model->dimensions[part].name);
		else
			dimension->parts[dimension->part_count++] = (uint8_t)part;
	}
}

static void read_dimension(struct model_loading *loading, const struct node_entry *entry)
{
	const struct schema *schema = loading->schema;
	struct str name;
	if (!can_add_dimension(loading, entry))
		return;
	if (entry->value->kind == NODE_SEQUENCE) {
		read_parts(loading, entry->value, add_dimension(loading, arena_text(loading->arena, entry->key), -1));
		return;
	}
	if (!expect_text(loading->problems, entry->value, "a dimension's field", &name))
		return;
	int32_t field = schema_field(schema, name);
	if (field < 0 || (schema->fields[field].kind != FIELD_TEXT && schema->fields[field].kind != FIELD_CHOICE))
		problem_at(loading->problems, entry->value->mark,
			"'%.*s' is not a field of type text or choice of events.yaml", STR_ARG(name));
	add_dimension(loading, arena_text(loading->arena, entry->key), field);
}

void model_load_dimensions(struct model_loading *loading, const struct node *dimensions)
{
	add_dimension(loading, "company", -1);
	add_dimension(loading, "team", loading->schema->team_field);
	add_dimension(loading, "rep", loading->schema->rep_field);
	if (dimensions && expect_mapping(loading->problems, dimensions, "'dimensions'"))
		for (size_t i = 0; i < dimensions->count; i++)
			read_dimension(loading, &dimensions->entries[i]);
}

/* The company is always among them. */
uint8_t model_read_dimensions(struct model_loading *loading, const struct node *by)
{
	uint8_t set = 1u << DIMENSION_COMPANY;
	if (!by)
		return (uint8_t)(set | 1u << DIMENSION_TEAM | 1u << DIMENSION_REP);
	if (!expect_sequence(loading->problems, by, "'by'"))
		return set;
	for (size_t i = 0; i < by->count; i++) {
		int32_t dimension = name_need(
			loading, by->items[i], "dimension", loading->dimension_names, loading->model->dimension_count);
		if (dimension >= 0)
			set |= (uint8_t)(1u << dimension);
	}
	return set;
}
