/* The functions of formulas. */
#include "base/text.h"
#include "config/formula.h"

bool formula_arguments(struct formula_build *build, const struct expression *call, int least, int most)
{
	int count = 0;
	for (const struct expression *argument = call->left; argument; argument = argument->next)
		count++;
	if (count >= least && count <= most)
		return true;
	if (most == 0)
		formula_problem(build, call, "%.*s() has no argument", STR_ARG(call->name));
	else
		formula_problem(build, call, "'%.*s' needs %d argument%s%s, not %d", STR_ARG(call->name), least,
			least == 1 ? "" : "s", least == most ? "" : " or more", count);
	return false;
}

/* prev(x): all of x over the interval before. */
static enum quantity compile_previous(struct formula_build *build, const struct expression *argument)
{
	bool before = build->previous;
	build->previous = true;
	enum quantity quantity = formula_compile(build, argument);
	build->previous = before;
	return quantity;
}

static enum quantity compile_growth(struct formula_build *build, const struct expression *expression)
{
	enum quantity now = formula_compile_value(build, expression->left);
	enum quantity before = compile_previous(build, expression->left);
	formula_emit(build, expression, (struct formula_step){.code = FORMULA_GROWTH});
	return now == QUANTITY_UNKNOWN || before == QUANTITY_UNKNOWN ? QUANTITY_UNKNOWN : QUANTITY_RATIO;
}

static enum quantity compile_comparison(struct formula_build *build, const struct expression *expression, bool growth)
{
	if (!formula_arguments(build, expression, 1, 1))
		return QUANTITY_UNKNOWN;
	if (build->compares) {
		formula_problem(build, expression, "prev and growth cannot stand inside one another");
		return QUANTITY_UNKNOWN;
	}
	build->compares = true;
	enum quantity quantity = growth ? compile_growth(build, expression) : compile_previous(build, expression->left);
	build->compares = false;
	return quantity;
}

/* company(x): all of x as it is of the company, whatever the key. */
static enum quantity compile_company(struct formula_build *build, const struct expression *expression)
{
	if (!formula_arguments(build, expression, 1, 1))
		return QUANTITY_UNKNOWN;
	bool before = build->company;
	build->company = true;
	enum quantity quantity = formula_compile(build, expression->left);
	build->company = before;
	return quantity;
}

static enum quantity compile_roster(struct formula_build *build, const struct expression *expression)
{
	if (!formula_arguments(build, expression, 0, 0))
		return QUANTITY_UNKNOWN;
	formula_emit(build, expression,
		(struct formula_step){.code = FORMULA_ROSTER, .previous = build->previous, .company = build->company});
	return QUANTITY_COUNT;
}

/* Functions of one measure. */
struct function {
	const char *name;
	enum formula_code code;
	int64_t number;
	enum measure_kind kind;
	const char *kind_name;
	enum quantity quantity;
};

static const struct function functions[] = {{"level", FORMULA_MEASURE, 0, MEASURE_LEVEL, "a level", QUANTITY_COUNT},
	{"age", FORMULA_AGE, 0, MEASURE_LEVEL, "a level", QUANTITY_SECONDS},
	{"opening", FORMULA_OPENING, 0, MEASURE_LEVEL, "a level", QUANTITY_COUNT},
	{"count", FORMULA_COUNT, 0, MEASURE_SUM, "a sum or touches", QUANTITY_COUNT},
	{"mean", FORMULA_MEAN, 0, MEASURE_ELAPSED, "an elapsed measure or touches", QUANTITY_SECONDS},
	{"median", FORMULA_QUANTILE, 50, MEASURE_ELAPSED, "an elapsed measure", QUANTITY_SECONDS},
	{"p90", FORMULA_QUANTILE, 90, MEASURE_ELAPSED, "an elapsed measure", QUANTITY_SECONDS},
	{"p95", FORMULA_QUANTILE, 95, MEASURE_ELAPSED, "an elapsed measure", QUANTITY_SECONDS},
	{"p99", FORMULA_QUANTILE, 99, MEASURE_ELAPSED, "an elapsed measure", QUANTITY_SECONDS}};
enum { FUNCTIONS = sizeof functions / sizeof *functions, OTHERS = 12 };

/* QUANTITY_UNKNOWN: the function does not take touches. */
static enum quantity quantity_of_touches(enum formula_code code)
{
	return code == FORMULA_COUNT ? QUANTITY_COUNT : code == FORMULA_MEAN ? QUANTITY_RATIO : QUANTITY_UNKNOWN;
}

static enum quantity compile_function(
	struct formula_build *build, const struct expression *expression, const struct function *function)
{
	const struct expression *argument = expression->left;
	if (!argument || argument->kind != EXPRESSION_NAME || argument->next) {
		formula_problem(build, expression, "'%s' needs the name of a measure", function->name);
		return QUANTITY_UNKNOWN;
	}
	int32_t index = formula_measure(build, argument);
	if (index < 0)
		return QUANTITY_UNKNOWN;
	const struct measure *measure = &build->loading->model->measures[index];
	enum quantity quantity = measure->kind == function->kind ? function->quantity
		: measure->kind == MEASURE_TOUCHES               ? quantity_of_touches(function->code)
								 : QUANTITY_UNKNOWN;
	if (quantity == QUANTITY_UNKNOWN) {
		formula_problem(build, argument, "'%s' is not %s: '%s' does not take it", measure->name,
			function->kind_name, function->name);
		return QUANTITY_UNKNOWN;
	}
	if (function->code == FORMULA_QUANTILE && !measure->has_histogram) {
		formula_problem(
			build, argument, "'%s' needs 'histogram: true' for '%s'", measure->name, function->name);
		return QUANTITY_UNKNOWN;
	}
	struct formula_step step = {.code = (uint8_t)function->code, .number = function->number};
	formula_use_measure(build, argument, (uint16_t)index, step);
	return quantity;
}

static void unknown_function(struct formula_build *build, const struct expression *expression)
{
	const char *names[FUNCTIONS + OTHERS] = {"prev", "growth", "company", "roster", "min", "max", "coalesce", "if",
		"months", "days", "per_month", "per_day"};
	for (int i = 0; i < FUNCTIONS; i++)
		names[OTHERS + i] = functions[i].name;
	formula_problem(build, expression, "unknown function '%.*s'%s", STR_ARG(expression->name),
		did_you_mean(build->loading->problems, expression->name, names, FUNCTIONS + OTHERS));
}

enum quantity formula_compile_call(struct formula_build *build, const struct expression *expression)
{
	if (str_equal(expression->name, STR("prev")))
		return compile_comparison(build, expression, false);
	if (str_equal(expression->name, STR("growth")))
		return compile_comparison(build, expression, true);
	if (str_equal(expression->name, STR("company")))
		return compile_company(build, expression);
	if (str_equal(expression->name, STR("roster")))
		return compile_roster(build, expression);
	for (int i = 0; i < FUNCTIONS; i++)
		if (str_equal(expression->name, str_of(functions[i].name)))
			return compile_function(build, expression, &functions[i]);
	enum quantity quantity = QUANTITY_UNKNOWN;
	if (!formula_compile_choice(build, expression, &quantity) &&
		!formula_compile_length(build, expression, &quantity))
		unknown_function(build, expression);
	return quantity;
}
