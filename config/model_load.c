#include "config/model_load.h"
#include "config/grammar.h"

void model_load(struct config_problems *problems, struct arena *arena, const struct schema *schema,
	const struct calendar *calendar, const struct node *root, struct model *ret_model)
{
	struct model_loading *loading = ARENA_NEW(arena, struct model_loading);
	*loading = (struct model_loading){
		.problems = problems, .arena = arena, .schema = schema, .calendar = calendar, .model = ret_model};
	*ret_model = (struct model){0};
	size_t errors_before = problems->error_count;
	for (uint16_t i = 0; i < schema->type_count; i++)
		loading->type_names[i] = schema->types[i].name;
	expect_mapping_keys(problems, root, "kpis");
	model_load_windows(loading, root);
	model_load_dimensions(loading, node_get(root, "dimensions"));
	model_load_stocks(loading, node_get(root, "stocks"));
	model_load_measures(loading, node_need(problems, root, "measures"));
	model_load_constants(loading, root);
	model_load_kpis(loading, node_need(problems, root, "kpis"));
	model_load_boards(loading, node_get(root, "boards"));
	model_load_alerts(loading, node_get(root, "alerts"));
	model_load_targets(loading, node_get(root, "targets"));
	model_load_activities(loading, node_get(root, "activities"));
	if (problems->error_count > errors_before)
		return;
	model_warn_untargeted(loading, node_get(root, "boards"));
	model_warn_unused_constants(loading);
	model_keep_used(loading);
	model_lay_out(loading);
}
