/* `stocks` of kpis.yaml. */
#include "config/grammar.h"
#include "config/model_load.h"
#include "config/schema_find.h"

enum { RULES = TRIGGERS_EVENTS_ONLY | TRIGGERS_OF_CUSTOMERS };

static struct type_set both_types(
	const struct model_loading *loading, const struct trigger_list *one, const struct trigger_list *other)
{
	struct type_set types = trigger_list_types(loading, one), more = trigger_list_types(loading, other);
	for (size_t i = 0; i < SCHEMA_TYPES_MAX / 64; i++)
		types.bits[i] |= more.bits[i];
	return types;
}

static bool read_holds(struct model_loading *loading, const struct node *holds, struct stock *stock)
{
	if (!expect_mapping(loading->problems, holds, "'holds'"))
		return false;
	expect_mapping_keys(loading->problems, holds, "holds");
	bool good = model_read_triggers(
		loading, node_need(loading->problems, holds, "opens"), NULL, RULES, &stock->hold_opens);
	good &= model_read_triggers(
		loading, node_need(loading->problems, holds, "closes"), NULL, RULES, &stock->hold_closes);
	const struct node *per = node_need(loading->problems, holds, "per");
	if (!per || !good)
		return false;
	struct type_set types = both_types(loading, &stock->hold_opens, &stock->hold_closes);
	stock->hold_key = model_key_field(loading, per, &types);
	return stock->hold_key >= 0;
}

/* A field of the kind that a dimension has, carried by the event. -1 with a problem. */
static int32_t read_moved_to(struct model_loading *loading, const struct node *node, const struct trigger *event)
{
	const struct schema *schema = loading->schema;
	const char *names[SCHEMA_FIELDS_MAX];
	for (uint16_t i = 0; i < schema->field_count; i++)
		names[i] = schema->fields[i].name;
	int32_t field = node ? name_need(loading, node, "field", names, schema->field_count) : -1;
	if (field < 0)
		return -1;
	enum field_kind kind = schema->fields[field].kind;
	if (kind != FIELD_TEXT && kind != FIELD_CHOICE) {
		problem_at(loading->problems, node->mark, "'%s' is not of type text or choice", names[field]);
		return -1;
	}
	if (schema_rule(&schema->types[event->index], (uint16_t)field))
		return field;
	problem_at(loading->problems, node->mark, "'%s' does not carry the field '%s'",
		schema->types[event->index].name, names[field]);
	return -1;
}

/* Team and rep belong together, and come from one event. */
static bool read_moved_dimension(struct model_loading *loading, const struct node *node, struct stock *stock)
{
	int32_t dimension = node
		? name_need(loading, node, "dimension", loading->dimension_names, loading->model->dimension_count)
		: -1;
	if (dimension < 0)
		return false;
	stock->moved_dimension = (uint8_t)dimension;
	if (dimension > DIMENSION_REP && !loading->model->dimensions[dimension].part_count)
		return true;
	problem_at(loading->problems, node->mark,
		"a stock moves in a dimension of one field, one of 'dimensions': not by %s",
		loading->dimension_names[dimension]);
	return false;
}

/* An event has one place for where it moves to in a dimension. */
static bool moves_alike(struct model_loading *loading, const struct node *to, const struct stock *stock)
{
	for (const struct stock *other = loading->model->stocks; other < stock; other++) {
		if (other->moved_to < 0 || other->moved_to == stock->moved_to ||
			other->moves.items[0].index != stock->moves.items[0].index ||
			other->moved_dimension != stock->moved_dimension)
			continue;
		problem_at(loading->problems, to->mark, "by this event '%s' moves to '%s': it must be the same here",
			other->name, loading->schema->fields[other->moved_to].name);
		return false;
	}
	return true;
}

static bool read_moves(struct model_loading *loading, const struct node *moves, struct stock *stock)
{
	struct config_problems *problems = loading->problems;
	struct str name;
	if (!expect_mapping(problems, moves, "'moves'"))
		return false;
	expect_mapping_keys(problems, moves, "moves");
	const struct node *event = node_need(problems, moves, "event"), *to = node_need(problems, moves, "to");
	bool good = read_moved_dimension(loading, node_need(problems, moves, "dimension"), stock);
	if (!event || !expect_text(problems, event, "an event", &name) ||
		!model_read_triggers(loading, event, node_get(moves, "where"), RULES, &stock->moves))
		return false;
	int32_t field = read_moved_to(loading, to, &stock->moves.items[0]);
	if (field < 0 || !good)
		return false;
	stock->moved_to = field;
	return moves_alike(loading, to, stock);
}

/* Once it is known what opens, closes and moves it, and whether anything holds it. */
static bool read_per(
	struct model_loading *loading, const struct node *per, const struct node *holds, struct stock *stock)
{
	if (holds) {
		problem_at(loading->problems, per->mark,
			"a stock with 'holds' is one per customer: 'per' stands in 'holds' only");
		return false;
	}
	struct type_set types = both_types(loading, &stock->opens, &stock->closes);
	for (uint16_t i = 0; i < stock->moves.count; i++)
		type_set_add(&types, stock->moves.items[i].index);
	stock->key = model_key_field(loading, per, &types);
	return stock->key >= 0;
}

static bool read_stock(struct model_loading *loading, const struct node *node, struct stock *stock)
{
	expect_mapping_keys(loading->problems, node, "stock");
	const struct node *per = node_get(node, "per"), *once = node_get(node, "once"),
			  *holds = node_get(node, "holds"), *moves = node_get(node, "moves");
	bool good =
		model_read_triggers(loading, node_need(loading->problems, node, "opens"), NULL, RULES, &stock->opens);
	if (node_get(node, "closes") || !holds)
		good &= model_read_triggers(
			loading, node_need(loading->problems, node, "closes"), NULL, RULES, &stock->closes);
	if (moves)
		good &= read_moves(loading, moves, stock);
	if (per && good)
		good = read_per(loading, per, holds, stock);
	if (once)
		good &= expect_boolean(loading->problems, once, &stock->once);
	if (holds)
		good &= read_holds(loading, holds, stock);
	return good;
}

void model_load_stocks(struct model_loading *loading, const struct node *stocks)
{
	struct model *model = loading->model;
	model->stock_count =
		definitions_read(loading, stocks, "stocks", MODEL_STOCKS_MAX, &loading->stocks, &loading->stock_names);
	model->stocks = ARENA_ARRAY(loading->arena, struct stock, model->stock_count);
	for (uint16_t i = 0; i < model->stock_count; i++) {
		model->stocks[i] =
			(struct stock){.name = loading->stock_names[i], .key = -1, .hold_key = -1, .moved_to = -1};
		if (!loading->stocks[i].broken)
			loading->stocks[i].broken = !read_stock(loading, loading->stocks[i].node, &model->stocks[i]);
	}
}
