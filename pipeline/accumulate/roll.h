/* The way from one end to the next: what every series gains and loses, found once for all of them. Private to accumulate.
 *
 * The spans of many views have edges in common, so there are few ranges of time that something moves over; a series that has no slice in any of
 * them keeps its totals. */
#ifndef PIPELINE_ACCUMULATE_ROLL_H
#define PIPELINE_ACCUMULATE_ROLL_H

#include "pipeline/accumulate/series.h"

/* Two for each view, once for sums and once for levels; range 0 is empty. */
enum { ROLL_RANGES_MAX = 4 * MODEL_VIEWS_MAX + 1, ROLL_EDGES_MAX = 2 * MODEL_VIEWS_MAX };

struct roll_range {
	struct span span;
	uint64_t sums, levels; /* views that gain or lose it: those of sums, and those of levels */
};

/* A new total is the old one, or 0, with what it gains and without what it loses. */
struct roll_move {
	bool anew;
	uint16_t gains, loses; /* ranges */
};

/* An edge of views that moves with the end, rounded up to `step`, `shift` away from it. */
struct roll_edge {
	int64_t now, shift, step;
	uint64_t sums, levels; /* views that it is an edge of */
};

struct roll {
	uint64_t moved; /* views */
	bool jumped;    /* an edge moved that is not one of `edges` */
	unsigned range_count, edge_count;
	struct roll_range ranges[ROLL_RANGES_MAX]; /* rising by `from`, but for the first */
	struct roll_move sums[MODEL_VIEWS_MAX], levels[MODEL_VIEWS_MAX];
	struct roll_edge edges[ROLL_EDGES_MAX]; /* rising by `now` */
};

void roll_init(struct roll *roll, const struct model *model, const struct views *before, const struct views *now);
/* True when a total changed. Nothing is pending. */
bool roll_series(const struct roll *roll, struct series *series, struct series_kind kind);
/* No edge moves past a slice with any end through this one. */
int64_t roll_quiet(const struct roll *roll, struct series *series, struct series_kind kind);

#endif
