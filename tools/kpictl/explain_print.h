/* An explanation as text for people, or as one JSON object. */
#ifndef KPICTL_EXPLAIN_PRINT_H
#define KPICTL_EXPLAIN_PRINT_H

#include "config/node.h"
#include "pipeline/evaluate/number.h"
#include "tools/kpictl/explain_events.h"

struct explain_view {
	const struct engine *engine;
	const struct explanation *explanation;
	const struct merged_key *key;
	uint16_t kpi;
	struct figure figure;
	struct aim aim;
	const struct node *kpis; /* kpis.yaml */
	bool with_events, all;
	uint64_t limit; /* events of a measure that are listed */
};

void explain_put_text(struct buf *out, const struct explain_view *view);
void explain_put_json(struct buf *out, const struct explain_view *view);

/* The formula with the values in it; of a rolled-up figure the sums of its two sides. */
void explain_put_formula(struct buf *out, const struct explain_view *view);
/* "12.5", "7/3" */
void explain_put_number(struct buf *out, const struct number *number);

/* Whether the figure is added up from those of the keys of another dimension. */
bool explain_is_rolled_up(const struct explain_view *view);
/* The sums of both sides, as they stand in the figure, and how many keys there are in them. */
void explain_put_sums(struct buf *out, const struct explain_view *view);
/* The keys that are in the sums, with both sides and the value of each: as lines, or as a member `parts`. */
void explain_put_parts(struct buf *out, const struct explain_view *view);
void explain_put_parts_json(struct buf *out, const struct explain_view *view);
/* What the KPI's numbers mean: changes with its formula and with the definition of a measure in it. */
uint64_t explain_definition(const struct model *model, const struct kpi *kpi);

#endif
