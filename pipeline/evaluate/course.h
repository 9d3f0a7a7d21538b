/* Inside evaluate: one target in one of its windows, and from when to when it is the one for the present end. The same for all keys:
 * docs/targets.md, 2. */
#ifndef PIPELINE_EVALUATE_COURSE_H
#define PIPELINE_EVALUATE_COURSE_H

#include "pipeline/evaluate/evaluate.h"

struct course {
	const struct target *target;
	uint8_t window;
	int32_t base_window; /* of a target over a base: where the base stands; else -1 */
	/* As of the last course_turn; without `stands` the others mean nothing. */
	bool stands;         /* fields of the window have the target now */
	bool whole;          /* the window is a whole period: the result stands there */
	bool over;           /* the last day has passed */
	int64_t from, until; /* ms; INT64_MIN: since ever, INT64_MAX: for ever */
	int32_t by_day;      /* the last day; INT32_MIN: none */
};

void course_init(struct course *course, const struct model *model, const struct target *target, uint8_t window);
void course_turn(struct course *course, const struct evaluation *evaluation);

/* A goal, or why there is none. */
struct goal {
	const char *reason; /* "base", "incomplete", or that of the base; NULL: there is a goal */
	bool has_base;
	i128 value, base; /* 10^-6 */
};

/* Of a key that the target is one of by itself. `key` NULL: it has no figures. */
struct goal course_goal(const struct course *course, const struct evaluation *evaluation, const struct merged_key *key);

#endif
