/* `measures` of kpis.yaml. */
#include "config/grammar.h"
#include "config/model_load.h"
#include "config/schema_find.h"

static const char *const kind_keys[] = {[MEASURE_COUNT] = "count",
	[MEASURE_SUM] = "sum",
	[MEASURE_ELAPSED] = "elapsed",
	[MEASURE_LEVEL] = "level",
	[MEASURE_DISTINCT] = "distinct",
	[MEASURE_STAYED] = "stayed",
	[MEASURE_TOUCHES] = "touches",
	[MEASURE_LAST] = "last"};
enum { MEASURE_KINDS = sizeof kind_keys / sizeof *kind_keys };

#define WITHIN_MAX (MODEL_DAYS_MAX * DAY_MS)

static bool read_flag(struct model_loading *loading, const struct node *node, bool *ret_flag)
{
	return !node || expect_boolean(loading->problems, node, ret_flag);
}

static bool read_count(struct model_loading *loading, const struct node *node, struct measure *measure)
{
	const struct node *first = node_get(node, "first");
	unsigned rules = first ? TRIGGERS_OF_CUSTOMERS : TRIGGERS_SIGNED;
	expect_mapping_keys(loading->problems, node, "count");
	if (!model_read_triggers(loading, node_get(node, "count"), node_get(node, "where"), rules, &measure->on))
		return false;
	struct str key;
	if (!first)
		return true;
	if (!expect_text(loading->problems, first, "'first'", &key))
		return false;
	measure->first = true;
	if (str_equal(key, STR("customer")))
		return true;
	struct type_set types = trigger_list_types(loading, &measure->on);
	measure->key = model_key_field(loading, first, &types);
	return measure->key >= 0;
}

static bool carries_number(
	struct model_loading *loading, const struct node *node, const struct trigger_list *on, int32_t field)
{
	for (uint16_t i = 0; i < on->count; i++) {
		struct type_set types = {0};
		bool carried = false;
		trigger_types(loading, &on->items[i], &types);
		for (uint16_t j = 0; j < loading->schema->type_count; j++)
			carried |= type_set_has(&types, j) && schema_rule(&loading->schema->types[j], (uint16_t)field);
		if (!carried) {
			problem_at(loading->problems, node->mark, "not all of these events carry the field '%s'",
				loading->schema->fields[field].name);
			return false;
		}
	}
	return true;
}

/* The number of each of the events in `of`. */
static bool read_number_of(struct model_loading *loading, const struct node *node, const struct node *field,
	unsigned rules, struct measure *measure)
{
	const struct schema *schema = loading->schema;
	bool good = model_read_triggers(
		loading, node_need(loading->problems, node, "of"), node_get(node, "where"), rules, &measure->on);
	const char *names[SCHEMA_FIELDS_MAX];
	for (uint16_t i = 0; i < schema->field_count; i++)
		names[i] = schema->fields[i].name;
	measure->field = name_need(loading, field, "field", names, schema->field_count);
	if (measure->field < 0)
		return false;
	enum field_kind kind = schema->fields[measure->field].kind;
	if (kind == FIELD_DECIMAL || kind == FIELD_INTEGER)
		return good && carries_number(loading, field, &measure->on, measure->field);
	problem_at(loading->problems, field->mark, "'%s' is not a number that can be added up", names[measure->field]);
	return false;
}

static bool read_sum(struct model_loading *loading, const struct node *node, struct measure *measure)
{
	expect_mapping_keys(loading->problems, node, "sum");
	return read_number_of(loading, node, node_get(node, "sum"), TRIGGERS_SIGNED, measure);
}

static bool read_last(struct model_loading *loading, const struct node *node, struct measure *measure)
{
	expect_mapping_keys(loading->problems, node, "last");
	const struct node *per = node_get(node, "per"), *max_age = node_get(node, "max_age");
	bool good = read_number_of(loading, node, node_get(node, "last"), TRIGGERS_OF_SUBJECTS, measure);
	if (max_age)
		good &= expect_duration(loading->problems, max_age, 1, WITHIN_MAX, &measure->within);
	if (!per || !good)
		return good;
	struct type_set types = trigger_list_types(loading, &measure->on);
	measure->key = model_key_field(loading, per, &types);
	return measure->key >= 0;
}

static bool read_pair_key(struct model_loading *loading, const struct node *per, struct measure *measure)
{
	if (!per)
		return true;
	struct type_set types = trigger_list_types(loading, &measure->on);
	struct type_set ends = trigger_list_types(loading, &measure->ends);
	for (size_t i = 0; i < SCHEMA_TYPES_MAX / 64; i++)
		types.bits[i] |= ends.bits[i];
	measure->key = model_key_field(loading, per, &types);
	return measure->key >= 0;
}

