/* `activities` of kpis.yaml. */
#include "config/formula_sum.h"
#include "config/model_load.h"

static bool is_noted(const struct model *model, uint16_t kpi)
{
	for (uint16_t i = 0; i < model->activity_count; i++)
		if (model->activities[i] == kpi)
			return true;
	return false;
}

static void read_activity(struct model_loading *loading, const struct node *node)
{
	struct model *model = loading->model;
	int32_t index = name_need(loading, node, "KPI", loading->kpi_names, model->kpi_count);
	if (index < 0 || loading->kpis[index].broken)
		return;
	const struct kpi *kpi = &model->kpis[index];
	if (kpi->unit != UNIT_NUMBER)
		problem_at(loading->problems, node->mark, "'%s' is no activity: its unit is not 'count'", kpi->name);
	else if (!formula_adds_up(model, &kpi->formula))
		problem_at(loading->problems, node->mark,
			"'%s' is no activity: it does not add up, as a sum of counts does", kpi->name);
	else if (is_noted(model, (uint16_t)index))
		problem_at(loading->problems, node->mark, "'%s' is an activity already", kpi->name);
	else
		model->activities[model->activity_count++] = (uint16_t)index;
}

void model_load_activities(struct model_loading *loading, const struct node *activities)
{
	loading->model->activities = ARENA_ARRAY(loading->arena, uint16_t, loading->model->kpi_count);
	if (!activities || !expect_sequence(loading->problems, activities, "'activities'"))
		return;
	for (size_t i = 0; i < activities->count; i++)
		read_activity(loading, activities->items[i]);
}
