#include "pipeline/accumulate/inflow.h"

#include "base/check.h"

#include <string.h>

_Static_assert(INFLOW_MAX <= UINT16_MAX + 1, "the place of a group fits");

/* Fewer are not worth sorting. */
#define SORTED_MIN 1024
/* So many entries ahead rows are asked for. */
#define AHEAD 8

void inflow_init(struct inflow *inflow, uint32_t cell_count)
{
	CHECK(cell_count < 1 << 24);
	*inflow = (struct inflow){.cell_count = cell_count};
}

uint32_t inflow_add_group(struct inflow *inflow, uint32_t group)
{
	uint32_t at = inflow->group_count;
	GROW(inflow->groups, inflow->group_count, inflow->group_capacity);
	inflow->cached[group % INFLOW_CACHED] = (uint16_t)at;
	inflow->groups[at].group = group;
	inflow->groups[at].known = 0;
	inflow->group_count++;
	return at;
}

static void sort_by_cell(struct inflow *inflow)
{
	uint32_t at = 0;
	if (!inflow->places) {
		inflow->places = NEW_ARRAY(uint32_t, inflow->cell_count);
		inflow->sorted = NEW_ARRAY(struct inflow_entry, INFLOW_MAX);
		inflow->entries = mem_resize(inflow->entries, INFLOW_MAX, sizeof *inflow->entries);
		inflow->capacity = INFLOW_MAX;
	}
	memset(inflow->places, 0, inflow->cell_count * sizeof *inflow->places);
	for (uint32_t i = 0; i < inflow->count; i++)
		inflow->places[inflow->entries[i].cell]++;
	for (uint32_t c = 0; c < inflow->cell_count; c++) {
		uint32_t count = inflow->places[c];
		inflow->places[c] = at;
		at += count;
	}
	for (uint32_t i = 0; i < inflow->count; i++)
		inflow->sorted[inflow->places[inflow->entries[i].cell]++] = inflow->entries[i];
	struct inflow_entry *sorted = inflow->sorted;
	inflow->sorted = inflow->entries;
	inflow->entries = sorted;
}

static void prefetch_rows(const struct inflow *inflow, uint32_t at)
{
	if (at >= inflow->count)
		return;
	const struct inflow_group *group = &inflow->groups[inflow->entries[at].group];
	for (unsigned left = inflow->entries[at].dimensions; left; left &= left - 1)
		__builtin_prefetch(group->rows[__builtin_ctz(left)], 1);
}

/* How many each row gets, and from where on. */
static void share_out(struct inflow *inflow)
{
	uint32_t at = 0;
	for (uint32_t i = 0; i < inflow->count; i++) {
		const struct inflow_group *group = &inflow->groups[inflow->entries[i].group];
		prefetch_rows(inflow, i + AHEAD);
		for (unsigned left = inflow->entries[i].dimensions; left; left &= left - 1) {
			struct row *row = group->rows[__builtin_ctz(left)];
			if (row->inflow++)
				continue;
			GROW(inflow->rows, inflow->row_count, inflow->row_capacity);
			inflow->rows[inflow->row_count++] = row;
		}
	}
	for (uint32_t r = 0; r < inflow->row_count; r++) {
		uint32_t count = inflow->rows[r]->inflow;
		inflow->rows[r]->inflow = at;
		at += count;
	}
	if (at + INFLOW_AHEAD > inflow->order_capacity) {
		inflow->order_capacity = at + INFLOW_AHEAD;
		inflow->order = mem_resize(inflow->order, inflow->order_capacity, sizeof *inflow->order);
	}
	memset(inflow->order + at, 0, INFLOW_AHEAD * sizeof *inflow->order);
}

static void order(struct inflow *inflow)
{
	if (inflow->count >= SORTED_MIN)
		sort_by_cell(inflow);
	share_out(inflow);
	const struct inflow_entry *entries = inflow->entries;
	for (uint32_t i = 0; i < inflow->count; i++) {
		struct row *const *rows = inflow->groups[entries[i].group].rows;
		for (unsigned left = entries[i].dimensions; left; left &= left - 1)
			inflow->order[rows[__builtin_ctz(left)]->inflow++] = i;
	}
}

/* ---- counting */

/* What an entry of the row adds to later: where its totals are, and where its slices end. */
static inline void prefetch_body(const struct row *row, const struct row_layout *layout, uint32_t cell)
{
	if (cell >= layout->component_count || !row->place[cell])
		return;
	const struct series *series = &row->series[row->place[cell] - 1];
	__builtin_prefetch(series->body, 1);
	__builtin_prefetch(series_end(series), 1);
}

/* What counting needs beside the rows. */
struct counting {
	const struct inflow_entry *entries;
	const struct row_layout *layout;
	const struct views *views;
};

/* How many entries ahead bodies are asked for. */
#define BODY_AHEAD 6

/* What there is for one cell, which is all that is about it where entries are sorted. Returns where it ends. */
static const uint32_t *count_cell(
	const struct counting *counting, struct row *row, const uint32_t *order, const uint32_t *end)
{
	const struct inflow_entry *entries = counting->entries, *entry = &entries[*order];
	const uint32_t cell = entry->cell;
	struct series *series = row_series(row, counting->layout, cell);
	struct series_kind kind = counting->layout->kinds[series->kind];
	uint32_t soon = cell;
	do {
		int64_t start = entry->slice.start;
		uint8_t stretch = entry->stretch;
		int64_t amount = 0;
		do {
			amount = sum_of(amount, entry->slice.amount);
			__builtin_prefetch(&entries[order[INFLOW_AHEAD]]);
			if (entries[order[BODY_AHEAD]].cell != soon) {
				soon = entries[order[BODY_AHEAD]].cell;
				prefetch_body(row, counting->layout, soon);
			}
		} while (++order < end && (entry = &entries[*order])->cell == cell && entry->slice.start == start);
		series_add(series, kind, counting->views, stretch, (struct slice){start, amount});
	} while (order < end && entry->cell == cell);
	return order;
}

static void prefetch_series(const struct row *row)
{
	for (uint32_t i = 0; i < row->count; i += 64 / sizeof *row->series)
		__builtin_prefetch(&row->series[i], 1);
}

void inflow_count(struct inflow *inflow, const struct row_layout *layout, const struct views *views)
{
	order(inflow);
	const struct counting counting = {inflow->entries, layout, views};
	const uint32_t *at = inflow->order;
	for (uint32_t r = 0; r < inflow->row_count; r++) {
		if (r + 2 < inflow->row_count)
			__builtin_prefetch(inflow->rows[r + 2]);
		if (r + 1 < inflow->row_count)
			prefetch_series(inflow->rows[r + 1]);
		while (at < inflow->order + inflow->rows[r]->inflow)
			at = count_cell(&counting, inflow->rows[r], at, inflow->order + inflow->rows[r]->inflow);
	}
}

void inflow_clear(struct inflow *inflow)
{
	for (uint32_t r = 0; r < inflow->row_count; r++)
		inflow->rows[r]->inflow = 0;
	inflow->count = inflow->group_count = inflow->row_count = 0;
}

void inflow_release(struct inflow *inflow)
{
	mem_free(inflow->entries);
	mem_free(inflow->groups);
	mem_free(inflow->rows);
	mem_free(inflow->order);
	mem_free(inflow->sorted);
	mem_free(inflow->places);
}