static bool read_fallback(struct model_loading *loading, const struct node *node, struct measure *measure)
{
	const struct schema *schema = loading->schema;
	struct str name;
	if (!node)
		return true;
	if (!expect_text(loading->problems, node, "'start_else'", &name))
		return false;
	int32_t field = schema_field(schema, name);
	bool carried = false;
	struct type_set ends = trigger_list_types(loading, &measure->ends);
	for (uint16_t i = 0; i < schema->type_count && field >= 0; i++)
		carried |= type_set_has(&ends, i) && schema_rule(&schema->types[i], (uint16_t)field);
	measure->fallback_start = field;
	if (carried && schema->fields[field].kind == FIELD_TIME && !measure->dated_at_start)
		return true;
	problem_at(loading->problems, node->mark,
		measure->dated_at_start ? "a pair that is dated at its start cannot have 'start_else'"
					: "'%.*s' is not a field of type time of the events in 'to'",
		STR_ARG(name));
	return false;
}

static bool read_dating(struct model_loading *loading, const struct node *node, struct measure *measure)
{
	const struct node *dated = node_get(node, "dated"), *of = node_get(node, "dimensions_of");
	size_t at_end = 1, of_end = 1;
	if (dated && !expect_choice(loading->problems, dated, "'dated'", KEYS("start", "end"), &at_end))
		return false;
	measure->dated_at_start = measure->dimensions_of_start = !at_end;
	if (!of)
		return true;
	if (!expect_choice(loading->problems, of, "'dimensions_of'", KEYS("start", "end"), &of_end))
		return false;
	measure->dimensions_of_start = !of_end;
	if (!measure->dated_at_start || measure->dimensions_of_start)
		return true;
	problem_at(loading->problems, of->mark, "a pair that is dated at its start has the start's dimensions");
	return false;
}

static bool read_elapsed(struct model_loading *loading, const struct node *node, struct measure *measure)
{
	struct config_problems *problems = loading->problems;
	expect_mapping_keys(problems, node, "elapsed");
	bool good = model_read_triggers(loading, node_get(node, "elapsed"), NULL, TRIGGERS_OF_CUSTOMERS, &measure->on);
	good &= model_read_triggers(
		loading, node_need(problems, node, "to"), NULL, TRIGGERS_OF_CUSTOMERS, &measure->ends);
	const struct node *match = node_get(node, "match"), *within = node_get(node, "within");
	size_t choice = MATCH_FIRST;
	if (match)
		good &= expect_choice(problems, match, "'match'", KEYS("first", "latest", "every"), &choice);
	measure->match = (uint8_t)choice;
	if (within)
		good &= expect_duration(problems, within, 1, WITHIN_MAX, &measure->within);
	good &= read_flag(loading, node_get(node, "first"), &measure->first);
	good &= read_flag(loading, node_get(node, "histogram"), &measure->has_histogram);
	good &= read_dating(loading, node, measure);
	return good && read_pair_key(loading, node_get(node, "per"), measure) &&
		read_fallback(loading, node_get(node, "start_else"), measure);
}

static bool read_distinct(struct model_loading *loading, const struct node *node, struct measure *measure)
{
	size_t customer;
	const struct node *only_while = node_get(node, "while");
	expect_mapping_keys(loading->problems, node, "distinct");
	bool good =
		expect_choice(loading->problems, node_get(node, "distinct"), "'distinct'", KEYS("customer"), &customer);
	good &= model_read_triggers(loading, node_need(loading->problems, node, "of"), node_get(node, "where"),
		TRIGGERS_OF_CUSTOMERS, &measure->on);
	if (!only_while)
		return good;
	measure->stock = name_need(loading, only_while, "stock", loading->stock_names, loading->model->stock_count);
	if (measure->stock >= 0 && loading->model->stocks[measure->stock].key >= 0) {
		problem_at(
			loading->problems, only_while->mark, "'while' needs a stock of customers, one without 'per'");
		return false;
	}
	return good && measure->stock >= 0;
}

/* A stock, or the open starts of a pair; a stock's name comes first. */
static bool read_level(struct model_loading *loading, const struct node *node, struct measure *measure)
{
	const struct node *of = node_get(node, "level");
	struct str name;
	expect_mapping_keys(loading->problems, node, "level");
	if (!expect_text(loading->problems, of, "'level'", &name))
		return false;
	measure->stock = name_find(loading->stock_names, loading->model->stock_count, name);
	if (measure->stock >= 0)
		return true;
	measure->pair =
		name_need(loading, of, "stock or measure", loading->measure_names, loading->model->measure_count);
	return measure->pair >= 0;
}

static bool read_stayed(struct model_loading *loading, const struct node *node, struct measure *measure)
{
	expect_mapping_keys(loading->problems, node, "stayed");
	measure->stock = name_need(
		loading, node_get(node, "stayed"), "stock", loading->stock_names, loading->model->stock_count);
	return measure->stock >= 0;
}

