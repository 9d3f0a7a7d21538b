/* `kpis` of kpis.yaml: all formulas are parsed first, since one may name another KPI. */
#include "config/formula.h"
#include "config/grammar.h"

#define SAMPLE_MAX INT64_C(1000000000000)

static const char *const unit_names[] = {[UNIT_NUMBER] = "count",
	[UNIT_RATE] = "percent",
	[UNIT_RATIO] = "ratio",
	[UNIT_MONEY] = "money",
	[UNIT_SECONDS] = "seconds"};

static bool fits(enum unit unit, enum quantity quantity)
{
	switch (quantity) {
	case QUANTITY_UNKNOWN:
		return true;
	case QUANTITY_NUMBER:
		return unit == UNIT_NUMBER || unit == UNIT_RATIO || unit == UNIT_RATE;
	case QUANTITY_COUNT:
		return unit == UNIT_NUMBER;
	case QUANTITY_RATIO:
		return unit == UNIT_RATE || unit == UNIT_RATIO;
	case QUANTITY_PLAIN:
		return unit == UNIT_NUMBER || unit == UNIT_RATIO;
	case QUANTITY_MONEY:
		return unit == UNIT_MONEY;
	case QUANTITY_SECONDS:
		return unit == UNIT_SECONDS;
	default:
		return false;
	}
}

static struct formula keep(struct arena *arena, const struct formula_build *build)
{
	struct formula formula = {ARENA_ARRAY(arena, struct formula_step, build->count), build->count};
	memcpy(formula.steps, build->steps, build->count * sizeof *build->steps);
	return formula;
}

static bool compares(const struct formula *formula)
{
	for (uint16_t i = 0; i < formula->count; i++)
		if (formula->steps[i].previous || formula->steps[i].code == FORMULA_GROWTH)
			return true;
	return false;
}

static bool compile(struct model_loading *loading, const struct kpi *kpi, uint16_t index,
	const struct expression *expression, struct formula *ret_formula, enum quantity *ret_quantity)
{
	struct formula_build build = {.loading = loading, .windows = kpi->windows, .dimensions = kpi->dimensions};
	build.chain[build.chain_length++] = index;
	*ret_quantity = formula_compile(&build, expression);
	if (build.failed)
		return false;
	*ret_formula = keep(loading->arena, &build);
	return true;
}

/* Counts that only ever add up, over counts that only ever add up: then k of n makes sense. */
static bool is_sum_of_counts(const struct model_loading *loading, const struct formula_step *steps, int from, int to)
{
	for (int i = from; i < to; i++) {
		if (steps[i].code == FORMULA_ADD)
			continue;
		if (steps[i].code != FORMULA_MEASURE || loading->model->measures[steps[i].measure].kind == MEASURE_SUM)
			return false;
		const struct trigger_list *on = &loading->model->measures[steps[i].measure].on;
		for (uint16_t j = 0; j < on->count; j++)
			if (on->items[j].sign < 0)
				return false;
	}
	return from < to;
}

/* Where the last operand of a postfix program begins. */
static int operand_start(const struct formula_step *steps, int end)
{
	int needed = 1, at = end;
	while (needed && at > 0)
		needed += formula_arity(steps[--at].code) - 1;
	return at;
}

static bool is_rate_of_counts(const struct model_loading *loading, const struct kpi *kpi)
{
	const struct formula *formula = &kpi->formula;
	int last = formula->count - 1;
	if (kpi->unit != UNIT_RATE || last < 0 || formula->steps[last].code != FORMULA_DIVIDE)
		return false;
	int right = operand_start(formula->steps, last);
	return is_sum_of_counts(loading, formula->steps, 0, right) &&
		is_sum_of_counts(loading, formula->steps, right, last);
}

static void read_words(struct model_loading *loading, struct definition *definition, struct kpi *kpi)
{
	const struct node *node = definition->node, *title = node_get(node, "title"),
			  *better = node_get(node, "better");
	const struct node *minimum = node_get(node, "minimum_sample");
	const struct node *unit = node_need(loading->problems, node, "unit");
	struct str text = str_of(definition->name);
	size_t choice = 0;
	if (title)
		expect_text(loading->problems, title, "'title'", &text);
	kpi->title = arena_text(loading->arena, text);
	if (unit && !expect_choice(loading->problems, unit, "'unit'", unit_names, 5, &choice))
		definition->broken = true;
	kpi->unit = (uint8_t)choice;
	choice = 0;
	if (better)
		expect_choice(loading->problems, better, "'better'", KEYS("higher", "lower"), &choice);
	kpi->higher_is_better = choice == 0;
	if (minimum)
		expect_integer(loading->problems, minimum, 0, SAMPLE_MAX, &kpi->minimum_sample);
}

