#include "pipeline/accumulate/windows.h"

#include "base/check.h"
#include "base/mem.h"
#include "pipeline/accumulate/inflow.h"

/* Slices that only windows with long steps can still reach are joined to this width: the widest that local midnights, whole local hours and
 * all such steps are multiples of. */
#define COARSE_WIDTH INT64_C(900000)

/* At most so many within the longest interval that a view reaches back. */
#define COMPACTIONS 256

struct row_slot {
	struct row *row;     /* NULL: never touched, or forgotten */
	int64_t quiet_until; /* row_quiet, BUSY or IDLE_ONCE; of a changed row BUSY */
};

/* How long a row is quiet is worth finding out only where nothing happens to it twice running. */
#define BUSY INT64_MIN
#define IDLE_ONCE (INT64_MIN + 1)

struct row_table {
	struct row_slot *slots; /* by key id */
	uint32_t capacity;
};

/* Where an instant lies: the start of its slice, and the stretch that holds it. */
struct moment {
	int64_t start;
	uint8_t stretch;
};

struct windows {
	const struct model *model;
	const struct calendar *calendar;
	const struct groups *groups;
	struct row_layout layout;
	struct views views;
	int64_t fine_age;      /* older slices may be joined */
	int64_t compacted_at;  /* the end at the last compaction */
	int64_t coarse_before; /* what is older is joined */
	struct row_table tables[MODEL_DIMENSIONS_MAX];
	struct row **changed;
	uint32_t changed_count, changed_capacity;
	/* Contributions that come one after the other have mostly one time and few groups. */
	struct moment moment;
	int64_t moment_width; /* 0: there is none */
	struct inflow inflow;
	struct buf entries; /* of a row that is handed over */
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
	layout->kinds = NEW_ARRAY(struct series_kind, model->component_count + model->histogram_count);
	for (unsigned m = 0; m < model->measure_count; m++) {
		const struct measure *measure = &model->measures[m];
		for (uint32_t c = 0; c < measure->component_count; c++)
			layout->kinds[measure->component + c] = kind_of(model, measure, c);
		if (measure->has_histogram)
			layout->kinds[model->component_count + measure->histogram] = kind_of(model, measure, 0);
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
	windows->coarse_before = INT64_MIN;
	layout_init(&windows->layout, model);
	inflow_init(&windows->inflow, model->component_count + model->histogram_count * HISTOGRAM_BUCKETS);
	buf_init(&windows->entries);
	views_init(&windows->views, model, calendar, end);
	return windows;
}

__attribute__((noinline)) static void mark(struct windows *windows, struct row *row)
{
	if (row->changed)
		return;
	row->changed = true;
	windows->tables[row->dimension].slots[row->key].quiet_until = BUSY;
	GROW(windows->changed, windows->changed_count, windows->changed_capacity);
	windows->changed[windows->changed_count++] = row;
}

static struct row *find_or_make(struct windows *windows, uint8_t dimension, uint32_t key)
{
	struct row_table *table = &windows->tables[dimension];
	if (key >= table->capacity) {
		uint32_t capacity = table->capacity ? table->capacity : 16;
		while (capacity <= key)
			capacity *= 2;
		table->slots = mem_extend(table->slots, table->capacity, capacity, sizeof *table->slots);
		table->capacity = capacity;
	}
	struct row_slot *slot = &table->slots[key];
	if (!slot->row)
		*slot = (struct row_slot){row_new(&windows->layout, dimension, key), BUSY};
	return slot->row;
}

/* ---- contributions */

static int64_t coarse_width(const struct windows *windows)
{
	return windows->model->smallest_step < COARSE_WIDTH ? COARSE_WIDTH : windows->model->smallest_step;
}

static void look_at_time(struct windows *windows, int64_t time)
{
	const struct views *views = &windows->views;
	int64_t width = windows->model->smallest_step;
	/* The difference of the two may be larger than any int64_t. */
	if ((uint64_t)time - (uint64_t)windows->moment.start < (uint64_t)windows->moment_width)
		return;
	if (time < windows->coarse_before)
		width = coarse_width(windows);
	windows->moment.start = window_floor(time, width);
	windows->moment_width = width;
	if (!views_hold(views, windows->moment.stretch, windows->moment.start))
		windows->moment.stretch = (uint8_t)views_stretch(views, windows->moment.start);
}

/* Before anybody looks at a row. */
static void count_inflow(struct windows *windows)
{
	struct inflow *inflow = &windows->inflow;
	if (inflow->group_count == 0)
		return;
	inflow_count(inflow, &windows->layout, &windows->views);
	for (uint32_t r = 0; r < inflow->row_count; r++)
		mark(windows, inflow->rows[r]);
	inflow_clear(inflow);
}

static void add_to_row(struct windows *windows, struct row *row, struct series_kind kind, uint32_t cell, int64_t amount)
{
	struct series *series = row_series(row, &windows->layout, cell);
	series_add(
		series, kind, &windows->views, windows->moment.stretch, (struct slice){windows->moment.start, amount});
	mark(windows, row);
}

/* Amounts are split among the keys, all else counts whole for each of them. */
static void add_split(struct windows *windows, const struct contribution *contribution, struct series_kind kind)
{
	struct group_key keys[GROUPS_PARTS_MAX];
	const struct measure *measure = &windows->model->measures[contribution->measure];
	bool is_amount = measure->kind == MEASURE_SUM && contribution->cell == measure->component;
	for (unsigned left = contribution->dimensions; left; left &= left - 1) {
		uint8_t d = (uint8_t)__builtin_ctz(left);
		unsigned count = groups_split(windows->groups, contribution->group, d, contribution->amount, keys);
		for (unsigned i = 0; i < count; i++)
			add_to_row(windows, find_or_make(windows, d, keys[i].key), kind, contribution->cell,
				is_amount ? keys[i].amount : contribution->amount);
	}
}

static void look_up_rows(struct windows *windows, struct inflow_group *known, uint8_t dimensions)
{
	uint32_t keys[MODEL_DIMENSIONS_MAX];
	groups_tuple(windows->groups, known->group, keys);
	for (unsigned left = dimensions & ~known->known; left; left &= left - 1) {
		uint8_t d = (uint8_t)__builtin_ctz(left);
		known->rows[d] = find_or_make(windows, d, keys[d]);
	}
	known->known |= dimensions;
}

static void add(struct windows *windows, const struct contribution *contribution)
{
	struct inflow *inflow = &windows->inflow;
	struct series_kind kind = windows->layout.kinds[row_kind_index(&windows->layout, contribution->cell)];
	if (kind.views == 0)
		return;
	if (inflow_full(inflow))
		count_inflow(windows);
	look_at_time(windows, contribution->time);
	uint32_t at = inflow_group(inflow, contribution->group);
	struct inflow_group *group = &inflow->groups[at];
	if (contribution->dimensions & ~(unsigned)group->known) {
		/* Of a split one nothing is ever known. */
		if (groups_is_split(windows->groups, contribution->group)) {
			add_split(windows, contribution, kind);
			return;
		}
		look_up_rows(windows, group, contribution->dimensions);
	}
	inflow_put(inflow,
		(struct inflow_entry){
			.slice = {windows->moment.start, contribution->amount},
			.cell = contribution->cell & 0xffffff,
			.group = (uint16_t)at,
			.dimensions = contribution->dimensions,
			.stretch = windows->moment.stretch,
		});
}

void windows_add(struct windows *windows, const struct contributions *contributions)
{
	for (uint32_t i = 0; i < contributions->count; i++)
		add(windows, &contributions->items[i]);
}

void windows_settle(struct windows *windows)
{
	count_inflow(windows);
}

/* ---- all rows */

/* The first row from a place on; *position is the place behind it. NULL: there is none. */
static struct row_slot *next_slot(const struct row_table *table, uint32_t *position)
{
	while (*position < table->capacity)
		if (table->slots[(*position)++].row)
			return &table->slots[*position - 1];
	return NULL;
}

static void roll_slot(struct windows *windows, struct row_slot *slot, const struct roll *roll)
{
	struct row *row = slot->row;
	if (row_roll(row, &windows->layout, roll))
		mark(windows, row);
	if (row->changed || slot->quiet_until >= windows->views.spans.end)
		return;
	slot->quiet_until = slot->quiet_until == BUSY ? IDLE_ONCE : row_quiet(row, &windows->layout, roll);
}

/* Rows that nothing happens to are passed by. */
static void roll_rows(struct windows *windows, const struct roll *roll)
{
	int64_t end = windows->views.spans.end;
	for (uint8_t d = 0; d < windows->model->dimension_count; d++) {
		struct row_slot *slot = windows->tables[d].slots, *last = slot + windows->tables[d].capacity;
		for (; slot < last; slot++)
			if (slot->row && (roll->jumped || slot->quiet_until < end))
				roll_slot(windows, slot, roll);
	}
}

static void compact_slot(struct windows *windows, struct row_slot *slot, const struct compaction *compaction)
{
	row_compact(slot->row, &windows->layout, compaction);
	if (row_count(slot->row) || slot->row->changed)
		return;
	row_free(slot->row);
	slot->row = NULL;
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

static void compact(struct windows *windows)
{
	int64_t end = windows->views.spans.end, width = coarse_width(windows);
	const struct compaction compaction = {
		.horizon = horizon_of(windows),
		.coarse_before = window_floor(end - windows->fine_age, COARSE_WIDTH),
		.coarse_already = windows->coarse_before,
		.width = width,
	};
	for (uint8_t d = 0; d < windows->model->dimension_count; d++) {
		struct row_slot *slot;
		for (uint32_t position = 0; (slot = next_slot(&windows->tables[d], &position));)
			compact_slot(windows, slot, &compaction);
	}
	windows->coarse_before = compaction.coarse_before;
	windows->compacted_at = end;
}

/* What is pending was gathered under the views as they are. */
static void gather(struct windows *windows)
{
	count_inflow(windows);
	for (uint32_t i = 0; i < windows->changed_count; i++)
		row_gather(windows->changed[i], &windows->layout, &windows->views);
}

void windows_roll(struct windows *windows, int64_t end)
{
	CHECK(end >= windows->views.spans.end && end % windows->model->smallest_step == 0);
	if (end == windows->views.spans.end)
		return;
	struct roll roll;
	struct views before = windows->views;
	gather(windows);
	views_init(&windows->views, windows->model, windows->calendar, end);
	windows->moment_width = 0;
	roll_init(&roll, windows->model, &before, &windows->views);
	roll_rows(windows, &roll);
	/* All rows are gone through, so a little more than need be is kept until it is worth it. */
	int64_t age = end - windows->compacted_at;
	if (age >= windows->fine_age && age >= (end - horizon_of(windows)) / COMPACTIONS)
		compact(windows);
}

int64_t windows_end(const struct windows *windows)
{
	return windows->views.spans.end;
}

/* Whether the series has something to say. */
static bool put_series(struct windows *windows, struct series *series, uint32_t step, bool untold)
{
	struct series_kind kind = windows->layout.kinds[series->kind];
	series_gather(series, kind, &windows->views);
	if (!untold && !series->news)
		return false;
	series->news = 0;
	if (partial_put_totals(&windows->entries, step, kind.views, series->body->numbers))
		return true;
	if (!untold)
		partial_put_gone(&windows->entries, step);
	return !untold;
}

static void put_row(struct windows *windows, struct row *row, struct buf *out)
{
	struct partial_record record = {
		row->dimension, groups_key_text(windows->groups, row->dimension, row->key), !row->untold, 0};
	uint32_t previous = 0, position = 0;
	struct series *series;
	buf_clear(&windows->entries);
	while ((series = row_next(row, &windows->layout, &position))) {
		if (!put_series(windows, series, series->cell - previous, row->untold))
			continue;
		previous = series->cell;
		record.count++;
	}
	if (!record.change || record.count) {
		partial_put_record(out, &record);
		buf_put_str(out, buf_str(&windows->entries));
	}
	row->changed = row->untold = false;
}

void windows_partial(struct windows *windows, struct buf *out)
{
	count_inflow(windows);
	for (uint32_t i = 0; i < windows->changed_count; i++)
		put_row(windows, windows->changed[i], out);
	windows->changed_count = 0;
}

void windows_touch_all(struct windows *windows)
{
	for (uint8_t d = 0; d < windows->model->dimension_count; d++) {
		struct row_slot *slot;
		for (uint32_t position = 0; (slot = next_slot(&windows->tables[d], &position));) {
			slot->row->untold = true;
			mark(windows, slot->row);
		}
	}
}

static void save_row(const struct row *row, const struct row_layout *layout, struct buf *out)
{
	uint32_t position = 0;
	const struct series *series;
	buf_put_byte(out, row->dimension);
	buf_put_varint(out, row->key);
	buf_put_varint(out, row_count(row));
	while ((series = row_next(row, layout, &position))) {
		buf_put_varint(out, series->cell);
		series_save(series, out);
	}
}

void windows_save(struct windows *windows, struct buf *out)
{
	uint64_t count = 0;
	uint32_t position;
	const struct row_slot *slot;
	count_inflow(windows);
	for (uint8_t d = 0; d < windows->model->dimension_count; d++)
		for (position = 0; next_slot(&windows->tables[d], &position);)
			count++;
	buf_put_varint(out, count);
	for (uint8_t d = 0; d < windows->model->dimension_count; d++)
		for (position = 0; (slot = next_slot(&windows->tables[d], &position));)
			save_row(slot->row, &windows->layout, out);
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
		series_total(series, windows->layout.kinds[series->kind], &windows->views);
	}
	mark(windows, row);
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
			row_free(windows->tables[d].slots[key].row);
		mem_free(windows->tables[d].slots);
	}
	mem_free(windows->layout.kinds);
	mem_free(windows->changed);
	inflow_release(&windows->inflow);
	buf_release(&windows->entries);
	mem_free(windows);
}
