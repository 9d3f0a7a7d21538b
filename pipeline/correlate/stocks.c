/* Stocks: open leads, open deals, existing customers.
 *
 *     (absent) ──opens──▶ open ──closes──▶ (absent), or done for ever where the stock says `once`
 *                         │  ▲
 *                         └──┘ moves: another key in one dimension
 */
#include "pipeline/correlate/step.h"

/* The member in `cell` opens. */
static void begin_counts(struct step *step, unsigned s, const struct cell *member)
{
	const struct listeners *listeners = &step->machine->listeners;
	const struct measure_list *stayed = &listeners->stayed_of_stock[s], *touches = &listeners->touches_of_stock[s];
	for (unsigned i = 0; i < stayed->count; i++)
		step_newcomer(step, stayed->items[i], member);
	for (unsigned i = 0; i < touches->count; i++) {
		uint16_t index = touches->items[i];
		step_touches_begin(step, &step->model->measures[index], index, s, member->key);
	}
}

/* What was the member is closed. */
static void end_counts(struct step *step, unsigned s, const struct cell *member)
{
	const struct listeners *listeners = &step->machine->listeners;
	const struct measure_list *stayed = &listeners->stayed_of_stock[s], *touches = &listeners->touches_of_stock[s];
	const struct measure_list *seen = &listeners->members_of_stock[s];
	for (unsigned i = 0; i < stayed->count; i++)
		step_no_member(step, stayed->items[i], member);
	for (unsigned i = 0; i < touches->count; i++) {
		uint16_t index = touches->items[i];
		step_touches_over(step, &step->model->measures[index], index, s, member->key);
	}
	for (unsigned i = 0; i < seen->count; i++)
		step_member_leaves(step, &step->model->measures[seen->items[i]], seen->items[i]);
}

static void stock_open(struct step *step, unsigned s, int64_t key)
{
	uint16_t slot = slot_of_stock(s);
	const struct record *record = step->record;
	const struct cell member = {.slot = slot, .key = key, .time = record->time, .group = record->group};
	if (cells_find(step->cells, slot, key))
		return;
	cells_add(step->cells, member);
	begin_counts(step, s, &member);
	const struct listeners *listeners = &step->machine->listeners;
	step_level(step, &listeners->levels_of_stock[s], record->time, record->time, record->group, 1);
	step_fire(step, &listeners->of_opened[s]);
}

static void stock_close(struct step *step, unsigned s, int64_t key)
{
	const struct stock *stock = &step->model->stocks[s];
	const struct listeners *listeners = &step->machine->listeners;
	uint16_t slot = slot_of_stock(s);
	struct cell *cell = cells_find(step->cells, slot, key);
	if (!cell && stock->once)
		cells_add(step->cells, (struct cell){.slot = slot, .key = key, .time = step->record->time, .done = 1});
	if (!cell || cell->done)
		return;
	const struct cell member = *cell;
	step_level(step, &listeners->levels_of_stock[s], step->record->time, member.time, member.group, -1);
	if (stock->once)
		cell->done = 1;
	else
		cells_remove(step->cells, cell);
	end_counts(step, s, &member);
	step_fire(step, &listeners->of_closed[s]);
}

static void stock_hold(struct step *step, unsigned s, int64_t key)
{
	uint16_t slot = slot_of_hold(step->model, s);
	if (!cells_find(step->cells, slot, key))
		cells_add(step->cells, (struct cell){.slot = slot, .key = key, .time = step->record->time});
	stock_open(step, s, 0);
}

static void stock_let_go(struct step *step, unsigned s, int64_t key)
{
	uint16_t slot = slot_of_hold(step->model, s);
	struct cell *held = cells_find(step->cells, slot, key);
	if (!held)
		return;
	cells_remove(step->cells, held);
	uint32_t left = cells_at(step->cells, slot, INT64_MIN);
	if (left == step->cells->count || step->cells->items[left].slot != slot)
		stock_close(step, s, 0);
}

/* The member leaves its key in the dimension for the one that the event names. */
static void stock_move(struct step *step, unsigned s, int64_t key)
{
	uint8_t dimension = step->model->stocks[s].moved_dimension;
	const struct measure_list *levels = &step->machine->listeners.levels_of_stock[s];
	struct cell *cell = cells_find(step->cells, slot_of_stock(s), key);
	if (!cell || cell->done)
		return;
	uint32_t group = groups_moved(step->machine->groups, cell->group, dimension, step->record->moved_group);
	if (group == cell->group)
		return;
	step_level_in(step, levels, step->record->time, cell->time, cell->group, -1, (uint8_t)(1u << dimension));
	step_level_in(step, levels, step->record->time, cell->time, group, 1, (uint8_t)(1u << dimension));
	cell->group = group;
}

static void stock_change(struct step *step, const struct stock_listener *listener)
{
	const struct stock *stock = &step->model->stocks[listener->stock];
	bool hold = listener->change == STOCK_HOLDS || listener->change == STOCK_LETS_GO;
	int64_t key;
	if (!step_key(step, hold ? stock->hold_key : stock->key, &key))
		return;
	switch ((enum stock_change)listener->change) {
	case STOCK_CLOSES:
		stock_close(step, listener->stock, key);
		break;
	case STOCK_LETS_GO:
		stock_let_go(step, listener->stock, key);
		break;
	case STOCK_MOVES:
		stock_move(step, listener->stock, key);
		break;
	case STOCK_OPENS:
		stock_open(step, listener->stock, key);
		break;
	case STOCK_HOLDS:
		stock_hold(step, listener->stock, key);
		break;
	case STOCK_CHANGES:
		break;
	}
}

void step_stocks(struct step *step)
{
	const struct stock_listener_list *list = &step->machine->listeners.stocks[step->record->type];
	for (unsigned i = 0; i < list->count; i++)
		if (predicate_holds(list->items[i].where, step->record))
			stock_change(step, &list->items[i]);
}
