/* A tree to postfix steps. Other KPIs are put in where they are named; a chain of them that bites its tail is an error. */
#include "config/formula.h"

#include <stdarg.h>
#include <stdio.h>

enum { DEPTH_MAX = 300 };

/* The first problem of a formula is told. */
void formula_problem(struct formula_build *build, const struct expression *expression, const char *format, ...)
{
	if (build->failed)
		return;
	build->failed = true;
	char text[500];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	problem_at(build->loading->problems, node_mark_within(expression->node, expression->at), "%s", text);
}

void formula_emit(struct formula_build *build, const struct expression *expression, struct formula_step step)
{
	if (build->failed)
		return;
	build->stack += 1 - formula_arity(step.code);
	if (build->count == FORMULA_STEPS_MAX || build->stack > MODEL_STACK_MAX)
		formula_problem(build, expression, "the formula is too long");
	else
		build->steps[build->count++] = step;
}

static void unknown_measure(struct formula_build *build, const struct expression *expression)
{
	const struct model_loading *loading = build->loading;
	const struct model *model = loading->model;
	const char *hint =
		did_you_mean(loading->problems, expression->name, loading->measure_names, model->measure_count);
	if (!*hint)
		hint = did_you_mean(loading->problems, expression->name, loading->kpi_names, model->kpi_count);
	if (!*hint)
		hint = did_you_mean(
			loading->problems, expression->name, loading->constant_names, loading->constant_count);
	formula_problem(build, expression, "unknown measure '%.*s'%s", STR_ARG(expression->name), hint);
}

int32_t formula_measure(struct formula_build *build, const struct expression *expression)
{
	const struct model_loading *loading = build->loading;
	int32_t index = name_find(loading->measure_names, loading->model->measure_count, expression->name);
	if (index < 0)
		unknown_measure(build, expression);
	else if (loading->measures[index].broken)
		build->failed = true;
	return build->failed ? -1 : index;
}

/* A customer that was seen again has left the interval before: its distinct count is not known there any more. Likewise who has left a
 * stock since. */
static bool refuse_previous(struct formula_build *build, const struct expression *expression, const char *kind)
{
	const struct model *model = build->loading->model;
	for (uint8_t i = 0; i < model->window_count; i++)
		if ((build->windows >> i & 1) && model->windows[i].kind == WINDOW_ROLLING) {
			formula_problem(build, expression,
				"the %s measure '%.*s' has no prev in the rolling window '%s': give the KPI "
				"'windows' without it",
				kind, STR_ARG(expression->name), model->windows[i].name);
			return true;
		}
	return false;
}

/* Of the keys that are looked at. */
static uint8_t dimensions_of(const struct formula_build *build)
{
	return build->company ? 1u << DIMENSION_COMPANY : build->dimensions;
}

/* What is kept by a member's key stays where it is when the member moves. */
static bool refuse_moved_dimension(
	struct formula_build *build, const struct expression *expression, const struct measure *measure)
{
	const struct model_loading *loading = build->loading;
	const struct stock *stock = &loading->model->stocks[measure->stock];
	const struct dimension *dimensions = loading->model->dimensions;
	if (stock->moved_to < 0)
		return false;
	for (uint8_t d = 0; d < loading->model->dimension_count; d++) {
		/* A level moves with its member, but not from one composite key to another. */
		if (!(dimensions_of(build) >> d & 1) || !dimension_holds(dimensions, d, stock->moved_dimension) ||
			(measure->kind == MEASURE_LEVEL && d == stock->moved_dimension))
			continue;
		formula_problem(build, expression,
			"'%.*s' has no figures by %s, in which '%s' moves: give the KPI 'by' without it",
			STR_ARG(expression->name), dimensions[d].name, stock->name);
		return true;
	}
	return false;
}

enum quantity formula_use_measure(
	struct formula_build *build, const struct expression *expression, uint16_t measure, struct formula_step step)
{
	struct model *model = build->loading->model;
	struct measure *used = &model->measures[measure];
	if (build->previous && used->kind == MEASURE_DISTINCT && refuse_previous(build, expression, "distinct"))
		return QUANTITY_UNKNOWN;
	if (build->previous && used->kind == MEASURE_STAYED && refuse_previous(build, expression, "stayed"))
		return QUANTITY_UNKNOWN;
	if (used->stock >= 0 && refuse_moved_dimension(build, expression, used))
		return QUANTITY_UNKNOWN;
	used->views |= (uint64_t)build->windows << (build->previous ? model->window_count : 0);
	used->dimensions |= dimensions_of(build);
	used->has_opening |= step.code == FORMULA_OPENING;
	build->loading->measures[measure].used = true;
	step.previous = build->previous;
	step.company = build->company;
	step.measure = measure;
	if (step.code == FORMULA_MEASURE && build->previous)
		step.code = FORMULA_PREVIOUS;
	formula_emit(build, expression, step);
	if (used->kind != MEASURE_SUM && used->kind != MEASURE_LAST)
		return QUANTITY_COUNT;
	return build->loading->schema->fields[used->field].money ? QUANTITY_MONEY : QUANTITY_PLAIN;
}

static void report_cycle(struct formula_build *build, const struct expression *expression, int from)
{
	char chain[400];
	size_t length = 0;
	for (int i = from; i < build->chain_length && length < sizeof chain; i++)
		length += (size_t)snprintf(
			chain + length, sizeof chain - length, "%s -> ", build->loading->kpi_names[build->chain[i]]);
	formula_problem(build, expression, "cyclic formula: %s%.*s", chain, STR_ARG(expression->name));
}

