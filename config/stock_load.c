/* `stocks` of kpis.yaml. */
#include "config/model_load.h"

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
	expect_keys(loading->problems, holds, KEYS("per", "opens", "closes"));
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

static bool read_stock(struct model_loading *loading, const struct node *node, struct stock *stock)
{
	expect_keys(loading->problems, node, KEYS("per", "once", "opens", "closes", "holds"));
	const struct node *per = node_get(node, "per"), *once = node_get(node, "once"),
			  *holds = node_get(node, "holds");
	bool good =
		model_read_triggers(loading, node_need(loading->problems, node, "opens"), NULL, RULES, &stock->opens);
	if (node_get(node, "closes") || !holds)
		good &= model_read_triggers(
			loading, node_need(loading->problems, node, "closes"), NULL, RULES, &stock->closes);
	if (per && good) {
		struct type_set types = both_types(loading, &stock->opens, &stock->closes);
		stock->key = model_key_field(loading, per, &types);
		good = stock->key >= 0;
	}
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
		model->stocks[i] = (struct stock){.name = loading->stock_names[i], .key = -1, .hold_key = -1};
		if (!loading->stocks[i].broken)
			loading->stocks[i].broken = !read_stock(loading, loading->stocks[i].node, &model->stocks[i]);
	}
}
