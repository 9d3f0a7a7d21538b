/* All series of one dimension key. Private to accumulate.
 *
 * They stand in the order in which they came, since a new one among hundreds would move half of them. Those of components are found by index; those
 * of histogram buckets, of which some rows have hundreds and most have none, by search. */
#ifndef PIPELINE_ACCUMULATE_ROW_H
#define PIPELINE_ACCUMULATE_ROW_H

#include "pipeline/accumulate/roll.h"
#include "pipeline/accumulate/series.h"

struct row_bucket {
	uint32_t cell;
	uint32_t at; /* of its series */
};

struct row_buckets {
	struct series *series;
	struct row_bucket *order; /* by rising cell */
	uint32_t count, capacity;
};

struct row {
	struct series *series; /* of components */
	uint32_t count, capacity;
	struct row_buckets buckets;
	uint32_t key;
	uint8_t dimension;
	bool changed; /* it stands in the list of changed rows; only then may series have news, or something pending */
	bool untold;  /* the whole of it is news */
	uint32_t inflow;  /* for inflow.h; 0 between two counts */
	uint16_t place[]; /* by component: where its series stands, + 1; 0: never touched */
};

/* What every cell is for. */
struct row_layout {
	uint32_t component_count, histogram_count;
	struct series_kind *kinds; /* by component, then by histogram */
};

struct row *row_new(const struct row_layout *layout, uint8_t dimension, uint32_t key);
static inline uint32_t row_kind_index(const struct row_layout *layout, uint32_t cell)
{
	return cell < layout->component_count
		? cell
		: layout->component_count + (cell - layout->component_count) / HISTOGRAM_BUCKETS;
}
/* For what has no place yet. */
struct series *row_find_or_make(struct row *row, const struct row_layout *layout, uint32_t cell);
/* The series of a cell, made where there is none. Valid until the next call. */
static inline struct series *row_series(struct row *row, const struct row_layout *layout, uint32_t cell)
{
	if (cell < layout->component_count && row->place[cell])
		return &row->series[row->place[cell] - 1];
	return row_find_or_make(row, layout, cell);
}
static inline uint32_t row_count(const struct row *row)
{
	return row->count + row->buckets.count;
}
/* One of row_count, in any order. */
static inline struct series *row_at(const struct row *row, uint32_t at)
{
	return at < row->count ? &row->series[at] : &row->buckets.series[at - row->count];
}
/* One after the other by rising cell, from *position 0 on; NULL: there is none any more. */
struct series *row_next(const struct row *row, const struct row_layout *layout, uint32_t *position);
/* Nothing is pending afterwards. */
void row_gather(struct row *row, const struct row_layout *layout, const struct views *views);
/* True when a total changed, which is news. Nothing is pending. */
bool row_roll(struct row *row, const struct row_layout *layout, const struct roll *roll);
/* No end through this one changes a total by itself, unless its roll jumps. */
int64_t row_quiet(const struct row *row, const struct row_layout *layout, const struct roll *roll);
/* Compacts its series and forgets those that are empty and have no news. Nothing is pending. */
void row_compact(struct row *row, const struct row_layout *layout, const struct compaction *compaction);
void row_free(struct row *row);

#endif
