/* Totals to figures: formulas in exact arithmetic, docs/figures.md. */
#ifndef PIPELINE_EVALUATE_EVALUATE_H
#define PIPELINE_EVALUATE_EVALUATE_H

#include "config/roster.h"
#include "pipeline/evaluate/figure.h"
#include "pipeline/merge/merge.h"
#include "pipeline/window.h"

/* What all figures of one end share. Everything is borrowed. `merge` has the keys that figures look at beside their own: the company's
 * must be there where a formula has company(). */
struct evaluation {
	const struct model *model;
	const struct roster *roster;
	const struct window_spans *spans;
	const struct merge *merge;
	struct merge_status status;
};

void evaluate_figure(const struct evaluation *evaluation, const struct merged_key *key, uint16_t kpi, uint8_t window,
	struct figure *ret_figure);

/* Lower Wilson bound (z = 1.96) of k out of n for higher-is-better, minus the upper bound for lower-is-better; for other KPIs the value,
 * negated when lower is better: a board's score, so that the highest is the best. False where the figure has no value. */
bool evaluate_score(const struct model *model, const struct figure *figure, double *ret_score);

#endif
