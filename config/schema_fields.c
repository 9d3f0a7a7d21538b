/* `fields` and `common` of events.yaml. */
#include "config/grammar.h"
#include "config/schema_find.h"
#include "config/schema_load.h"

static const char *const kind_names[] = {[FIELD_TEXT] = "text",
	[FIELD_CHOICE] = "choice",
	[FIELD_DECIMAL] = "decimal",
	[FIELD_INTEGER] = "integer",
	[FIELD_BOOLEAN] = "boolean",
	[FIELD_TIME] = "time",
	[FIELD_CURRENCY] = "currency",
	[FIELD_CREDITS] = "credits"};
enum { KINDS = sizeof kind_names / sizeof *kind_names };

/* Names that mean something else in the envelope or in a predicate. */
static const char *const reserved[] = {
	"id", "type", "time", "source", "customer", "and", "or", "not", "in", "has", "true", "false"};

int32_t schema_need_field(struct schema_loading *loading, struct mark mark, struct str name)
{
	int32_t field = schema_field(loading->schema, name);
	if (field < 0)
		problem_at(loading->problems, mark, "unknown field '%.*s'%s", STR_ARG(name),
			did_you_mean(loading->problems, name, loading->field_names, loading->schema->field_count));
	return field;
}

static int choice_of(struct schema_loading *loading, struct field *field, struct mark mark, struct str text)
{
	for (int i = 0; i < field->choice_count; i++)
		if (str_equal(text, str_of(field->choices[i])))
			return i;
	if (field->choice_count == SCHEMA_CHOICES_MAX) {
		problem_at(loading->problems, mark, "field '%s' has more than %d choices", field->name,
			SCHEMA_CHOICES_MAX);
		return -1;
	}
	field->choices[field->choice_count] = arena_text(loading->arena, text);
	return field->choice_count++;
}

uint64_t schema_read_choices(struct schema_loading *loading, struct field *field, const struct node *list)
{
	uint64_t allowed = 0;
	if (!expect_sequence(loading->problems, list, "'one_of'"))
		return 0;
	if (field->kind != FIELD_CHOICE) {
		problem_at(loading->problems, list->mark, "field '%s' is of type %s: only a choice has 'one_of'",
			field->name, kind_names[field->kind]);
		return 0;
	}
	for (size_t i = 0; i < list->count; i++) {
		struct str text;
		if (!expect_text(loading->problems, list->items[i], "a choice", &text))
			continue;
		int choice = choice_of(loading, field, list->items[i]->mark, text);
		if (choice < 0)
			break;
		if (allowed >> choice & 1)
			problem_at(loading->problems, list->items[i]->mark, "'%.*s' stands here twice", STR_ARG(text));
		allowed |= UINT64_C(1) << choice;
	}
	return allowed;
}

bool schema_read_number(
	struct schema_loading *loading, const struct field *field, const struct node *node, int64_t *ret_value)
{
	if (field->kind == FIELD_DECIMAL)
		return expect_decimal(loading->problems, node, ret_value);
	if (field->kind == FIELD_INTEGER)
		return expect_integer(loading->problems, node, INT64_MIN, INT64_MAX, ret_value);
	problem_at(loading->problems, node->mark, "field '%s' is of type %s and has no bounds", field->name,
		kind_names[field->kind]);
	return false;
}

static void read_bounds(
	struct schema_loading *loading, const struct field *field, const struct node *node, struct field_draft *draft)
{
	const struct node *minimum = node_get(node, "minimum"), *maximum = node_get(node, "maximum");
	if (minimum)
		schema_read_number(loading, field, minimum, &draft->minimum);
	if (maximum)
		schema_read_number(loading, field, maximum, &draft->maximum);
	if (draft->minimum > draft->maximum)
		problem_at(loading->problems, (maximum ? maximum : node)->mark, "the maximum is below the minimum");
}

