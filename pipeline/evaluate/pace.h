/* How far it is to a goal, and whether one is on the way there: docs/targets.md, 4 and 5. Pure, exact arithmetic.
 *
 * Values are integers of 10^-6, as figures are; times are working time in ms. */
#ifndef PIPELINE_EVALUATE_PACE_H
#define PIPELINE_EVALUATE_PACE_H

#include "base/decimal.h"

#include <stdbool.h>

enum pace_status { PACE_UNKNOWN, PACE_MET, PACE_MISSED, PACE_AHEAD, PACE_ON_TRACK, PACE_BEHIND };

/* The working time of a target: all of it, and what of it has passed. */
struct pace_way {
	int64_t total, worked; /* 0 <= worked <= total */
	int64_t day;           /* a working day; 0: there is no calendar */
	bool over;             /* the last day has passed */
	bool endless;          /* there is no last day: total and worked mean nothing */
};

struct pace_question {
	bool cumulative, higher_is_better;
	bool has_value, has_base;
	i128 value, goal;
	i128 base; /* of a standing target: where the way to the goal begins */
	struct pace_way way;
};

struct pace_number {
	bool known; /* else null */
	i128 value; /* rounded half-even */
};

struct pace {
	struct pace_number expected, needed_per_day, projected, remaining_days;
	enum pace_status status;
};

void pace_of(const struct pace_question *question, struct pace *ret_pace);
/* "on track"; NULL for PACE_UNKNOWN. */
const char *pace_status_name(enum pace_status status);

#endif
