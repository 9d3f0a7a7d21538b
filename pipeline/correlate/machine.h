/* The life cycles of one customer, one event at a time and in order.
 *
 *     cells ──machine_step(event)──▶ cells', contributions
 *
 * A function of (cells, event) and of nothing else, but for new numbers in groups: running the same events from the same cells gives the same contributions, so a history is
 * corrected by running it again. What it remembers are cells (cells.h); the slots are numbered: stocks, holds of stocks, measures,
 * stocks that touches count since. */
#ifndef PIPELINE_CORRELATE_MACHINE_H
#define PIPELINE_CORRELATE_MACHINE_H

#include "pipeline/correlate/cells.h"
#include "pipeline/correlate/contribution.h"
#include "pipeline/correlate/listeners.h"
#include "pipeline/correlate/periods.h"
#include "pipeline/correlate/record.h"
#include "pipeline/window.h"

struct machine {
	const struct model *model;
	const struct calendar *calendar;
	struct groups *groups; /* a member that moves may make a new one */
	struct listeners listeners;
	uint16_t implicit;       /* the measure that counts every event */
	struct periods *periods; /* of the event's day; a memory only */
};

/* Where contributions go: `sign` is +1, or -1 to take them back; `out` NULL only moves the cells. */
struct machine_output {
	struct contributions *out;
	int sign;
};

void machine_init(struct machine *machine, const struct model *model, const struct schema *schema,
	const struct calendar *calendar, struct groups *groups);
/* `in_force` is false for an event that a later one has taken back: it is only counted as seen. */
void machine_step(const struct machine *machine, struct cells *cells, const struct record *record, bool in_force,
	struct machine_output output);
/* Drops cells that no event at or after `time` can look at. */
void machine_forget(const struct machine *machine, struct cells *cells, int64_t time);
/* Whether they could be what events before `before` have left. */
bool machine_cells_valid(const struct machine *machine, const struct cells *cells, int64_t before);
/* Cells of another shard's: the numbers of groups and keys become those of the machine's groups. */
void machine_cells_adopt(const struct machine *machine, struct cells *cells, const struct groups *from);
void machine_release(struct machine *machine);

#endif
