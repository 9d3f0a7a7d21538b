#include "base/check.h"
#include "base/mem.h"
#include "pipeline/merge/key.h"

/* Where a walk over entries stands; `cell` is END once it is over. */
#define END UINT64_MAX

struct entries {
	struct partial_reader *reader;
	struct partial_entry entry;
	uint64_t cell;
	bool used; /* the next one is wanted */
};

/* The cell that is being added up; only the values in `views` are set. */
struct sum {
	uint64_t views;
	uint64_t values[MODEL_VIEWS_MAX];
};

void totals_release(struct totals *totals)
{
	if (totals)
		mem_free(totals->rows);
}

void totals_work_release(struct totals_work *work)
{
	if (!work)
		return;
	mem_free(work->totals.rows);
	mem_free(work->totals.values);
}

uint32_t totals_row_from(const struct totals *totals, uint32_t low, uint32_t cell)
{
	uint32_t high = totals->row_count;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (totals->rows[middle].cell < cell)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void next_entry(struct entries *entries)
{
	if (!entries->used)
		return;
	entries->cell = partial_next_entry(entries->reader, &entries->entry) ? entries->entry.cell : END;
	entries->used = false;
}

/* What the two say alike changes nothing. */
static void next_entries(struct entries *from, struct entries *to)
{
	if (from->used && to->used)
		partial_pass_same(from->reader, to->reader);
	next_entry(from);
	next_entry(to);
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

static void reserve(struct totals_work *work, uint32_t rows, uint32_t values)
{
	struct totals *totals = &work->totals;
	if (work->row_capacity - totals->row_count < rows) {
		work->row_capacity = work->row_capacity * 2 + rows;
		totals->rows = mem_resize(totals->rows, work->row_capacity, sizeof *totals->rows);
	}
	if (work->value_capacity - totals->value_count >= values)
		return;
	CHECK(work->value_capacity < UINT32_MAX / 4);
	work->value_capacity = work->value_capacity * 2 + values;
	totals->values = mem_resize(totals->values, work->value_capacity, sizeof *totals->values);
}

static uint32_t first_value(const struct totals *totals, uint32_t row)
{
	return row < totals->row_count ? totals->rows[row].first : totals->value_count;
}

/* The rows from `row` up to the cell, as they are: where the others begin. */
static uint32_t append_rows(struct totals_work *work, const struct totals *from, uint32_t row, uint64_t cell)
{
	struct totals *totals = &work->totals;
	uint32_t until = row, first = first_value(from, row);
	while (until < from->row_count && from->rows[until].cell < cell)
		until++;
	uint32_t values = first_value(from, until) - first;
	reserve(work, until - row, values);
	if (values)
		memcpy(&totals->values[totals->value_count], &from->values[first], values * sizeof *totals->values);
	for (; row < until; row++) {
		struct total_row copy = from->rows[row];
		copy.first += totals->value_count - first;
		totals->rows[totals->row_count++] = copy;
	}
	totals->value_count += values;
	return until;
}

static void append(struct totals_work *work, uint32_t cell, const struct sum *sum)
{
	struct totals *totals = &work->totals;
	reserve(work, 1, MODEL_VIEWS_MAX);
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

/* What the cell comes to. */
static void sum_up(struct sum *sum, const struct totals *totals, const struct total_row *before, uint64_t cell,
	struct entries *from, struct entries *to)
{
	sum->views = 0;
	if (before)
		add_row(sum, totals, before);
	if (from->cell == cell) {
		add_entry(sum, &from->entry, true);
		from->used = true;
	}
	if (to->cell == cell) {
		add_entry(sum, &to->entry, false);
		to->used = true;
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

/* As long as no value comes or goes, the row stays. False: one does, and nothing was done. */
static bool add_in_place(struct totals *totals, uint32_t *row, uint64_t cell, struct entries *from, struct entries *to,
	bool *ret_changed)
{
	struct sum sum;
	uint64_t differ = 0;
	sum_up(&sum, totals, NULL, cell, from, to);
	for (uint64_t left = sum.views; left; left &= left - 1)
		if (sum.values[__builtin_ctzll(left)] != 0)
			differ |= left & -left;
	*ret_changed = differ != 0;
	if (!differ)
		return true;
	*row = totals_row_from(totals, *row, (uint32_t)cell);
	const struct total_row *there = &totals->rows[*row];
	if (*row == totals->row_count || there->cell != cell || differ & ~there->views)
		return false;
	for (uint64_t left = differ; left; left &= left - 1) {
		uint32_t view = (uint32_t)__builtin_ctzll(left);
		if ((uint64_t)totals->values[total_index(there, view)] + sum.values[view] == 0)
			return false;
	}
	for (uint64_t left = differ; left; left &= left - 1) {
		uint32_t view = (uint32_t)__builtin_ctzll(left);
		int64_t *value = &totals->values[total_index(there, view)];
		*value = (int64_t)((uint64_t)*value + sum.values[view]);
	}
	return true;
}

static uint64_t next_cell(struct entries *from, struct entries *to)
{
	next_entries(from, to);
	return from->cell < to->cell ? from->cell : to->cell;
}

/* From the first cell on whose row cannot stay. */
static void rebuild(const struct totals *totals, uint64_t cell, struct entries *from, struct entries *to,
	struct totals_work *work, totals_changed *changed, void *context)
{
	const struct totals *rebuilt = &work->totals;
	work->totals.row_count = work->totals.value_count = 0;
	for (uint32_t row = 0;; cell = next_cell(from, to)) {
		row = append_rows(work, totals, row, cell);
		if (cell == END)
			break;
		bool known = row < totals->row_count && totals->rows[row].cell == cell;
		const struct total_row *before = known ? &totals->rows[row++] : NULL;
		uint32_t last = rebuilt->row_count;
		struct sum sum;
		sum_up(&sum, totals, before, cell, from, to);
		append(work, (uint32_t)cell, &sum);
		if (!same_row(totals, before, rebuilt, last))
			changed(context, (uint32_t)cell);
	}
}

/* `totals` becomes as `other`. */
static void copy(struct totals *totals, const struct totals *other)
{
	size_t rows = other->row_count * sizeof *other->rows, values = other->value_count * sizeof *other->values;
	if (other->row_count != totals->row_count || other->value_count != totals->value_count)
		totals->rows = mem_resize(totals->rows, rows + values, 1);
	totals->values = (int64_t *)(totals->rows + other->row_count);
	totals->row_count = other->row_count;
	totals->value_count = other->value_count;
	if (rows)
		memcpy(totals->rows, other->rows, rows);
	if (values)
		memcpy(totals->values, other->values, values);
}

bool totals_replace(struct totals *totals, struct partial_reader *old, struct partial_reader *new,
	struct totals_work *work, totals_changed *changed, void *context)
{
	struct entries from = {.reader = old, .used = true}, to = {.reader = new, .used = true};
	uint64_t cell = next_cell(&from, &to);
	bool differs = false;
	for (uint32_t row = 0; cell != END; cell = next_cell(&from, &to)) {
		if (!add_in_place(totals, &row, cell, &from, &to, &differs))
			break;
		if (differs)
			changed(context, (uint32_t)cell);
	}
	bool rebuilt = cell != END;
	if (rebuilt) {
		rebuild(totals, cell, &from, &to, work, changed, context);
		copy(totals, &work->totals);
	}
	CHECK(!old->bytes.failed && !new->bytes.failed);
	return rebuilt;
}
