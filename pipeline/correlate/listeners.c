#include "pipeline/correlate/listeners.h"

#include "base/mem.h"

#include <string.h>

static void add_listener(struct listener_list *list, struct listener item)
{
	GROW(list->items, list->count, list->capacity);
	list->items[list->count++] = item;
}

static void add_stock_listener(struct stock_listener_list *list, struct stock_listener item)
{
	GROW(list->items, list->count, list->capacity);
	list->items[list->count++] = item;
}

static void add_measure(struct measure_list *list, uint16_t measure)
{
	GROW(list->items, list->count, list->capacity);
	list->items[list->count++] = measure;
}

static void listen(struct listeners *listeners, const struct trigger_list *triggers, uint16_t measure, bool ends)
{
	for (unsigned i = 0; i < triggers->count; i++) {
		const struct trigger *trigger = &triggers->items[i];
		struct listener_list *lists[] = {listeners->of_type, listeners->of_opened, listeners->of_closed};
		struct listener item = {trigger->where, measure, trigger->sign, ends};
		add_listener(&lists[trigger->kind][trigger->index], item);
	}
}

static void listen_before(struct listeners *listeners, const struct trigger_list *triggers, uint16_t measure, bool ends)
{
	for (unsigned i = 0; i < triggers->count; i++) {
		const struct trigger *trigger = &triggers->items[i];
		struct listener item = {trigger->where, measure, trigger->sign, ends};
		add_listener(&listeners->before[trigger->index], item);
	}
}

static void listen_stock(
	struct listeners *listeners, const struct trigger_list *triggers, uint16_t stock, enum stock_change change)
{
	for (unsigned i = 0; i < triggers->count; i++) {
		const struct trigger *trigger = &triggers->items[i];
		struct stock_listener item = {trigger->where, stock, (uint8_t)change};
		add_stock_listener(&listeners->stocks[trigger->index], item);
	}
}

static void listen_stocks(struct listeners *listeners, const struct model *model, enum stock_change change)
{
	for (uint16_t s = 0; s < model->stock_count; s++) {
		const struct stock *stock = &model->stocks[s];
		const struct trigger_list *of_change[STOCK_CHANGES] = {
			[STOCK_CLOSES] = &stock->closes,
			[STOCK_LETS_GO] = &stock->hold_closes,
			[STOCK_MOVES] = &stock->moves,
			[STOCK_OPENS] = &stock->opens,
			[STOCK_HOLDS] = &stock->hold_opens,
		};
		listen_stock(listeners, of_change[change], s, change);
	}
}

static void listen_measure(struct listeners *listeners, const struct measure *measure, uint16_t index)
{
	if (measure->kind == MEASURE_TOUCHES) {
		listen_before(listeners, &measure->ends, index, true);
		listen_before(listeners, &measure->on, index, false);
	} else {
		listen(listeners, &measure->ends, index, true);
		listen(listeners, &measure->on, index, false);
	}
	for (unsigned i = 0; i < measure->since_count; i++)
		add_measure(&listeners->touches_of_stock[measure->since[i]], index);
	if (measure->kind == MEASURE_LEVEL && measure->stock >= 0)
		add_measure(&listeners->levels_of_stock[measure->stock], index);
	if (measure->kind == MEASURE_LEVEL && measure->pair >= 0)
		add_measure(&listeners->levels_of_pair[measure->pair], index);
	if (measure->kind == MEASURE_DISTINCT && measure->stock >= 0)
		add_measure(&listeners->members_of_stock[measure->stock], index);
	if (measure->kind == MEASURE_STAYED)
		add_measure(&listeners->stayed_of_stock[measure->stock], index);
}

static bool repeats(const struct listener_list *list)
{
	for (unsigned i = 0; i < list->count; i++)
		for (unsigned k = 0; k < i; k++)
			if (list->items[k].measure == list->items[i].measure &&
				list->items[k].ends == list->items[i].ends)
				return true;
	return false;
}

/* Ends go to the front, and all else stays in order. */
static void settle(struct listener_list *list)
{
	uint32_t ends = 0;
	for (uint32_t i = 0; i < list->count; i++) {
		struct listener item = list->items[i];
		if (!item.ends)
			continue;
		memmove(&list->items[ends + 1], &list->items[ends], (i - ends) * sizeof item);
		list->items[ends++] = item;
	}
	list->repeats = repeats(list);
}

void listeners_init(struct listeners *listeners, const struct model *model, const struct schema *schema)
{
	*listeners = (struct listeners){
		.type_count = schema->type_count,
		.stock_count = model->stock_count,
		.measure_count = model->measure_count,
		.of_type = NEW_ARRAY(struct listener_list, schema->type_count),
		.before = NEW_ARRAY(struct listener_list, schema->type_count),
		.of_opened = NEW_ARRAY(struct listener_list, model->stock_count),
		.of_closed = NEW_ARRAY(struct listener_list, model->stock_count),
		.stocks = NEW_ARRAY(struct stock_listener_list, schema->type_count),
		.levels_of_stock = NEW_ARRAY(struct measure_list, model->stock_count),
		.levels_of_pair = NEW_ARRAY(struct measure_list, model->measure_count),
		.stayed_of_stock = NEW_ARRAY(struct measure_list, model->stock_count),
		.touches_of_stock = NEW_ARRAY(struct measure_list, model->stock_count),
		.members_of_stock = NEW_ARRAY(struct measure_list, model->stock_count),
	};
	for (int change = 0; change < STOCK_CHANGES; change++)
		listen_stocks(listeners, model, (enum stock_change)change);
	for (uint16_t m = 0; m < model->measure_count; m++)
		listen_measure(listeners, &model->measures[m], m);
	for (uint16_t t = 0; t < schema->type_count; t++) {
		settle(&listeners->of_type[t]);
		settle(&listeners->before[t]);
	}
}

void listeners_release(struct listeners *listeners)
{
	for (unsigned t = 0; t < listeners->type_count; t++) {
		mem_free(listeners->of_type[t].items);
		mem_free(listeners->before[t].items);
		mem_free(listeners->stocks[t].items);
	}
	for (unsigned s = 0; s < listeners->stock_count; s++) {
		mem_free(listeners->of_opened[s].items);
		mem_free(listeners->of_closed[s].items);
		mem_free(listeners->levels_of_stock[s].items);
		mem_free(listeners->stayed_of_stock[s].items);
		mem_free(listeners->touches_of_stock[s].items);
		mem_free(listeners->members_of_stock[s].items);
	}
	for (unsigned m = 0; m < listeners->measure_count; m++)
		mem_free(listeners->levels_of_pair[m].items);
	mem_free(listeners->of_type);
	mem_free(listeners->before);
	mem_free(listeners->of_opened);
	mem_free(listeners->of_closed);
	mem_free(listeners->stocks);
	mem_free(listeners->levels_of_stock);
	mem_free(listeners->levels_of_pair);
	mem_free(listeners->stayed_of_stock);
	mem_free(listeners->touches_of_stock);
	mem_free(listeners->members_of_stock);
	*listeners = (struct listeners){0};
}
