#include "pipeline/evaluate/formula.h"

#include "base/check.h"
#include "pipeline/evaluate/operand.h"

struct machine {
	struct place place;
	enum figure_reason reason;
	uint32_t depth;
	struct operand stack[MODEL_STACK_MAX];
};

/* The reasons stand in the order of their precedence. */
static void raise(struct machine *machine, enum figure_reason reason)
{
	if (machine->reason == FIGURE_VALUE || reason < machine->reason)
		machine->reason = reason;
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
	case FORMULA_MULTIPLY:
		return number_multiply(a, b, ret_result);
	default:
		return number_divide(a, b, ret_result);
	}
}

static struct operand combine(
	struct machine *machine, enum formula_code code, const struct operand *a, const struct operand *b)
{
	struct operand result = {.is_count = a->is_count && b->is_count, .is_literal = a->is_literal && b->is_literal};
	if (!a->defined || !b->defined)
		return result;
	result.defined = apply(code, &a->number, &b->number, &result.number);
	if (!result.defined)
		raise(machine, FIGURE_OVERFLOW);
	if (!result.is_count && __builtin_add_overflow(operand_sample(a), operand_sample(b), &result.n))
		result.n = INT64_MAX;
	return result;
}

static void combine_top(struct machine *machine, enum formula_code code)
{
	const struct operand *right = pop(machine);
	const struct operand *left = pop(machine);
	struct operand result = combine(machine, code, left, right);
	push(machine, &result);
}

/* The two sides of a division, whose sample is *ret_n; raises what stands against dividing them. */
static bool take_sides(struct machine *machine, const struct formula_step *step, struct operand *ret_left,
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
		*ret_n = sampled->defined ? operand_sample(sampled) : 0;
	}
	if (growth)
		*ret_left = combine(machine, FORMULA_SUBTRACT, ret_left, ret_right);
	if (!ret_left->defined || !ret_right->defined)
		return false;
	if (growth ? ret_right->number.top > 0 : ret_right->number.top != 0)
		return true;
	raise(machine, growth ? FIGURE_BASE : FIGURE_ZERO_DENOMINATOR);
	return false;
}

static bool divides(const struct formula_step *step)
{
	return step->code == FORMULA_DIVIDE || step->code == FORMULA_GROWTH || step->code == FORMULA_MEAN;
}

static void push_quotient(struct machine *machine, const struct formula_step *step)
{
	struct operand left, right, quotient = {0};
	if (take_sides(machine, step, &left, &right, &quotient.n)) {
		quotient.defined = number_divide(&left.number, &right.number, &quotient.number);
		if (!quotient.defined)
			raise(machine, FIGURE_OVERFLOW);
	}
	push(machine, &quotient);
}

static void push_operand(struct machine *machine, const struct formula_step *step)
{
	struct operand unused;
	CHECK(machine->depth < MODEL_STACK_MAX);
	struct operand *operand = &machine->stack[machine->depth++];
	if (operand_of_step(&machine->place, step, operand, &unused))
		return;
	*operand = (struct operand){0};
	raise(machine, FIGURE_ZERO_DENOMINATOR);
}

static void run_step(struct machine *machine, const struct formula_step *step)
{
	switch ((enum formula_code)step->code) {
	case FORMULA_ADD:
	case FORMULA_SUBTRACT:
	case FORMULA_MULTIPLY:
		combine_top(machine, step->code);
		break;
	case FORMULA_DIVIDE:
	case FORMULA_GROWTH:
	case FORMULA_MEAN:
		push_quotient(machine, step);
		break;
	default:
		push_operand(machine, step);
	}
}

void formula_run(const struct evaluation *evaluation, const struct merged_key *key, uint8_t window,
	const struct formula *formula, struct outcome *ret_outcome)
{
	CHECK(formula->count > 0);
	struct machine machine;
	machine.place = (struct place){evaluation, key, window};
	machine.reason = FIGURE_VALUE;
	machine.depth = 0;
	const struct formula_step *last = &formula->steps[formula->count - 1];
	for (const struct formula_step *step = formula->steps; step < last; step++)
		run_step(&machine, step);
	ret_outcome->quotient = divides(last);
	if (ret_outcome->quotient) {
		take_sides(&machine, last, &ret_outcome->left, &ret_outcome->right, &ret_outcome->n);
	} else {
		run_step(&machine, last);
		ret_outcome->result = *pop(&machine);
		ret_outcome->n = operand_sample(&ret_outcome->result);
	}
	ret_outcome->reason = machine.reason;
	CHECK(machine.depth == 0);
}

bool formula_step_measures(const struct formula_step *step)
{
	switch ((enum formula_code)step->code) {
	case FORMULA_MEASURE:
	case FORMULA_PREVIOUS:
	case FORMULA_COUNT:
	case FORMULA_MEAN:
	case FORMULA_QUANTILE:
	case FORMULA_AGE:
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
