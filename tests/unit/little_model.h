/* A model made by hand, small enough to compute its figures in one's head, and records of totals for it.
 *
 * Windows: 0 "30d", 1 "1h" (rolling), 2 "month" (to date). Their intervals begin at 30, 60 and 10 days after DAY_0 and end at END; those
 * before them are 0 to 30, 59 to 60 and 5 to 10 days. */
#ifndef TESTS_UNIT_LITTLE_MODEL_H
#define TESTS_UNIT_LITTLE_MODEL_H

#include "pipeline/evaluate/evaluate.h"

#define DAY INT64_C(86400000)
#define DAY_0 (MODEL_EPOCH + 1000 * DAY)
#define END (DAY_0 + 61 * DAY)

enum { WINDOW_30D, WINDOW_1H, WINDOW_MONTH, LITTLE_WINDOWS };
enum { PREVIOUS = LITTLE_WINDOWS };

/* Measures; the events that they see have the type of the same number. */
enum { WON, LOST, SOLD, CYCLE, OPEN, VISITORS, KEPT, TOUCHED, EVENTS, LITTLE_MEASURES };

/* Cells. */
enum {
	CELL_WON,
	CELL_LOST,
	CELL_SOLD,
	CELL_SOLD_COUNT,
	CELL_PAIRS,
	CELL_PAIRS_MS,
	CELL_OPEN,
	CELL_OPEN_SINCE,
	CELL_OPEN_CHANGE,
	CELL_VISITORS,
	CELL_VISITORS_WEEK,
	CELL_VISITORS_MONTH,
	CELL_KEPT_MEMBERS,
	CELL_KEPT_NEW,
	CELL_KEPT_NEW_WEEK,
	CELL_KEPT_NEW_MONTH,
	CELL_TOUCHED,
	CELL_TOUCHES,
	CELL_EVENTS,
	LITTLE_COMPONENTS,
	CELL_HISTOGRAM = LITTLE_COMPONENTS
};

/* KPIs; their formulas are set by the test, or are those of little_model_standard. */
enum { CLOSE_RATE, REVENUE, CYCLE_MEDIAN, LITTLE_KPIS };

struct little_model {
	struct model model;
	struct measure measures[LITTLE_MEASURES];
	uint64_t seen[LITTLE_MEASURES][SCHEMA_TYPES_MAX / 64];
	struct kpi kpis[LITTLE_KPIS];
	struct roster roster;
	struct roster_team teams[2];
	struct roster_rep reps[3];
	struct membership memberships[4];
	struct window_spans spans;
	struct evaluation evaluation; /* every type was seen, history begins at DAY_0 */
};

/* close_rate = won / (won + lost), a rate that ranks by Wilson; revenue = sold; cycle_median = median(cycle), lower is better. */
void little_model_init(struct little_model *little);
void little_model_release(struct little_model *little);

/* Totals of one key, to be written as a record. */
struct little_total {
	uint32_t cell, view;
	int64_t total;
};
/* `totals` in any order, each cell and view once. */
void little_record(
	struct buf *out, uint8_t dimension, const char *key, const struct little_total *totals, size_t count);
/* A change: a cell with a total of 0 only is gone. */
void little_change(
	struct buf *out, uint8_t dimension, const char *key, const struct little_total *totals, size_t count);

#endif
