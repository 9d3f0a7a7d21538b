#include "pipeline/correlate/machine.h"

#include "base/check.h"
#include "base/decimal.h"
#include "base/mem.h"
#include "pipeline/correlate/step.h"

void machine_init(struct machine *machine, const struct model *model, const struct schema *schema,
	const struct calendar *calendar, struct groups *groups)
{
	machine->model = model;
	machine->calendar = calendar;
	machine->groups = groups;
	machine->implicit = (uint16_t)(model->measure_count - 1);
	listeners_init(&machine->listeners, model, schema);
	machine->periods = NEW(struct periods);
	machine->periods->day = PERIODS_NO_DAY;
}

void step_emit_cell(struct step *step, uint16_t measure, uint32_t cell, int64_t time, uint32_t group, int64_t amount,
	uint8_t dimensions)
{
	if (step->output.out && amount != 0)
		contributions_add(step->output.out,
			(struct contribution){
				.time = time,
				.amount = step_signed(amount, step->output.sign),
				.group = group,
				.cell = cell,
				.measure = measure,
				.dimensions = dimensions,
			});
}

void step_emit(struct step *step, uint16_t measure, uint32_t offset, int64_t time, uint32_t group, int64_t amount)
{
	const struct measure *definition = &step->model->measures[measure];
	step_emit_cell(step, measure, definition->component + offset, time, group, amount, definition->dimensions);
}

void step_level_in(struct step *step, const struct measure_list *levels, int64_t time, int64_t opened, uint32_t group,
	int sign, uint8_t dimensions)
{
	for (unsigned i = 0; i < levels->count; i++) {
		uint16_t index = levels->items[i];
		const struct measure *level = &step->model->measures[index];
		uint8_t kept = level->dimensions & dimensions;
		if (!kept)
			continue;
		step_emit_cell(step, index, level->component, time, group, sign, kept);
		step_emit_cell(step, index, level->component + 1, time, group, sign * (opened - MODEL_EPOCH), kept);
		if (level->has_opening)
			step_emit_cell(step, index, level->component + LEVEL_CHANGE, time, group, sign, kept);
	}
}

void step_level(
	struct step *step, const struct measure_list *levels, int64_t time, int64_t opened, uint32_t group, int sign)
{
	step_level_in(step, levels, time, opened, group, sign, UINT8_MAX);
}

static bool already_fired(const struct step *step, const struct listener *listener)
{
	for (unsigned i = 0; i < step->fired_count; i++)
		if (step->fired[i]->measure == listener->measure && step->fired[i]->ends == listener->ends)
			return true;
	return false;
}

static inline bool hears(const struct step *step, const struct listener *listener)
{
	return !listener->where || predicate_holds(listener->where, step->record);
}

void step_fire(struct step *step, const struct listener_list *list)
{
	for (unsigned i = 0; i < list->count; i++) {
		const struct listener *listener = &list->items[i];
		if (hears(step, listener) && !already_fired(step, listener)) {
			CHECK(step->fired_count < STEP_FIRED_MAX);
			step->fired[step->fired_count++] = listener;
		}
	}
}

/* Whether this is the first of its kind, and from now on it was. */
static bool step_first(struct step *step, const struct measure *measure, uint16_t index)
{
	int64_t key;
	if (!measure->first)
		return true;
	if (!step_key(step, measure->key, &key))
		return false;
	uint16_t slot = slot_of_measure(step->model, index);
	if (cells_find(step->cells, slot, key))
		return false;
	cells_add(step->cells, (struct cell){.slot = slot, .key = key, .time = step->record->time, .done = 1});
	return true;
}

int64_t step_number(const struct step *step, int32_t field)
{
	const struct record *record = step->record;
	int64_t value = record->present >> field & 1 ? record->values[field] : 0;
	bool whole = step->machine->groups->schema->fields[field].kind == FIELD_INTEGER;
	return (int64_t)((uint64_t)value * (whole ? DECIMAL_ONE : 1));
}

static void step_sum(struct step *step, const struct measure *measure, const struct listener *listener)
{
	const struct record *record = step->record;
	int64_t amount = step_signed(step_number(step, measure->field), listener->sign);
	step_emit(step, listener->measure, 0, record->time, record->group, amount);
	step_emit(step, listener->measure, 1, record->time, record->group, 1);
}

static void step_measure(struct step *step, const struct listener *listener)
{
	const struct measure *measure = &step->model->measures[listener->measure];
	const struct record *record = step->record;
	switch ((enum measure_kind)measure->kind) {
	case MEASURE_COUNT:
		if (step_first(step, measure, listener->measure))
			step_emit(step, listener->measure, 0, record->time, record->group, listener->sign);
		break;
	case MEASURE_SUM:
		step_sum(step, measure, listener);
		break;
	case MEASURE_ELAPSED:
		if (listener->ends)
			step_pair_end(step, measure, listener->measure);
		else
			step_pair_start(step, measure, listener->measure);
		break;
	case MEASURE_DISTINCT:
		step_sighting(step, measure, listener->measure);
		break;
	case MEASURE_TOUCHES:
		if (listener->ends)
			step_touches_end(step, measure, listener->measure);
		else
			step_touch(step, measure, listener->measure);
		break;
	case MEASURE_LAST:
		step_gauge(step, measure, listener->measure);
		break;
	case MEASURE_LEVEL:
	case MEASURE_STAYED:
		break; /* moved by its stock or pair */
	}
}

/* Ends come before all that is counted or begins with the same event. */
static void step_fired(struct step *step)
{
	for (unsigned i = 0; i < step->fired_count; i++)
		if (step->fired[i]->ends)
			step_measure(step, step->fired[i]);
	for (unsigned i = 0; i < step->fired_count; i++)
		if (!step->fired[i]->ends)
			step_measure(step, step->fired[i]);
	step->fired_count = 0;
}

/* What the list says, and has been fired before, now. Mostly nothing was, and nobody stands there twice. */
static void step_hear(struct step *step, const struct listener_list *list)
{
	if (step->fired_count || list->repeats) {
		step_fire(step, list);
		step_fired(step);
		return;
	}
	for (unsigned i = 0; i < list->count; i++)
		if (hears(step, &list->items[i]))
			step_measure(step, &list->items[i]);
}

void machine_step(const struct machine *machine, struct cells *cells, const struct record *record, bool in_force,
	struct machine_output output)
{
	struct step step; /* `fired` is large and stays as it is */
	step.machine = machine;
	step.model = machine->model;
	step.cells = cells;
	step.record = record;
	step.output = output;
	step.fired_count = 0;
	if (!in_force) {
		step_emit(&step, machine->implicit, 0, record->time, record->group, 1);
		return;
	}
	step_hear(&step, &machine->listeners.before[record->type]);
	step_stocks(&step);
	step_hear(&step, &machine->listeners.of_type[record->type]);
}

void machine_release(struct machine *machine)
{
	listeners_release(&machine->listeners);
	mem_free(machine->periods);
}
