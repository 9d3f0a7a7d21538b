#include "pipeline/accumulate/row.h"

#include "base/mem.h"

struct row *row_new(const struct row_layout *layout, uint8_t dimension, uint32_t key)
{
	struct row *row = mem_new(sizeof *row + layout->component_count * sizeof row->place[0]);
	row->dimension = dimension;
	row->key = key;
	row->untold = true;
	return row;
}

/* The place of the first series whose cell is not below. */
static uint32_t place_from(const struct row *row, uint32_t cell)
{
	uint32_t low = 0, high = row->count;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (row->series[middle].cell < cell)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The places of components from `from` on. */
static void note_places(struct row *row, uint32_t from)
{
	for (uint32_t i = from; i < row->component_count; i++)
		row->place[row->series[i].cell] = (uint16_t)(i + 1);
}

/* Most rows of a large number of keys have few series. */
static void make_room(struct row *row)
{
	if (row->count < row->capacity)
		return;
	row->capacity += row->capacity / 8 + 2;
	row->series = mem_resize(row->series, row->capacity, sizeof *row->series);
}

static struct series *make(struct row *row, const struct row_layout *layout, uint32_t cell, uint32_t place)
{
	uint32_t kind = row_kind_index(layout, cell);
	make_room(row);
	memmove(&row->series[place + 1], &row->series[place], (row->count - place) * sizeof *row->series);
	row->series[place] = series_new(cell, (uint16_t)kind, layout->kinds[kind]);
	row->count++;
	if (cell < layout->component_count) {
		row->component_count++;
		note_places(row, place);
	}
	return &row->series[place];
}

struct series *row_find_or_make(struct row *row, const struct row_layout *layout, uint32_t cell)
{
	uint32_t place = place_from(row, cell);
	if (place < row->count && row->series[place].cell == cell)
		return &row->series[place];
	return make(row, layout, cell, place);
}

void row_settle(struct row *row, const struct row_layout *layout, const struct views *views)
{
	for (uint32_t i = 0; i < row->count; i++)
		if (row->series[i].open.start != SERIES_SETTLED)
			series_settle(&row->series[i], layout->kinds[row->series[i].kind], views);
}

bool row_roll(struct row *row, const struct row_layout *layout, const struct roll *roll)
{
	bool any = false;
	for (uint32_t i = 0; i < row->count; i++) {
		bool changed = roll_series(roll, &row->series[i], layout->kinds[row->series[i].kind]);
		row->series[i].news |= changed;
		any |= changed;
	}
	return any;
}

int64_t row_quiet(const struct row *row, const struct row_layout *layout, const struct roll *roll)
{
	int64_t quiet = INT64_MAX;
	for (uint32_t i = 0; i < row->count; i++) {
		int64_t until = roll_quiet(roll, &row->series[i], layout->kinds[row->series[i].kind]);
		quiet = until < quiet ? until : quiet;
	}
	return quiet;
}

void row_compact(struct row *row, const struct row_layout *layout, const struct compaction *compaction)
{
	uint32_t kept = 0, components = 0;
	for (uint32_t i = 0; i < row->count; i++) {
		struct series *series = &row->series[i];
		uint32_t cell = series->cell;
		series_compact(series, layout->kinds[series->kind], compaction);
		if (series_empty(series) && !series->news) {
			if (cell < layout->component_count)
				row->place[cell] = 0;
			series_free(series);
			continue;
		}
		components += cell < layout->component_count;
		row->series[kept++] = *series;
	}
	row->count = kept;
	row->component_count = components;
	note_places(row, 0);
}

void row_free(struct row *row)
{
	if (!row)
		return;
	for (uint32_t i = 0; i < row->count; i++)
		series_free(&row->series[i]);
	mem_free(row->series);
	mem_free(row);
}
