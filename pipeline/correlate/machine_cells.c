/* What the machine knows of its cells as a whole: which may go, and whether loaded ones could be its own. */
#include "pipeline/correlate/step.h"

static const struct measure *measure_of(const struct model *model, const struct cell *cell)
{
	unsigned first = slot_of_measure(model, 0);
	bool is_measure = cell->slot >= first && cell->slot < slot_of_measure(model, model->measure_count);
	return is_measure ? &model->measures[cell->slot - first] : NULL;
}

/* A gauge has its value behind it. */
static uint32_t width(const struct model *model, const struct cell *cell)
{
	const struct measure *measure = measure_of(model, cell);
	return measure && measure->kind == MEASURE_LAST ? 2 : 1;
}

static bool forgettable(const struct model *model, const struct cell *cell, int64_t time)
{
	const struct measure *measure = measure_of(model, cell);
	bool expires = measure && measure->within > 0 && !measure->first;
	return expires && cell->time + measure->within < time;
}

void machine_forget(const struct machine *machine, struct cells *cells, int64_t time)
{
	uint32_t kept = 0;
	for (uint32_t i = 0, count; i < cells->count; i += count) {
		count = width(machine->model, &cells->items[i]);
		if (forgettable(machine->model, &cells->items[i], time))
			continue;
		memmove(&cells->items[kept], &cells->items[i], count * sizeof *cells->items);
		kept += count;
	}
	cells->count = kept;
}

static bool has_value(const struct cells *cells, uint32_t gauge)
{
	const struct cell *cell = &cells->items[gauge];
	return gauge + 1 < cells->count && cell[1].slot == cell->slot && cell[1].key == cell->key;
}

bool machine_cells_valid(const struct machine *machine, const struct cells *cells, int64_t before)
{
	const struct model *model = machine->model;
	unsigned slots = slot_count(model);
	for (uint32_t i = 0, count; i < cells->count; i += count) {
		const struct cell *cell = &cells->items[i];
		if (cell->slot >= slots || cell->group >= machine->groups->tuples.count ||
			!record_time_valid(cell->time) || (cell->time >= before && !slot_is_number(model, cell->slot)))
			return false;
		count = width(model, cell);
		if (count > 1 && !has_value(cells, i))
			return false;
	}
	return true;
}

/* Who was seen under a key remembers its number (sightings.c). */
static int64_t adopt_key(const struct machine *machine, const struct cell *cell, const struct groups *from)
{
	const struct measure *measure = measure_of(machine->model, cell);
	if (!measure || measure->kind != MEASURE_DISTINCT || measure->stock >= 0)
		return cell->key;
	uint64_t dimension = (uint64_t)cell->key >> 32;
	uint32_t key = (uint32_t)cell->key;
	if (dimension >= machine->model->dimension_count || key >= from->keys[dimension].count)
		return cell->key;
	struct str text = groups_key_text(from, (uint8_t)dimension, key);
	return (int64_t)(dimension << 32 | names_add(&machine->groups->keys[dimension], text));
}

void machine_cells_adopt(const struct machine *machine, struct cells *cells, const struct groups *from)
{
	struct cells adopted = {0};
	for (uint32_t i = 0; i < cells->count; i++) {
		struct cell cell = cells->items[i];
		cell.key = adopt_key(machine, &cell, from);
		if (cell.group < from->tuples.count) /* the second cell of a gauge has none */
			cell.group = groups_adopt(machine->groups, from, cell.group);
		cells_add(&adopted, cell);
	}
	cells_release(cells);
	*cells = adopted;
}
