/* `boards` and `alerts` of kpis.yaml. */
#include "base/decimal.h"
#include "base/text.h"
#include "config/grammar.h"
#include "config/model_load.h"

#define HOLD_MAX (366 * DAY_MS)
#define SAMPLE_MAX INT64_C(1000000000000)

static int32_t need_kpi(struct model_loading *loading, const struct node *node)
{
	return name_need(loading, node, "KPI", loading->kpi_names, loading->model->kpi_count);
}

static int32_t need_dimension(struct model_loading *loading, const struct node *node)
{
	return name_need(loading, node, "dimension", loading->dimension_names, loading->model->dimension_count);
}

/* ---- numbers ---- */

static bool ends_in_percent(struct str text)
{
	return text.length && text.data[text.length - 1] == '%';
}

bool model_read_percent(struct model_loading *loading, const struct node *node, int64_t *ret_fixed)
{
	struct str text;
	int64_t percent;
	if (!expect_text(loading->problems, node, "a percentage", &text))
		return false;
	if (!ends_in_percent(text) || decimal_from_text((struct str){text.data, text.length - 1}, &percent)) {
		problem_at(loading->problems, node->mark, "'%.*s' is not a percentage", STR_ARG(text));
		return false;
	}
	if (percent % 100) {
		problem_at(loading->problems, node->mark, "a percentage has at most two decimals");
		return false;
	}
	*ret_fixed = percent / 100;
	return true;
}

bool model_read_figure(
	struct model_loading *loading, const struct node *node, const struct kpi *kpi, int64_t *ret_fixed)
{
	struct str text;
	int64_t duration;
	if (!expect_text(loading->problems, node, "a number", &text))
		return false;
	bool percent = ends_in_percent(text);
	if (percent && kpi->unit != UNIT_RATE && kpi->unit != UNIT_RATIO) {
		problem_at(loading->problems, node->mark, "'%s' is not a rate: no %%", kpi->name);
		return false;
	}
	if (percent)
		return model_read_percent(loading, node, ret_fixed);
	if (kpi->unit != UNIT_SECONDS || text_to_duration(text, &duration))
		return expect_decimal(loading->problems, node, ret_fixed);
	if (duration > MODEL_DAYS_MAX * DAY_MS) {
		problem_at(loading->problems, node->mark, "%.*s is too long", STR_ARG(text));
		return false;
	}
	*ret_fixed = duration * (DECIMAL_ONE / 1000);
	return true;
}

/* ---- boards ---- */

static void add_board(struct model_loading *loading, const struct node *node, uint8_t dimension, uint32_t windows)
{
	struct model *model = loading->model;
	int32_t kpi = need_kpi(loading, node);
	if (kpi < 0 || loading->kpis[kpi].broken)
		return;
	const struct kpi *shown = &model->kpis[kpi];
	if (!(shown->dimensions >> dimension & 1)) {
		problem_at(loading->problems, node->mark, "'%s' is not kept by %s: add it to the KPI's 'by'",
			shown->name, loading->dimension_names[dimension]);
		return;
	}
	for (uint16_t i = 0; i < model->board_count; i++)
		if (model->boards[i].kpi == kpi && model->boards[i].dimension == dimension) {
			problem_at(loading->problems, node->mark, "'%s' has a board by %s already", shown->name,
				loading->dimension_names[dimension]);
			return;
		}
	if (model->board_count == MODEL_RULES_MAX) {
		problem_at(loading->problems, node->mark, "more than %d boards", MODEL_RULES_MAX);
		return;
	}
	model->boards[model->board_count++] =
		(struct board){.kpi = (uint16_t)kpi, .dimension = dimension, .windows = windows & shown->windows};
}

static void read_board(struct model_loading *loading, const struct node *node)
{
	if (!expect_mapping(loading->problems, node, "a board"))
		return;
	expect_mapping_keys(loading->problems, node, "board");
	const struct node *kpis = node_need(loading->problems, node, "kpis");
	const struct node *by = node_need(loading->problems, node, "by");
	int32_t dimension = by ? need_dimension(loading, by) : -1;
	uint32_t windows = model_read_window_set(loading, node_get(node, "windows"));
	if (!expect_sequence(loading->problems, kpis, "'kpis'") || dimension < 0)
		return;
	for (size_t i = 0; i < kpis->count; i++)
		add_board(loading, kpis->items[i], (uint8_t)dimension, windows);
}

