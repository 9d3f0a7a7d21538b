#include "pipeline/accumulate/row.h"

#include "base/mem.h"

struct row *row_new(const struct row_layout *layout)
{
	struct row *row = NEW(struct row);
	row->components = NEW_ARRAY(struct series *, layout->component_count);
	return row;
}

struct series_kind row_kind(const struct row_layout *layout, uint32_t cell)
{
	if (cell < layout->component_count)
		return layout->components[cell];
	return layout->histograms[(cell - layout->component_count) / HISTOGRAM_BUCKETS];
}

static uint32_t bucket_at(const struct row *row, uint32_t cell)
{
	uint32_t low = 0, high = row->bucket_count;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (row->buckets[middle].cell < cell)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct series *bucket_series(struct row *row, const struct row_layout *layout, uint32_t cell)
{
	uint32_t at = bucket_at(row, cell);
	if (at < row->bucket_count && row->buckets[at].cell == cell)
		return &row->buckets[at].series;
	GROW(row->buckets, row->bucket_count, row->bucket_capacity);
	memmove(&row->buckets[at + 1], &row->buckets[at], (row->bucket_count - at) * sizeof(struct bucket));
	row->bucket_count++;
	row->buckets[at].cell = cell;
	series_init(&row->buckets[at].series, row_kind(layout, cell));
	return &row->buckets[at].series;
}

struct series *row_series(struct row *row, const struct row_layout *layout, uint32_t cell)
{
	if (cell >= layout->component_count)
		return bucket_series(row, layout, cell);
	struct series **series = &row->components[cell];
	if (!*series) {
		*series = NEW(struct series);
		series_init(*series, layout->components[cell]);
	}
	return *series;
}

struct series *row_next(const struct row *row, const struct row_layout *layout, uint32_t *position, uint32_t *ret_cell)
{
	while (*position < layout->component_count) {
		*ret_cell = (*position)++;
		if (row->components[*ret_cell])
			return row->components[*ret_cell];
	}
	uint32_t bucket = *position - layout->component_count;
	if (bucket >= row->bucket_count)
		return NULL;
	(*position)++;
	*ret_cell = row->buckets[bucket].cell;
	return &row->buckets[bucket].series;
}

void row_prune(struct row *row, const struct row_layout *layout)
{
	for (uint32_t c = 0; c < layout->component_count; c++) {
		struct series *series = row->components[c];
		if (series && series_empty(series, layout->components[c])) {
			series_release(series);
			mem_free(series);
			row->components[c] = NULL;
		}
	}
	uint32_t kept = 0;
	for (uint32_t b = 0; b < row->bucket_count; b++) {
		if (series_empty(&row->buckets[b].series, row_kind(layout, row->buckets[b].cell)))
			series_release(&row->buckets[b].series);
		else
			row->buckets[kept++] = row->buckets[b];
	}
	row->bucket_count = kept;
}

void row_free(struct row *row, const struct row_layout *layout)
{
	if (!row)
		return;
	for (uint32_t c = 0; c < layout->component_count; c++) {
		if (row->components[c])
			series_release(row->components[c]);
		mem_free(row->components[c]);
	}
	for (uint32_t b = 0; b < row->bucket_count; b++)
		series_release(&row->buckets[b].series);
	mem_free(row->buckets);
	mem_free(row->components);
	mem_free(row);
}
