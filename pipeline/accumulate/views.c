#include "pipeline/accumulate/views.h"

#include <stdlib.h>

static int compare_times(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
	return (left > right) - (left < right);
}

static void collect_edges(struct views *views)
{
	unsigned count = 0;
	views->edges[count++] = INT64_MIN;
	for (unsigned v = 0; v < views->count; v++) {
		views->edges[count++] = views->spans.views[v].from;
		views->edges[count++] = views->spans.views[v].to;
	}
	qsort(views->edges, count, sizeof views->edges[0], compare_times);
	views->edge_count = 1;
	for (unsigned i = 1; i < count; i++)
		if (views->edges[i] != views->edges[views->edge_count - 1])
			views->edges[views->edge_count++] = views->edges[i];
}

void views_init(struct views *views, const struct model *model, const struct calendar *calendar, int64_t end)
{
	views->count = 2u * model->window_count;
	window_spans_at(model, calendar, end, &views->spans);
	collect_edges(views);
	for (unsigned i = 0; i < views->edge_count; i++) {
		views->within[i] = views->before_end[i] = 0;
		for (unsigned v = 0; v < views->count; v++) {
			const struct span *span = &views->spans.views[v];
			if (views->edges[i] < span->to)
				views->before_end[i] |= UINT64_C(1) << v;
			if (views->edges[i] < span->to && views->edges[i] >= span->from)
				views->within[i] |= UINT64_C(1) << v;
		}
	}
}

unsigned views_stretch(const struct views *views, int64_t time)
{
	unsigned low = 0, high = views->edge_count;
	while (high - low > 1) {
		unsigned middle = (low + high) / 2;
		if (views->edges[middle] <= time)
			low = middle;
		else
			high = middle;
	}
	return low;
}