static enum quantity compile_kpi(struct formula_build *build, const struct expression *expression, uint16_t kpi)
{
	for (int i = 0; i < build->chain_length; i++)
		if (build->chain[i] == kpi) {
			report_cycle(build, expression, i);
			return QUANTITY_UNKNOWN;
		}
	if (build->chain_length == EXPRESSION_NESTING_MAX) {
		formula_problem(
			build, expression, "KPIs are named through more than %d others", EXPRESSION_NESTING_MAX);
		return QUANTITY_UNKNOWN;
	}
	if (!build->loading->formulas[kpi]) {
		build->failed = true;
		return QUANTITY_UNKNOWN;
	}
	if (build->loading->model->kpis[kpi].roll_up) {
		formula_problem(build, expression, "'%.*s' has 'roll_up': it cannot stand in another formula",
			STR_ARG(expression->name));
		return QUANTITY_UNKNOWN;
	}
	build->chain[build->chain_length++] = kpi;
	enum quantity quantity = formula_compile(build, build->loading->formulas[kpi]);
	build->chain_length--;
	return quantity;
}

static enum quantity compile_constant(
	struct formula_build *build, const struct expression *expression, struct constant *constant)
{
	constant->used = true;
	if (constant->broken)
		build->failed = true;
	formula_emit(build, expression, (struct formula_step){.code = FORMULA_NUMBER, .number = constant->value});
	return build->failed ? QUANTITY_UNKNOWN : QUANTITY_NUMBER;
}

static enum quantity compile_name(struct formula_build *build, const struct expression *expression)
{
	const struct model_loading *loading = build->loading;
	struct model *model = loading->model;
	if (name_find(loading->measure_names, model->measure_count, expression->name) < 0) {
		int32_t kpi = name_find(loading->kpi_names, model->kpi_count, expression->name);
		if (kpi >= 0)
			return compile_kpi(build, expression, (uint16_t)kpi);
		int32_t constant = name_find(loading->constant_names, loading->constant_count, expression->name);
		if (constant >= 0)
			return compile_constant(build, expression, &loading->constants[constant]);
	}
	int32_t index = formula_measure(build, expression);
	if (index < 0)
		return QUANTITY_UNKNOWN;
	if (model->measures[index].kind == MEASURE_LEVEL) {
		formula_problem(build, expression, "'%s' is a level: write level(%s)", model->measures[index].name,
			model->measures[index].name);
		return QUANTITY_UNKNOWN;
	}
	if (model->measures[index].kind == MEASURE_LAST) {
		formula_problem(build, expression, "'%s' has last values: write last(%s)", model->measures[index].name,
			model->measures[index].name);
		return QUANTITY_UNKNOWN;
	}
	return formula_use_measure(build, expression, (uint16_t)index, (struct formula_step){.code = FORMULA_MEASURE});
}

static enum quantity compile_operation(struct formula_build *build, const struct expression *expression)
{
	enum quantity left = formula_compile(build, expression->left);
	enum quantity right = formula_compile(build, expression->right);
	formula_emit(build, expression, (struct formula_step){.code = (uint8_t)expression->code});
	return formula_combine(build, expression, left, right);
}

/* -x is 0 - x. */
static enum quantity compile_negation(struct formula_build *build, const struct expression *expression)
{
	formula_emit(build, expression, (struct formula_step){.code = FORMULA_NUMBER, .number = 0});
	enum quantity quantity = formula_compile_value(build, expression->left);
	formula_emit(build, expression, (struct formula_step){.code = FORMULA_SUBTRACT});
	return quantity;
}

static enum quantity compile_not(struct formula_build *build, const struct expression *expression)
{
	enum quantity quantity = formula_compile(build, expression->left);
	formula_emit(build, expression, (struct formula_step){.code = FORMULA_NOT});
	if (quantity != QUANTITY_CONDITION && quantity != QUANTITY_UNKNOWN)
		formula_problem(build, expression->left, "'not' needs a condition such as x < y, not %s",
			quantity_name(quantity));
	return quantity;
}

static enum quantity compile(struct formula_build *build, const struct expression *expression)
{
	switch (expression->kind) {
	case EXPRESSION_NUMBER:
		formula_emit(
			build, expression, (struct formula_step){.code = FORMULA_NUMBER, .number = expression->number});
		return QUANTITY_NUMBER;
	case EXPRESSION_NAME:
		return compile_name(build, expression);
	case EXPRESSION_CALL:
		return formula_compile_call(build, expression);
	case EXPRESSION_NEGATION:
		return compile_negation(build, expression);
	case EXPRESSION_NOT:
		return compile_not(build, expression);
	default:
		return compile_operation(build, expression);
	}
}

enum quantity formula_compile(struct formula_build *build, const struct expression *expression)
{
	if (build->failed)
		return QUANTITY_UNKNOWN;
	if (++build->depth > DEPTH_MAX)
		formula_problem(build, expression, "the formula is too long");
	enum quantity quantity = build->failed ? QUANTITY_UNKNOWN : compile(build, expression);
	build->depth--;
	return build->failed ? QUANTITY_UNKNOWN : quantity;
}

enum quantity formula_compile_value(struct formula_build *build, const struct expression *expression)
{
	enum quantity quantity = formula_compile(build, expression);
	if (quantity == QUANTITY_CONDITION)
		formula_problem(build, expression, "a condition is no value: it stands in if(...)");
	return build->failed ? QUANTITY_UNKNOWN : quantity;
}