static void read_roll_up(struct model_loading *loading, const struct node *node, struct kpi *kpi)
{
	int32_t dimension =
		name_need(loading, node, "dimension", loading->dimension_names, loading->model->dimension_count);
	if (dimension < 0)
		return;
	kpi->roll_up = (uint8_t)dimension;
	if (dimension == DIMENSION_COMPANY)
		problem_at(loading->problems, node->mark, "the company is what is rolled up to, not from");
	else if (kpi->dimensions != (1u << DIMENSION_COMPANY | 1u << dimension))
		problem_at(loading->problems, node->mark, "'roll_up: %s' needs 'by: [%s]'",
			loading->dimension_names[dimension], loading->dimension_names[dimension]);
}

static void read_kpi(struct model_loading *loading, uint16_t index)
{
	struct definition *definition = &loading->kpis[index];
	struct kpi *kpi = &loading->model->kpis[index];
	const struct node *node = definition->node;
	*kpi = (struct kpi){.name = definition->name, .title = definition->name, .source = ""};
	if (node->kind != NODE_MAPPING)
		return;
	expect_mapping_keys(loading->problems, node, "kpi");
	read_words(loading, definition, kpi);
	kpi->windows = model_read_window_set(loading, node_get(node, "windows"));
	kpi->dimensions = model_read_dimensions(loading, node_get(node, "by"));
	const struct node *roll_up = node_get(node, "roll_up");
	if (roll_up)
		read_roll_up(loading, roll_up, kpi);
	const struct node *formula = node_need(loading->problems, node, "formula"), *sample = node_get(node, "sample");
	if (formula)
		loading->formulas[index] = formula_parse(loading->problems, loading->arena, formula);
	if (loading->formulas[index])
		kpi->source = arena_text(loading->arena, formula->text);
	else
		definition->broken = true;
	if (sample && !(loading->samples[index] = formula_parse(loading->problems, loading->arena, sample)))
		definition->broken = true;
}

static void compile_formula(struct model_loading *loading, uint16_t index)
{
	struct definition *definition = &loading->kpis[index];
	struct kpi *kpi = &loading->model->kpis[index];
	const struct node *unit = node_get(definition->node, "unit");
	enum quantity quantity;
	if (!compile(loading, kpi, index, loading->formulas[index], &kpi->formula, &quantity)) {
		definition->broken = true;
		return;
	}
	if (unit && !definition->broken && !fits((enum unit)kpi->unit, quantity))
		problem_at(loading->problems, unit->mark, "the formula gives %s, which does not fit the unit '%s'",
			quantity_name(quantity), unit_names[kpi->unit]);
	if (kpi->roll_up && !formula_divides(kpi->formula.steps[kpi->formula.count - 1].code))
		problem_at(loading->problems, node_get(definition->node, "roll_up")->mark,
			"only a quotient is rolled up: the formula must divide last");
	kpi->uses_previous = compares(&kpi->formula);
	kpi->ranks_by_wilson = is_rate_of_counts(loading, kpi);
}

static void compile_sample(struct model_loading *loading, uint16_t index)
{
	struct kpi *kpi = &loading->model->kpis[index];
	const struct node *node = node_get(loading->kpis[index].node, "sample");
	enum quantity quantity;
	if (!compile(loading, kpi, index, loading->samples[index], &kpi->sample, &quantity)) {
		loading->kpis[index].broken = true;
		return;
	}
	if (quantity != QUANTITY_COUNT && quantity != QUANTITY_UNKNOWN)
		problem_at(loading->problems, node->mark, "a sample is a count, not %s", quantity_name(quantity));
}

void model_load_kpis(struct model_loading *loading, const struct node *kpis)
{
	struct model *model = loading->model;
	model->kpi_count = definitions_read(loading, kpis, "kpis", MODEL_KPIS_MAX, &loading->kpis, &loading->kpi_names);
	model->kpis = ARENA_ARRAY(loading->arena, struct kpi, model->kpi_count);
	loading->formulas = ARENA_ARRAY(loading->arena, struct expression *, model->kpi_count);
	loading->samples = ARENA_ARRAY(loading->arena, struct expression *, model->kpi_count);
	for (uint16_t i = 0; i < model->kpi_count; i++)
		read_kpi(loading, i);
	for (uint16_t i = 0; i < model->kpi_count; i++) {
		if (loading->formulas[i])
			compile_formula(loading, i);
		if (loading->samples[i])
			compile_sample(loading, i);
	}
}
