/* One number of one key over time: sparse slices, and a running total for every view.
 *
 * Invariant: for each view, the total is the sum of the slices in its span (of a level: of everything before its `to`). Slices rise by
 * start; what no view can reach any more is dropped (of a level: added to `base`). Sums wrap around. */
#ifndef PIPELINE_ACCUMULATE_SERIES_H
#define PIPELINE_ACCUMULATE_SERIES_H

#include "base/buf.h"
#include "pipeline/accumulate/views.h"

struct slice {
	int64_t start;
	int64_t amount;
};

struct series {
	struct slice *slices;
	uint32_t count, capacity;
	int64_t base;    /* levels: the sum of all that was dropped */
	int64_t *totals; /* by view of the measure, lowest first */
};

/* What a series is for. */
struct series_kind {
	uint64_t views;
	bool level;
};

void series_init(struct series *series, struct series_kind kind);
void series_add(
	struct series *series, struct series_kind kind, const struct views *views, int64_t start, int64_t amount);
/* From one end to the next. True when a total changed. */
bool series_roll(struct series *series, struct series_kind kind, const struct views *before, const struct views *now);
/* All totals from the slices. */
void series_total(struct series *series, struct series_kind kind, const struct views *views);
/* Drops slices before `horizon`, and joins those before `coarse_before` to slices of `width`. */
void series_compact(
	struct series *series, struct series_kind kind, int64_t horizon, int64_t coarse_before, int64_t width);
/* Nothing but zeros, and nothing to come. */
bool series_empty(const struct series *series, struct series_kind kind);
/* The total in a view, which must be one of the kind's. */
static inline int64_t series_view(const struct series *series, struct series_kind kind, unsigned view)
{
	return series->totals[__builtin_popcountll(kind.views & ((UINT64_C(1) << view) - 1))];
}
void series_save(const struct series *series, struct buf *out);
bool series_load(struct series *series, struct reader *in);
void series_release(struct series *series);

#endif
