#include "tests/unit/little_model.h"

#include <stdlib.h>

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

static struct formula_step close_rate[] = {
	{.code = FORMULA_MEASURE, .measure = WON},
	{.code = FORMULA_MEASURE, .measure = WON},
	{.code = FORMULA_MEASURE, .measure = LOST},
	{.code = FORMULA_ADD},
	{.code = FORMULA_DIVIDE},
};
static struct formula_step revenue[] = {{.code = FORMULA_MEASURE, .measure = SOLD}};
static struct formula_step cycle_median[] = {{.code = FORMULA_QUANTILE, .measure = CYCLE, .number = 50}};

static void put_windows(struct little_model *little)
{
	struct model *model = &little->model;
	model->windows[WINDOW_30D] = (struct window){.name = "30d", .kind = WINDOW_ROLLING};
	model->windows[WINDOW_1H] = (struct window){.name = "1h", .kind = WINDOW_ROLLING};
	model->windows[WINDOW_MONTH] = (struct window){.name = "month", .kind = WINDOW_TO_DATE, .unit = UNIT_MONTH};
	model->window_count = LITTLE_WINDOWS;
	model->units_in_use = 1 << UNIT_WEEK | 1 << UNIT_MONTH;
	struct span *views = little->spans.views;
	views[WINDOW_30D] = (struct span){DAY_0 + 30 * DAY, END};
	views[WINDOW_1H] = (struct span){DAY_0 + 60 * DAY, END};
	views[WINDOW_MONTH] = (struct span){DAY_0 + 10 * DAY, END};
	views[PREVIOUS + WINDOW_30D] = (struct span){DAY_0, DAY_0 + 30 * DAY};
	views[PREVIOUS + WINDOW_1H] = (struct span){DAY_0 + 59 * DAY, DAY_0 + 60 * DAY};
	views[PREVIOUS + WINDOW_MONTH] = (struct span){DAY_0 + 5 * DAY, DAY_0 + 10 * DAY};
	little->spans.end = END;
}

static void put_measures(struct little_model *little)
{
	static const struct measure measures[LITTLE_MEASURES] = {
		{.name = "won", .kind = MEASURE_COUNT, .component = CELL_WON, .component_count = 1},
		{.name = "lost", .kind = MEASURE_COUNT, .component = CELL_LOST, .component_count = 1},
		{.name = "sold", .kind = MEASURE_SUM, .component = CELL_SOLD, .component_count = 2},
		{.name = "cycle",
			.kind = MEASURE_ELAPSED,
			.component = CELL_PAIRS,
			.component_count = 2,
			.has_histogram = true},
		{.name = "open",
			.kind = MEASURE_LEVEL,
			.component = CELL_OPEN,
			.component_count = 3,
			.has_opening = true},
		{.name = "visitors", .kind = MEASURE_DISTINCT, .component = CELL_VISITORS, .component_count = 3},
		{.name = "kept", .kind = MEASURE_STAYED, .component = CELL_KEPT_MEMBERS, .component_count = 4},
		{.name = "touched", .kind = MEASURE_TOUCHES, .component = CELL_TOUCHED, .component_count = 2},
		{.name = "events", .kind = MEASURE_COUNT, .component = CELL_EVENTS, .component_count = 1},
	};
	memcpy(little->measures, measures, sizeof measures);
	for (size_t i = 0; i < LITTLE_MEASURES; i++) {
		little->seen[i][0] = UINT64_C(1) << i;
		little->measures[i].seen_types = little->seen[i];
	}
	little->model.measures = little->measures;
	little->model.measure_count = LITTLE_MEASURES;
	little->model.component_count = LITTLE_COMPONENTS;
	little->model.histogram_count = 1;
}

static void put_kpis(struct little_model *little)
{
	little->kpis[CLOSE_RATE] = (struct kpi){.name = "close_rate",
		.unit = UNIT_RATE,
		.higher_is_better = true,
		.ranks_by_wilson = true,
		.formula = {close_rate, COUNT_OF(close_rate)}};
	little->kpis[REVENUE] = (struct kpi){.name = "revenue",
		.unit = UNIT_MONEY,
		.higher_is_better = true,
		.formula = {revenue, COUNT_OF(revenue)}};
	little->kpis[CYCLE_MEDIAN] = (struct kpi){
		.name = "cycle_median", .unit = UNIT_SECONDS, .formula = {cycle_median, COUNT_OF(cycle_median)}};
	for (size_t i = 0; i < LITTLE_KPIS; i++) {
		little->kpis[i].dimensions = 0xff;
		little->kpis[i].windows = (1u << LITTLE_WINDOWS) - 1;
	}
	little->model.kpis = little->kpis;
	little->model.kpi_count = LITTLE_KPIS;
}

