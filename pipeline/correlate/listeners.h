/* Who listens to what: for every event type and every move of a stock, the measures and stocks that it concerns. Made once from the
 * model, then only read. */
#ifndef PIPELINE_CORRELATE_LISTENERS_H
#define PIPELINE_CORRELATE_LISTENERS_H

#include "config/model.h"

struct listener {
	const struct predicate *where;
	uint16_t measure;
	int8_t sign;
	bool ends; /* it ends a pair, all others come after */
};

/* What an event does to a stock, in this order. */
enum stock_change { STOCK_CLOSES, STOCK_LETS_GO, STOCK_MOVES, STOCK_OPENS, STOCK_HOLDS, STOCK_CHANGES };

struct stock_listener {
	const struct predicate *where;
	uint16_t stock;
	uint8_t change; /* enum stock_change */
};

struct listener_list {
	struct listener *items; /* those that end pairs come first */
	uint32_t count, capacity;
	bool repeats; /* some measure stands there more than once, in one role */
};

struct stock_listener_list {
	struct stock_listener *items;
	uint32_t count, capacity;
};

struct measure_list {
	uint16_t *items;
	uint32_t count, capacity;
};

struct listeners {
	uint16_t type_count, stock_count, measure_count;
	struct listener_list *of_type; /* by event type */
	struct listener_list *before;  /* by event type: TOUCHES, which look at stocks as they were before the event */
	struct listener_list *of_opened; /* by stock */
	struct listener_list *of_closed;
	struct stock_listener_list *stocks;    /* by event type; in the order of enum stock_change */
	struct measure_list *levels_of_stock;  /* LEVEL measures of a stock */
	struct measure_list *levels_of_pair;   /* LEVEL measures of an ELAPSED measure, by measure */
	struct measure_list *stayed_of_stock;  /* STAYED measures of a stock */
	struct measure_list *touches_of_stock; /* TOUCHES measures since a stock */
	struct measure_list *members_of_stock; /* DISTINCT measures that count while in the stock */
};

void listeners_init(struct listeners *listeners, const struct model *model, const struct schema *schema);
void listeners_release(struct listeners *listeners);

#endif
