/* All targets: which one a figure has, its goal, pace and status: docs/targets.md. Pure; one thread. */
#ifndef PIPELINE_EVALUATE_GOALS_H
#define PIPELINE_EVALUATE_GOALS_H

#include "base/arena.h"
#include "pipeline/evaluate/evaluate.h"
#include "pipeline/evaluate/pace.h"

struct goals;

/* A target that figures of one KPI, window and dimension may have. */
struct wish;
struct wishes {
	const struct wish *items; /* the first that a key has is the one */
	uint16_t count;
};

/* What is wanted of one figure. */
struct aim {
	const struct target *target; /* NULL: nothing */
	const char *reason;          /* why there is no goal; NULL: there is one */
	int32_t by_day;              /* INT32_MIN: none */
	bool has_base, has_pace;     /* has_pace: the pace is more than its status */
	i128 goal, base;             /* 10^-6 */
	struct pace pace;            /* when there is a goal */
};

/* Everything is borrowed and outlives it. */
struct goals *goals_new(const struct model *model, const struct roster *roster);
/* Lives in the arena. */
struct wishes goals_wishes(
	const struct goals *goals, struct arena *arena, uint16_t kpi, uint8_t window, uint8_t dimension);
/* Once for each evaluation, before goals_aim. True when goals that are handed down have changed: then any key may have another aim though
 * none of its figures changed. */
bool goals_turn(struct goals *goals, const struct evaluation *evaluation, struct merge *merge);
/* Of the key's figure. */
void goals_aim(const struct goals *goals, const struct evaluation *evaluation, const struct merged_key *key,
	const struct figure *figure, struct wishes wishes, struct aim *ret_aim);
void goals_free(struct goals *goals);

#endif
