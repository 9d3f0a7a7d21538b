/* One number of one key over time: sparse slices, and a running total for every view. One piece of memory, which moves when it grows.
 *
 * Invariant: for each view, the total (with `pending`, where the view holds its stretch) is the sum of the slices in its span (of a level:
 * of everything before its `to`). Slices rise by start; what no view can reach any more is dropped (of a level: added to `base`).
 * Sums wrap around.
 *
 * Most amounts come one after the other into one stretch of time (views.h), so they are gathered in `pending`, and series_settle adds them to the
 * totals: before totals are read, and before the views that they were gathered under go. */
#ifndef PIPELINE_ACCUMULATE_SERIES_H
#define PIPELINE_ACCUMULATE_SERIES_H

#include "base/buf.h"
#include "pipeline/accumulate/views.h"

struct slice {
	int64_t start;
	int64_t amount;
};

struct series {
	int64_t base; /* levels: the sum of all that was dropped */
	int64_t pending;
	uint32_t count; /* slices */
	uint32_t capacity : 31;
	uint32_t has_zeros : 1; /* what was taken back has left some that say nothing */
	uint32_t cell;
	uint16_t kind;       /* which of the layout's (row.h) */
	uint8_t total_count; /* one for each view of the kind */
	uint8_t stretch;     /* of what is pending */
	int64_t numbers[];   /* the totals, lowest view first; then the slices */
};

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

static inline struct slice *series_slices(struct series *series)
{
	return (struct slice *)(series->numbers + series->total_count);
}

struct series *series_new(uint32_t cell, uint16_t kind_index, struct series_kind kind);
/* For what is neither in the last slice nor just behind it. */
void series_insert(struct series **series, int64_t start, int64_t amount);
void series_settle(struct series *series, struct series_kind kind, const struct views *views);
static inline void series_add(
	struct series **at, struct series_kind kind, const struct views *views, struct moment moment, int64_t amount)
{
	struct series *series = *at;
	struct slice *end = series_slices(series) + series->count;
	if (series->count && end[-1].start == moment.start) {
		end[-1].amount = sum_of(end[-1].amount, amount);
		if (end[-1].amount == 0)
			series->has_zeros = true;
	} else if (series->count && series->count < series->capacity && end[-1].start < moment.start && amount != 0) {
		*end = (struct slice){moment.start, amount};
		series->count++;
	} else {
		series_insert(at, moment.start, amount);
		series = *at;
	}
	if (series->stretch != moment.stretch) {
		series_settle(series, kind, views);
		series->stretch = moment.stretch;
	}
	series->pending = sum_of(series->pending, amount);
}
/* The first slice from `at` on, behind which there are others, that starts at or after `time`; the last one does. */
uint32_t series_search(struct series *series, uint32_t at, int64_t time);
/* The first slice from `at` on that starts at or after `time`. */
static inline uint32_t series_find(struct series *series, uint32_t at, int64_t time)
{
	const struct slice *slices = series_slices(series);
	if (at >= series->count || slices[at].start >= time)
		return at;
	if (slices[series->count - 1].start < time)
		return series->count;
	return series_search(series, at + 1, time);
}
/* The sum of the slices in a span. */
int64_t series_sum(struct series *series, struct span span);
/* All totals from the slices. */
void series_total(struct series *series, struct series_kind kind, const struct views *views);
/* Drops slices before `horizon`, and joins those before `coarse_before` to slices of `width`; those before `coarse_already` are joined. */
struct compaction {
	int64_t horizon, coarse_before, coarse_already, width;
};
void series_compact(struct series **series, struct series_kind kind, const struct compaction *compaction);
/* Nothing but zeros, and nothing to come. Settled. */
bool series_empty(const struct series *series);
/* Whether a total is not 0. Settled. */
bool series_says(const struct series *series);
void series_save(struct series *series, struct buf *out);
/* Into a fresh one; without totals. */
bool series_load(struct series **series, struct reader *in);
void series_free(struct series *series);

#endif
