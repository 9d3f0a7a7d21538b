#include "pipeline/accumulate/series.h"

#include "base/check.h"
#include "base/mem.h"

/* A series that has this many slices less than it has room for gives room back. */
enum { ROOM_MAX = 64 };

static void resize(struct series **series, uint32_t capacity)
{
	CHECK(capacity <= INT32_MAX);
	size_t size = sizeof **series + (*series)->total_count * sizeof(int64_t) + capacity * sizeof(struct slice);
	*series = mem_resize(*series, size, 1);
	(*series)->capacity = capacity & INT32_MAX;
}

struct series *series_new(uint32_t cell, uint16_t kind_index, struct series_kind kind)
{
	uint8_t totals = (uint8_t)__builtin_popcountll(kind.views);
	struct series *series = mem_new(sizeof *series + totals * sizeof(int64_t) + sizeof(struct slice));
	series->cell = cell;
	series->kind = kind_index;
	series->total_count = totals;
	series->capacity = 1;
	return series;
}

void series_free(struct series *series)
{
	mem_free(series);
}

uint32_t series_search(struct series *series, uint32_t at, int64_t time)
{
	const struct slice *slices = series_slices(series);
	uint32_t low = at, high = series->count - 1;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (slices[middle].start < time)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void series_insert(struct series **at, int64_t start, int64_t amount)
{
	uint32_t place = series_find(*at, 0, start), behind = (*at)->count - place;
	struct slice *slices = series_slices(*at);
	if (behind && slices[place].start == start) {
		slices[place].amount = sum_of(slices[place].amount, amount);
		(*at)->has_zeros |= slices[place].amount == 0;
		return;
	}
	(*at)->has_zeros |= amount == 0;
	if ((*at)->count == (*at)->capacity) {
		resize(at, (*at)->capacity * 2);
		slices = series_slices(*at);
	}
	if (behind)
		memmove(&slices[place + 1], &slices[place], behind * sizeof *slices);
	slices[place] = (struct slice){start, amount};
	(*at)->count++;
}

void series_settle(struct series *series, struct series_kind kind, const struct views *views)
{
	int64_t *total = series->numbers, pending = series->pending;
	if (pending == 0)
		return;
	uint64_t hit = kind.level ? views->before_end[series->stretch] : views->within[series->stretch];
	for (uint64_t left = kind.views; left; left &= left - 1, total++)
		if (hit & left & -left)
			*total = sum_of(*total, pending);
	series->pending = 0;
}

int64_t series_sum(struct series *series, struct span span)
{
	const struct slice *slices = series_slices(series);
	int64_t sum = 0;
	for (uint32_t i = series_find(series, 0, span.from); i < series->count && slices[i].start < span.to; i++)
		sum = sum_of(sum, slices[i].amount);
	return sum;
}

void series_total(struct series *series, struct series_kind kind, const struct views *views)
{
	int64_t *total = series->numbers;
	for (uint64_t left = kind.views; left; left &= left - 1, total++) {
		struct span span = views->spans.views[__builtin_ctzll(left)];
		if (kind.level)
			*total = sum_of(series->base, series_sum(series, (struct span){INT64_MIN, span.to}));
		else
			*total = series_sum(series, span);
	}
	series->pending = 0;
}

static void drop_before(struct series *series, bool level, int64_t horizon)
{
	struct slice *slices = series_slices(series);
	uint32_t dropped = series_find(series, 0, horizon);
	for (uint32_t i = 0; level && i < dropped; i++)
		series->base = sum_of(series->base, slices[i].amount);
	series->count -= dropped;
	if (dropped)
		memmove(slices, slices + dropped, series->count * sizeof *slices);
}

/* Those that are joined already need only be looked through where there are zeros. */
static void join(struct series *series, const struct compaction *compaction)
{
	struct slice *slices = series_slices(series);
	bool zeros = false;
	uint32_t i = series->has_zeros ? 0 : series_find(series, 0, compaction->coarse_already), kept = i;
	for (; i < series->count; i++) {
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
	series->count = kept;
	series->has_zeros = zeros;
}

void series_compact(struct series **at, struct series_kind kind, const struct compaction *compaction)
{
	drop_before(*at, kind.level, compaction->horizon);
	join(*at, compaction);
	uint32_t needed = (*at)->count ? (*at)->count : 1;
	if ((*at)->capacity - needed > ROOM_MAX && needed < (*at)->capacity / 4)
		resize(at, needed * 2);
}

bool series_says(const struct series *series)
{
	for (unsigned i = 0; i < series->total_count; i++)
		if (series->numbers[i] != 0)
			return true;
	return false;
}

bool series_empty(const struct series *series)
{
	return series->count == 0 && series->base == 0 && !series_says(series);
}

void series_save(struct series *series, struct buf *out)
{
	const struct slice *slices = series_slices(series);
	int64_t start = 0;
	buf_put_svarint(out, series->base);
	buf_put_varint(out, series->count);
	for (uint32_t i = 0; i < series->count; i++) {
		buf_put_svarint(out, slices[i].start - start);
		buf_put_svarint(out, slices[i].amount);
		start = slices[i].start;
	}
}

bool series_load(struct series **series, struct reader *in)
{
	int64_t start = 0;
	(*series)->base = reader_svarint(in);
	uint64_t count = reader_varint(in);
	/* A slice is two bytes at least. */
	if (!in->failed && count > (*series)->capacity && count <= reader_left(in) / 2 && count <= INT32_MAX)
		resize(series, (uint32_t)count);
	for (uint64_t i = 0; i < count && !in->failed; i++) {
		start = sum_of(start, reader_svarint(in));
		int64_t amount = reader_svarint(in);
		if (!in->failed)
			series_insert(series, start, amount);
	}
	return !in->failed;
}
