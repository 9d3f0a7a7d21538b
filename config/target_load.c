/* `targets` of kpis.yaml: docs/targets.md. */
#include "base/decimal.h"
#include "base/text.h"
#include "config/formula_sum.h"
#include "config/grammar.h"
#include "config/model_load.h"
#include "config/workdays_load.h"

#define WHOLE_DECREASE DECIMAL_ONE /* 100% */

static const char *const unit_names[] = {[UNIT_DAY] = "day",
	[UNIT_WEEK] = "week",
	[UNIT_MONTH] = "month",
	[UNIT_QUARTER] = "quarter",
	[UNIT_YEAR] = "year"};

/* One target while it is read. `good` falls with its first problem. */
struct reading {
	struct model_loading *loading;
	const struct node *node;
	const struct kpi *kpi;
	struct target target;
	bool good;
};

#define REFUSE(reading, at, ...)                                                   \
	do {                                                                       \
		problem_at((reading)->loading->problems, (at)->mark, __VA_ARGS__); \
		(reading)->good = false;                                           \
	} while (0)

/* ---- goal ---- */

static void read_change(struct reading *reading, const struct node *change, bool decrease)
{
	struct target *target = &reading->target;
	if (!model_read_percent(reading->loading, change, &target->value)) {
		reading->good = false;
		return;
	}
	if (target->value <= 0 || (decrease && target->value > WHOLE_DECREASE))
		REFUSE(reading, change,
			decrease ? "a decrease is more than 0%% and at most 100%%" : "an increase is more than 0%%");
	if (decrease)
		target->value = -target->value;
}

static void read_goal(struct reading *reading)
{
	const struct node *value = node_get(reading->node, "value"), *increase = node_get(reading->node, "increase");
	const struct node *decrease = node_get(reading->node, "decrease"), *over = node_get(reading->node, "over");
	if (!!value + !!increase + !!decrease != 1) {
		REFUSE(reading, reading->node, "a target has one goal: 'value', 'increase' or 'decrease'");
		return;
	}
	reading->target.over = !value;
	if (value && !model_read_figure(reading->loading, value, reading->kpi, &reading->target.value))
		reading->good = false;
	if (value && over)
		REFUSE(reading, over, "'over' goes with 'increase' or 'decrease'");
	if (!value && !over)
		REFUSE(reading, reading->node, "'over' is missing: previous month, quarter, year, ...");
	if (!value)
		read_change(reading, increase ? increase : decrease, !!decrease);
}

/* ---- window ---- */

/* The KPI's window of that kind, or -1. */
static int find_window(const struct reading *reading, uint8_t kind, uint8_t unit, int32_t back)
{
	const struct model *model = reading->loading->model;
	for (int i = 0; i < model->window_count; i++) {
		const struct window *window = &model->windows[i];
		if (window->kind == kind && window->unit == unit && (kind == WINDOW_TO_DATE || window->back == back) &&
			(reading->kpi->windows >> i & 1))
			return i;
	}
	return -1;
}

/* The period to date and, for the results, the whole periods before whose base is there. */
static void bind(struct reading *reading, uint8_t unit)
{
	struct target *target = &reading->target;
	const struct model *model = reading->loading->model;
	target->bound = true;
	target->unit = unit;
	target->windows = 0;
	for (int i = 0; i < model->window_count; i++) {
		const struct window *window = &model->windows[i];
		if (window->kind == WINDOW_ROLLING || window->unit != unit || !(reading->kpi->windows >> i & 1))
			continue;
		if (window->kind == WINDOW_TO_DATE || !target->over ||
			find_window(reading, WINDOW_WHOLE, unit, window->back + 1) >= 0)
			target->windows |= UINT32_C(1) << i;
	}
}

static void need_windows_of(struct reading *reading, const struct node *over, uint8_t unit)
{
	const char *name = unit_names[unit];
	if (find_window(reading, WINDOW_TO_DATE, unit, 0) < 0)
		REFUSE(reading, over, "'%s' does not have the window '%s'", reading->kpi->name, name);
	else if (find_window(reading, WINDOW_WHOLE, unit, 1) < 0)
		REFUSE(reading, over, "'%s' does not have the window '%s-1', which is the base", reading->kpi->name,
			name);
	else
		bind(reading, unit);
}