/* One of the stocks that a touch counts since; an end says which member of it is meant. */
static bool read_since(struct model_loading *loading, const struct node *node, struct measure *measure)
{
	const struct schema *schema = loading->schema;
	const struct model *model = loading->model;
	int32_t index = name_need(loading, node, "stock", loading->stock_names, model->stock_count);
	if (index < 0)
		return false;
	for (uint16_t i = 0; i < measure->since_count; i++)
		if (measure->since[i] == index) {
			problem_at(loading->problems, node->mark, "stock '%s' stands here twice",
				loading->stock_names[index]);
			return false;
		}
	measure->since[measure->since_count++] = (uint16_t)index;
	int32_t key = model->stocks[index].key;
	struct type_set ends = trigger_list_types(loading, &measure->ends);
	for (uint16_t i = 0; i < schema->type_count && key >= 0; i++)
		if (type_set_has(&ends, i) && !schema_rule(&schema->types[i], (uint16_t)key)) {
			problem_at(loading->problems, node->mark,
				"'%s' does not carry '%s', which says which '%s' is meant", schema->types[i].name,
				schema->fields[key].name, loading->stock_names[index]);
			return false;
		}
	return true;
}

static bool read_touches(struct model_loading *loading, const struct node *node, struct measure *measure)
{
	enum { RULES = TRIGGERS_EVENTS_ONLY | TRIGGERS_OF_CUSTOMERS };
	struct config_problems *problems = loading->problems;
	expect_mapping_keys(problems, node, "touches");
	bool good = model_read_triggers(loading, node_get(node, "touches"), NULL, RULES, &measure->on);
	good &= model_read_triggers(loading, node_need(problems, node, "to"), NULL, RULES, &measure->ends);
	const struct node *since = node_need(problems, node, "since");
	if (!since || !good || !expect_sequence(problems, since, "'since'"))
		return false;
	if (since->count == 0 || since->count > MODEL_SINCE_MAX) {
		problem_at(problems, since->mark, "1 to %d stocks are needed here", MODEL_SINCE_MAX);
		return false;
	}
	measure->since = ARENA_ARRAY(loading->arena, uint16_t, since->count);
	for (size_t i = 0; i < since->count; i++)
		good &= read_since(loading, since->items[i], measure);
	return good;
}

static bool read_measure(struct model_loading *loading, const struct definition *definition, struct measure *measure)
{
	const struct node *node = definition->node;
	int kind = -1;
	for (int i = 0; i < MEASURE_KINDS; i++)
		if (kind < 0 && node_get(node, kind_keys[i]))
			kind = i;
	if (kind < 0) {
		problem_at(loading->problems, definition->mark,
			"measure '%s' needs one of count, sum, elapsed, level, distinct, stayed, touches, last",
			definition->name);
		return false;
	}
	measure->kind = (uint8_t)kind;
	switch (kind) {
	case MEASURE_COUNT:
		return read_count(loading, node, measure);
	case MEASURE_SUM:
		return read_sum(loading, node, measure);
	case MEASURE_ELAPSED:
		return read_elapsed(loading, node, measure);
	case MEASURE_LEVEL:
		return read_level(loading, node, measure);
	case MEASURE_LAST:
		return read_last(loading, node, measure);
	case MEASURE_DISTINCT:
		return read_distinct(loading, node, measure);
	case MEASURE_STAYED:
		return read_stayed(loading, node, measure);
	default:
		return read_touches(loading, node, measure);
	}
}

/* Levels may name measures that come later. */
static void check_pair(struct model_loading *loading, struct definition *definition, const struct measure *measure)
{
	if (measure->pair < 0 || definition->broken || loading->measures[measure->pair].broken)
		return;
	const struct measure *pair = &loading->model->measures[measure->pair];
	if (pair->kind == MEASURE_ELAPSED && pair->match != MATCH_EVERY)
		return;
	problem_at(loading->problems, node_get(definition->node, "level")->mark,
		"'%s' is not an elapsed measure with match first or latest", pair->name);
	definition->broken = true;
}

void model_load_measures(struct model_loading *loading, const struct node *measures)
{
	struct model *model = loading->model;
	model->measure_count = definitions_read(
		loading, measures, "measures", MODEL_MEASURES_MAX, &loading->measures, &loading->measure_names);
	/* room for "events" */
	model->measures = ARENA_ARRAY(loading->arena, struct measure, (size_t)model->measure_count + 1);
	for (uint16_t i = 0; i < model->measure_count; i++) {
		struct definition *definition = &loading->measures[i];
		struct measure *measure = &model->measures[i];
		*measure = (struct measure){.name = definition->name,
			.field = -1,
			.key = -1,
			.fallback_start = -1,
			.stock = -1,
			.pair = -1,
			.dimensions = 1u << DIMENSION_COMPANY};
		if (!definition->broken)
			definition->broken = !read_measure(loading, definition, measure);
	}
	for (uint16_t i = 0; i < model->measure_count; i++)
		check_pair(loading, &loading->measures[i], &model->measures[i]);
}
