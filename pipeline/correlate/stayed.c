/* Members that stayed: those just before a window's `to` less the newcomers among them, who opened within it.
 *
 * A rolling window ends behind all events: who leaves is a newcomer no longer, wherever it opened. A calendar period that is over must not
 * change: a newcomer leaves it with the close, if that lies in the same period; of one that left later it stays a newcomer. */
#include "pipeline/correlate/step.h"

static void emit_part(
	struct step *step, uint16_t index, uint32_t part, int64_t time, const struct cell *member, int64_t amount)
{
	step_emit(step, index, 1 + part, time, member->group, amount);
}

void step_newcomer(struct step *step, uint16_t index, const struct cell *member)
{
	uint32_t parts = step->model->measures[index].component_count - 1;
	step_emit(step, index, 0, member->time, member->group, 1);
	for (uint32_t part = 0; part < parts; part++)
		emit_part(step, index, part, member->time, member, 1);
}

void step_no_member(struct step *step, uint16_t index, const struct cell *member)
{
	const struct periods *periods = step_periods(step);
	int64_t now = step->record->time;
	int32_t opened = step_day(step, member->time);
	uint32_t part = 0;
	step_emit(step, index, 0, now, member->group, -1);
	emit_part(step, index, part++, member->time, member, -1);
	for (unsigned unit = 0; unit < UNIT_COUNT; unit++) {
		if (!(step->model->units_in_use >> unit & 1))
			continue;
		if (periods_hold(periods, unit, opened))
			emit_part(step, index, part, now, member, -1);
		part++;
	}
}
