/* Gauges: the last value that was said of a customer or product (or for each value of a field), and for how long it is current.
 *
 *     (absent) ──event──▶ current ──event──▶ current, with the new value
 *                            └──── later ────▶ expired: as if it had never been there
 *
 * A gauge is two cells of one slot and key: when and whose it was said, and behind that the value. What time alone will change is posted
 * ahead, and withdrawn by the next event; that an expired gauge is forgotten at some time (machine_forget) must not show. */
#include "pipeline/correlate/step.h"

#define NEVER INT64_MAX

/* The first instant at which it is no longer current. */
static int64_t expiry(const struct measure *measure, const struct cell *gauge)
{
	return measure->within > 0 ? gauge->time + measure->within + 1 : NEVER;
}

/* A value comes (sign +1) or goes (-1) at `time`. */
static void emit_value(struct step *step, uint16_t index, int64_t time, const struct cell *gauge, int sign)
{
	step_emit(step, index, 0, time, gauge->group, sign);
	step_emit(step, index, 1, time, gauge->group, step_signed(gauge[1].value, sign));
}

/* From the event on, and its end ahead. */
static void post_value(
	struct step *step, const struct measure *measure, uint16_t index, const struct cell *gauge, int sign)
{
	int64_t over = expiry(measure, gauge);
	emit_value(step, index, step->record->time, gauge, sign);
	if (over != NEVER)
		emit_value(step, index, over, gauge, -sign);
}

/* The measure's gauges of the customer or product. */
struct gauges {
	const struct measure *measure;
	const struct cell *first;
	uint32_t count; /* of gauges: the cells are twice as many */
};

static struct gauges gauges_of(const struct step *step, const struct measure *measure, uint16_t slot)
{
	struct gauges gauges = {.measure = measure};
	uint32_t at = cells_at(step->cells, slot, INT64_MIN);
	for (uint32_t i = at; i < step->cells->count && step->cells->items[i].slot == slot; i += 2)
		gauges.count++;
	if (gauges.count)
		gauges.first = &step->cells->items[at];
	return gauges;
}

struct extreme {
	int64_t value;
	int64_t until; /* it is current; NEVER where there is none */
};

/* The lowest or highest of the values that are current at `time`; 0 where none is. */
static struct extreme extreme_at(struct gauges gauges, bool highest, int64_t time)
{
	struct extreme extreme = {0, NEVER};
	bool any = false;
	for (uint32_t i = 0; i < gauges.count; i++) {
		const struct cell *gauge = &gauges.first[2 * i];
		int64_t value = gauge[1].value, until = expiry(gauges.measure, gauge);
		if (until <= time)
			continue;
		if (!any || (highest ? value > extreme.value : value < extreme.value))
			extreme = (struct extreme){value, until};
		any = true;
	}
	return extreme;
}

/* Posts (sign +1) or withdraws (-1) the lowest or highest from the event on, step by step as the values expire. */
static void post_extreme(
	struct step *step, uint16_t index, struct gauges gauges, bool highest, uint32_t group, int sign)
{
	const struct measure *measure = gauges.measure;
	uint32_t cell = measure->component + measure_extreme(measure, highest);
	uint64_t before = 0;
	for (int64_t time = step->record->time; time != NEVER;) {
		struct extreme extreme = extreme_at(gauges, highest, time);
		int64_t change = (int64_t)((uint64_t)extreme.value - before);
		step_emit_cell(step, index, cell, time, group, step_signed(change, sign), measure->extreme_dimensions);
		before = (uint64_t)extreme.value;
		time = extreme.until;
	}
}

/* All gauges of the measure have one key in the dimensions of lowest and highest; it was that of the last of them. */
static uint32_t group_of(struct gauges gauges)
{
	const struct cell *last = gauges.first;
	for (uint32_t i = 1; i < gauges.count; i++)
		if (gauges.first[2 * i].time > last->time)
			last = &gauges.first[2 * i];
	return last->group;
}

static void post_extremes(struct step *step, const struct measure *measure, uint16_t index, int sign)
{
	if (!measure->keeps_lowest && !measure->keeps_highest)
		return;
	struct gauges gauges = gauges_of(step, measure, slot_of_measure(step->model, index));
	if (gauges.count == 0)
		return;
	uint32_t group = sign < 0 ? group_of(gauges) : step->record->group;
	if (measure->keeps_lowest)
		post_extreme(step, index, gauges, false, group, sign);
	if (measure->keeps_highest)
		post_extreme(step, index, gauges, true, group, sign);
}

static struct cell *new_gauge(struct step *step, uint16_t slot, int64_t key)
{
	cells_add(step->cells, (struct cell){.slot = slot, .key = key});
	cells_add(step->cells, (struct cell){.slot = slot, .key = key});
	return cells_find(step->cells, slot, key);
}

void step_gauge(struct step *step, const struct measure *measure, uint16_t index)
{
	const struct record *record = step->record;
	uint16_t slot = slot_of_measure(step->model, index);
	int64_t key = 0; /* of those without the field, too */
	if (!(record->present >> measure->field & 1))
		return;
	if (measure->key >= 0)
		(void)step_key(step, measure->key, &key);
	post_extremes(step, measure, index, -1);
	struct cell *gauge = cells_find(step->cells, slot, key);
	if (gauge && expiry(measure, gauge) > record->time)
		post_value(step, measure, index, gauge, -1);
	if (!gauge)
		gauge = new_gauge(step, slot, key);
	gauge->time = record->time;
	gauge->group = record->group;
	gauge[1].value = step_number(step, measure->field);
	post_value(step, measure, index, gauge, 1);
	post_extremes(step, measure, index, 1);
}
