#include "pipeline/evaluate/evaluate.h"

#include "pipeline/evaluate/formula.h"

static const struct number one = {.top = 1, .bottom = 1};

/* Every interval that the figure uses lies behind the gap, if there was one, and within what the history covers. */
static bool covers(const struct merge_status *status, const struct span *span)
{
	return span->from >= status->since && (status->gap == INT64_MIN || span->from >= status->gap);
}

/* Whether pairs of a cohort that the formula uses may still be made. */
static bool is_maturing(const struct evaluation *evaluation, const struct kpi *kpi, uint8_t window)
{
	const struct model *model = evaluation->model;
	for (uint16_t i = 0; i < kpi->formula.count; i++) {
		const struct formula_step *step = &kpi->formula.steps[i];
		if (!formula_step_measures(step))
			continue;
		const struct measure *measure = &model->measures[step->measure];
		const struct span *span =
			&evaluation->spans->views[window + (step->previous ? model->window_count : 0u)];
		bool ever = measure->within == 0;
		if (measure->dated_at_start && (ever || evaluation->spans->end < span->to + measure->within))
			return true;
	}
	return false;
}

static bool is_complete(const struct evaluation *evaluation, const struct kpi *kpi, uint8_t window)
{
	const struct merge_status *status = &evaluation->status;
	const struct span *now = &evaluation->spans->views[window];
	const struct span *before = &evaluation->spans->views[evaluation->model->window_count + window];
	return covers(status, now) && (!kpi->uses_previous || covers(status, before));
}

static void put_fraction(struct figure *figure, const struct number *quotient)
{
	figure->has_quotient = true;
	figure->numerator = quotient->top;
	figure->denominator = quotient->bottom;
}

/* The sides as they are where both are decimals; else the whole as one reduced fraction of integers, if there is one. */
static void put_sides(struct figure *figure, const struct number *left, const struct number *right)
{
	struct number quotient;
	if (!left->fraction && !right->fraction) {
		put_fraction(figure, &(struct number){.top = left->top, .bottom = right->top});
		figure->numerator_decimals = left->decimals;
		figure->denominator_decimals = right->decimals;
	} else if (right->top != 0 && number_divide(left, right, &quotient)) {
		put_fraction(figure, &quotient);
	}
}

static void put_result(struct figure *figure, const struct number *result)
{
	put_fraction(figure, result);
	figure->numerator_decimals = result->decimals;
}

static void put_quotient(struct figure *figure, const struct outcome *outcome)
{
	bool sides = outcome->quotient && !outcome->left.reason && !outcome->right.reason;
	if (sides)
		put_sides(figure, &outcome->left.number, &outcome->right.number);
	else if (!outcome->quotient && !outcome->result.reason)
		put_result(figure, &outcome->result.number);
}

static void put_value(struct figure *figure, const struct outcome *outcome)
{
	const struct number *left = outcome->quotient ? &outcome->left.number : &outcome->result.number;
	const struct number *right = outcome->quotient ? &outcome->right.number : &one;
	figure->reason = outcome->reason;
	if (figure->reason == FIGURE_VALUE && !number_round_quotient(left, right, FIGURE_DECIMALS, &figure->value))
		figure->reason = FIGURE_OVERFLOW;
}

static int64_t sample_of(
	const struct evaluation *evaluation, const struct merged_key *key, uint8_t window, const struct formula *sample)
{
	struct outcome outcome;
	formula_run(evaluation, key, window, sample, &outcome);
	if (outcome.reason != FIGURE_VALUE)
		return 0;
	if (!outcome.quotient)
		return number_floor(&outcome.result.number);
	struct number quotient;
	bool divided = number_divide(&outcome.left.number, &outcome.right.number, &quotient);
	return divided ? number_floor(&quotient) : 0;
}

/* What is made of the outcome; n is its sample. */
static void conclude(struct figure *figure, const struct kpi *kpi, const struct outcome *outcome, int64_t n)
{
	figure->reason = outcome->reason;
	if (figure->reason == FIGURE_NO_DATA)
		return;
	if (formula_is_exact(&kpi->formula))
		put_quotient(figure, outcome);
	put_value(figure, outcome);
	figure->n = n;
	if (figure->reason == FIGURE_VALUE && kpi->minimum_sample > 0 && n < kpi->minimum_sample)
		figure->reason = FIGURE_SAMPLE;
	if (figure->reason != FIGURE_VALUE)
		figure->value = 0;
}

static void evaluate_key(const struct evaluation *evaluation, const struct merged_key *key, const struct kpi *kpi,
	struct figure *figure, struct outcome *ret_outcome)
{
	formula_run(evaluation, key, figure->window, &kpi->formula, ret_outcome);
	int64_t n = kpi->sample.count ? sample_of(evaluation, key, figure->window, &kpi->sample) : ret_outcome->n;
	conclude(figure, kpi, ret_outcome, n);
}

/* Both sides added up over the keys that have a value; how many those are. False where a sum does not fit. */
static bool add_up(const struct evaluation *evaluation, const struct kpi *kpi, const struct figure *figure,
	struct outcome *ret_sum, int64_t *ret_keys)
{
	struct number *left = &ret_sum->left.number, *right = &ret_sum->right.number;
	*ret_sum = (struct outcome){.quotient = true};
	*ret_keys = 0;
	*left = *right = number_plain(0, 0);
	const struct merged_key *key = merge_first(evaluation->merge, kpi->roll_up);
	for (; key; key = merged_key_after(key)) {
		struct figure part = *figure;
		struct outcome sides;
		evaluate_key(evaluation, key, kpi, &part, &sides);
		if (part.reason != FIGURE_VALUE)
			continue;
		++*ret_keys;
		if (!number_add(left, &sides.left.number, left) || !number_add(right, &sides.right.number, right))
			return false;
	}
	return true;
}

static void roll_up(const struct evaluation *evaluation, const struct kpi *kpi, struct figure *figure)
{
	struct outcome sum;
	int64_t keys;
	if (!add_up(evaluation, kpi, figure, &sum, &keys))
		sum.reason = sum.left.reason = FIGURE_OVERFLOW;
	else if (keys == 0)
		sum.reason = sum.left.reason = FIGURE_NO_DATA;
	else if (sum.right.number.top == 0)
		sum.reason = FIGURE_ZERO_DENOMINATOR;
	conclude(figure, kpi, &sum, keys);
}

void evaluate_figure(const struct evaluation *evaluation, const struct merged_key *key, uint16_t kpi_index,
	uint8_t window, struct figure *ret_figure)
{
	const struct kpi *kpi = &evaluation->model->kpis[kpi_index];
	const struct span *span = &evaluation->spans->views[window];
	struct figure figure = {.kpi = kpi_index, .window = window, .from = span->from, .to = span->to};
	struct outcome outcome;
	bool maturing = is_maturing(evaluation, kpi, window);
	figure.complete = is_complete(evaluation, kpi, window) && !maturing;
	if (!formula_has_data(evaluation, &kpi->formula))
		figure.reason = FIGURE_NO_DATA;
	else if (kpi->roll_up && merged_key_dimension(key) != kpi->roll_up)
		roll_up(evaluation, kpi, &figure);
	else
		evaluate_key(evaluation, key, kpi, &figure, &outcome);
	if (maturing && figure.reason == FIGURE_VALUE)
		figure.reason = FIGURE_MATURING;
	*ret_figure = figure;
}