static void read_over(struct reading *reading, const struct node *over)
{
	struct str text, previous = STR("previous ");
	if (!expect_text(reading->loading->problems, over, "'over'", &text)) {
		reading->good = false;
		return;
	}
	for (uint8_t unit = 0; unit < UNIT_COUNT; unit++)
		if (text.length > previous.length && memcmp(text.data, previous.data, previous.length) == 0 &&
			str_equal((struct str){text.data + previous.length, text.length - previous.length},
				str_of(unit_names[unit]))) {
			need_windows_of(reading, over, unit);
			return;
		}
	REFUSE(reading, over, "'%.*s' is not one of previous day, week, month, quarter, year", STR_ARG(text));
}

static void read_window(struct reading *reading, const struct node *node)
{
	struct model_loading *loading = reading->loading;
	int32_t index = name_need(loading, node, "window", loading->window_names, loading->model->window_count);
	reading->good &= index >= 0;
	if (index < 0)
		return;
	const struct window *window = &loading->model->windows[index];
	if (!(reading->kpi->windows >> index & 1))
		REFUSE(reading, node, "'%s' does not have this window", reading->kpi->name);
	else if (window->kind == WINDOW_WHOLE)
		REFUSE(reading, node, "a target is for a window that reaches up to now: '%s' or a rolling one",
			unit_names[window->unit]);
	else if (window->kind == WINDOW_TO_DATE)
		bind(reading, window->unit);
	else
		reading->target.windows = UINT32_C(1) << index;
}

/* The longest period that ends with the day `by`. */
static void find_period(struct reading *reading)
{
	const struct calendar *calendar = reading->loading->calendar;
	int32_t by = reading->target.by_day;
	if (by == INT32_MIN) {
		REFUSE(reading, reading->node, "'%s' adds up: its target needs 'by' or 'window'", reading->kpi->name);
		return;
	}
	for (int unit = UNIT_YEAR; unit >= UNIT_WEEK; unit--)
		if (calendar_first_day(calendar, (enum calendar_unit)unit, by + 1, 0) == by + 1 &&
			find_window(reading, WINDOW_TO_DATE, (uint8_t)unit, 0) >= 0) {
			bind(reading, (uint8_t)unit);
			return;
		}
	if (find_window(reading, WINDOW_TO_DATE, UNIT_YEAR, 0) >= 0)
		bind(reading, UNIT_YEAR);
	else
		REFUSE(reading, reading->node, "no period to date of '%s' ends with that day: say 'window'",
			reading->kpi->name);
}

static uint32_t windows_up_to_now(const struct reading *reading)
{
	const struct model *model = reading->loading->model;
	uint32_t windows = 0;
	for (int i = 0; i < model->window_count; i++)
		if (model->windows[i].kind != WINDOW_WHOLE)
			windows |= UINT32_C(1) << i;
	return windows & reading->kpi->windows;
}

static void read_place(struct reading *reading)
{
	const struct node *window = node_get(reading->node, "window"), *over = node_get(reading->node, "over");
	bool sums = formula_adds_up(reading->loading->model, &reading->kpi->formula);
	if (over && window)
		REFUSE(reading, window, "'over' says the window: leave it out");
	else if (over)
		read_over(reading, over);
	else if (window)
		read_window(reading, window);
	else if (sums)
		find_period(reading);
	else
		reading->target.windows = windows_up_to_now(reading);
	reading->target.cumulative = sums && reading->target.bound;
}

/* ---- dates ---- */

static void read_dates(struct reading *reading)
{
	struct config_problems *problems = reading->loading->problems;
	const struct node *from = node_get(reading->node, "from"), *by = node_get(reading->node, "by");
	if (from)
		reading->good &= expect_date(problems, from, &reading->target.from_day);
	if (by)
		reading->good &= expect_date(problems, by, &reading->target.by_day);
}

static void check_dates(struct reading *reading)
{
	const struct target *target = &reading->target;
	const struct node *from = node_get(reading->node, "from");
	const struct calendar *calendar = reading->loading->calendar;
	if (target->from_day == INT32_MIN || target->by_day == INT32_MIN)
		return;
	if (target->from_day > target->by_day)
		REFUSE(reading, from, "'from' must not come after 'by'");
	else if (target->bound &&
		calendar_first_day(calendar, target->unit, target->from_day, 0) !=
			calendar_first_day(calendar, target->unit, target->by_day, 0))
		REFUSE(reading, from, "'from' must lie in the same %s as 'by'", unit_names[target->unit]);
}

/* ---- whose ---- */

