#include "pipeline/evaluate/operand.h"

#include "base/check.h"
#include "pipeline/histogram.h"

enum { MS_DECIMALS = 3, FIXED_DECIMALS = 4 };

int64_t operand_sample(const struct operand *operand)
{
	return operand->is_count ? number_floor(&operand->number) : operand->n;
}

static struct operand count_of(int64_t count)
{
	return (struct operand){.number = number_plain(count, 0), .is_count = true};
}

static struct operand value_of(i128 value, uint8_t decimals, int64_t n)
{
	return (struct operand){.number = number_plain(value, decimals), .n = n};
}

static int64_t component(const struct place *place, const struct measure *measure, uint32_t index, uint32_t view)
{
	return merged_key_total(place->key, measure->component + index, view);
}

static const struct operand no_data = {.reason = FIGURE_NO_DATA};

static struct operand last_value(
	const struct place *place, const struct measure *measure, uint32_t index, uint32_t view)
{
	int64_t current = component(place, measure, 0, view);
	return current > 0 ? value_of(component(place, measure, index, view), FIXED_DECIMALS, current) : no_data;
}

/* Only a key that stands for one subject has a lowest and a highest: not the company, nor where keys beyond the limit are counted. */
static struct operand extreme(const struct place *place, const struct measure *measure, uint32_t view, bool highest)
{
	if (!(measure->extreme_dimensions >> merged_key_dimension(place->key) & 1) ||
		str_equal(merged_key_name(place->key), STR("__other__")))
		return no_data;
	return last_value(place, measure, measure_extreme(measure, highest), view);
}

static void mean(const struct place *place, const struct measure *measure, uint32_t view, struct operand *ret_left,
	struct operand *ret_right)
{
	uint8_t decimals = measure->kind == MEASURE_LAST ? FIXED_DECIMALS
		: measure->kind == MEASURE_TOUCHES       ? 0
							 : MS_DECIMALS;
	int64_t count = component(place, measure, 0, view);
	*ret_left = *ret_right = no_data;
	if (measure->kind == MEASURE_LAST && count <= 0)
		return;
	*ret_right = count_of(count);
	*ret_left = value_of(component(place, measure, 1, view), decimals, operand_sample(ret_right));
}

static struct operand measure_value(const struct place *place, const struct measure *measure, uint32_t view)
{
	const struct model *model = place->evaluation->model;
	switch (measure->kind) {
	case MEASURE_SUM:
		return value_of(component(place, measure, 0, view), FIXED_DECIMALS, component(place, measure, 1, view));
	case MEASURE_LAST:
		return last_value(place, measure, 1, view);
	case MEASURE_DISTINCT:
		return count_of(component(place, measure, window_part(model, place->window), view));
	case MEASURE_STAYED:
		return count_of(component(place, measure, 0, view) -
			component(place, measure, 1 + window_part(model, place->window), view));
	default:
		return count_of(component(place, measure, 0, view));
	}
}

static struct operand event_count(const struct place *place, const struct measure *measure, uint32_t view)
{
	return count_of(
		component(place, measure, measure->kind == MEASURE_SUM || measure->kind == MEASURE_TOUCHES, view));
}

static struct operand opening(const struct place *place, const struct measure *measure, uint32_t view)
{
	return count_of(component(place, measure, 0, view) - component(place, measure, LEVEL_CHANGE, view));
}

static struct operand age(const struct place *place, const struct measure *measure, uint32_t view)
{
	int64_t members = component(place, measure, 0, view);
	int64_t opened = component(place, measure, 1, view);
	int64_t to = place->evaluation->spans->views[view].to;
	return value_of((i128)members * (to - MODEL_EPOCH) - opened, MS_DECIMALS, members);
}

/* The bucket that holds the pair of that rank, the last one where there are too few. */
static bool bucket_of_rank(const struct place *place, uint32_t first, uint32_t view, int64_t rank, uint32_t *ret_bucket)
{
	size_t position = 0;
	uint32_t cell = 0;
	int64_t total;
	i128 counted = 0;
	bool found = false;
	while (counted < rank &&
		merged_key_next(place->key, first, first + HISTOGRAM_BUCKETS, view, &position, &cell, &total)) {
		counted += total;
		found = true;
	}
	if (found)
		*ret_bucket = cell - first;
	return found;
}

