/* `windows` of kpis.yaml: "30d", "month", "month-1", {window: 30d, step: 1h}. */
#include "base/text.h"
#include "config/grammar.h"
#include "config/model_load.h"

enum { BACK_MAX = 100 };
#define MINUTE_MS INT64_C(60000)
#define HOUR_MS INT64_C(3600000)
/* Every zone's offset is a multiple of it, so that local midnights lie on step edges. */
#define CALENDAR_STEP_MAX (15 * MINUTE_MS)

static const char *const unit_names[] = {[UNIT_DAY] = "day",
	[UNIT_WEEK] = "week",
	[UNIT_MONTH] = "month",
	[UNIT_QUARTER] = "quarter",
	[UNIT_YEAR] = "year"};
static const int32_t unit_days[] = {1, 7, 30, 90, 365};

static bool parse_calendar(struct str name, struct window *window)
{
	for (int unit = 0; unit < UNIT_COUNT; unit++) {
		size_t length = strlen(unit_names[unit]);
		if (name.length < length || memcmp(name.data, unit_names[unit], length) != 0)
			continue;
		window->unit = (uint8_t)unit;
		if (name.length == length) {
			window->kind = WINDOW_TO_DATE;
			window->step = unit == UNIT_DAY ? 5 * MINUTE_MS : CALENDAR_STEP_MAX;
			return true;
		}
		int64_t back;
		struct str rest = {name.data + length + 1, name.length - length - 1};
		if (name.data[length] != '-' || text_to_i64(rest, &back) || back < 1 || back > BACK_MAX)
			return false;
		window->kind = WINDOW_WHOLE;
		window->back = (int32_t)back;
		return true;
	}
	return false;
}

static int64_t default_step(int64_t length)
{
	return length <= HOUR_MS        ? MINUTE_MS
		: length <= DAY_MS      ? 5 * MINUTE_MS
		: length <= 30 * DAY_MS ? HOUR_MS
		: length <= 90 * DAY_MS ? 6 * HOUR_MS
					: DAY_MS;
}

static bool parse_rolling(struct str name, struct window *window)
{
	int64_t length;
	char unit = name.length ? name.data[name.length - 1] : '\0';
	if ((unit != 'd' && unit != 'h' && unit != 'm') || text_to_duration(name, &length))
		return false;
	if (length <= 0 || length > MODEL_DAYS_MAX * DAY_MS)
		return false;
	window->kind = WINDOW_ROLLING;
	window->length = length;
	window->step = default_step(length);
	return true;
}

/* A step of a day is a local day, and such a window is counted in days. */
static void settle_days(struct window *window)
{
	if (window->kind != WINDOW_ROLLING || window->step != DAY_MS)
		return;
	window->days = (int32_t)(window->length / DAY_MS);
	window->length = 0;
}

static void check_step(struct model_loading *loading, const struct node *node, const struct window *window)
{
	const char *text = NULL;
	if (window->kind == WINDOW_TO_DATE && CALENDAR_STEP_MAX % window->step)
		text = "the step of a calendar window must divide 15m";
	else if (window->kind == WINDOW_ROLLING && window->step > DAY_MS)
		text = "the longest step is 1d";
	else if (window->kind == WINDOW_ROLLING && DAY_MS % window->step)
		text = "a step must divide 1d";
	else if (window->kind == WINDOW_ROLLING && window->length % window->step)
		text = "a window must be whole steps long";
	else if (window->kind == WINDOW_ROLLING && window->length / window->step > MODEL_STEPS_MAX)
		text = "the window has too many steps";
	if (text)
		problem_at(loading->problems, node->mark, "%s", text);
}

static bool read_step(struct model_loading *loading, const struct node *node, struct window *window)
{
	if (window->kind == WINDOW_WHOLE) {
		problem_at(loading->problems, node->mark, "a whole period has no step");
		return false;
	}
	return expect_duration(loading->problems, node, 1000, DAY_MS, &window->step);
}

/* `node` is the name, or the mapping that holds it. */
static bool read_window(struct model_loading *loading, const struct node *node, struct window *window)
{
	const struct node *text = node, *step = NULL;
	if (node->kind == NODE_MAPPING) {
		expect_mapping_keys(loading->problems, node, "window");
		text = node_need(loading->problems, node, "window");
		step = node_get(node, "step");
	}
	struct str name;
	if (!expect_text(loading->problems, text, "a window", &name))
		return false;
	if (!parse_calendar(name, window) && !parse_rolling(name, window)) {
		problem_at(loading->problems, text->mark,
			"'%.*s' is not a window: 45m, 24h, 30d, day, week, month, quarter, year, or month-1",
			STR_ARG(name));
		return false;
	}
	window->name = arena_text(loading->arena, name);
	if (step && !read_step(loading, step, window))
		return false;
	if (window->kind != WINDOW_WHOLE)
		check_step(loading, step ? step : text, window);
	settle_days(window);
	return true;
}

