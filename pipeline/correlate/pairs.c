/* Pairs of events with the time between: a request and its reply, a creation and its close, a start and whether an end came in time.
 *
 *     (absent) ──start──▶ waiting ──end within──▶ pair, (absent) or done for ever where only the first start counts
 *                            └──── later ────▶ expired: the next start takes its place
 */
#include "pipeline/correlate/step.h"
#include "pipeline/histogram.h"

static bool expired(const struct measure *measure, const struct cell *cell, int64_t time)
{
	return measure->within > 0 && time - cell->time > measure->within;
}

/* The end of a wait that comes with time alone is posted ahead (+1), and withdrawn (-1) when the wait ends otherwise. */
static void post_expiry(struct step *step, const struct measure *measure, uint16_t index, const struct cell *cell, int sign)
{
	const struct measure_list *levels = &step->machine->listeners.levels_of_pair[index];
	if (measure->within > 0)
		step_level(step, levels, cell->time + measure->within + 1, cell->time, cell->group, -sign);
}

static void wait_begins(struct step *step, const struct measure *measure, uint16_t index, struct cell cell)
{
	const struct measure_list *levels = &step->machine->listeners.levels_of_pair[index];
	cells_add(step->cells, cell);
	step_level(step, levels, cell.time, cell.time, cell.group, 1);
	post_expiry(step, measure, index, &cell, 1);
}

static void wait_ends(struct step *step, const struct measure *measure, uint16_t index, const struct cell *cell)
{
	const struct measure_list *levels = &step->machine->listeners.levels_of_pair[index];
	step_level(step, levels, step->record->time, cell->time, cell->group, -1);
	post_expiry(step, measure, index, cell, -1);
}

void step_pair_start(struct step *step, const struct measure *measure, uint16_t index)
{
	const struct record *record = step->record;
	uint16_t slot = slot_of_measure(step->model, index);
	int64_t key;
	if (!step_key(step, measure->key, &key))
		return;
	struct cell *open = measure->match == MATCH_EVERY ? NULL : cells_find(step->cells, slot, key);
	if (open) {
		bool over = expired(measure, open, record->time);
		if (measure->first || (measure->match == MATCH_FIRST && !over))
			return;
		if (!over)
			wait_ends(step, measure, index, open);
		cells_remove(step->cells, open);
	}
	struct cell cell = {.slot = slot, .key = key, .time = record->time, .group = record->group};
	wait_begins(step, measure, index, cell);
}

static void emit_pair(struct step *step, const struct measure *measure, uint16_t index, int64_t start, uint32_t start_group)
{
	const struct record *record = step->record;
	int64_t elapsed = record->time - start;
	int64_t time = measure->dated_at_start ? start : record->time;
	bool of_start = measure->dated_at_start || measure->dimensions_of_start;
	uint32_t group = of_start ? start_group : record->group;
	step_emit(step, index, 0, time, group, 1);
	step_emit(step, index, 1, time, group, elapsed);
	if (measure->has_histogram) {
		uint32_t cell = step->model->component_count + measure->histogram * HISTOGRAM_BUCKETS + histogram_bucket(elapsed);
		step_emit_cell(step, index, cell, time, group, 1, measure->dimensions);
	}
}

/* Closes the wait in `cell`, with a pair where it comes in time. True when the cell is gone. */
static bool close_pair(struct step *step, const struct measure *measure, uint16_t index, struct cell *cell)
{
	if (cell->done)
		return false;
	if (!expired(measure, cell, step->record->time)) {
		emit_pair(step, measure, index, cell->time, cell->group);
		wait_ends(step, measure, index, cell);
	}
	if (measure->first) {
		cell->done = 1;
		return false;
	}
	cells_remove(step->cells, cell);
	return true;
}

static void close_every(struct step *step, const struct measure *measure, uint16_t index, uint16_t slot, int64_t key)
{
	uint32_t at = cells_at(step->cells, slot, key);
	while (at < step->cells->count && step->cells->items[at].slot == slot && step->cells->items[at].key == key)
		if (!close_pair(step, measure, index, &step->cells->items[at]))
			at++;
}

void step_pair_end(struct step *step, const struct measure *measure, uint16_t index)
{
	const struct record *record = step->record;
	uint16_t slot = slot_of_measure(step->model, index);
	int64_t key;
	if (!step_key(step, measure->key, &key))
		return;
	if (cells_find(step->cells, slot, key)) {
		close_every(step, measure, index, slot, key);
		return;
	}
	int32_t fallback = measure->fallback_start;
	if (fallback >= 0 && (record->present >> fallback & 1) && record->values[fallback] <= record->time)
		emit_pair(step, measure, index, record->values[fallback], record->group);
}
