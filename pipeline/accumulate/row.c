#include "pipeline/accumulate/row.h"

#include "base/mem.h"

#include <string.h>

struct row *row_new(const struct row_layout *layout, uint8_t dimension, uint32_t key)
{
	struct row *row = mem_new(sizeof *row + layout->component_count * sizeof row->place[0]);
	row->dimension = dimension;
	row->key = key;
	row->untold = true;
	return row;
}

/* Most rows of a large number of keys have few series. */
static uint32_t more_room(uint32_t capacity)
{
	enum { FEW = 16 };
	return capacity + (capacity < FEW ? capacity / 8 + 2 : capacity / 2);
}

static struct series *make_component(struct row *row, struct series series)
{
	if (row->count == row->capacity) {
		row->capacity = more_room(row->capacity);
		row->series = mem_resize(row->series, row->capacity, sizeof *row->series);
	}
	row->series[row->count++] = series;
	row->place[series.cell] = (uint16_t)row->count;
	return &row->series[row->count - 1];
}

/* The place of the first bucket whose cell is not below. */
static uint32_t find_bucket(const struct row_buckets *buckets, uint32_t cell)
{
	uint32_t low = 0, high = buckets->count;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (buckets->order[middle].cell < cell)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct series *make_bucket(struct row_buckets *buckets, uint32_t place, struct series series)
{
	if (buckets->count == buckets->capacity) {
		buckets->capacity = more_room(buckets->capacity);
		buckets->series = mem_resize(buckets->series, buckets->capacity, sizeof *buckets->series);
		buckets->order = mem_resize(buckets->order, buckets->capacity, sizeof *buckets->order);
	}
	struct row_bucket *bucket = &buckets->order[place];
	memmove(bucket + 1, bucket, (buckets->count - place) * sizeof *bucket);
	*bucket = (struct row_bucket){series.cell, buckets->count};
	buckets->series[buckets->count] = series;
	return &buckets->series[buckets->count++];
}

struct series *row_find_or_make(struct row *row, const struct row_layout *layout, uint32_t cell)
{
	struct row_buckets *buckets = &row->buckets;
	uint16_t kind = (uint16_t)row_kind_index(layout, cell);
	if (cell < layout->component_count) {
		if (row->place[cell])
			return &row->series[row->place[cell] - 1];
		return make_component(row, series_new(cell, kind, layout->kinds[kind]));
	}
	uint32_t place = find_bucket(buckets, cell);
	if (place < buckets->count && buckets->order[place].cell == cell)
		return &buckets->series[buckets->order[place].at];
	return make_bucket(buckets, place, series_new(cell, kind, layout->kinds[kind]));
}

struct series *row_next(const struct row *row, const struct row_layout *layout, uint32_t *position)
{
	while (*position < layout->component_count) {
		uint16_t place = row->place[(*position)++];
		if (place)
			return &row->series[place - 1];
	}
	uint32_t bucket = (*position)++ - layout->component_count;
	return bucket < row->buckets.count ? &row->buckets.series[row->buckets.order[bucket].at] : NULL;
}

void row_gather(struct row *row, const struct row_layout *layout, const struct views *views)
{
	for (uint32_t i = 0; i < row_count(row); i++) {
		struct series *series = row_at(row, i);
		series_gather(series, layout->kinds[series->kind], views);
	}
}

bool row_roll(struct row *row, const struct row_layout *layout, const struct roll *roll)
{
	bool any = false;
	for (uint32_t i = 0; i < row_count(row); i++) {
		struct series *series = row_at(row, i);
		bool changed = roll_series(roll, series, layout->kinds[series->kind]);
		series->news |= changed;
		any |= changed;
	}
	return any;
}

int64_t row_quiet(const struct row *row, const struct row_layout *layout, const struct roll *roll)
{
	int64_t quiet = INT64_MAX;
	for (uint32_t i = 0; i < row_count(row); i++) {
		struct series *series = row_at(row, i);
		int64_t until = roll_quiet(roll, series, layout->kinds[series->kind]);
		quiet = until < quiet ? until : quiet;
	}
	return quiet;
}

/* Whether anything is left of it. */
static bool compact(struct series *series, const struct row_layout *layout, const struct compaction *compaction)
{
	series_compact(series, layout->kinds[series->kind], compaction);
	if (!series_empty(series) || series->news)
		return true;
	series_free(series);
	return false;
}

static void compact_components(struct row *row, const struct row_layout *layout, const struct compaction *compaction)
{
	uint32_t kept = 0;
	for (uint32_t i = 0; i < row->count; i++) {
		struct series *series = &row->series[i];
		uint16_t *place = &row->place[series->cell];
		*place = 0;
		if (!compact(series, layout, compaction))
			continue;
		row->series[kept++] = *series;
		*place = (uint16_t)kept;
	}
	row->count = kept;
}

/* They get the order of their cells, where it is made anew in any case. */
static void compact_buckets(
	struct row_buckets *buckets, const struct row_layout *layout, const struct compaction *compaction)
{
	struct series *sorted = NEW_ARRAY(struct series, buckets->capacity);
	uint32_t kept = 0;
	for (uint32_t i = 0; i < buckets->count; i++) {
		struct series *series = &buckets->series[buckets->order[i].at];
		if (!compact(series, layout, compaction))
			continue;
		buckets->order[kept] = (struct row_bucket){series->cell, kept};
		sorted[kept++] = *series;
	}
	mem_free(buckets->series);
	buckets->series = sorted;
	buckets->count = kept;
}

void row_compact(struct row *row, const struct row_layout *layout, const struct compaction *compaction)
{
	compact_components(row, layout, compaction);
	if (row->buckets.count)
		compact_buckets(&row->buckets, layout, compaction);
}

void row_free(struct row *row)
{
	if (!row)
		return;
	for (uint32_t i = 0; i < row_count(row); i++)
		series_free(row_at(row, i));
	mem_free(row->series);
	mem_free(row->buckets.series);
	mem_free(row->buckets.order);
	mem_free(row);
}
