/* Functions that choose between values: min, max, coalesce, if; and those that look at the window: months, days, per_month, per_day. */
#include "config/formula.h"

#include <limits.h>

#define MONTH_MS INT64_C(2629800000) /* 30.4375 days */

static bool is_zero(const struct expression *expression)
{
	return expression->kind == EXPRESSION_NUMBER && expression->number == 0;
}

/* What the call gives when it gives either; 0 is like everything. */
static enum quantity either(struct formula_build *build, const struct expression *call,
	const struct expression *argument, enum quantity one, enum quantity other)
{
	enum quantity result = quantity_either(one, other);
	if (result == QUANTITY_UNKNOWN && one != QUANTITY_UNKNOWN && other != QUANTITY_UNKNOWN)
		formula_problem(build, argument, "'%.*s' of unlike units: %s and %s", STR_ARG(call->name),
			quantity_name(one), quantity_name(other));
	return result;
}

static enum quantity compile_pairwise(
	struct formula_build *build, const struct expression *call, enum formula_code code)
{
	if (!formula_arguments(build, call, 2, INT_MAX))
		return QUANTITY_UNKNOWN;
	const struct expression *argument = call->left;
	bool zero = is_zero(argument);
	enum quantity quantity = formula_compile_value(build, argument);
	while ((argument = argument->next)) {
		enum quantity other = formula_compile_value(build, argument);
		formula_emit(build, argument, (struct formula_step){.code = (uint8_t)code});
		if (zero)
			quantity = other;
		else if (!is_zero(argument))
			quantity = either(build, call, argument, quantity, other);
		zero = zero && is_zero(argument);
	}
	return quantity;
}

static enum quantity compile_if(struct formula_build *build, const struct expression *call)
{
	if (!formula_arguments(build, call, 3, 3))
		return QUANTITY_UNKNOWN;
	const struct expression *yes = call->left->next, *no = yes->next;
	enum quantity condition = formula_compile(build, call->left);
	enum quantity one = formula_compile_value(build, yes);
	enum quantity other = formula_compile_value(build, no);
	formula_emit(build, call, (struct formula_step){.code = FORMULA_IF});
	if (condition != QUANTITY_CONDITION && condition != QUANTITY_UNKNOWN) {
		formula_problem(
			build, call->left, "'if' needs a condition such as x < y, not %s", quantity_name(condition));
		return QUANTITY_UNKNOWN;
	}
	if (is_zero(yes) || is_zero(no))
		return is_zero(yes) ? other : one;
	return either(build, call, no, one, other);
}

bool formula_compile_choice(struct formula_build *build, const struct expression *call, enum quantity *ret_quantity)
{
	if (str_equal(call->name, STR("if")))
		*ret_quantity = compile_if(build, call);
	else if (str_equal(call->name, STR("min")))
		*ret_quantity = compile_pairwise(build, call, FORMULA_MINIMUM);
	else if (str_equal(call->name, STR("max")))
		*ret_quantity = compile_pairwise(build, call, FORMULA_MAXIMUM);
	else if (str_equal(call->name, STR("coalesce")))
		*ret_quantity = compile_pairwise(build, call, FORMULA_COALESCE);
	else
		return false;
	return true;
}

static void emit_length(struct formula_build *build, const struct expression *call, int64_t ms)
{
	formula_emit(
		build, call, (struct formula_step){.code = FORMULA_LENGTH, .previous = build->previous, .number = ms});
}

static enum quantity compile_length(struct formula_build *build, const struct expression *call, int64_t ms)
{
	if (!formula_arguments(build, call, 0, 0))
		return QUANTITY_UNKNOWN;
	emit_length(build, call, ms);
	return QUANTITY_NUMBER;
}

/* Of a count so many a day, which is a ratio; anything else stays what it is. */
static enum quantity compile_per(struct formula_build *build, const struct expression *call, int64_t ms)
{
	if (!formula_arguments(build, call, 1, 1))
		return QUANTITY_UNKNOWN;
	enum quantity quantity = formula_compile_value(build, call->left);
	emit_length(build, call, ms);
	formula_emit(build, call, (struct formula_step){.code = FORMULA_DIVIDE});
	return quantity == QUANTITY_COUNT ? QUANTITY_RATIO : quantity;
}

bool formula_compile_length(struct formula_build *build, const struct expression *call, enum quantity *ret_quantity)
{
	if (str_equal(call->name, STR("months")))
		*ret_quantity = compile_length(build, call, MONTH_MS);
	else if (str_equal(call->name, STR("days")))
		*ret_quantity = compile_length(build, call, DAY_MS);
	else if (str_equal(call->name, STR("per_month")))
		*ret_quantity = compile_per(build, call, MONTH_MS);
	else if (str_equal(call->name, STR("per_day")))
		*ret_quantity = compile_per(build, call, DAY_MS);
	else
		return false;
	return true;
}
