#include "pipeline/accumulate/roll.h"

#include <stdlib.h>

/* ---- ranges */

static bool same_span(struct span a, struct span b)
{
	return a.from == b.from && a.to == b.to;
}

static int compare_ranges(const void *a, const void *b)
{
	const struct span *left = &((const struct roll_range *)a)->span, *right = &((const struct roll_range *)b)->span;
	if (left->from != right->from)
		return left->from < right->from ? -1 : 1;
	return (left->to > right->to) - (left->to < right->to);
}

/* Which one it is, or `range_count`. */
static unsigned find_range(const struct roll *roll, struct span span)
{
	unsigned r = 1;
	while (r < roll->range_count && !same_span(roll->ranges[r].span, span))
		r++;
	return span.from < span.to ? r : 0;
}

static void need(struct roll *roll, struct span span, uint64_t sums, uint64_t levels)
{
	unsigned r = find_range(roll, span);
	if (r == 0)
		return;
	if (r == roll->range_count)
		roll->ranges[roll->range_count++] = (struct roll_range){.span = span};
	roll->ranges[r].sums |= sums;
	roll->ranges[r].levels |= levels;
}

/* What a view gains and loses. */
struct change {
	bool anew;
	struct span gains, loses;
};

static struct change sum_change(struct span before, struct span now)
{
	if (now.to < before.to || now.from < before.from || now.from > before.to)
		return (struct change){true, now, {0, 0}};
	return (struct change){false, {before.to, now.to}, {before.from, now.from}};
}

static struct change level_change(struct span before, struct span now)
{
	if (now.to < before.to)
		return (struct change){true, {INT64_MIN, now.to}, {0, 0}};
	return (struct change){false, {before.to, now.to}, {0, 0}};
}

static void note_needs(struct roll *roll, const struct views *before, const struct views *now)
{
	for (unsigned v = 0; v < now->count; v++) {
		struct span old = before->spans.views[v], new = now->spans.views[v];
		if (same_span(old, new))
			continue;
		uint64_t bit = UINT64_C(1) << v;
		struct change sum = sum_change(old, new), level = level_change(old, new);
		roll->moved |= bit;
		need(roll, sum.gains, bit, 0);
		need(roll, sum.loses, bit, 0);
		need(roll, level.gains, 0, bit);
	}
	qsort(roll->ranges + 1, roll->range_count - 1, sizeof roll->ranges[0], compare_ranges);
}

static struct roll_move move_of(const struct roll *roll, const struct change *change)
{
	return (struct roll_move){
		change->anew, (uint16_t)find_range(roll, change->gains), (uint16_t)find_range(roll, change->loses)};
}

static void find_moves(struct roll *roll, const struct views *before, const struct views *now)
{
	for (uint64_t left = roll->moved; left; left &= left - 1) {
		unsigned v = (unsigned)__builtin_ctzll(left);
		struct span old = before->spans.views[v], new = now->spans.views[v];
		struct change sum = sum_change(old, new), level = level_change(old, new);
		roll->sums[v] = move_of(roll, &sum);
		roll->levels[v] = move_of(roll, &level);
	}
}

/* ---- edges */

static int compare_edges(const void *a, const void *b)
{
	int64_t left = ((const struct roll_edge *)a)->now, right = ((const struct roll_edge *)b)->now;
	return (left > right) - (left < right);
}

/* `to`: levels look at it, too. */
static void add_edge(struct roll *roll, int64_t now, int64_t shift, int64_t step, unsigned view, bool to)
{
	struct roll_edge *edge = roll->edges, *end = roll->edges + roll->edge_count;
	while (edge < end && !(edge->now == now && edge->shift == shift && edge->step == step))
		edge++;
	if (edge == end)
		roll->edges[roll->edge_count++] = (struct roll_edge){now, shift, step, 0, 0};
	edge->sums |= UINT64_C(1) << view;
	edge->levels |= (uint64_t)to << view;
}

static void follow(struct roll *roll, const struct window *window, struct span before, struct span now, unsigned view,
	bool is_previous)
{
	if (window->kind == WINDOW_ROLLING && window->days == 0) {
		int64_t to = is_previous ? -window->length : 0;
		add_edge(roll, now.to, to, window->step, view, true);
		add_edge(roll, now.from, to - window->length, window->step, view, false);
	} else if (window->kind == WINDOW_TO_DATE && !is_previous) {
		add_edge(roll, now.to, 0, window->step, view, true);
		roll->jumped |= before.from != now.from;
	} else {
		roll->jumped |= !same_span(before, now);
	}
}

void roll_init(struct roll *roll, const struct model *model, const struct views *before, const struct views *now)
{
	roll->moved = 0;
	roll->jumped = false;
	roll->ranges[0] = (struct roll_range){0};
	roll->range_count = 1;
	roll->edge_count = 0;
	note_needs(roll, before, now);
	find_moves(roll, before, now);
	for (unsigned v = 0; v < now->count; v++)
		follow(roll, &model->windows[v % model->window_count], before->spans.views[v], now->spans.views[v], v,
			v >= model->window_count);
	qsort(roll->edges, roll->edge_count, sizeof roll->edges[0], compare_edges);
}

/* ---- series */

/* False: there is nothing in any of them. */
static bool sum_ranges(const struct roll *roll, struct series *series, struct series_kind kind, int64_t *ret_sums)
{
	uint32_t at = 0;
	bool any = false;
	ret_sums[0] = 0;
	for (unsigned r = 1; r < roll->range_count; r++) {
		const struct roll_range *range = &roll->ranges[r];
		int64_t sum = 0;
		if (!((kind.level ? range->levels : range->sums) & kind.views))
			continue;
		at = series_find(series, at, range->span.from);
		uint32_t i = at;
		for (; i < series->count && series_start(series, i) < range->span.to; i++)
			sum = sum_of(sum, series_amount(series, i));
		any |= i > at;
		ret_sums[r] = sum;
	}
	return any;
}

bool roll_series(const struct roll *roll, struct series *series, struct series_kind kind)
{
	int64_t sums[ROLL_RANGES_MAX], *total = series->body->numbers;
	const struct roll_move *moves = kind.level ? roll->levels : roll->sums;
	bool changed = false;
	if (series->count == 0 || !(kind.views & roll->moved))
		return false;
	/* What is added up anew has slices in what it had or in what it has; only the latter is among the ranges. */
	bool any = sum_ranges(roll, series, kind, sums);
	for (uint64_t left = kind.views; left; left &= left - 1, total++) {
		unsigned v = (unsigned)__builtin_ctzll(left);
		if (!(roll->moved >> v & 1) || !(any || moves[v].anew))
			continue;
		int64_t before = moves[v].anew ? kind.level ? series->body->base : 0 : *total;
		int64_t now =
			sum_of(before, (int64_t)((uint64_t)sums[moves[v].gains] - (uint64_t)sums[moves[v].loses]));
		changed |= now != *total;
		*total = now;
	}
	return changed;
}

int64_t roll_quiet(const struct roll *roll, struct series *series, struct series_kind kind)
{
	int64_t quiet = INT64_MAX;
	uint32_t at = 0;
	for (unsigned e = 0; e < roll->edge_count; e++) {
		const struct roll_edge *edge = &roll->edges[e];
		if (!((kind.level ? edge->levels : edge->sums) & kind.views))
			continue;
		at = series_find(series, at, edge->now);
		if (at == series->count)
			break;
		/* The edge is behind the slice once the end, rounded up, is behind start - shift. */
		int64_t until = window_floor(series_start(series, at) - edge->shift, edge->step);
		quiet = until < quiet ? until : quiet;
	}
	return quiet;
}
