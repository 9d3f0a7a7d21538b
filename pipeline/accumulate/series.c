#include "pipeline/accumulate/series.h"

#include "base/check.h"
#include "base/mem.h"

#include <string.h>

/* A series that has this many slices less than it has room for gives room back. */
enum { FIRST_ROOM = 2, ROOM_MAX = 64 };
#define CAPACITY_MAX ((1u << 30) - 1)

static size_t slice_size(const struct series *series)
{
	return series->wide ? sizeof(struct slice) : sizeof(struct narrow_slice);
}

static size_t body_size(const struct series *series, uint32_t capacity)
{
	return sizeof *series->body + series->total_count * sizeof(int64_t) + capacity * slice_size(series);
}

static void resize(struct series *series, uint32_t capacity)
{
	CHECK(capacity <= CAPACITY_MAX);
	series->body = mem_resize(series->body, body_size(series, capacity), 1);
	series->capacity = capacity & CAPACITY_MAX;
}

/* Slices that the next larger piece of memory has room for: one more at least. */
static uint32_t more_room(const struct series *series)
{
	size_t size = mem_next_size(body_size(series, series->capacity + 1) - 1);
	return (uint32_t)((size - body_size(series, 0)) / slice_size(series));
}

struct series series_new(uint32_t cell, uint16_t kind_index, struct series_kind kind)
{
	struct series series = {.cell = cell & INT32_MAX, .kind = kind_index, .capacity = FIRST_ROOM};
	series.total_count = (uint8_t)__builtin_popcountll(kind.views);
	series.body = mem_new(body_size(&series, FIRST_ROOM));
	return series;
}

void series_free(struct series *series)
{
	mem_free(series->body);
}

/* Narrow slices stand close to where they would if they came evenly: so a search begins there, and goes on in growing steps until it has the place between
 * two. `seconds` is above the start of slice *low, and not above that of slice *high; so it is afterwards. */
static void bracket(const struct narrow_slice *slices, uint32_t *low, uint32_t *high, uint32_t seconds)
{
	uint32_t from = *low, to = *high, first = slices[from].start, step = 4;
	uint32_t guess = from + (uint32_t)((uint64_t)(seconds - first) * (to - from) / (slices[to].start - first));
	if (slices[guess].start < seconds) {
		for (from = guess; from + step < to && slices[from + step].start < seconds; step *= 2)
			from += step;
		to = from + step < to ? from + step : to;
	} else {
		for (to = guess; to > from + step && slices[to - step].start >= seconds; step *= 2)
			to -= step;
		from = to > from + step ? to - step : from;
	}
	*low = from;
	*high = to;
}

uint32_t series_search(const struct series *series, uint32_t at, int64_t time)
{
	uint32_t low = at, high = series->count - 1;
	/* The time lies between two starts that fit, so it does, too; a part of a second counts as a whole one. */
	if (!series->wide)
		bracket(series_narrow(series), &low, &high,
			(uint32_t)((time + SERIES_NARROW_UNIT - 1) / SERIES_NARROW_UNIT));
	/* Slice `low` is before it, slice `high` is not. */
	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;
		if (series_start(series, middle) < time)
			low = middle;
		else
			high = middle;
	}
	return high;
}

/* ---- slices, narrow or wide */

static inline struct slice slice_at(const struct series *series, uint32_t at)
{
	return (struct slice){series_start(series, at), series_amount(series, at)};
}

/* `count` of them. */
static void move_slices(struct series *series, uint32_t to, uint32_t from, uint32_t count)
{
	size_t size = slice_size(series);
	char *slices = (char *)(series->body->numbers + series->total_count);
	if (count)
		memmove(slices + to * size, slices + from * size, count * size);
}

/* One of them may be about to be set, and anything now. */
__attribute__((noinline)) static void widen(struct series *series)
{
	struct series before = *series;
	series->wide = 1;
	series->body = mem_new(body_size(series, series->capacity));
	memcpy(series->body, before.body, sizeof *before.body + before.total_count * sizeof(int64_t));
	for (uint32_t i = 0; i < series->count; i++)
		series_wide(series)[i] = slice_at(&before, i);
	mem_free(before.body);
}

/* All are wide from then on if it does not fit. */
static inline void set_slice(struct series *series, uint32_t at, struct slice slice)
{
	struct narrow_slice narrow;
	if (!series->wide && slice_narrow(slice, &narrow)) {
		series_narrow(series)[at] = narrow;
		return;
	}
	if (!series->wide)
		widen(series);
	series_wide(series)[at] = slice;
}

static void add_to_slice(struct series *series, uint32_t at, int64_t amount)
{
	struct slice slice = slice_at(series, at);
	slice.amount = sum_of(slice.amount, amount);
	set_slice(series, at, slice);
	series->has_zeros |= slice.amount == 0;
}

