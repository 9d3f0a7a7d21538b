/* Which quantities may be added, multiplied and divided, and what comes out. */
#include "config/formula.h"

const char *quantity_name(enum quantity quantity)
{
	static const char *const names[] = {[QUANTITY_UNKNOWN] = "something",
		[QUANTITY_NUMBER] = "a number",
		[QUANTITY_COUNT] = "a count",
		[QUANTITY_RATIO] = "a ratio",
		[QUANTITY_PLAIN] = "a plain sum",
		[QUANTITY_MONEY] = "money",
		[QUANTITY_SECONDS] = "seconds",
		[QUANTITY_CONDITION] = "a condition"};
	return names[quantity];
}

static bool is_dimensioned(enum quantity quantity)
{
	return quantity == QUANTITY_PLAIN || quantity == QUANTITY_MONEY || quantity == QUANTITY_SECONDS;
}

/* A number takes the unit of a count or a ratio: 1 - lost / all. */
static enum quantity add(enum quantity left, enum quantity right)
{
	if (left == right)
		return left;
	if (left == QUANTITY_NUMBER && (right == QUANTITY_COUNT || right == QUANTITY_RATIO || right == QUANTITY_PLAIN))
		return right;
	if (right == QUANTITY_NUMBER && left != QUANTITY_MONEY && left != QUANTITY_SECONDS)
		return left;
	return QUANTITY_UNKNOWN;
}

static enum quantity multiply(enum quantity left, enum quantity right)
{
	if (is_dimensioned(left) && is_dimensioned(right))
		return QUANTITY_UNKNOWN;
	if (is_dimensioned(left) || is_dimensioned(right))
		return is_dimensioned(left) ? left : right;
	if (left == QUANTITY_COUNT || right == QUANTITY_COUNT)
		return QUANTITY_COUNT;
	return left == QUANTITY_RATIO ? left : right;
}

static enum quantity divide(enum quantity left, enum quantity right)
{
	if (left == right)
		return left == QUANTITY_NUMBER ? QUANTITY_NUMBER : QUANTITY_RATIO;
	if (is_dimensioned(right))
		return QUANTITY_UNKNOWN;
	return left == QUANTITY_NUMBER ? QUANTITY_RATIO : left;
}

enum quantity quantity_either(enum quantity one, enum quantity other)
{
	return add(one, other);
}

/* A number may be compared with anything, in the unit in which figures are shown. */
static enum quantity compare(enum quantity left, enum quantity right)
{
	bool like = left == QUANTITY_NUMBER || right == QUANTITY_NUMBER || left == right;
	return like ? QUANTITY_CONDITION : QUANTITY_UNKNOWN;
}

static enum quantity join(enum quantity left, enum quantity right)
{
	return left == QUANTITY_CONDITION && right == QUANTITY_CONDITION ? QUANTITY_CONDITION : QUANTITY_UNKNOWN;
}

struct operation {
	enum quantity (*combine)(enum quantity left, enum quantity right);
	const char *name;
};

static const struct operation *operation_of(enum formula_code code)
{
	static const struct operation sum = {add, "addition"}, difference = {add, "subtraction"},
				      product = {multiply, "multiplication"}, quotient = {divide, "division"},
				      comparison = {compare, "comparison"}, both = {join, "'and'"},
				      one_of = {join, "'or'"};
	switch (code) {
	case FORMULA_ADD:
		return &sum;
	case FORMULA_SUBTRACT:
		return &difference;
	case FORMULA_MULTIPLY:
		return &product;
	case FORMULA_DIVIDE:
		return &quotient;
	case FORMULA_AND:
		return &both;
	case FORMULA_OR:
		return &one_of;
	default:
		return &comparison;
	}
}

enum quantity formula_combine(
	struct formula_build *build, const struct expression *expression, enum quantity left, enum quantity right)
{
	const struct operation *operation = operation_of(expression->code);
	if (left == QUANTITY_UNKNOWN || right == QUANTITY_UNKNOWN)
		return QUANTITY_UNKNOWN;
	bool conditions = left == QUANTITY_CONDITION || right == QUANTITY_CONDITION;
	enum quantity result =
		conditions && operation->combine != join ? QUANTITY_UNKNOWN : operation->combine(left, right);
	if (result == QUANTITY_UNKNOWN && operation->combine == join)
		formula_problem(build, expression, "%s needs conditions such as x < y: here are %s and %s",
			operation->name, quantity_name(left), quantity_name(right));
	else if (result == QUANTITY_UNKNOWN)
		formula_problem(build, expression, "%s of unlike units: %s and %s", operation->name,
			quantity_name(left), quantity_name(right));
	return result;
}
