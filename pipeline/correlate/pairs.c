/* Pairs of events with the time between: a request and its reply, a creation and its close, a start and whether an end came in time.
 *
 *     (absent) ──start──▶ waiting ──end within──▶ pair, (absent) or done for ever where only the first start counts
 *                            └──── later ────▶ expired: as if it had never been there, but where only the first start counts
 *
 * An expired start is forgotten at some time (machine_forget): whether that has happened yet must not show. */
#include "pipeline/correlate/step.h"
#include "pipeline/histogram.h"

static bool expired(const struct measure *measure, const struct cell *cell, int64_t time)
{
	return measure->within > 0 && time - cell->time > measure->within;
}

/* The end of a wait that comes with time alone is posted ahead (+1), and withdrawn (-1) when the wait ends otherwise. */
static void post_expiry(
	struct step *step, const struct measure *measure, uint16_t index, const struct cell *cell, int sign)
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

static void emit_pair(
	struct step *step, const struct measure *measure, uint16_t index, int64_t start, uint32_t start_group)
{
	const struct record *record = step->record;
	int64_t elapsed = record->time - start;
	int64_t time = measure->dated_at_start ? start : record->time;
	bool of_start = measure->dated_at_start || measure->dimensions_of_start;
	uint32_t group = of_start ? start_group : record->group;
	step_emit(step, index, 0, time, group, 1);
	step_emit(step, index, 1, time, group, elapsed);
	if (measure->has_histogram) {
		uint32_t cell = step->model->component_count + measure->histogram * HISTOGRAM_BUCKETS +
			histogram_bucket(elapsed);
		step_emit_cell(step, index, cell, time, group, 1, measure->dimensions);
	}
}

/* Closes the wait in `cell`, with a pair where it comes in time. */
static bool close_pair(struct step *step, const struct measure *measure, uint16_t index, struct cell *cell)
{
	bool in_time = !cell->done && !expired(measure, cell, step->record->time);
	if (in_time) {
		emit_pair(step, measure, index, cell->time, cell->group);
		wait_ends(step, measure, index, cell);
	}
	if (measure->first)
		cell->done = 1;
	return in_time;
}

/* Closes all waits of the key. True when there was one to speak of. */
static bool close_all(struct step *step, const struct measure *measure, uint16_t index, uint16_t slot, int64_t key)
{
	uint32_t from = cells_at(step->cells, slot, key), to = from;
	bool any = false;
	for (; to < step->cells->count && step->cells->items[to].slot == slot && step->cells->items[to].key == key;
		to++)
		any |= close_pair(step, measure, index, &step->cells->items[to]);
	if (measure->first)
		return to > from;
	cells_remove_range(step->cells, from, to);
	return any;
}

/* The end names its own start. */
static void pair_with_fallback(struct step *step, const struct measure *measure, uint16_t index)
{
	const struct record *record = step->record;
	int32_t field = measure->fallback_start;
	if (field < 0 || !(record->present >> field & 1))
		return;
	struct cell start = {.time = record->values[field]};
	if (start.time <= record->time && !expired(measure, &start, record->time))
		emit_pair(step, measure, index, start.time, record->group);
}

void step_pair_end(struct step *step, const struct measure *measure, uint16_t index)
{
	uint16_t slot = slot_of_measure(step->model, index);
	int64_t key;
	if (step_key(step, measure->key, &key) && !close_all(step, measure, index, slot, key))
		pair_with_fallback(step, measure, index);
}