static bool needs_local_days(const struct window *window)
{
	return window->kind != WINDOW_ROLLING || window->days > 0;
}

static void find_smallest_step(struct model_loading *loading, const struct node *list)
{
	struct model *model = loading->model;
	int64_t smallest = DAY_MS;
	for (int i = 0; i < model->window_count; i++) {
		const struct window *window = &model->windows[i];
		if (window->step && window->step < smallest)
			smallest = window->step;
		if (needs_local_days(window) && smallest > CALENDAR_STEP_MAX)
			smallest = CALENDAR_STEP_MAX;
	}
	model->smallest_step = smallest;
	for (int i = 0; i < model->window_count; i++) {
		const struct window *window = &model->windows[i];
		bool divides = window->step % smallest == 0;
		if (needs_local_days(window) && CALENDAR_STEP_MAX % smallest)
			divides = false;
		if (!divides)
			problem_at(loading->problems, list->mark,
				"the smallest step, %lld s, does not divide the steps of window '%s'",
				(long long)(smallest / 1000), window->name);
	}
}

/* How long a window is, roughly. A rolling one always covers it; one to date only at its end; a whole one not the present. */
static int64_t reach(const struct window *window)
{
	int64_t length = window->kind != WINDOW_ROLLING ? unit_days[window->unit] * DAY_MS
		: window->days                          ? window->days * DAY_MS
							: window->length;
	return window->kind == WINDOW_WHOLE ? length - 10000 * DAY_MS : length * 2 + (window->kind == WINDOW_ROLLING);
}

static void find_longest(struct model *model)
{
	for (uint8_t i = 1; i < model->window_count; i++)
		if (reach(&model->windows[i]) > reach(&model->windows[model->longest_window]))
			model->longest_window = i;
}

static void add_window(struct model_loading *loading, const struct node *node)
{
	struct model *model = loading->model;
	struct window window = {0};
	if (!read_window(loading, node, &window))
		return;
	if (name_find(loading->window_names, model->window_count, str_of(window.name)) >= 0) {
		problem_at(loading->problems, node->mark, "window '%s' stands here twice", window.name);
		return;
	}
	if (model->window_count == MODEL_WINDOWS_MAX) {
		problem_at(loading->problems, node->mark, "more than %d windows", MODEL_WINDOWS_MAX);
		return;
	}
	if (window.kind != WINDOW_ROLLING)
		model->units_in_use |= (uint8_t)(1u << window.unit);
	loading->window_names[model->window_count] = window.name;
	model->windows[model->window_count++] = window;
}

/* The most days that a period of the unit has. */
static const int32_t unit_days_most[] = {1, 7, 31, 92, 366};

/* How long before `to` the interval before the window's may begin, and no less: a day more, so that clocks may be put forward or back. */
static int64_t looks_back(const struct window *window)
{
	int32_t periods = window->kind == WINDOW_WHOLE ? window->back + 2 : 3;
	if (window->kind != WINDOW_ROLLING)
		return (periods * unit_days_most[window->unit] + 1) * DAY_MS;
	return 2 * (window->days ? window->days * DAY_MS : window->length) + DAY_MS;
}

int64_t model_looks_back(const struct model *model)
{
	int64_t longest = 0;
	for (uint8_t i = 0; i < model->window_count; i++) {
		int64_t length = looks_back(&model->windows[i]);
		longest = length > longest ? length : longest;
	}
	return longest;
}

void model_load_windows(struct model_loading *loading, const struct node *root)
{
	const struct node *list = node_need(loading->problems, root, "windows");
	if (expect_sequence(loading->problems, list, "'windows'")) {
		for (size_t i = 0; i < list->count; i++)
			add_window(loading, list->items[i]);
		if (!list->count)
			problem_at(loading->problems, list->mark, "there are no windows");
	}
	loading->model->smallest_step = MINUTE_MS;
	if (loading->model->window_count)
		find_smallest_step(loading, list);
	find_longest(loading->model);
}

uint32_t model_read_window_set(struct model_loading *loading, const struct node *windows)
{
	uint8_t count = loading->model->window_count;
	uint32_t set = 0;
	if (!windows)
		return count ? UINT32_MAX >> (MODEL_WINDOWS_MAX - count) : 0;
	if (!expect_sequence(loading->problems, windows, "'windows'"))
		return 0;
	for (size_t i = 0; i < windows->count; i++) {
		int32_t window = name_need(loading, windows->items[i], "window", loading->window_names, count);
		if (window >= 0)
			set |= UINT32_C(1) << window;
	}
	return set;
}