static bool quantile(const struct place *place, const struct measure *measure, uint32_t view, int64_t percent,
	struct operand *ret_value)
{
	int64_t pairs = component(place, measure, 0, view);
	int64_t rank = (int64_t)(((i128)pairs * percent + 99) / 100);
	uint32_t first = place->evaluation->model->component_count + measure->histogram * HISTOGRAM_BUCKETS;
	uint32_t bucket;
	if (pairs <= 0 || !bucket_of_rank(place, first, view, rank > 0 ? rank : 1, &bucket))
		return false;
	*ret_value = value_of(histogram_representative(bucket), MS_DECIMALS, pairs);
	return true;
}

static struct operand roster_count(const struct place *place, uint32_t view)
{
	const struct roster *roster = place->evaluation->roster;
	int64_t last = place->evaluation->spans->views[view].to - 1;
	uint8_t dimension = merged_key_dimension(place->key);
	if (dimension == DIMENSION_REP)
		return count_of(1);
	if (dimension != DIMENSION_TEAM)
		return count_of(roster_count_at(roster, -1, last));
	struct str name = merged_key_name(place->key);
	for (uint32_t team = 0; team < roster->team_count; team++)
		if (str_equal(roster->teams[team].id, name))
			return count_of(roster_count_at(roster, (int32_t)team, last));
	return count_of(0);
}

static struct operand literal(int64_t number)
{
	struct operand operand = value_of(number, FIXED_DECIMALS, 0);
	operand.is_literal = true;
	return operand;
}

/* 0 units of it where the interval is empty. */
static bool length(const struct place *place, int64_t unit, uint32_t view, struct operand *ret_length)
{
	const struct span *span = &place->evaluation->spans->views[view];
	struct number ms = number_plain(span->to - span->from, 0), one = number_plain(unit, 0);
	*ret_length = (struct operand){.is_literal = true};
	return number_divide(&ms, &one, &ret_length->number);
}

static bool operand_at(
	const struct place *place, const struct formula_step *step, struct operand *ret_left, struct operand *ret_right)
{
	const struct model *model = place->evaluation->model;
	const struct measure *measure = &model->measures[step->measure];
	bool previous = step->previous || step->code == FORMULA_PREVIOUS;
	uint32_t view = place->window + (previous ? model->window_count : 0u);
	switch ((enum formula_code)step->code) {
	case FORMULA_NUMBER:
		*ret_left = literal(step->number);
		break;
	case FORMULA_MEASURE:
	case FORMULA_PREVIOUS:
		*ret_left = measure_value(place, measure, view);
		break;
	case FORMULA_COUNT:
		*ret_left = event_count(place, measure, view);
		break;
	case FORMULA_MEAN:
		mean(place, measure, view, ret_left, ret_right);
		break;
	case FORMULA_LOWEST:
	case FORMULA_HIGHEST:
		*ret_left = extreme(place, measure, view, step->code == FORMULA_HIGHEST);
		break;
	case FORMULA_QUANTILE:
		return quantile(place, measure, view, step->number, ret_left);
	case FORMULA_AGE:
		*ret_left = age(place, measure, view);
		break;
	case FORMULA_OPENING:
		*ret_left = opening(place, measure, view);
		break;
	case FORMULA_ROSTER:
		*ret_left = roster_count(place, view);
		break;
	case FORMULA_LENGTH:
		return length(place, step->number, view, ret_left);
	default:
		CHECK(!"an operation is no operand");
	}
	return true;
}

static const struct merged_key *company(const struct evaluation *evaluation)
{
	const struct merged_key *key = merge_first(evaluation->merge, DIMENSION_COMPANY);
	CHECK(key);
	return key;
}

bool operand_of_step(
	const struct place *place, const struct formula_step *step, struct operand *ret_left, struct operand *ret_right)
{
	if (step->company) {
		const struct place far = {place->evaluation, company(place->evaluation), place->window};
		return operand_at(&far, step, ret_left, ret_right);
	}
	return operand_at(place, step, ret_left, ret_right);
}
