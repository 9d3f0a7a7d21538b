#include "pipeline/evaluate/formula.h"

#include "base/check.h"
#include "pipeline/evaluate/operand.h"

struct machine {
	struct place place;
	uint32_t depth;
	struct operand stack[MODEL_STACK_MAX];
};

/* The reasons stand in the order of their precedence. */
static enum figure_reason first_reason(enum figure_reason a, enum figure_reason b)
{
	if (a == FIGURE_VALUE || b == FIGURE_VALUE)
		return a == FIGURE_VALUE ? b : a;
	return a < b ? a : b;
}

static struct operand undefined(enum figure_reason reason)
{
	return (struct operand){.reason = reason};
}

static void push(struct machine *machine, const struct operand *operand)
{
	CHECK(machine->depth < MODEL_STACK_MAX);
	machine->stack[machine->depth++] = *operand;
}

static const struct operand *pop(struct machine *machine)
{
	CHECK(machine->depth > 0);
	return &machine->stack[--machine->depth];
}

static bool apply(enum formula_code code, const struct number *a, const struct number *b, struct number *ret_result)
{
	switch (code) {
	case FORMULA_ADD:
		return number_add(a, b, ret_result);
	case FORMULA_SUBTRACT:
		return number_subtract(a, b, ret_result);
	default:
		return number_multiply(a, b, ret_result);
	}
}

static struct operand combine(enum formula_code code, const struct operand *a, const struct operand *b)
{
	struct operand result = {.is_count = a->is_count && b->is_count,
		.is_literal = a->is_literal && b->is_literal,
		.reason = first_reason(a->reason, b->reason)};
	if (result.reason != FIGURE_VALUE)
		return result;
	if (!apply(code, &a->number, &b->number, &result.number))
		result.reason = FIGURE_OVERFLOW;
	if (!result.is_count && __builtin_add_overflow(operand_sample(a), operand_sample(b), &result.n))
		result.n = INT64_MAX;
	return result;
}

static struct operand condition(bool holds)
{
	return (struct operand){.number = number_plain(holds, 0)};
}

static bool holds(const struct operand *condition)
{
	return condition->reason == FIGURE_VALUE && condition->number.top;
}

static bool fails(const struct operand *condition)
{
	return condition->reason == FIGURE_VALUE && !condition->number.top;
}

/* A side that decides does so whether or not the other one is defined. */
static struct operand connect(enum formula_code code, const struct operand *a, const struct operand *b)
{
	bool both = code == FORMULA_AND;
	if (both ? fails(a) || fails(b) : holds(a) || holds(b))
		return condition(!both);
	enum figure_reason reason = first_reason(a->reason, b->reason);
	return reason == FIGURE_VALUE ? condition(both) : undefined(reason);
}

static bool sign_fits(enum formula_code code, int sign)
{
	switch (code) {
	case FORMULA_LESS:
	case FORMULA_MINIMUM:
		return sign < 0;
	case FORMULA_LESS_EQUAL:
		return sign <= 0;
	case FORMULA_GREATER:
	case FORMULA_MAXIMUM:
		return sign > 0;
	case FORMULA_GREATER_EQUAL:
		return sign >= 0;
	case FORMULA_EQUAL:
		return sign == 0;
	default:
		return sign != 0;
	}
}

/* A condition; of MINIMUM and MAXIMUM one of the two, where they are alike the first. */
static struct operand compare(enum formula_code code, const struct operand *a, const struct operand *b)
{
	int sign;
	enum figure_reason reason = first_reason(a->reason, b->reason);
	if (reason != FIGURE_VALUE)
		return undefined(reason);
	if (!number_compare(&a->number, &b->number, &sign))
		return undefined(FIGURE_OVERFLOW);
	if (code == FORMULA_MINIMUM || code == FORMULA_MAXIMUM)
		return sign == 0 || sign_fits(code, sign) ? *a : *b;
	return condition(sign_fits(code, sign));
}

/* What does not fit is no reason to look further. */
static struct operand first_defined(const struct operand *a, const struct operand *b)
{
	bool other = a->reason != FIGURE_VALUE && a->reason != FIGURE_OVERFLOW && b->reason == FIGURE_VALUE;
	return other ? *b : *a;
}

static struct operand choose(const struct operand *condition, const struct operand *yes, const struct operand *no)
{
	if (condition->reason != FIGURE_VALUE)
		return undefined(condition->reason);
	return holds(condition) ? *yes : *no;
}

