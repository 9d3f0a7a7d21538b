/* One number of one key over time: sparse slices, and a running total for every view.
 *
 * Invariant: for each view, the total (with `pending`, where the view holds its stretch) is the sum of the slices in its span (of a level: of
 * everything before its `to`). Slices rise by start; what no view can reach any more is dropped (of a level: added to `base`). Sums wrap around.
 *
 * Most amounts come one after the other into one stretch of time (views.h), so `pending` gathers them. series_gather adds it to where it belongs:
 * before totals are read, and before the views that it was gathered under go.
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

/* What a series is for. */
struct series_kind {
	uint64_t views;
	bool level;
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

/* False: it does not fit. */
static inline bool slice_narrow(struct slice slice, struct narrow_slice *ret_narrow)
{
	uint64_t seconds = (uint64_t)slice.start / SERIES_NARROW_UNIT;
	*ret_narrow = (struct narrow_slice){(uint32_t)seconds, (int32_t)slice.amount};
	return ret_narrow->start == seconds && (int64_t)(seconds * SERIES_NARROW_UNIT) == slice.start &&
		ret_narrow->amount == slice.amount;
}

struct series series_new(uint32_t cell, uint16_t kind_index, struct series_kind kind);
/* The totals take up what is pending. */
void series_gather(struct series *series, struct series_kind kind, const struct views *views);
/* Into the body, wherever it belongs there: added to the slice of the same start, if there is one. Totals stay as they are. */
void series_insert_anywhere(struct series *series, struct slice slice);
/* Most are narrow, and come behind all others. */
static inline void series_insert(struct series *series, struct slice slice)
{
	struct narrow_slice narrow, *end = series_narrow(series) + series->count;
	bool fits = !series->wide && series->count < series->capacity && slice_narrow(slice, &narrow);
	if (fits && (series->count == 0 || end[-1].start < narrow.start)) {
		*end = narrow;
		series->count++;
	} else {
		series_insert_anywhere(series, slice);
	}
}
/* The slice lies in a stretch of the views. */
static inline void series_add(
	struct series *series, struct series_kind kind, const struct views *views, uint8_t stretch, struct slice slice)
{
	if (series->stretch != stretch) {
		series_gather(series, kind, views);
		series->stretch = stretch;
	}
	series->pending = sum_of(series->pending, slice.amount);
	series->news = 1;
	if (slice.amount != 0)
		series_insert(series, slice);
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
/* All totals from the slices. Nothing is pending. */
void series_total(struct series *series, struct series_kind kind, const struct views *views);
/* Drops slices before `horizon`, and joins those before `coarse_before` to slices of `width`; those before `coarse_already` are joined. */
struct compaction {
	int64_t horizon, coarse_before, coarse_already, width;
};
void series_compact(struct series *series, struct series_kind kind, const struct compaction *compaction);
/* Nothing but zeros. Nothing is pending. */
bool series_empty(const struct series *series);
void series_save(const struct series *series, struct buf *out);
/* Into a fresh one; without totals. */
bool series_load(struct series *series, struct reader *in);
void series_free(struct series *series);

#endif
