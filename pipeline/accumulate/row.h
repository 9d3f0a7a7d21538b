/* All series of one dimension key, by cell. Private to accumulate.
 *
 * Components are found by index; histogram buckets, of which there are few, in a sorted list. */
#ifndef PIPELINE_ACCUMULATE_ROW_H
#define PIPELINE_ACCUMULATE_ROW_H

#include "pipeline/accumulate/series.h"

struct bucket {
	uint32_t cell;
	struct series series;
};

struct row {
	struct series **components; /* by component; NULL: never touched */
	struct bucket *buckets;     /* rising by cell */
	uint32_t bucket_count, bucket_capacity;
	bool changed; /* it stands in the list of changed rows */
};

/* What every cell is for: by component, and by histogram. */
struct row_layout {
	uint32_t component_count;
	struct series_kind *components;
	struct series_kind *histograms;
	uint32_t histogram_count;
};

struct row *row_new(const struct row_layout *layout);
struct series_kind row_kind(const struct row_layout *layout, uint32_t cell);
/* The series of a cell, made where there is none. Valid until the next call. */
struct series *row_series(struct row *row, const struct row_layout *layout, uint32_t cell);
/* Walks the series by rising cell; start with *position = 0; NULL at the end. */
struct series *row_next(const struct row *row, const struct row_layout *layout, uint32_t *position, uint32_t *ret_cell);
/* Forgets series that are empty. */
void row_prune(struct row *row, const struct row_layout *layout);
void row_free(struct row *row, const struct row_layout *layout);

#endif
