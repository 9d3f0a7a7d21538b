#include "base/check.h"
#include "base/mem.h"
#include "pipeline/merge/key.h"

/* Where a walk over entries or rows stands; `cell` is END once it is over. */
#define END UINT64_MAX

struct entries {
	struct partial_reader *reader;
	struct partial_entry entry;
	uint64_t cell;
};

/* The cell that is being added up; only the values in `views` are set. */
struct sum {
	uint64_t views;
	uint64_t values[MODEL_VIEWS_MAX];
};

void totals_init(struct totals *totals)
{
	*totals = (struct totals){0};
}

void totals_clear(struct totals *totals)
{
	totals->row_count = 0;
	totals->value_count = 0;
}

void totals_release(struct totals *totals)
{
	if (!totals)
		return;
	mem_free(totals->rows);
	mem_free(totals->values);
	totals_init(totals);
}

static void next_entry(struct entries *entries)
{
	entries->cell = partial_next_entry(entries->reader, &entries->entry) ? entries->entry.cell : END;
}

static inline void add(struct sum *sum, uint32_t view, uint64_t value)
{
	uint64_t bit = UINT64_C(1) << view;
	sum->values[view] = sum->views & bit ? sum->values[view] + value : value;
	sum->views |= bit;
}

static void add_entry(struct sum *sum, const struct partial_entry *entry, bool negative)
{
	for (uint64_t left = entry->views; left; left &= left - 1) {
		uint32_t view = (uint32_t)__builtin_ctzll(left);
		uint64_t value = (uint64_t)entry->totals[view];
		add(sum, view, negative ? -value : value);
	}
}

static void add_row(struct sum *sum, const struct totals *totals, const struct total_row *row)
{
	const int64_t *value = &totals->values[row->first];
	for (uint64_t left = row->views; left; left &= left - 1)
		add(sum, (uint32_t)__builtin_ctzll(left), (uint64_t)*value++);
}

static void reserve(struct totals *totals)
{
	GROW(totals->rows, totals->row_count, totals->row_capacity);
	if (totals->value_capacity - totals->value_count >= MODEL_VIEWS_MAX)
		return;
	CHECK(totals->value_capacity < UINT32_MAX / 4);
	totals->value_capacity = totals->value_capacity * 2 + MODEL_VIEWS_MAX;
	totals->values = mem_resize(totals->values, totals->value_capacity, sizeof *totals->values);
}

static void append(struct totals *totals, uint32_t cell, const struct sum *sum)
{
	reserve(totals);
	struct total_row row = {.cell = cell, .first = totals->value_count};
	for (uint64_t left = sum->views; left; left &= left - 1) {
		uint32_t view = (uint32_t)__builtin_ctzll(left);
		if (sum->values[view] == 0)
			continue;
		row.views |= UINT64_C(1) << view;
		totals->values[totals->value_count++] = (int64_t)sum->values[view];
	}
	if (row.views)
		totals->rows[totals->row_count++] = row;
}

static inline uint64_t smallest(uint64_t a, uint64_t b, uint64_t c)
{
	uint64_t smaller = a < b ? a : b;
	return smaller < c ? smaller : c;
}

/* What the cell comes to; the two entries walk on if they are of it. */
static void sum_up(struct sum *sum, const struct totals *totals, const struct total_row *before, uint64_t cell,
	struct entries *from, struct entries *to)
{
	sum->views = 0;
	if (before)
		add_row(sum, totals, before);
	if (from->cell == cell) {
		add_entry(sum, &from->entry, true);
		next_entry(from);
	}
	if (to->cell == cell) {
		add_entry(sum, &to->entry, false);
		next_entry(to);
	}
}

/* Whether the row is as what was appended at `last`, if something was. */
static bool same_row(const struct totals *a, const struct total_row *row, const struct totals *b, uint32_t last)
{
	if (!row || b->row_count == last)
		return !row && b->row_count == last;
	const struct total_row *other = &b->rows[last];
	return row->views == other->views &&
		memcmp(&a->values[row->first], &b->values[other->first],
			(b->value_count - other->first) * sizeof *b->values) == 0;
}

void totals_replace(const struct totals *totals, struct partial_reader *old, struct partial_reader *new,
	struct totals *ret_sum, totals_changed *changed, void *context)
{
	struct entries from = {.reader = old}, to = {.reader = new};
	next_entry(&from);
	next_entry(&to);
	totals_clear(ret_sum);
	for (uint32_t row = 0;;) {
		uint64_t row_cell = row < totals->row_count ? totals->rows[row].cell : END;
		uint64_t cell = smallest(row_cell, from.cell, to.cell);
		if (cell == END)
			break;
		const struct total_row *before = row_cell == cell ? &totals->rows[row++] : NULL;
		bool spoken = from.cell == cell || to.cell == cell;
		uint32_t last = ret_sum->row_count;
		struct sum sum;
		sum_up(&sum, totals, before, cell, &from, &to);
		append(ret_sum, (uint32_t)cell, &sum);
		if (spoken && !same_row(totals, before, ret_sum, last))
			changed(context, (uint32_t)cell);
	}
	CHECK(!old->bytes.failed && !new->bytes.failed);
}

/* Kept where it fits without wasting half. */
static bool fits(uint32_t count, uint32_t capacity)
{
	return count <= capacity && count >= capacity / 2;
}

void totals_copy(struct totals *totals, const struct totals *other)
{
	if (!fits(other->row_count, totals->row_capacity)) {
		totals->row_capacity = other->row_count;
		totals->rows = mem_resize(totals->rows, totals->row_capacity, sizeof *totals->rows);
	}
	if (!fits(other->value_count, totals->value_capacity)) {
		totals->value_capacity = other->value_count;
		totals->values = mem_resize(totals->values, totals->value_capacity, sizeof *totals->values);
	}
	totals->row_count = other->row_count;
	totals->value_count = other->value_count;
	if (other->row_count)
		memcpy(totals->rows, other->rows, other->row_count * sizeof *other->rows);
	if (other->value_count)
		memcpy(totals->values, other->values, other->value_count * sizeof *other->values);
}
