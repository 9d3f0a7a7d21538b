/* One step of the machine: what its parts share. Private to correlate. */
#ifndef PIPELINE_CORRELATE_STEP_H
#define PIPELINE_CORRELATE_STEP_H

#include "pipeline/correlate/machine.h"

/* A measure is fired at most twice by one event, by its start and by its end; a model has at most 1024. */
#define STEP_FIRED_MAX 2048

struct step {
	const struct machine *machine;
	const struct model *model;
	struct cells *cells;
	const struct record *record;
	struct machine_output output;
	const struct listener *fired[STEP_FIRED_MAX];
	unsigned fired_count;
};

static inline uint16_t slot_of_stock(unsigned stock)
{
	return (uint16_t)stock;
}

static inline uint16_t slot_of_hold(const struct model *model, unsigned stock)
{
	return (uint16_t)(model->stock_count + stock);
}

static inline uint16_t slot_of_measure(const struct model *model, unsigned measure)
{
	return (uint16_t)(2 * model->stock_count + measure);
}

/* Of the stock measure->since[i]. */
static inline uint16_t slot_of_since(const struct model *model, const struct measure *measure, unsigned i)
{
	return (uint16_t)(slot_of_measure(model, model->measure_count) + measure->since_slot + i);
}

static inline unsigned slot_count(const struct model *model)
{
	return slot_of_measure(model, model->measure_count) + model->since_slots;
}

/* Its cells have a number where others have a time. */
static inline bool slot_is_number(const struct model *model, uint16_t slot)
{
	unsigned first = slot_of_measure(model, 0);
	if (slot < first)
		return false;
	return slot - first >= model->measure_count || model->measures[slot - first].kind == MEASURE_TOUCHES;
}

/* The value of a key field: false where the event has none. Field -1 is the customer itself, key 0. */
static inline bool step_key(const struct step *step, int32_t field, int64_t *ret_key)
{
	if (field >= 0 && !(step->record->present >> field & 1))
		return false;
	*ret_key = field >= 0 ? step->record->values[field] : 0;
	return true;
}

/* Amounts wrap around, and come back with the matching negative. */
static inline int64_t step_signed(int64_t amount, int sign)
{
	return sign < 0 ? (int64_t) - (uint64_t)amount : amount;
}

/* What the event's decimal or integer field says, in 10^-4; 0 where it is absent. */
int64_t step_number(const struct step *step, int32_t field);
/* Adds `amount` to component `offset` of the measure. */
void step_emit(struct step *step, uint16_t measure, uint32_t offset, int64_t time, uint32_t group, int64_t amount);
void step_emit_cell(struct step *step, uint16_t measure, uint32_t cell, int64_t time, uint32_t group, int64_t amount,
	uint8_t dimensions);
/* Lets the measures of a list hear the event, each of them once. */
void step_fire(struct step *step, const struct listener_list *list);
/* A member comes into (sign +1) or leaves (-1) the levels of a list at `time`; it was opened at `opened`. */
void step_level(
	struct step *step, const struct measure_list *levels, int64_t time, int64_t opened, uint32_t group, int sign);
/* The same, by these dimensions only. */
void step_level_in(struct step *step, const struct measure_list *levels, int64_t time, int64_t opened, uint32_t group,
	int sign, uint8_t dimensions);

void step_stocks(struct step *step);
void step_pair_start(struct step *step, const struct measure *measure, uint16_t index);
void step_pair_end(struct step *step, const struct measure *measure, uint16_t index);
/* A member of the stock begins, and ends, to count for a STAYED measure; `member` is its cell. */
void step_newcomer(struct step *step, uint16_t index, const struct cell *member);
void step_no_member(struct step *step, uint16_t index, const struct cell *member);
/* The local day of an instant. */
int32_t step_day(const struct step *step, int64_t time);
/* The periods of the event's own day. */
const struct periods *step_periods(const struct step *step);
/* A touch and an end of a TOUCHES measure; both before step_stocks. */
void step_touch(struct step *step, const struct measure *measure, uint16_t index);
void step_touches_end(struct step *step, const struct measure *measure, uint16_t index);
/* A member of the stock opens, or has closed. */
void step_touches_begin(struct step *step, const struct measure *measure, uint16_t index, unsigned stock, int64_t key);
void step_touches_over(struct step *step, const struct measure *measure, uint16_t index, unsigned stock, int64_t key);
void step_gauge(struct step *step, const struct measure *measure, uint16_t index);
/* A sighting of the customer for a DISTINCT measure, and the end of its stay in the stock. */
void step_sighting(struct step *step, const struct measure *measure, uint16_t index);
void step_member_leaves(struct step *step, const struct measure *measure, uint16_t index);

#endif
