#include "pipeline/accumulate/series.h"

#include "base/check.h"
#include "base/mem.h"

/* A series that has this many slices less than it has room for gives room back. */
enum { ROOM_MAX = 64 };

static void resize(struct series *series, uint32_t capacity)
{
	CHECK(capacity <= INT32_MAX);
	size_t size = sizeof *series->body + series->total_count * sizeof(int64_t) + capacity * sizeof(struct slice);
	series->body = mem_resize(series->body, size, 1);
	series->body->capacity = capacity & INT32_MAX;
}

struct series series_new(uint32_t cell, uint16_t kind_index, struct series_kind kind)
{
	struct series series = {.cell = cell & INT32_MAX, .kind = kind_index, .open.start = SERIES_SETTLED};
	series.total_count = (uint8_t)__builtin_popcountll(kind.views);
	series.body = mem_new(sizeof *series.body + series.total_count * sizeof(int64_t) + sizeof(struct slice));
	series.body->capacity = 1;
	return series;
}

void series_free(struct series *series)
{
	mem_free(series->body);
}

uint32_t series_search(const struct series *series, uint32_t at, int64_t time)
{
	const struct slice *slices = series_slices(series);
	uint32_t low = at, high = series->body->count - 1;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (slices[middle].start < time)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void series_insert(struct series *series, struct slice slice)
{
	struct slice *slices = series_slices(series);
	uint32_t count = series->body->count;
	bool last = count == 0 || slices[count - 1].start < slice.start;
	uint32_t place = last ? count : series_find(series, 0, slice.start), behind = count - place;
	if (behind && slices[place].start == slice.start) {
		slices[place].amount = sum_of(slices[place].amount, slice.amount);
		series->body->has_zeros |= slices[place].amount == 0;
		return;
	}
	if (count == series->body->capacity) {
		resize(series, count * 2);
		slices = series_slices(series);
	}
	if (behind)
		memmove(&slices[place + 1], &slices[place], behind * sizeof *slices);
	slices[place] = slice;
	series->body->count++;
}

void series_gather(struct series *series, struct series_kind kind, const struct views *views)
{
	int64_t *total = series->body->numbers, pending = series->pending;
	if (pending == 0)
		return;
	uint64_t hit = kind.level ? views->before_end[series->stretch] : views->within[series->stretch];
	for (uint64_t left = kind.views; left; left &= left - 1, total++)
		if (hit & left & -left)
			*total = sum_of(*total, pending);
	series->pending = 0;
}

void series_settle(struct series *series, struct series_kind kind, const struct views *views)
{
	series_gather(series, kind, views);
	series->news = 1;
	if (series->open.amount != 0)
		series_insert(series, series->open);
	series->open = (struct slice){SERIES_SETTLED, 0};
}

static int64_t sum_within(const struct series *series, struct span span)
{
	const struct slice *slices = series_slices(series);
	int64_t sum = 0;
	for (uint32_t i = series_find(series, 0, span.from); i < series->body->count && slices[i].start < span.to; i++)
		sum = sum_of(sum, slices[i].amount);
	return sum;
}

void series_total(struct series *series, struct series_kind kind, const struct views *views)
{
	int64_t *total = series->body->numbers;
	for (uint64_t left = kind.views; left; left &= left - 1, total++) {
		struct span span = views->spans.views[__builtin_ctzll(left)];
		if (kind.level)
			*total = sum_of(series->body->base, sum_within(series, (struct span){INT64_MIN, span.to}));
		else
			*total = sum_within(series, span);
	}
}

static void drop_before(struct series *series, bool level, int64_t horizon)
{
	struct slice *slices = series_slices(series);
	uint32_t dropped = series_find(series, 0, horizon);
	for (uint32_t i = 0; level && i < dropped; i++)
		series->body->base = sum_of(series->body->base, slices[i].amount);
	series->body->count -= dropped;
	if (dropped)
		memmove(slices, slices + dropped, series->body->count * sizeof *slices);
}

/* Those that are joined already need only be looked through where there are zeros. */
static void join(struct series *series, const struct compaction *compaction)
{
	struct slice *slices = series_slices(series);
	bool zeros = false;
	uint32_t i = series->body->has_zeros ? 0 : series_find(series, 0, compaction->coarse_already), kept = i;
	for (; i < series->body->count; i++) {
		struct slice slice = slices[i];
		if (slice.start >= compaction->coarse_already && slice.start < compaction->coarse_before)
			slice.start = window_floor(slice.start, compaction->width);
		if (kept > 0 && slices[kept - 1].start == slice.start) {
			slices[kept - 1].amount = sum_of(slices[kept - 1].amount, slice.amount);
			zeros |= slices[kept - 1].amount == 0;
		} else if (slice.amount != 0) {
			slices[kept++] = slice;
		}
	}
	series->body->count = kept;
	series->body->has_zeros = zeros;
}

void series_compact(struct series *series, struct series_kind kind, const struct compaction *compaction)
{
	drop_before(series, kind.level, compaction->horizon);
	join(series, compaction);
	uint32_t capacity = series->body->capacity, needed = series->body->count ? series->body->count : 1;
	if (capacity - needed > ROOM_MAX && needed < capacity / 4)
		resize(series, needed * 2);
}

static bool says(const struct series *series)
{
	for (unsigned i = 0; i < series->total_count; i++)
		if (series->body->numbers[i] != 0)
			return true;
	return false;
}

bool series_empty(const struct series *series)
{
	return series->body->count == 0 && series->body->base == 0 && !says(series);
}

void series_save(const struct series *series, struct buf *out)
{
	const struct slice *slices = series_slices(series);
	int64_t start = 0;
	buf_put_svarint(out, series->body->base);
	buf_put_varint(out, series->body->count);
	for (uint32_t i = 0; i < series->body->count; i++) {
		buf_put_svarint(out, slices[i].start - start);
		buf_put_svarint(out, slices[i].amount);
		start = slices[i].start;
	}
}

bool series_load(struct series *series, struct reader *in)
{
	int64_t start = 0;
	series->body->base = reader_svarint(in);
	uint64_t count = reader_varint(in);
	/* A slice is two bytes at least. */
	if (!in->failed && count > series->body->capacity && count <= reader_left(in) / 2 && count <= INT32_MAX)
		resize(series, (uint32_t)count);
	for (uint64_t i = 0; i < count && !in->failed; i++) {
		start = sum_of(start, reader_svarint(in));
		int64_t amount = reader_svarint(in);
		if (!in->failed && amount != 0)
			series_insert(series, (struct slice){start, amount});
	}
	return !in->failed;
}
