#include "pipeline/accumulate/windows.h"

#include "base/check.h"
#include "base/mem.h"
#include "pipeline/accumulate/row.h"

/* Slices that only windows with long steps can still reach are joined to this width: the widest that local midnights, whole local hours and
 * all such steps are multiples of. */
#define COARSE_WIDTH INT64_C(900000)

struct row_table {
	struct row **rows; /* by key id; NULL: never touched */
	uint32_t capacity;
};

struct row_ref {
	uint32_t key;
	uint8_t dimension;
};

struct windows {
	const struct model *model;
	const struct calendar *calendar;
	const struct groups *groups;
	struct row_layout layout;
	struct views views;
	int64_t fine_age;     /* older slices may be joined */
	int64_t compacted_at; /* the end at the last compaction */
	struct row_table tables[MODEL_DIMENSIONS_MAX];
	struct row_ref *changed;
	uint32_t changed_count, changed_capacity;
};

/* The views that read part `part` (window_part) of a measure. */
static uint64_t views_of_part(const struct model *model, const struct measure *measure, uint32_t part)
{
	uint64_t views = 0;
	for (uint8_t w = 0; w < model->window_count; w++)
		if (window_part(model, w) == part)
			views |= UINT64_C(1) << w | UINT64_C(1) << (w + model->window_count);
	return views & measure->views;
}

static struct series_kind kind_of(const struct model *model, const struct measure *measure, uint32_t component)
{
	bool stayed = measure->kind == MEASURE_STAYED;
	if (measure->kind == MEASURE_DISTINCT || (stayed && component > 0))
		return (struct series_kind){views_of_part(model, measure, component - stayed), false};
	bool change = component == LEVEL_CHANGE;
	bool level = stayed || measure->kind == MEASURE_LAST || (measure->kind == MEASURE_LEVEL && !change);
	return (struct series_kind){measure->views, level};
}

static void layout_init(struct row_layout *layout, const struct model *model)
{
	layout->component_count = model->component_count;
	layout->histogram_count = model->histogram_count;
	layout->components = NEW_ARRAY(struct series_kind, model->component_count);
	layout->histograms = NEW_ARRAY(struct series_kind, model->histogram_count);
	for (unsigned m = 0; m < model->measure_count; m++) {
		const struct measure *measure = &model->measures[m];
		for (uint32_t c = 0; c < measure->component_count; c++)
			layout->components[measure->component + c] = kind_of(model, measure, c);
		if (measure->has_histogram)
			layout->histograms[measure->histogram] = kind_of(model, measure, 0);
	}
}

static int64_t fine_age(const struct model *model)
{
	int64_t age = 0;
	for (unsigned w = 0; w < model->window_count; w++) {
		const struct window *window = &model->windows[w];
		bool fine = window->kind == WINDOW_ROLLING && window->days == 0 && window->step % COARSE_WIDTH != 0;
		if (fine && 2 * window->length > age)
			age = 2 * window->length;
	}
	return age + COARSE_WIDTH;
}

struct windows *windows_new(
	const struct model *model, const struct calendar *calendar, const struct groups *groups, int64_t end)
{
	CHECK(end % model->smallest_step == 0);
	struct windows *windows = NEW(struct windows);
	windows->model = model;
	windows->calendar = calendar;
	windows->groups = groups;
	windows->fine_age = fine_age(model);
	windows->compacted_at = end;
	layout_init(&windows->layout, model);
	views_init(&windows->views, model, calendar, end);
	return windows;
}

static void mark(struct windows *windows, struct row *row, uint8_t dimension, uint32_t key)
{
	if (row->changed)
		return;
	row->changed = true;
	GROW(windows->changed, windows->changed_count, windows->changed_capacity);
	windows->changed[windows->changed_count++] = (struct row_ref){key, dimension};
}

static struct row *find_or_make(struct windows *windows, uint8_t dimension, uint32_t key)
{
	struct row_table *table = &windows->tables[dimension];
	if (key >= table->capacity) {
		uint32_t capacity = table->capacity ? table->capacity : 16;
		while (capacity <= key)
			capacity *= 2;
		table->rows = mem_resize(table->rows, capacity, sizeof *table->rows);
		memset(table->rows + table->capacity, 0, (capacity - table->capacity) * sizeof *table->rows);
		table->capacity = capacity;
	}
	if (!table->rows[key])
		table->rows[key] = row_new(&windows->layout);
	return table->rows[key];
}