/* The two sides of a division, whose sample is *ret_n; what stands against dividing them. */
static enum figure_reason take_sides(struct machine *machine, const struct formula_step *step, struct operand *ret_left,
	struct operand *ret_right, int64_t *ret_n)
{
	bool growth = step->code == FORMULA_GROWTH;
	if (step->code == FORMULA_MEAN) {
		operand_of_step(&machine->place, step, ret_left, ret_right);
		*ret_n = operand_sample(ret_right);
	} else {
		*ret_right = *pop(machine);
		*ret_left = *pop(machine);
		const struct operand *sampled = growth || ret_right->is_literal ? ret_left : ret_right;
		*ret_n = sampled->reason == FIGURE_VALUE ? operand_sample(sampled) : 0;
	}
	if (growth)
		*ret_left = combine(FORMULA_SUBTRACT, ret_left, ret_right);
	enum figure_reason reason = first_reason(ret_left->reason, ret_right->reason);
	if (reason != FIGURE_VALUE)
		return reason;
	if (growth)
		return ret_right->number.top > 0 ? FIGURE_VALUE : FIGURE_BASE;
	return ret_right->number.top != 0 ? FIGURE_VALUE : FIGURE_ZERO_DENOMINATOR;
}

static struct operand quotient(struct machine *machine, const struct formula_step *step)
{
	struct operand left, right, quotient = {0};
	quotient.reason = take_sides(machine, step, &left, &right, &quotient.n);
	if (quotient.reason == FIGURE_VALUE && !number_divide(&left.number, &right.number, &quotient.number))
		quotient.reason = FIGURE_OVERFLOW;
	return quotient;
}

static void push_operand(struct machine *machine, const struct formula_step *step)
{
	struct operand unused;
	CHECK(machine->depth < MODEL_STACK_MAX);
	struct operand *operand = &machine->stack[machine->depth++];
	if (!operand_of_step(&machine->place, step, operand, &unused))
		*operand = undefined(FIGURE_ZERO_DENOMINATOR);
}

static struct operand of_two(enum formula_code code, const struct operand *left, const struct operand *right)
{
	switch (code) {
	case FORMULA_ADD:
	case FORMULA_SUBTRACT:
	case FORMULA_MULTIPLY:
		return combine(code, left, right);
	case FORMULA_COALESCE:
		return first_defined(left, right);
	case FORMULA_AND:
	case FORMULA_OR:
		return connect(code, left, right);
	default:
		return compare(code, left, right);
	}
}

static void run_operation(struct machine *machine, enum formula_code code)
{
	struct operand result;
	if (code == FORMULA_NOT) {
		const struct operand *of = pop(machine);
		result = of->reason == FIGURE_VALUE ? condition(fails(of)) : *of;
	} else {
		const struct operand *last = pop(machine), *left = pop(machine);
		result = code == FORMULA_IF ? choose(pop(machine), left, last) : of_two(code, left, last);
	}
	push(machine, &result);
}

static void run_step(struct machine *machine, const struct formula_step *step)
{
	if (formula_divides(step->code)) {
		struct operand result = quotient(machine, step);
		push(machine, &result);
	} else if (formula_arity(step->code) == 0) {
		push_operand(machine, step);
	} else {
		run_operation(machine, step->code);
	}
}

void formula_run(const struct evaluation *evaluation, const struct merged_key *key, uint8_t window,
	const struct formula *formula, struct outcome *ret_outcome)
{
	CHECK(formula->count > 0);
	struct machine machine;
	machine.place = (struct place){evaluation, key, window};
	machine.depth = 0;
	const struct formula_step *last = &formula->steps[formula->count - 1];
	for (const struct formula_step *step = formula->steps; step < last; step++)
		run_step(&machine, step);
	ret_outcome->quotient = formula_divides(last->code);
	if (ret_outcome->quotient) {
		ret_outcome->reason =
			take_sides(&machine, last, &ret_outcome->left, &ret_outcome->right, &ret_outcome->n);
	} else {
		run_step(&machine, last);
		ret_outcome->result = *pop(&machine);
		ret_outcome->reason = ret_outcome->result.reason;
		ret_outcome->n = operand_sample(&ret_outcome->result);
	}
	CHECK(machine.depth == 0);
}

bool formula_step_measures(const struct formula_step *step)
{
	switch ((enum formula_code)step->code) {
	case FORMULA_MEASURE:
	case FORMULA_PREVIOUS:
	case FORMULA_COUNT:
	case FORMULA_LOWEST:
	case FORMULA_HIGHEST:
	case FORMULA_MEAN:
	case FORMULA_QUANTILE:
	case FORMULA_AGE:
	case FORMULA_OPENING:
		return true;
	default:
		return false;
	}
}

/* The measure's bitmap is as long as there are types, the status is 0 beyond. */
static bool has_seen(const struct evaluation *evaluation, const struct measure *measure)
{
	const uint64_t *seen = evaluation->status.seen_types;
	for (size_t word = 0; word < SCHEMA_TYPES_MAX / 64; word++)
		if (seen[word] && (measure->seen_types[word] & seen[word]))
			return true;
	return false;
}

bool formula_has_data(const struct evaluation *evaluation, const struct formula *formula)
{
	for (uint16_t i = 0; i < formula->count; i++)
		if (formula_step_measures(&formula->steps[i]) &&
			!has_seen(evaluation, &evaluation->model->measures[formula->steps[i].measure]))
			return false;
	return true;
}

bool formula_is_exact(const struct formula *formula)
{
	for (uint16_t i = 0; i < formula->count; i++)
		if (formula->steps[i].code == FORMULA_QUANTILE)
			return false;
	return true;
}