static void read_definition(
	struct schema_loading *loading, const struct node *node, struct field *field, struct field_draft *draft)
{
	field->choices = ARENA_ARRAY(loading->arena, const char *, SCHEMA_CHOICES_MAX);
	draft->minimum = INT64_MIN;
	draft->maximum = INT64_MAX;
	if (!expect_mapping(loading->problems, node, "a field"))
		return;
	expect_mapping_keys(loading->problems, node, "field");
	size_t kind = FIELD_TEXT;
	const struct node *type = node_need(loading->problems, node, "type");
	if (type)
		expect_choice(loading->problems, type, "'type'", kind_names, KINDS, &kind);
	field->kind = (enum field_kind)kind;
	const struct node *money = node_get(node, "money");
	if (money && expect_boolean(loading->problems, money, &field->money) && field->money &&
		field->kind != FIELD_DECIMAL)
		problem_at(loading->problems, money->mark, "only a decimal can be money");
	const struct node *choices = node_get(node, "one_of");
	if (choices)
		draft->allowed = schema_read_choices(loading, field, choices);
	read_bounds(loading, field, node, draft);
}

static bool good_name(struct schema_loading *loading, struct mark mark, struct str name)
{
	if (!expect_name(loading->problems, mark, name, "a field"))
		return false;
	for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
		if (str_equal(name, str_of(reserved[i]))) {
			problem_at(loading->problems, mark, "'%s' cannot name a field: it has a meaning of its own",
				reserved[i]);
			return false;
		}
	return true;
}

/* An event is split in one way only, and its money is in one currency. */
static void note_single(struct schema_loading *loading, uint16_t index)
{
	struct schema *schema = loading->schema;
	enum field_kind kind = schema->fields[index].kind;
	int32_t *single = kind == FIELD_CREDITS ? &schema->credits_field
		: kind == FIELD_CURRENCY        ? &schema->currency_field
						: NULL;
	if (single && *single >= 0)
		problem_at(loading->problems, loading->drafts[index].mark,
			"only one field can be of type %s: '%s' is one already", kind_names[kind],
			schema->fields[*single].name);
	else if (single)
		*single = index;
}

static void read_common(struct schema_loading *loading, const struct node *common)
{
	if (!common || !expect_sequence(loading->problems, common, "'common'"))
		return;
	for (size_t i = 0; i < common->count; i++) {
		struct str name;
		if (!expect_text(loading->problems, common->items[i], "a field's name", &name))
			continue;
		int32_t field = schema_need_field(loading, common->items[i]->mark, name);
		if (field >= 0 && loading->schema->fields[field].kind == FIELD_CHOICE &&
			!loading->drafts[field].allowed)
			problem_at(loading->problems, common->items[i]->mark,
				"choice '%.*s' needs 'one_of' in 'fields'", STR_ARG(name));
		if (field >= 0 && loading->common_count < SCHEMA_FIELDS_MAX)
			loading->common[loading->common_count++] = (uint16_t)field;
	}
}

void schema_load_fields(struct schema_loading *loading, const struct node *root)
{
	struct schema *schema = loading->schema;
	schema->fields = ARENA_ARRAY(loading->arena, struct field, SCHEMA_FIELDS_MAX);
	const struct node *fields = node_need(loading->problems, root, "fields");
	if (!expect_mapping(loading->problems, fields, "'fields'"))
		return;
	for (size_t i = 0; i < fields->count; i++) {
		const struct node_entry *entry = &fields->entries[i];
		if (!good_name(loading, entry->mark, entry->key))
			continue;
		if (schema->field_count == SCHEMA_FIELDS_MAX) {
			problem_at(loading->problems, entry->mark, "more than %d fields", SCHEMA_FIELDS_MAX);
			break;
		}
		uint16_t index = schema->field_count++;
		struct field *field = &schema->fields[index];
		field->name = loading->field_names[index] = arena_text(loading->arena, entry->key);
		loading->drafts[index].mark = entry->mark;
		read_definition(loading, entry->value, field, &loading->drafts[index]);
		note_single(loading, index);
	}
	read_common(loading, node_get(root, "common"));
}