static void add_to_key(struct windows *windows, const struct contribution *contribution, uint8_t dimension,
	uint32_t key, int64_t amount)
{
	struct series_kind kind = row_kind(&windows->layout, contribution->cell);
	if (kind.views == 0)
		return;
	int64_t start = window_floor(contribution->time, windows->model->smallest_step);
	struct row *row = find_or_make(windows, dimension, key);
	struct series *series = row_series(row, &windows->layout, contribution->cell);
	series_add(series, kind, &windows->views, start, amount);
	mark(windows, row, dimension, key);
}

/* Amounts are split among the keys, all else counts whole for each of them. */
static void add_split(struct windows *windows, const struct contribution *contribution, uint8_t dimension)
{
	struct group_key keys[GROUPS_PARTS_MAX];
	const struct measure *measure = &windows->model->measures[contribution->measure];
	bool is_amount = measure->kind == MEASURE_SUM && contribution->cell == measure->component;
	unsigned count = groups_split(windows->groups, contribution->group, dimension, contribution->amount, keys);
	for (unsigned i = 0; i < count; i++)
		add_to_key(windows, contribution, dimension, keys[i].key,
			is_amount ? keys[i].amount : contribution->amount);
}

void windows_add(struct windows *windows, const struct contribution *contribution)
{
	bool split = groups_is_split(windows->groups, contribution->group);
	for (unsigned left = contribution->dimensions; left; left &= left - 1) {
		uint8_t d = (uint8_t)__builtin_ctz(left);
		if (split)
			add_split(windows, contribution, d);
		else
			add_to_key(windows, contribution, d, groups_key(windows->groups, contribution->group, d),
				contribution->amount);
	}
}

static void each_row(struct windows *windows,
	void (*visit)(struct windows *, struct row *, uint8_t, uint32_t, const void *), const void *context)
{
	for (uint8_t d = 0; d < windows->model->dimension_count; d++)
		for (uint32_t key = 0; key < windows->tables[d].capacity; key++)
			if (windows->tables[d].rows[key])
				visit(windows, windows->tables[d].rows[key], d, key, context);
}

static void roll_row(struct windows *windows, struct row *row, uint8_t dimension, uint32_t key, const void *context)
{
	const struct views *before = context;
	uint32_t position = 0, cell;
	struct series *series;
	while ((series = row_next(row, &windows->layout, &position, &cell)))
		if (series_roll(series, row_kind(&windows->layout, cell), before, &windows->views))
			mark(windows, row, dimension, key);
}

static void compact_row(struct windows *windows, struct row *row, uint8_t dimension, uint32_t key, const void *context)
{
	(void)dimension;
	(void)key;
	int64_t horizon = *(const int64_t *)context;
	int64_t coarse_before = window_floor(windows->views.spans.end - windows->fine_age, COARSE_WIDTH);
	int64_t width = windows->model->smallest_step < COARSE_WIDTH ? COARSE_WIDTH : windows->model->smallest_step;
	uint32_t position = 0, cell;
	struct series *series;
	while ((series = row_next(row, &windows->layout, &position, &cell)))
		series_compact(series, row_kind(&windows->layout, cell), horizon, coarse_before, width);
	row_prune(row, &windows->layout);
}

/* The earliest instant that a view reaches now. */
static int64_t horizon_of(const struct windows *windows)
{
	int64_t horizon = INT64_MAX;
	for (unsigned v = 0; v < windows->views.count; v++)
		if (windows->views.spans.views[v].from < horizon)
			horizon = windows->views.spans.views[v].from;
	return horizon;
}

void windows_roll(struct windows *windows, int64_t end)
{
	CHECK(end >= windows->views.spans.end && end % windows->model->smallest_step == 0);
	if (end == windows->views.spans.end)
		return;
	struct views before = windows->views;
	views_init(&windows->views, windows->model, windows->calendar, end);
	each_row(windows, roll_row, &before);
	if (end - windows->compacted_at >= windows->fine_age) {
		int64_t horizon = horizon_of(windows);
		each_row(windows, compact_row, &horizon);
		windows->compacted_at = end;
	}
}

int64_t windows_end(const struct windows *windows)
{
	return windows->views.spans.end;
}

static void fill_entry(
	const struct series *series, struct series_kind kind, uint32_t cell, struct partial_entry *ret_entry)
{
	const int64_t *total = series->totals;
	ret_entry->cell = cell;
	ret_entry->views = 0;
	for (uint64_t left = kind.views; left; left &= left - 1, total++) {
		unsigned v = (unsigned)__builtin_ctzll(left);
		ret_entry->totals[v] = *total;
		if (*total != 0)
			ret_entry->views |= UINT64_C(1) << v;
	}
}