/* The place is mostly close to the end. */
static uint32_t find_from_end(const struct series *series, int64_t start)
{
	enum { CLOSE = 32 };
	const uint32_t count = series->count, least = count > CLOSE ? count - CLOSE : 0;
	uint32_t place = count;
	if (count == 0 || series_start(series, count - 1) < start)
		return count;
	if (series->wide || series_start(series, least) >= start)
		return series_find(series, 0, start);
	const struct narrow_slice *slices = series_narrow(series);
	/* It lies between two starts that fit. */
	for (uint32_t seconds = (uint32_t)((start + SERIES_NARROW_UNIT - 1) / SERIES_NARROW_UNIT);
		slices[place - 1].start >= seconds;)
		place--;
	return place;
}

void series_insert_anywhere(struct series *series, struct slice slice)
{
	uint32_t count = series->count, place = find_from_end(series, slice.start);
	if (place < count && series_start(series, place) == slice.start) {
		add_to_slice(series, place, slice.amount);
		return;
	}
	if (count == series->capacity)
		resize(series, more_room(series));
	move_slices(series, place + 1, place, count - place);
	series->count++;
	set_slice(series, place, slice);
}

/* How many views of the kind come before it. */
static unsigned rank_of(uint64_t views, uint64_t view)
{
	unsigned rank = 0;
	for (uint64_t left = views & (view - 1); left; left &= left - 1)
		rank++;
	return rank;
}

void series_gather(struct series *series, struct series_kind kind, const struct views *views)
{
	int64_t *totals = series->body->numbers, pending = series->pending;
	if (pending == 0)
		return;
	uint64_t hit = kind.views & (kind.level ? views->before_end[series->stretch] : views->within[series->stretch]);
	bool dense = (kind.views & (kind.views + 1)) == 0; /* the rank of a view is its number, as it is mostly */
	for (; hit; hit &= hit - 1) {
		unsigned rank = dense ? (unsigned)__builtin_ctzll(hit) : rank_of(kind.views, hit & -hit);
		totals[rank] = sum_of(totals[rank], pending);
	}
	series->pending = 0;
}

static int64_t sum_within(const struct series *series, struct span span)
{
	int64_t sum = 0;
	uint32_t i = series_find(series, 0, span.from);
	for (; i < series->count && series_start(series, i) < span.to; i++)
		sum = sum_of(sum, series_amount(series, i));
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
	uint32_t dropped = series_find(series, 0, horizon);
	for (uint32_t i = 0; level && i < dropped; i++)
		series->body->base = sum_of(series->body->base, series_amount(series, i));
	series->count -= dropped;
	if (dropped)
		move_slices(series, 0, dropped, series->count);
}

/* Those that are joined already need only be looked through where there are zeros. */
static void join(struct series *series, const struct compaction *compaction)
{
	bool zeros = false;
	uint32_t i = series->has_zeros ? 0 : series_find(series, 0, compaction->coarse_already), kept = i;
	int64_t latest = kept > 0 ? series_start(series, kept - 1) : INT64_MIN; /* of those that are kept */
	for (; i < series->count; i++) {
		struct slice slice = slice_at(series, i);
		if (slice.start >= compaction->coarse_already && slice.start < compaction->coarse_before)
			slice.start = window_floor(slice.start, compaction->width);
		if (kept > 0 && latest == slice.start) {
			slice.amount = sum_of(slice.amount, series_amount(series, kept - 1));
			zeros |= slice.amount == 0;
			set_slice(series, kept - 1, slice);
		} else if (slice.amount != 0) {
			set_slice(series, kept++, slice);
			latest = slice.start;
		}
	}
	series->count = kept;
	series->has_zeros = zeros;
}

void series_compact(struct series *series, struct series_kind kind, const struct compaction *compaction)
{
	drop_before(series, kind.level, compaction->horizon);
	join(series, compaction);
	uint32_t capacity = series->capacity, needed = series->count ? series->count : 1;
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
	return series->count == 0 && series->body->base == 0 && !says(series);
}

void series_save(const struct series *series, struct buf *out)
{
	int64_t start = 0;
	buf_put_svarint(out, series->body->base);
	buf_put_varint(out, series->count);
	for (uint32_t i = 0; i < series->count; i++) {
		struct slice slice = slice_at(series, i);
		buf_put_svarint(out, slice.start - start);
		buf_put_svarint(out, slice.amount);
		start = slice.start;
	}
}

bool series_load(struct series *series, struct reader *in)
{
	int64_t start = 0;
	series->body->base = reader_svarint(in);
	uint64_t count = reader_varint(in);
	/* A slice is two bytes at least. */
	if (!in->failed && count > series->capacity && count <= reader_left(in) / 2 && count <= CAPACITY_MAX)
		resize(series, (uint32_t)count);
	for (uint64_t i = 0; i < count && !in->failed; i++) {
		start = sum_of(start, reader_svarint(in));
		int64_t amount = reader_svarint(in);
		if (!in->failed && amount != 0)
			series_insert(series, (struct slice){start, amount});
	}
	return !in->failed;
}