/* ann is in north, bob in south until the 40th day and in north from there on; cy left before all windows. */
static void put_roster(struct little_model *little)
{
	little->memberships[0] = (struct membership){0, INT64_MIN, INT64_MAX};
	little->memberships[1] = (struct membership){1, INT64_MIN, DAY_0 + 40 * DAY};
	little->memberships[2] = (struct membership){0, DAY_0 + 40 * DAY, INT64_MAX};
	little->memberships[3] = (struct membership){1, INT64_MIN, DAY_0};
	little->teams[0] = (struct roster_team){.id = STR("north"), .name = STR("North")};
	little->teams[1] = (struct roster_team){.id = STR("south"), .name = STR("South")};
	little->reps[0] = (struct roster_rep){
		.id = STR("ann"), .name = STR("Ann A."), .memberships = &little->memberships[0], .membership_count = 1};
	little->reps[1] = (struct roster_rep){
		.id = STR("bob"), .name = STR("Bob B."), .memberships = &little->memberships[1], .membership_count = 2};
	little->reps[2] = (struct roster_rep){
		.id = STR("cy"), .name = STR("Cy C."), .memberships = &little->memberships[3], .membership_count = 1};
	little->roster = (struct roster){.teams = little->teams, .team_count = 2, .reps = little->reps, .rep_count = 3};
	map_init(&little->roster.reps_by_id);
	for (uint32_t i = 0; i < little->roster.rep_count; i++)
		*map_put(&little->roster.reps_by_id, little->reps[i].id, NULL) = i;
}

void little_model_init(struct little_model *little)
{
	*little = (struct little_model){0};
	little->model.dimensions[DIMENSION_COMPANY].name = "company";
	little->model.dimensions[DIMENSION_TEAM].name = "team";
	little->model.dimensions[DIMENSION_REP].name = "rep";
	little->model.dimension_count = 3;
	put_windows(little);
	put_measures(little);
	put_kpis(little);
	put_roster(little);
	struct merge_status status = {.as_of = END, .since = DAY_0, .gap = INT64_MIN, .seen_types = {UINT64_MAX}};
	little->evaluation = (struct evaluation){
		.model = &little->model, .roster = &little->roster, .spans = &little->spans, .status = status};
}

void little_model_release(struct little_model *little)
{
	map_release(&little->roster.reps_by_id);
}

static int by_cell(const void *a, const void *b)
{
	const struct little_total *left = a, *right = b;
	return (left->cell > right->cell) - (left->cell < right->cell);
}

static size_t take_entry(const struct little_total *totals, size_t count, struct partial_entry *ret_entry)
{
	*ret_entry = (struct partial_entry){.cell = totals->cell};
	size_t taken = 0;
	for (; taken < count && totals[taken].cell == totals->cell; taken++) {
		ret_entry->views |= totals[taken].total ? UINT64_C(1) << totals[taken].view : 0;
		ret_entry->totals[totals[taken].view] = totals[taken].total;
	}
	return taken;
}

static void put_record(struct buf *out, uint8_t dimension, const char *key, const struct little_total *totals,
	size_t count, bool change)
{
	struct little_total sorted[1024];
	struct buf entries;
	uint64_t entry_count = 0;
	uint32_t cell = 0;
	if (count > COUNT_OF(sorted))
		abort();
	if (count)
		memcpy(sorted, totals, count * sizeof *sorted);
	qsort(sorted, count, sizeof *sorted, by_cell);
	buf_init(&entries);
	for (size_t at = 0; at < count;) {
		struct partial_entry entry;
		at += take_entry(sorted + at, count - at, &entry);
		if (!change && !entry.views)
			continue;
		partial_put_entry(&entries, cell, &entry);
		cell = entry.cell;
		entry_count++;
	}
	partial_put_record(out, &(struct partial_record){dimension, str_of(key), change, entry_count});
	buf_put_str(out, buf_str(&entries));
	buf_release(&entries);
}

void little_record(struct buf *out, uint8_t dimension, const char *key, const struct little_total *totals, size_t count)
{
	put_record(out, dimension, key, totals, count, false);
}

void little_change(struct buf *out, uint8_t dimension, const char *key, const struct little_total *totals, size_t count)
{
	put_record(out, dimension, key, totals, count, true);
}
