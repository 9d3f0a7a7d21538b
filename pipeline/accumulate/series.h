/* One number of one key over time: sparse slices, and a running total for every view.
 *
 * Invariant: for each view, the total (with `pending`, where the view holds its stretch) is the sum of the slices, the open one among them, in its
 * span (of a level: of everything before its `to`). Slices rise by start; what no view can reach any more is dropped (of a level: added to
 * `base`). Sums wrap around.
 *
 * Most amounts come one after the other into one slice, and into one stretch of time (views.h). So what an amount touches is kept together: the slice
 * is open, and `pending` gathers. series_settle adds both to where they belong: before totals or slices are read, and before the views that they were
 * gathered under go.
 *
 * Slices are what there is most of, so they are kept small: narrow, in whole seconds and 32 bits, as long as each of the series fits; else all of
 * them are wide. */
#ifndef PIPELINE_ACCUMULATE_SERIES_H
#define PIPELINE_ACCUMULATE_SERIES_H

#include "base/buf.h"
#include "pipeline/accumulate/views.h"

struct slice {
	int64_t start;
	int64_t amount;
};

struct narrow_slice {
	uint32_t start; /* in seconds */
	int32_t amount;
};

/* One piece of memory, which moves when it grows. */
struct series_body {
	int64_t base;      /* levels: the sum of all that was dropped */
	int64_t numbers[]; /* the totals, lowest view first; then the slices */
};

struct series {
	struct series_body *body;
	struct slice open; /* not in the body yet; its start is SERIES_SETTLED: there is none, and nothing is pending */
	int64_t pending;
	uint32_t cell : 31;
	uint32_t news : 1;   /* a total may have changed since it was handed over */
	uint16_t kind;       /* which of the layout's (row.h) */
	uint8_t total_count; /* one for each view of the kind */
	uint8_t stretch;     /* of what is pending */
	uint32_t count;      /* slices in the body */
	uint32_t capacity : 30;
	uint32_t has_zeros : 1; /* what was taken back has left some slices that say nothing */
	uint32_t wide : 1;
};

#define SERIES_SETTLED INT64_MIN

/* What a series is for. */
struct series_kind {
	uint64_t views;
	bool level;
};

/* Where an instant lies: the start of its slice, and the stretch that holds it. */
struct moment {
	int64_t start;
	uint8_t stretch;
};

static inline int64_t sum_of(int64_t a, int64_t b)
{
	return (int64_t)((uint64_t)a + (uint64_t)b);
}

#define SERIES_NARROW_UNIT INT64_C(1000) /* ms */

static inline struct slice *series_wide(const struct series *series)
{
	return (struct slice *)(series->body->numbers + series->total_count);
}

static inline struct narrow_slice *series_narrow(const struct series *series)
{
	return (struct narrow_slice *)(series->body->numbers + series->total_count);
}

/* Of slice `at` of the body. */
static inline int64_t series_start(const struct series *series, uint32_t at)
{
	return series->wide ? series_wide(series)[at].start : series_narrow(series)[at].start * SERIES_NARROW_UNIT;
}

static inline int64_t series_amount(const struct series *series, uint32_t at)
{
	return series->wide ? series_wide(series)[at].amount : series_narrow(series)[at].amount;
}

/* Where the next slice will most likely stand. */
static inline const void *series_end(const struct series *series)
{
	return series->wide ? (const void *)(series_wide(series) + series->count)
			    : (const void *)(series_narrow(series) + series->count);
}

struct series series_new(uint32_t cell, uint16_t kind_index, struct series_kind kind);
/* The totals take up what is pending; the open slice stays. */
void series_gather(struct series *series, struct series_kind kind, const struct views *views);
/* Into the body, wherever it belongs there: added to the slice of the same start, if there is one. Totals stay as they are. */
void series_insert(struct series *series, struct slice slice);
/* The totals take up what is pending, which is news, and the open slice becomes one of the body's. */
void series_settle(struct series *series, struct series_kind kind, const struct views *views);
/* Into the open slice, which is that of the moment. */
static inline void series_add(
	struct series *series, struct series_kind kind, const struct views *views, struct moment moment, int64_t amount)
{
	if (series->stretch != moment.stretch) {
		series_gather(series, kind, views);
		series->stretch = moment.stretch;
	}
	series->open.amount = sum_of(series->open.amount, amount);
	series->pending = sum_of(series->pending, amount);
}
/* The first slice behind `at` that starts at or after `time`; the last one does, and slice `at` does not. */
uint32_t series_search(const struct series *series, uint32_t at, int64_t time);
/* The first slice from `at` on that starts at or after `time`. */
static inline uint32_t series_find(const struct series *series, uint32_t at, int64_t time)
{
	if (at >= series->count || series_start(series, at) >= time)
		return at;
	if (series_start(series, series->count - 1) < time)
		return series->count;
	return series_search(series, at, time);
}
/* All totals from the slices. Settled. */
void series_total(struct series *series, struct series_kind kind, const struct views *views);
/* Drops slices before `horizon`, and joins those before `coarse_before` to slices of `width`; those before `coarse_already` are joined. Settled. */
struct compaction {
	int64_t horizon, coarse_before, coarse_already, width;
};
void series_compact(struct series *series, struct series_kind kind, const struct compaction *compaction);
/* Nothing but zeros, and nothing to come. Settled. */
bool series_empty(const struct series *series);
/* Settled. */
void series_save(const struct series *series, struct buf *out);
/* Into a fresh one; without totals. */
bool series_load(struct series *series, struct reader *in);
void series_free(struct series *series);

#endif
