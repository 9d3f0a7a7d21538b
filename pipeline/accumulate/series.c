#include "pipeline/accumulate/series.h"

#include "base/mem.h"

static int64_t add(int64_t a, int64_t b)
{
	return (int64_t)((uint64_t)a + (uint64_t)b);
}

static int64_t subtract(int64_t a, int64_t b)
{
	return (int64_t)((uint64_t)a - (uint64_t)b);
}

void series_init(struct series *series, struct series_kind kind)
{
	*series = (struct series){0};
	series->totals = NEW_ARRAY(int64_t, (size_t)__builtin_popcountll(kind.views));
}

/* The first slice that starts at or after `time`. */
static uint32_t slice_at(const struct series *series, int64_t time)
{
	uint32_t low = 0, high = series->count;
	if (high > 0 && series->slices[high - 1].start < time)
		return high;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (series->slices[middle].start < time)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void slice_add(struct series *series, int64_t start, int64_t amount)
{
	uint32_t at = slice_at(series, start);
	if (at < series->count && series->slices[at].start == start) {
		series->slices[at].amount = add(series->slices[at].amount, amount);
		return;
	}
	GROW(series->slices, series->count, series->capacity);
	memmove(&series->slices[at + 1], &series->slices[at], (series->count - at) * sizeof(struct slice));
	series->slices[at] = (struct slice){start, amount};
	series->count++;
}

void series_add(
	struct series *series, struct series_kind kind, const struct views *views, int64_t start, int64_t amount)
{
	slice_add(series, start, amount);
	unsigned stretch = views_stretch(views, start);
	uint64_t hit = kind.level ? views->before_end[stretch] : views->within[stretch];
	int64_t *total = series->totals;
	for (uint64_t left = kind.views; left; left &= left - 1, total++)
		if (hit & left & -left)
			*total = add(*total, amount);
}

static int64_t sum_range(const struct series *series, int64_t from, int64_t to)
{
	int64_t sum = 0;
	for (uint32_t i = slice_at(series, from); i < series->count && series->slices[i].start < to; i++)
		sum = add(sum, series->slices[i].amount);
	return sum;
}

static int64_t sum_before(const struct series *series, int64_t to)
{
	return add(series->base, sum_range(series, INT64_MIN, to));
}

/* What a view's total becomes when its span moves. */
static int64_t moved_total(const struct series *series, bool level, int64_t total, struct span before, struct span now)
{
	if (now.to < before.to || (!level && (now.from < before.from || now.from > before.to)))
		return level ? sum_before(series, now.to) : sum_range(series, now.from, now.to);
	total = add(total, sum_range(series, before.to, now.to));
	return level ? total : subtract(total, sum_range(series, before.from, now.from));
}

bool series_roll(struct series *series, struct series_kind kind, const struct views *before, const struct views *now)
{
	bool changed = false;
	int64_t *total = series->totals;
	for (uint64_t left = kind.views; left; left &= left - 1, total++) {
		unsigned v = (unsigned)__builtin_ctzll(left);
		struct span old = before->spans.views[v], next = now->spans.views[v];
		if (old.from == next.from && old.to == next.to)
			continue;
		int64_t moved = moved_total(series, kind.level, *total, old, next);
		changed |= moved != *total;
		*total = moved;
	}
	return changed;
}

void series_total(struct series *series, struct series_kind kind, const struct views *views)
{
	int64_t *total = series->totals;
	for (uint64_t left = kind.views; left; left &= left - 1, total++) {
		struct span span = views->spans.views[__builtin_ctzll(left)];
		*total = kind.level ? sum_before(series, span.to) : sum_range(series, span.from, span.to);
	}
}

void series_compact(
	struct series *series, struct series_kind kind, int64_t horizon, int64_t coarse_before, int64_t width)
{
	uint32_t kept = 0;
	for (uint32_t i = 0; i < series->count; i++) {
		struct slice slice = series->slices[i];
		if (slice.start < horizon) {
			series->base = kind.level ? add(series->base, slice.amount) : 0;
			continue;
		}
		if (slice.start < coarse_before)
			slice.start = window_floor(slice.start, width);
		if (kept > 0 && series->slices[kept - 1].start == slice.start)
			series->slices[kept - 1].amount = add(series->slices[kept - 1].amount, slice.amount);
		else if (slice.amount != 0)
			series->slices[kept++] = slice;
	}
	series->count = kept;
}

bool series_empty(const struct series *series, struct series_kind kind)
{
	for (int i = 0; i < __builtin_popcountll(kind.views); i++)
		if (series->totals[i] != 0)
			return false;
	return series->count == 0 && series->base == 0;
}

void series_save(const struct series *series, struct buf *out)
{
	int64_t start = 0;
	buf_put_svarint(out, series->base);
	buf_put_varint(out, series->count);
	for (uint32_t i = 0; i < series->count; i++) {
		buf_put_svarint(out, series->slices[i].start - start);
		buf_put_svarint(out, series->slices[i].amount);
		start = series->slices[i].start;
	}
}

bool series_load(struct series *series, struct reader *in)
{
	int64_t start = 0;
	series->base = reader_svarint(in);
	uint64_t count = reader_varint(in);
	for (uint64_t i = 0; i < count && !in->failed; i++) {
		start = add(start, reader_svarint(in));
		int64_t amount = reader_svarint(in);
		if (!in->failed)
			slice_add(series, start, amount);
	}
	return !in->failed;
}

void series_release(struct series *series)
{
	mem_free(series->slices);
	mem_free(series->totals);
	*series = (struct series){0};
}