static bool has_total(const struct series *series, struct series_kind kind)
{
	for (int i = 0; i < __builtin_popcountll(kind.views); i++)
		if (series->totals[i] != 0)
			return true;
	return false;
}

static void put_row(const struct windows *windows, const struct row *row, struct row_ref ref, struct buf *out)
{
	const struct row_layout *layout = &windows->layout;
	uint64_t count = 0;
	uint32_t position = 0, cell = 0, previous = 0;
	struct series *series;
	while ((series = row_next(row, layout, &position, &cell)))
		count += has_total(series, row_kind(layout, cell));
	partial_put_record(out, ref.dimension, groups_key_text(windows->groups, ref.dimension, ref.key), count);
	position = 0;
	while ((series = row_next(row, layout, &position, &cell))) {
		struct partial_entry entry;
		fill_entry(series, row_kind(layout, cell), cell, &entry);
		if (entry.views == 0)
			continue;
		partial_put_entry(out, previous, &entry);
		previous = cell;
	}
}

void windows_partial(struct windows *windows, struct buf *out)
{
	for (uint32_t i = 0; i < windows->changed_count; i++) {
		struct row_ref ref = windows->changed[i];
		struct row *row = windows->tables[ref.dimension].rows[ref.key];
		put_row(windows, row, ref, out);
		row->changed = false;
	}
	windows->changed_count = 0;
}

static void touch_row(struct windows *windows, struct row *row, uint8_t dimension, uint32_t key, const void *context)
{
	(void)context;
	mark(windows, row, dimension, key);
}

void windows_touch_all(struct windows *windows)
{
	each_row(windows, touch_row, NULL);
}

static void save_row(struct windows *windows, struct row *row, uint8_t dimension, uint32_t key, const void *context)
{
	struct buf *out = *(struct buf *const *)context;
	uint32_t position = 0, cell, count = 0;
	struct series *series;
	while (row_next(row, &windows->layout, &position, &cell))
		count++;
	buf_put_byte(out, dimension);
	buf_put_varint(out, key);
	buf_put_varint(out, count);
	position = 0;
	while ((series = row_next(row, &windows->layout, &position, &cell))) {
		buf_put_varint(out, cell);
		series_save(series, out);
	}
}

static void count_row(struct windows *windows, struct row *row, uint8_t dimension, uint32_t key, const void *context)
{
	(void)windows;
	(void)row;
	(void)dimension;
	(void)key;
	++**(uint64_t *const *)context;
}

void windows_save(const struct windows *windows, struct buf *out)
{
	uint64_t count = 0, *counter = &count;
	/* The walk is shared with those that change rows; these two do not. */
	struct windows *walked = (struct windows *)(uintptr_t)windows;
	each_row(walked, count_row, &counter);
	buf_put_varint(out, count);
	each_row(walked, save_row, &out);
}

static uint32_t cell_count(const struct row_layout *layout)
{
	return layout->component_count + layout->histogram_count * HISTOGRAM_BUCKETS;
}

static bool load_row(struct windows *windows, struct reader *in)
{
	uint8_t dimension = reader_byte(in);
	uint64_t key = reader_varint(in);
	uint64_t count = reader_varint(in);
	if (in->failed || dimension >= windows->model->dimension_count || key >= windows->groups->keys[dimension].count)
		return false;
	struct row *row = find_or_make(windows, dimension, (uint32_t)key);
	for (uint64_t i = 0; i < count; i++) {
		uint64_t cell = reader_varint(in);
		if (in->failed || cell >= cell_count(&windows->layout))
			return false;
		struct series *series = row_series(row, &windows->layout, (uint32_t)cell);
		if (!series_load(series, in))
			return false;
		series_total(series, row_kind(&windows->layout, (uint32_t)cell), &windows->views);
	}
	mark(windows, row, dimension, (uint32_t)key);
	return true;
}

enum result windows_load(struct windows *windows, struct reader *in)
{
	uint64_t count = reader_varint(in);
	for (uint64_t i = 0; i < count; i++)
		if (!load_row(windows, in))
			return RESULT_CORRUPT;
	return in->failed ? RESULT_CORRUPT : RESULT_OK;
}

void windows_free(struct windows *windows)
{
	if (!windows)
		return;
	for (unsigned d = 0; d < MODEL_DIMENSIONS_MAX; d++) {
		for (uint32_t key = 0; key < windows->tables[d].capacity; key++)
			row_free(windows->tables[d].rows[key], &windows->layout);
		mem_free(windows->tables[d].rows);
	}
	mem_free(windows->layout.components);
	mem_free(windows->layout.histograms);
	mem_free(windows->changed);
	mem_free(windows);
}