static bool is_kept(struct reading *reading, const struct node *node, int32_t dimension)
{
	if (dimension >= 0 && (reading->kpi->dimensions >> dimension & 1))
		return true;
	if (dimension >= 0)
		problem_at(reading->loading->problems, node->mark, "'%s' is not kept by %s", reading->kpi->name,
			reading->loading->dimension_names[dimension]);
	reading->good = false;
	return false;
}

static int32_t read_dimension(struct reading *reading, const struct node *node)
{
	struct model_loading *loading = reading->loading;
	int32_t dimension =
		name_need(loading, node, "dimension", loading->dimension_names, loading->model->dimension_count);
	return is_kept(reading, node, dimension) ? dimension : -1;
}

static void read_owner(struct reading *reading)
{
	const struct node *of = node_get(reading->node, "of"), *key = node_get(reading->node, "key");
	int32_t dimension = of ? read_dimension(reading, of) : DIMENSION_COMPANY;
	reading->target.dimension = dimension < 0 ? DIMENSION_COMPANY : (uint8_t)dimension;
	if (key && dimension == DIMENSION_COMPANY)
		REFUSE(reading, key, "the company has one key only: say 'of', the dimension of this one");
	else if (key && expect_text(reading->loading->problems, key, "'key'", &reading->target.key))
		reading->target.key = arena_str(reading->loading->arena, reading->target.key);
	else if (key)
		reading->good = false;
}

static void hand_down(struct reading *reading, const struct node *node)
{
	struct target *target = &reading->target;
	int32_t dimension = read_dimension(reading, node);
	if (dimension < 0)
		return;
	if (dimension > DIMENSION_REP || dimension <= target->dimension)
		REFUSE(reading, node,
			"a target is handed down from the company to teams and reps, or from a team to reps");
	else
		target->handed_down |= (uint8_t)(1u << dimension);
}

static void read_roll_down(struct reading *reading, const struct node *list)
{
	const struct target *target = &reading->target;
	if (!expect_sequence(reading->loading->problems, list, "'roll_down'")) {
		reading->good = false;
		return;
	}
	for (size_t i = 0; i < list->count; i++)
		hand_down(reading, list->items[i]);
	if (!target->cumulative && formula_adds_up(reading->loading->model, &reading->kpi->formula))
		REFUSE(reading, list, "'%s' adds up: only the goal of a period to date can be shared out",
			reading->kpi->name);
}

/* ---- parts ---- */

static void read_part(struct reading *reading, const struct node_entry *entry)
{
	struct target *target = &reading->target;
	struct target_part *part = &target->parts[target->part_count++];
	part->key = arena_str(reading->loading->arena, entry->key);
	part->line = entry->mark.line;
	part->column = entry->mark.column;
	reading->good &= model_read_figure(reading->loading, entry->value, reading->kpi, &part->value);
}

static void check_sum(struct reading *reading, const struct node *keys)
{
	int64_t sum = 0;
	for (uint16_t i = 0; i < reading->target.part_count; i++) {
		if (reading->target.parts[i].value < 0) {
			REFUSE(reading, keys->entries[i].value, "a part must not be below 0");
			return;
		}
		if (__builtin_add_overflow(sum, reading->target.parts[i].value, &sum))
			sum = INT64_MAX;
	}
	if (sum > reading->target.value)
		REFUSE(reading, keys, "the parts add up to more than the value");
}

static void read_parts(struct reading *reading, const struct node *keys)
{
	struct target *target = &reading->target;
	if (!expect_mapping(reading->loading->problems, keys, "'keys'")) {
		reading->good = false;
		return;
	}
	bool one_source = target->dimension == DIMENSION_COMPANY || target->key.length;
	if (!target->handed_down || !target->cumulative || target->over || !one_source) {
		REFUSE(reading, keys,
			"'keys' are parts of one 'value' that adds up and is handed down with 'roll_down'");
		return;
	}
	if (keys->count > MODEL_RULES_MAX) {
		REFUSE(reading, keys, "more than %d parts", MODEL_RULES_MAX);
		return;
	}
	target->parts = ARENA_ARRAY(reading->loading->arena, struct target_part, keys->count);
	for (size_t i = 0; i < keys->count; i++)
		read_part(reading, &keys->entries[i]);
	if (reading->good)
		check_sum(reading, keys);
}

static void read_shares(struct reading *reading)
{
	const struct node *roll_down = node_get(reading->node, "roll_down"), *keys = node_get(reading->node, "keys");
	if (roll_down)
		read_roll_down(reading, roll_down);
	if (keys && reading->good)
		read_parts(reading, keys);
}

/* ---- two of one kind ---- */

