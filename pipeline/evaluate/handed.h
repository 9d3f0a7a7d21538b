/* Inside evaluate: a goal that is handed down to teams and reps: docs/targets.md, 3.
 *
 * Invariant: what is handed down is what follows from the sources' goals and the time of the last handed_turn; parts of one source add up
 * to its goal exactly, unless all of it stands in `keys`. */
#ifndef PIPELINE_EVALUATE_HANDED_H
#define PIPELINE_EVALUATE_HANDED_H

#include "pipeline/evaluate/course.h"

struct handed;

/* `course` and what it points to are borrowed. */
struct handed *handed_new(const struct course *course, const struct roster *roster);
/* After course_turn. True when something is handed down that was not before, or the other way round. */
bool handed_turn(struct handed *handed, const struct evaluation *evaluation, struct merge *merge);
/* What the team or rep (its index in the roster) has of it. False: nothing. */
bool handed_to_team(const struct handed *handed, uint32_t team, struct goal *ret_goal);
bool handed_to_rep(const struct handed *handed, uint32_t rep, struct goal *ret_goal);
void handed_free(struct handed *handed);

/* Deals `amount` out by weight, rounded half-even to whole units so that the parts add up to it. False where all weights are 0, or 128 bits do
 * not hold it. */
bool handed_deal(i128 amount, const int64_t *weights, uint32_t count, i128 *ret_parts);

#endif
