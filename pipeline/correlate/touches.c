/* Touches between a beginning and an end: of the member of a stock that is open at the end, how many since it opened.
 *
 * While any member of the stocks is open, all touches are counted in one cell; a member that opens remembers how many there were. Both cells
 * are there only where they are not 0, and go with the last member and with the member. The numbers stand where other cells have a time. */
#include "pipeline/correlate/step.h"

static bool is_open(const struct cell *member)
{
	return member && !member->done;
}

static bool any_open(const struct step *step, unsigned stock)
{
	const struct cells *cells = step->cells;
	uint16_t slot = slot_of_stock(stock);
	for (uint32_t i = cells_at(cells, slot, INT64_MIN); i < cells->count && cells->items[i].slot == slot; i++)
		if (is_open(&cells->items[i]))
			return true;
	return false;
}

static bool any_begun(const struct step *step, const struct measure *measure)
{
	for (unsigned i = 0; i < measure->since_count; i++)
		if (any_open(step, measure->since[i]))
			return true;
	return false;
}

static int64_t number_in(const struct step *step, uint16_t slot, int64_t key)
{
	const struct cell *cell = cells_find(step->cells, slot, key);
	return cell ? cell->time : 0;
}

static void forget(struct step *step, uint16_t slot, int64_t key)
{
	struct cell *cell = cells_find(step->cells, slot, key);
	if (cell)
		cells_remove(step->cells, cell);
}

static unsigned place_of(const struct measure *measure, unsigned stock)
{
	unsigned i = 0;
	while (measure->since[i] != stock)
		i++;
	return i;
}

void step_touch(struct step *step, const struct measure *measure, uint16_t index)
{
	uint16_t slot = slot_of_measure(step->model, index);
	struct cell *touches = cells_find(step->cells, slot, 0);
	if (touches)
		touches->time++;
	else if (any_begun(step, measure))
		cells_add(step->cells, (struct cell){.slot = slot, .time = 1});
}

void step_touches_begin(struct step *step, const struct measure *measure, uint16_t index, unsigned stock, int64_t key)
{
	int64_t before = number_in(step, slot_of_measure(step->model, index), 0);
	uint16_t slot = slot_of_since(step->model, measure, place_of(measure, stock));
	if (before)
		cells_add(step->cells, (struct cell){.slot = slot, .key = key, .time = before});
}

void step_touches_over(struct step *step, const struct measure *measure, uint16_t index, unsigned stock, int64_t key)
{
	forget(step, slot_of_since(step->model, measure, place_of(measure, stock)), key);
	if (!any_begun(step, measure))
		forget(step, slot_of_measure(step->model, index), 0);
}

void step_touches_end(struct step *step, const struct measure *measure, uint16_t index)
{
	const struct record *record = step->record;
	for (unsigned i = 0; i < measure->since_count; i++) {
		unsigned stock = measure->since[i];
		int64_t key;
		if (!step_key(step, step->model->stocks[stock].key, &key) ||
			!is_open(cells_find(step->cells, slot_of_stock(stock), key)))
			continue;
		int64_t touches = number_in(step, slot_of_measure(step->model, index), 0) -
			number_in(step, slot_of_since(step->model, measure, i), key);
		step_emit(step, index, 0, record->time, record->group, 1);
		step_emit(step, index, 1, record->time, record->group, touches);
		return;
	}
}