static int32_t first_day(const struct model_loading *loading, const struct target *target)
{
	if (target->from_day != INT32_MIN || !target->bound || target->by_day == INT32_MIN)
		return target->from_day;
	return calendar_first_day(loading->calendar, target->unit, target->by_day, 0);
}

static bool share_a_day(const struct model_loading *loading, const struct target *a, const struct target *b)
{
	bool a_ends_before = a->by_day != INT32_MIN && a->by_day < first_day(loading, b);
	bool b_ends_before = b->by_day != INT32_MIN && b->by_day < first_day(loading, a);
	return !a_ends_before && !b_ends_before;
}

static const struct target *find_twin(const struct model_loading *loading, const struct target *target)
{
	for (uint16_t i = 0; i < loading->model->target_count; i++) {
		const struct target *other = &loading->model->targets[i];
		if (other->kpi == target->kpi && other->dimension == target->dimension &&
			str_equal(other->key, target->key) && (other->windows & target->windows) &&
			share_a_day(loading, other, target))
			return other;
	}
	return NULL;
}

static void add_target(struct reading *reading)
{
	struct model *model = reading->loading->model;
	const struct target *twin = find_twin(reading->loading, &reading->target);
	if (twin)
		REFUSE(reading, reading->node,
			"'%s' has a target for the same window, days and key already, in line %d", reading->kpi->name,
			twin->line);
	else
		model->targets[model->target_count++] = reading->target;
}

/* ---- all of it ---- */

static void read_target(struct model_loading *loading, const struct node *node)
{
	if (!expect_mapping(loading->problems, node, "a target"))
		return;
	expect_mapping_keys(loading->problems, node, "target");
	const struct node *name = node_need(loading->problems, node, "kpi");
	int32_t kpi = name ? name_need(loading, name, "KPI", loading->kpi_names, loading->model->kpi_count) : -1;
	if (kpi < 0 || loading->kpis[kpi].broken)
		return;
	struct reading reading = {.loading = loading, .node = node, .kpi = &loading->model->kpis[kpi], .good = true};
	reading.target = (struct target){.kpi = (uint16_t)kpi,
		.from_day = INT32_MIN,
		.by_day = INT32_MIN,
		.line = node->mark.line,
		.column = node->mark.column};
	read_goal(&reading);
	read_dates(&reading);
	if (reading.good)
		read_place(&reading);
	if (reading.good)
		check_dates(&reading);
	read_owner(&reading);
	if (reading.good)
		read_shares(&reading);
	if (reading.good)
		add_target(&reading);
}

void model_load_targets(struct model_loading *loading, const struct node *targets)
{
	loading->model->targets = ARENA_ARRAY(loading->arena, struct target, MODEL_RULES_MAX);
	if (!targets || !expect_sequence(loading->problems, targets, "'targets'"))
		return;
	for (size_t i = 0; i < targets->count && i < MODEL_RULES_MAX; i++)
		read_target(loading, targets->items[i]);
	if (targets->count > MODEL_RULES_MAX)
		problem_at(loading->problems, targets->mark, "more than %d targets", MODEL_RULES_MAX);
}

/* ---- KPIs that are shown without one ---- */

static bool has_dated_target(const struct model *model, uint16_t kpi)
{
	for (uint16_t i = 0; i < model->target_count; i++)
		if (model->targets[i].kpi == kpi && (model->targets[i].bound || model->targets[i].by_day != INT32_MIN))
			return true;
	return false;
}

static void warn_untargeted(struct model_loading *loading, const struct node *name, bool *warned)
{
	const struct model *model = loading->model;
	int32_t kpi = name_find(loading->kpi_names, model->kpi_count, name->text);
	if (kpi < 0 || warned[kpi] || has_dated_target(model, (uint16_t)kpi))
		return;
	warned[kpi] = true;
	warning_at(loading->problems, name->mark,
		"'%s' is on a board without a target that has a number and a date: add {kpi: %s, value: ..., by: ...} "
		"to 'targets'",
		model->kpis[kpi].name, model->kpis[kpi].name);
}

void model_warn_untargeted(struct model_loading *loading, const struct node *boards)
{
	bool *warned = ARENA_ARRAY(loading->arena, bool, loading->model->kpi_count);
	for (size_t i = 0; boards && i < boards->count; i++) {
		const struct node *kpis = node_get(boards->items[i], "kpis");
		for (size_t j = 0; kpis && j < kpis->count; j++)
			warn_untargeted(loading, kpis->items[j], warned);
	}
}
