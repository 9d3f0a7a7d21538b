/* Distinct customers. In a rolling window a customer counts in the slice of the last sighting, which moves; in a calendar period at the
 * first sighting in it. Events come in order, so the last sighting tells both.
 *
 * With `while`, a sighting counts for the keys of the member of the stock, and leaves with it. */
#include "pipeline/correlate/step.h"

static void emit_sighting(struct step *step, uint16_t index, uint32_t offset, int64_t time, const struct cell *cell,
	int64_t amount, uint8_t dimensions)
{
	const struct measure *measure = &step->model->measures[index];
	step_emit_cell(step, index, measure->component + offset, time, cell->group, amount, dimensions);
}

int32_t step_day(const struct step *step, int64_t time)
{
	return zone_civil(step->machine->calendar->zone, time).day;
}

const struct periods *step_periods(const struct step *step)
{
	periods_set(step->machine->periods, step->machine->calendar, step_day(step, step->record->time));
	return step->machine->periods;
}

/* The first sighting in a period, which is the event now, adds 1 to its unit; `before` is the sighting before this one, NULL for the first of all. */
static void enter_periods(
	struct step *step, uint16_t index, const struct cell *cell, const int64_t *before, uint8_t dimensions)
{
	const struct periods *periods = step_periods(step);
	int32_t day_before = before ? step_day(step, *before) : PERIODS_NO_DAY;
	uint32_t offset = 1;
	for (unsigned unit = 0; unit < UNIT_COUNT; unit++) {
		if (!(step->model->units_in_use >> unit & 1))
			continue;
		if (!periods_hold(periods, unit, day_before))
			emit_sighting(step, index, offset, cell->time, cell, 1, dimensions);
		offset++;
	}
}

/* Who leaves within the period of the last sighting is no member at the period's end. */
static void leave_periods(struct step *step, uint16_t index, const struct cell *cell, uint8_t dimensions)
{
	const struct periods *periods = step_periods(step);
	int64_t now = step->record->time;
	int32_t day = step_day(step, cell->time);
	uint32_t offset = 1;
	for (unsigned unit = 0; unit < UNIT_COUNT; unit++) {
		if (!(step->model->units_in_use >> unit & 1))
			continue;
		if (periods_hold(periods, unit, day))
			emit_sighting(step, index, offset, now, cell, -1, dimensions);
		offset++;
	}
}

static void sight(struct step *step, uint16_t index, int64_t key, uint32_t group, uint8_t dimensions)
{
	uint16_t slot = slot_of_measure(step->model, index);
	int64_t now = step->record->time;
	struct cell *cell = cells_find(step->cells, slot, key);
	bool seen = cell != NULL;
	int64_t before = seen ? cell->time : 0;
	if (seen) {
		emit_sighting(step, index, 0, before, cell, -1, dimensions);
	} else {
		cells_add(step->cells, (struct cell){.slot = slot, .key = key, .group = group});
		cell = cells_find(step->cells, slot, key);
	}
	cell->time = now;
	emit_sighting(step, index, 0, now, cell, 1, dimensions);
	enter_periods(step, index, cell, seen ? &before : NULL, dimensions);
}

void step_sighting(struct step *step, const struct measure *measure, uint16_t index)
{
	struct group_key keys[GROUPS_PARTS_MAX];
	uint32_t group = step->record->group;
	if (measure->stock >= 0) {
		const struct cell *member = cells_find(step->cells, slot_of_stock((unsigned)measure->stock), 0);
		if (member && !member->done)
			sight(step, index, 0, member->group, measure->dimensions);
		return;
	}
	for (uint8_t d = 0; d < step->model->dimension_count; d++) {
		if (!(measure->dimensions >> d & 1))
			continue;
		unsigned count = groups_keys(step->machine->groups, group, d, keys);
		for (unsigned i = 0; i < count; i++)
			sight(step, index, (int64_t)d << 32 | keys[i].key, keys[i].group, (uint8_t)(1u << d));
	}
}

void step_member_leaves(struct step *step, const struct measure *measure, uint16_t index)
{
	struct cell *cell = cells_find(step->cells, slot_of_measure(step->model, index), 0);
	if (!cell)
		return;
	emit_sighting(step, index, 0, cell->time, cell, -1, measure->dimensions);
	leave_periods(step, index, cell, measure->dimensions);
	cells_remove(step->cells, cell);
}
