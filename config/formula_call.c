/* The functions of formulas. */
#include "base/check.h"
#include "base/text.h"
#include "config/formula.h"
#include "config/grammar.h"

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
	unsigned kinds; /* of measures that it takes: bit k, enum measure_kind */
	const char *kind_name;
	enum quantity quantity; /* of a last value the field's, and touches for each end are a ratio */
};

enum {
	SUM = 1u << MEASURE_SUM,
	ELAPSED = 1u << MEASURE_ELAPSED,
	LEVEL = 1u << MEASURE_LEVEL,
	TOUCHES = 1u << MEASURE_TOUCHES,
	LAST = 1u << MEASURE_LAST
};

static const struct function functions[] = {{"level", FORMULA_MEASURE, 0, LEVEL, "a level", QUANTITY_COUNT},
	{"age", FORMULA_AGE, 0, LEVEL, "a level", QUANTITY_SECONDS},
	{"opening", FORMULA_OPENING, 0, LEVEL, "a level", QUANTITY_COUNT},
	{"count", FORMULA_COUNT, 0, SUM | TOUCHES | LAST, "a sum, touches or a last value", QUANTITY_COUNT},
	{"last", FORMULA_MEASURE, 0, LAST, "a last value", QUANTITY_UNKNOWN},
	{"lowest", FORMULA_LOWEST, 0, LAST, "a last value", QUANTITY_UNKNOWN},
	{"highest", FORMULA_HIGHEST, 0, LAST, "a last value", QUANTITY_UNKNOWN},
	{"mean", FORMULA_MEAN, 0, ELAPSED | TOUCHES | LAST, "an elapsed measure, touches or a last value",
		QUANTITY_SECONDS},
	{"median", FORMULA_QUANTILE, 50, ELAPSED, "an elapsed measure", QUANTITY_SECONDS},
	{"p90", FORMULA_QUANTILE, 90, ELAPSED, "an elapsed measure", QUANTITY_SECONDS},
	{"p95", FORMULA_QUANTILE, 95, ELAPSED, "an elapsed measure", QUANTITY_SECONDS},
	{"p99", FORMULA_QUANTILE, 99, ELAPSED, "an elapsed measure", QUANTITY_SECONDS}};
enum { FUNCTIONS = sizeof functions / sizeof *functions };

/* Whether the function takes the measure. */
static bool takes(struct formula_build *build, const struct expression *argument, const struct function *function,
	const struct measure *measure)
{
	if (!(function->kinds >> measure->kind & 1))
		formula_problem(build, argument, "'%s' is not %s: '%s' does not take it", measure->name,
			function->kind_name, function->name);
	else if (function->code == FORMULA_QUANTILE && !measure->has_histogram)
		formula_problem(
			build, argument, "'%s' needs 'histogram: true' for '%s'", measure->name, function->name);
	return !build->failed;
}

static bool is_extreme(const struct function *function)
{
	return function->code == FORMULA_LOWEST || function->code == FORMULA_HIGHEST;
}

static bool is_of_products(const struct model_loading *loading, const struct measure *measure)
{
	struct type_set types = trigger_list_types(loading, &measure->on);
	for (uint16_t i = 0; i < loading->schema->type_count; i++)
		if (type_set_has(&types, i) && !model_is_of_products(loading->schema, i))
			return false;
	return true;
}

/* The lowest of several subjects is not the sum of theirs: it is known for keys with one subject, which are products. */
static void use_extreme(struct formula_build *build, const struct expression *argument, const struct function *function,
	struct measure *measure)
{
	const struct model *model = build->loading->model;
	uint8_t by = build->dimensions & (uint8_t) ~(1u << DIMENSION_COMPANY);
	bool good = by != 0 && is_of_products(build->loading, measure);
	for (uint8_t d = 0; d < model->dimension_count; d++)
		if (by >> d & 1)
			good &= model->dimensions[d].field == build->loading->schema->product_field;
	if (!good)
		formula_problem(build, argument,
			"'%s' is known of one product at a time: it needs events of a topic that is keyed by product, "
			"and 'by' with the dimension of the product alone",
			function->name);
	measure->keeps_lowest |= function->code == FORMULA_LOWEST;
	measure->keeps_highest |= function->code == FORMULA_HIGHEST;
	measure->extreme_dimensions |= by;
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
	if (index < 0 || !takes(build, argument, function, &build->loading->model->measures[index]))
		return QUANTITY_UNKNOWN;
	struct measure *measure = &build->loading->model->measures[index];
	if (is_extreme(function))
		use_extreme(build, argument, function, measure);
	struct formula_step step = {.code = (uint8_t)function->code, .number = function->number};
	enum quantity of_field = formula_use_measure(build, argument, (uint16_t)index, step);
	if (function->quantity == QUANTITY_COUNT)
		return QUANTITY_COUNT;
	if (measure->kind == MEASURE_TOUCHES)
		return QUANTITY_RATIO;
	return measure->kind == MEASURE_LAST ? of_field : function->quantity;
}

static void unknown_function(struct formula_build *build, const struct expression *expression)
{
	size_t count;
	const struct grammar_function *known = grammar_functions(&count);
	const char *names[GRAMMAR_FUNCTIONS_MAX];
	CHECK(count <= GRAMMAR_FUNCTIONS_MAX);
	for (size_t i = 0; i < count; i++)
		names[i] = known[i].name;
	formula_problem(build, expression, "unknown function '%.*s'%s", STR_ARG(expression->name),
		did_you_mean(build->loading->problems, expression->name, names, count));
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
