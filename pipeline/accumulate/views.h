/* Which views hold an instant, for one `end`. Time is cut at every edge of every view; between two edges the answer is one bit set. */
#ifndef PIPELINE_ACCUMULATE_VIEWS_H
#define PIPELINE_ACCUMULATE_VIEWS_H

#include "pipeline/window.h"

#define VIEWS_EDGES_MAX (2 * MODEL_VIEWS_MAX + 2)

struct views {
	unsigned count; /* views: two for each window */
	struct window_spans spans;
	unsigned edge_count;
	int64_t edges[VIEWS_EDGES_MAX];   /* rising; edges[0] is the beginning of time */
	uint64_t within[VIEWS_EDGES_MAX]; /* from edges[i] on: the views whose span holds the instant */
	uint64_t
		before_end[VIEWS_EDGES_MAX]; /* the views whose `to` lies behind the instant: where a level counts it */
};

void views_init(struct views *views, const struct model *model, const struct calendar *calendar, int64_t end);
/* Whether it is stretch `at` that holds `time`. */
static inline bool views_hold(const struct views *views, unsigned at, int64_t time)
{
	return at < views->edge_count && views->edges[at] <= time &&
		(at + 1 == views->edge_count || time < views->edges[at + 1]);
}
/* The index of the stretch that holds `time`. */
unsigned views_stretch(const struct views *views, int64_t time);

#endif