void model_load_boards(struct model_loading *loading, const struct node *boards)
{
	loading->model->boards = ARENA_ARRAY(loading->arena, struct board, MODEL_RULES_MAX);
	if (!boards || !expect_sequence(loading->problems, boards, "'boards'"))
		return;
	for (size_t i = 0; i < boards->count; i++)
		read_board(loading, boards->items[i]);
}

/* ---- alerts ---- */

static bool read_limits(struct model_loading *loading, const struct definition *definition, struct alert_rule *rule)
{
	const struct node *node = definition->node;
	const struct node *below = node_get(node, "below"), *above = node_get(node, "above");
	const struct node *clear = node_get(node, "clear"), *limit = below ? below : above;
	const struct kpi *kpi = &loading->model->kpis[rule->kpi];
	if (!limit || (below && above)) {
		problem_at(loading->problems, above ? above->mark : definition->mark,
			"an alert has one limit, 'below' or 'above'");
		return false;
	}
	rule->direction = below ? ALERT_BELOW : ALERT_ABOVE;
	if (!model_read_figure(loading, limit, kpi, &rule->limit))
		return false;
	rule->clear = rule->limit;
	if (clear && !model_read_figure(loading, clear, kpi, &rule->clear))
		return false;
	if (below ? rule->clear >= rule->limit : rule->clear <= rule->limit)
		return true;
	problem_at(loading->problems, clear->mark,
		"the alert would clear while it fires: 'clear' must not be %s the limit", below ? "below" : "above");
	return false;
}

static bool read_place(struct model_loading *loading, const struct node *node, struct alert_rule *rule)
{
	const struct model *model = loading->model;
	const struct node *kpi_node = node_need(loading->problems, node, "kpi");
	const struct node *window_node = node_need(loading->problems, node, "window");
	const struct node *by = node_get(node, "by");
	int32_t kpi = kpi_node ? need_kpi(loading, kpi_node) : -1;
	int32_t window = window_node
		? name_need(loading, window_node, "window", loading->window_names, model->window_count)
		: -1;
	int32_t dimension = by ? need_dimension(loading, by) : DIMENSION_COMPANY;
	if (kpi < 0 || window < 0 || dimension < 0 || loading->kpis[kpi].broken)
		return false;
	if (!(model->kpis[kpi].windows >> window & 1)) {
		problem_at(
			loading->problems, window_node->mark, "'%s' does not have this window", model->kpis[kpi].name);
		return false;
	}
	if (!(model->kpis[kpi].dimensions >> dimension & 1)) {
		problem_at(loading->problems, by->mark, "'%s' is not kept by %s", model->kpis[kpi].name,
			loading->dimension_names[dimension]);
		return false;
	}
	rule->kpi = (uint16_t)kpi;
	rule->window = (uint16_t)window;
	rule->dimension = (uint8_t)dimension;
	return true;
}

static void read_alert(struct model_loading *loading, const struct definition *definition)
{
	struct model *model = loading->model;
	const struct node *node = definition->node;
	const struct node *hold = node_get(node, "for"), *sample = node_get(node, "minimum_sample");
	const struct node *key = node_get(node, "key");
	struct alert_rule rule = {.name = definition->name};
	expect_mapping_keys(loading->problems, node, "alert");
	bool good = read_place(loading, node, &rule) && read_limits(loading, definition, &rule);
	if (hold)
		good &= expect_duration(loading->problems, hold, 0, HOLD_MAX, &rule.hold);
	if (sample)
		good &= expect_integer(loading->problems, sample, 0, SAMPLE_MAX, &rule.minimum_sample);
	if (key && (good &= expect_text(loading->problems, key, "'key'", &rule.key)))
		rule.key = arena_str(loading->arena, rule.key);
	if (good)
		model->alerts[model->alert_count++] = rule;
}

void model_load_alerts(struct model_loading *loading, const struct node *alerts)
{
	struct definition *definitions;
	const char **names;
	uint16_t count = definitions_read(loading, alerts, "alerts", MODEL_RULES_MAX, &definitions, &names);
	loading->model->alerts = ARENA_ARRAY(loading->arena, struct alert_rule, count);
	for (uint16_t i = 0; i < count; i++)
		if (!definitions[i].broken)
			read_alert(loading, &definitions[i]);
}
