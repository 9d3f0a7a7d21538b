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
		[QUANTITY_SECONDS] = "seconds"};
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

enum quantity formula_combine(
	struct formula_build *build, const struct expression *expression, enum quantity left, enum quantity right)
{
	if (left == QUANTITY_UNKNOWN || right == QUANTITY_UNKNOWN)
		return QUANTITY_UNKNOWN;
	char operation = expression->operation;
	enum quantity result = operation == '*' ? multiply(left, right)
		: operation == '/'              ? divide(left, right)
						: add(left, right);
	if (result == QUANTITY_UNKNOWN)
		formula_problem(build, expression, "%s of unlike units: %s and %s",
			operation == '*'           ? "multiplication"
				: operation == '/' ? "division"
				: operation == '+' ? "addition"
						   : "subtraction",
			quantity_name(left), quantity_name(right));
	return result;
}
