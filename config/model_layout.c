/* Which measures stay, and where their numbers stand. */
#include "base/mem.h"
#include "config/identity.h"
#include "config/model_load.h"

/* A level of open starts needs the pair that has them. */
static void use_pairs(struct model_loading *loading)
{
	const struct model *model = loading->model;
	for (uint16_t i = 0; i < model->measure_count; i++) {
		const struct measure *measure = &model->measures[i];
		if (!loading->measures[i].used || measure->pair < 0)
			continue;
		loading->measures[measure->pair].used = true;
	}
}

static void renumber_formula(struct formula *formula, const uint16_t *numbers)
{
	for (uint16_t i = 0; i < formula->count; i++)
		if (formula->steps[i].code <= FORMULA_OPENING && formula->steps[i].code != FORMULA_NUMBER)
			formula->steps[i].measure = numbers[formula->steps[i].measure];
}

void model_keep_used(struct model_loading *loading)
{
	struct model *model = loading->model;
	uint16_t *numbers = ARENA_ARRAY(loading->arena, uint16_t, (size_t)model->measure_count + 1);
	uint16_t kept = 0;
	use_pairs(loading);
	for (uint16_t i = 0; i < model->measure_count; i++) {
		numbers[i] = kept;
		if (loading->measures[i].used)
			model->measures[kept++] = model->measures[i];
		else if (!loading->measures[i].broken)
			warning_at(loading->problems, loading->measures[i].mark, "measure '%s' is not used by any KPI",
				loading->measures[i].name);
	}
	for (uint16_t i = 0; i < kept; i++)
		if (model->measures[i].pair >= 0)
			model->measures[i].pair = numbers[model->measures[i].pair];
	for (uint16_t i = 0; i < model->kpi_count; i++) {
		renumber_formula(&model->kpis[i].formula, numbers);
		renumber_formula(&model->kpis[i].sample, numbers);
	}
	model->measure_count = kept;
}

/* Counts every event, in every window: a key has figures as long as one of them holds an event of it. */
static void add_events(struct model_loading *loading)
{
	struct model *model = loading->model;
	const struct schema *schema = loading->schema;
	struct measure *events = &model->measures[model->measure_count++];
	*events = (struct measure){.name = "events",
		.kind = MEASURE_COUNT,
		.field = -1,
		.key = -1,
		.fallback_start = -1,
		.stock = -1,
		.pair = -1,
		.dimensions = 1u << DIMENSION_COMPANY | 1u << DIMENSION_TEAM | 1u << DIMENSION_REP,
		.views = (UINT64_C(1) << model->window_count) - 1};
	events->on.items = ARENA_ARRAY(loading->arena, struct trigger, schema->type_count);
	events->on.count = schema->type_count;
	for (uint16_t i = 0; i < schema->type_count; i++)
		events->on.items[i] = (struct trigger){.kind = TRIGGER_EVENT, .index = i, .sign = 1};
}

/* A stock's triggers stand for what opens the stock. */
static void add_seen(const struct model *model, const struct trigger_list *list, uint64_t *seen)
{
	for (uint16_t i = 0; i < list->count; i++) {
		const struct trigger *trigger = &list->items[i];
		if (trigger->kind == TRIGGER_EVENT)
			seen[trigger->index / 64] |= UINT64_C(1) << (trigger->index % 64);
		else
			add_seen(model, &model->stocks[trigger->index].opens, seen);
	}
}

static void set_seen_types(struct model_loading *loading, struct measure *measure)
{
	const struct model *model = loading->model;
	const struct trigger_list *list = &measure->on;
	measure->seen_types = ARENA_ARRAY(loading->arena, uint64_t, ((size_t)loading->schema->type_count + 63) / 64);
	if (measure->kind == MEASURE_TOUCHES || (measure->kind == MEASURE_ELAPSED && measure->fallback_start >= 0))
		list = &measure->ends;
	if (measure->kind == MEASURE_STAYED)
		list = &model->stocks[measure->stock].opens;
	if (measure->kind == MEASURE_LEVEL)
		list = measure->stock >= 0 ? &model->stocks[measure->stock].opens : &model->measures[measure->pair].on;
	add_seen(model, list, measure->seen_types);
}

static uint32_t components(const struct model *model, const struct measure *measure)
{
	switch (measure->kind) {
	case MEASURE_COUNT:
		return 1;
	case MEASURE_STAYED:
		return 2 + (uint32_t)__builtin_popcount(model->units_in_use);
	case MEASURE_DISTINCT:
		return 1 + (uint32_t)__builtin_popcount(model->units_in_use);
	case MEASURE_LEVEL:
		return 2 + measure->has_opening;
	case MEASURE_LAST:
		return 2u + measure->keeps_lowest + measure->keeps_highest;
	default:
		return 2;
	}
}

void model_lay_out(struct model_loading *loading)
{
	struct model *model = loading->model;
	add_events(loading);
	for (uint16_t i = 0; i < model->measure_count; i++) {
		struct measure *measure = &model->measures[i];
		set_seen_types(loading, measure);
		measure->component = model->component_count;
		measure->component_count = components(model, measure);
		model->component_count += measure->component_count;
		measure->since_slot = model->since_slots;
		model->since_slots += measure->since_count;
		if (measure->has_histogram)
			measure->histogram = model->histogram_count++;
		measure->identity = measure_identity(loading->schema, model, measure);
	}
}
