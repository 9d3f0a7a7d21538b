/* From a goal to a day's work: docs/targets.md, 7. Pure once the engine has its figures; exact arithmetic.
 *
 * Amounts of KPIs are integers of 10^-6, as figures are; times are working time in ms; activities are whole ones. */
#ifndef KPICTL_PLAN_H
#define KPICTL_PLAN_H

#include "tools/kpictl/engine.h"

/* What came of an activity, in the need's window. */
struct plan_yield {
	bool usable;       /* both are above 0 */
	uint8_t dimension; /* whose it is */
	struct str key;
	i128 made, done; /* the KPI; the activity */
};

/* A number that 128 bits may not hold, or that there is no yield or no time for. */
struct plan_count {
	bool known;
	i128 value;
};

/* What it takes of one activity. */
struct plan_need {
	uint16_t activity; /* a KPI */
	int16_t window;    /* of the yield; -1: the two have none in common */
	struct plan_yield yield;
	struct plan_count needed, per_day;
	struct plan_count per_day_each; /* for each rep; not in a rep's line */
};

struct plan_rep {
	uint32_t rep; /* index into the roster */
	int32_t team; /* the first that it works in from now on; -1: none */
	int64_t left;
	bool has_goal; /* for the same window and day */
	i128 goal;
	i128 part; /* what it has to bring */
	struct plan_need *needs;
};

/* What is asked. */
struct plan_goal {
	uint16_t kpi;
	uint8_t dimension, window;
	const struct merged_key *key;
	struct figure figure; /* has a value */
	i128 goal;
	int32_t by_day; /* the last day */
	bool of_target; /* then reps may have goals of their own beside it */
};

struct plan {
	const struct engine *engine;
	struct plan_goal goal;
	i128 missing;     /* 0: it is reached, and there are no needs */
	int64_t from, to; /* the time left */
	int64_t day;      /* a working day; 0: there is no calendar */
	int64_t left;     /* of a rep its own, else that of the calendar */
	int64_t left_of_reps;
	uint32_t working; /* reps that have time left */
	struct plan_need *needs;
	uint16_t need_count;
	struct plan_rep *reps; /* those who have time left, or a goal of their own that is not reached */
	uint32_t rep_count;
};

enum { PLAN_YIELD_AUTO = -1 };

/* `window` is the yield's, or PLAN_YIELD_AUTO: the longest rolling one of at most 90 days that the two have. The engine outlives it. */
void plan_reckon(struct plan *plan, const struct engine *engine, const struct plan_goal *goal, int window);
void plan_release(struct plan *plan);

void plan_put_text(struct buf *out, const struct plan *plan);
void plan_put_json(struct buf *out, const struct plan *plan);

#endif
