/* `targets` of kpis.yaml: what is read, and what is refused. */
#include "tests/unit/config_text.h"
#include "tests/unit/unit.h"

static struct config_text text;

/* Targets stand from line 13 on. */
static void load(const char *targets)
{
	struct buf kpis;
	buf_init(&kpis);
	buf_printf(&kpis,
		"windows: [1h, 7d, week, month, quarter, year, month-1, quarter-1, quarter-2]\n"
		"stocks: {open: {opens: deal.created, closes: deal.closed}}\n"
		"measures: {m: {count: deal.created}, n: {count: deal.closed}, a: {sum: amount, of: deal.closed}, l: "
		"{level: open}, "
		"c: {distinct: customer, of: deal.created}, e: {elapsed: deal.created, to: deal.closed}}\n"
		"kpis:\n"
		"  count: {formula: m, unit: count}\n"
		"  rate: {formula: m / n, unit: percent}\n"
		"  mean: {formula: mean(e), unit: seconds, by: [rep]}\n"
		"  sums: {formula: (a + a) / 2 - 3 * a, unit: money}\n"
		"  level: {formula: level(l) + c, unit: count}\n"
		"  monthly: {formula: m - n, unit: count, windows: [1h, month], by: [rep]}\n"
		"  mixed: {formula: 1 + m, unit: count}\n"
		"  before: {formula: prev(m), unit: count, windows: [month]}\n"
		"%s\n",
		targets);
	config_text_init(&text);
	config_text_load_model(&text, kpis.data);
	config_text_tell(&text);
	buf_release(&kpis);
}

static void assert_says(const char *targets, const char *expected)
{
	load(targets);
	assert_string_equal(text.said.data, expected);
	config_text_release(&text);
}

static const struct target *load_one(const char *target)
{
	struct buf targets;
	buf_init(&targets);
	buf_printf(&targets, "targets: [{kpi: %s}]", target);
	load(targets.data);
	buf_release(&targets);
	assert_string_equal(text.said.data, "");
	assert_int_equal(text.model.target_count, 1);
	return &text.model.targets[0];
}

/* The target's windows, by name. */
static void assert_windows(const char *target, const char *expected)
{
	const struct target *read = load_one(target);
	struct buf names;
	buf_init(&names);
	for (int i = 0; i < text.model.window_count; i++)
		if (read->windows >> i & 1)
			buf_printf(&names, "%s%s", names.length ? " " : "", text.model.windows[i].name);
	buf_printf(&names, "%s%s", read->bound ? " bound" : "", read->cumulative ? " cumulative" : "");
	assert_string_equal(names.data, expected);
	buf_release(&names);
	config_text_release(&text);
}

static void test_windows(void **state)
{
	(void)state;
	assert_windows("count, value: 5, by: 2026-12-31", "year bound cumulative");
	assert_windows("count, value: 5, by: 2026-09-30", "quarter quarter-1 quarter-2 bound cumulative");
	assert_windows("count, value: 5, by: 2026-11-30", "month month-1 bound cumulative");
	assert_windows("count, value: 5, by: 2026-11-22", "week bound cumulative"); /* a Sunday */
	assert_windows("count, value: 5, by: 2026-11-25", "year bound cumulative");
	assert_windows("count, value: 5, by: 2026-12-31, window: month", "month month-1 bound cumulative");
	assert_windows("count, value: 5, window: week", "week bound cumulative");
	assert_windows("count, value: 5, window: 7d", "7d");
	assert_windows("monthly, value: 5, by: 2026-12-31", "month bound cumulative");
	assert_windows("rate, value: 5%", "1h 7d week month quarter year");
	assert_windows("rate, value: 5%, window: 7d", "7d");
	assert_windows("rate, value: 5%, window: quarter", "quarter quarter-1 quarter-2 bound");
	assert_windows("rate, increase: 5%, over: previous quarter", "quarter quarter-1 bound");
	assert_windows("count, increase: 5%, over: previous month", "month bound cumulative");
}

static void test_what_adds_up(void **state)
{
	(void)state;
	assert_windows("sums, value: 5, window: week", "week bound cumulative");
	assert_windows("monthly, value: 5, window: month", "month bound cumulative");
	assert_windows("level, value: 5, window: week", "week bound");
	assert_windows("mixed, value: 5, window: week", "week bound");
	assert_windows("before, value: 5, window: month", "month bound");
	assert_windows("mean, value: 4h, window: week", "week bound");
}

static void test_a_target(void **state)
{
	(void)state;
	const struct target *target = load_one("mean, value: 4h, from: 1970-01-02, by: 1970-01-05, of: rep, key: r1");
	assert_int_equal(target->value, 144000000);
	assert_int_equal(target->from_day, 1);
	assert_int_equal(target->by_day, 4);
	assert_int_equal(target->dimension, DIMENSION_REP);
	assert_str(target->key, "r1");
	assert_false(target->over);
	assert_int_equal(target->line, 13);
	config_text_release(&text);
	target = load_one("count, decrease: 12.5%, over: previous quarter, roll_down: [rep]");
	assert_int_equal(target->value, -1250);
	assert_true(target->over);
	assert_int_equal(target->unit, UNIT_QUARTER);
	assert_int_equal(target->handed_down, 1 << DIMENSION_REP);
	assert_int_equal(target->by_day, INT32_MIN);
	config_text_release(&text);
	target = load_one("count, value: 9, window: year, roll_down: [team, rep], keys: {north: 4, south: 5}");
	assert_int_equal(target->part_count, 2);
	assert_str(target->parts[1].key, "south");
	assert_int_equal(target->parts[1].value, 50000);
	config_text_release(&text);
}

static void test_wrong_goals(void **state)
{
	(void)state;
	assert_says("targets: [{kpi: count, by: 2026-12-31}]",
		"13:11: a target has one goal: 'value', 'increase' or 'decrease'\n");
	assert_says("targets: [{kpi: count, value: 1, increase: 5%, over: previous month}]",
		"13:11: a target has one goal: 'value', 'increase' or 'decrease'\n");
	assert_says("targets: [{kpi: count, increase: 5%}]",
		"13:11: 'over' is missing: previous month, quarter, year, ...\n");
	assert_says("targets: [{kpi: count, value: 5, over: previous month}]",
		"13:40: 'over' goes with 'increase' or 'decrease'\n");
	assert_says("targets: [{kpi: count, increase: 5, over: previous month}]", "13:34: '5' is not a percentage\n");
	assert_says(
		"targets: [{kpi: count, increase: 0%, over: previous month}]", "13:34: an increase is more than 0%\n");
	assert_says("targets: [{kpi: count, decrease: 100.01%, over: previous month}]",
		"13:34: a decrease is more than 0% and at most 100%\n");
	assert_says("targets: [{kpi: count, value: 5%, by: 2026-12-31}]", "13:31: 'count' is not a rate: no %\n");
	assert_says("targets: [{kpi: coun, value: 5}]", "13:17: unknown KPI 'coun'; did you mean 'count'?\n");
	assert_says(
		"targets: [{kpi: count, value: 5, until: 2026-12-31, window: week}]", "13:34: unknown key 'until'\n");
}

static void test_wrong_windows(void **state)
{
	(void)state;
	assert_says("targets: [{kpi: count, value: 5}]", "13:11: 'count' adds up: its target needs 'by' or 'window'\n");
	assert_says("targets: [{kpi: monthly, value: 5, by: 2026-11-29}]",
		"13:11: no period to date of 'monthly' ends with that day: say 'window'\n");
	assert_says("targets: [{kpi: monthly, value: 5, window: 7d}]", "13:44: 'monthly' does not have this window\n");
	assert_says(
		"targets: [{kpi: count, value: 5, window: 8d}]", "13:42: unknown window '8d'; did you mean '7d'?\n");
	assert_says("targets: [{kpi: count, value: 5, window: month-1}]",
		"13:42: a target is for a window that reaches up to now: 'month' or a rolling one\n");
	assert_says("targets: [{kpi: count, increase: 5%, over: previous fortnight}]",
		"13:44: 'previous fortnight' is not one of previous day, week, month, quarter, year\n");
	assert_says("targets: [{kpi: count, increase: 5%, over: previous day}]",
		"13:44: 'count' does not have the window 'day'\n");
	assert_says("targets: [{kpi: count, increase: 5%, over: previous year}]",
		"13:44: 'count' does not have the window 'year-1', which is the base\n");
	assert_says("targets: [{kpi: count, increase: 5%, over: previous month, window: month}]",
		"13:68: 'over' says the window: leave it out\n");
}

static void test_wrong_dates(void **state)
{
	(void)state;
	assert_says("targets: [{kpi: count, value: 5, by: 2026-02-29}]",
		"13:38: '2026-02-29' is not a date such as 2026-01-31\n");
	assert_says("targets: [{kpi: rate, value: 5, from: 2026-02-02, by: 2026-02-01}]",
		"13:39: 'from' must not come after 'by'\n");
	assert_says("targets: [{kpi: count, value: 5, from: 2025-12-31, by: 2026-12-31}]",
		"13:40: 'from' must lie in the same year as 'by'\n");
}

static void test_wrong_owners(void **state)
{
	(void)state;
	assert_says("targets: [{kpi: mean, value: 5, of: team}]", "13:37: 'mean' is not kept by team\n");
	assert_says(
		"targets: [{kpi: mean, value: 5, of: tem}]", "13:37: unknown dimension 'tem'; did you mean 'team'?\n");
	assert_says("targets: [{kpi: rate, value: 5, key: north}]",
		"13:38: the company has one key only: say 'of', the dimension of this one\n");
	assert_says("targets: [{kpi: rate, value: 5, roll_down: [company]}]",
		"13:45: a target is handed down from the company to teams and reps, or from a team to reps\n");
	assert_says("targets: [{kpi: rate, value: 5, of: rep, roll_down: [team]}]",
		"13:54: a target is handed down from the company to teams and reps, or from a team to reps\n");
	assert_says("targets: [{kpi: mean, value: 5, roll_down: [team]}]", "13:45: 'mean' is not kept by team\n");
	assert_says("targets: [{kpi: count, value: 5, window: 7d, roll_down: [rep]}]",
		"13:57: 'count' adds up: only the goal of a period to date can be shared out\n");
}

static void test_wrong_parts(void **state)
{
	(void)state;
	assert_says("targets: [{kpi: count, value: 5, window: week, keys: {n: 3}}]",
		"13:54: 'keys' are parts of one 'value' that adds up and is handed down with 'roll_down'\n");
	assert_says("targets: [{kpi: rate, value: 5, roll_down: [rep], keys: {n: 3}}]",
		"13:57: 'keys' are parts of one 'value' that adds up and is handed down with 'roll_down'\n");
	assert_says("targets: [{kpi: count, value: 5, window: week, of: team, roll_down: [rep], keys: {n: 3}}]",
		"13:82: 'keys' are parts of one 'value' that adds up and is handed down with 'roll_down'\n");
	assert_says("targets: [{kpi: count, value: 5, window: week, roll_down: [rep], keys: {n: 3, m: 2.0001}}]",
		"13:72: the parts add up to more than the value\n");
	assert_says("targets: [{kpi: count, value: 5, window: week, roll_down: [rep], keys: {n: -1}}]",
		"13:76: a part must not be below 0\n");
}

static void test_two_of_one_kind(void **state)
{
	(void)state;
	static const char *const ok[] = {
		"targets: [{kpi: rate, value: 1, by: 2026-06-30}, {kpi: rate, value: 2, from: 2026-07-01}]",
		"targets: [{kpi: rate, value: 1, window: 7d}, {kpi: rate, value: 2, window: 1h}]",
		"targets: [{kpi: rate, value: 1}, {kpi: rate, value: 2, of: rep}, {kpi: rate, value: 2, of: rep, key: "
		"a}]",
		"targets: [{kpi: count, value: 1, by: 2026-06-30}, {kpi: count, value: 2, by: 2026-09-30}]",
		"targets: [{kpi: count, value: 1, by: 2026-12-31}, {kpi: count, value: 2, window: month}]",
	};
	for (size_t i = 0; i < sizeof ok / sizeof *ok; i++)
		assert_says(ok[i], "");
	assert_says("targets: [{kpi: rate, value: 1, by: 2026-06-30}, {kpi: rate, value: 2, from: 2026-06-30}]",
		"13:50: 'rate' has a target for the same window, days and key already, in line 13\n");
	assert_says("targets: [{kpi: rate, value: 1}, {kpi: rate, value: 2, window: 7d}]",
		"13:34: 'rate' has a target for the same window, days and key already, in line 13\n");
	assert_says("targets: [{kpi: count, value: 1, window: month}, {kpi: count, value: 2, window: month, by: "
		    "2026-09-30}]",
		"13:50: 'count' has a target for the same window, days and key already, in line 13\n");
}

static void test_shown_without_a_target(void **state)
{
	(void)state;
	assert_says("boards: [{kpis: [count, rate], by: team}, {kpis: [level, rate], by: rep}]\n"
		    "targets: [{kpi: count, value: 3, window: month}, {kpi: level, value: 3}]",
		"13:25: 'rate' is on a board without a target that has a number and a date: add {kpi: rate, value: "
		"..., "
		"by: ...} to 'targets'\n"
		"13:51: 'level' is on a board without a target that has a number and a date: add {kpi: level, value: "
		"..., "
		"by: ...} to 'targets'\n");
}

static void test_activities(void **state)
{
	(void)state;
	load("activities: [monthly, count]");
	assert_string_equal(text.said.data, "");
	assert_int_equal(text.model.activity_count, 2);
	assert_string_equal(text.model.kpis[text.model.activities[0]].name, "monthly");
	assert_string_equal(text.model.kpis[text.model.activities[1]].name, "count");
	config_text_release(&text);
	assert_says("activities: [coumt, rate, sums, level, count, count]",
		"13:14: unknown KPI 'coumt'; did you mean 'count'?\n"
		"13:21: 'rate' is no activity: its unit is not 'count'\n"
		"13:27: 'sums' is no activity: its unit is not 'count'\n"
		"13:33: 'level' is no activity: it does not add up, as a sum of counts does\n"
		"13:47: 'count' is an activity already\n");
	assert_says("activities: count", "13:13: 'activities' must be a list, not a text\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_windows),
		cmocka_unit_test(test_what_adds_up),
		cmocka_unit_test(test_a_target),
		cmocka_unit_test(test_wrong_goals),
		cmocka_unit_test(test_wrong_windows),
		cmocka_unit_test(test_wrong_dates),
		cmocka_unit_test(test_wrong_owners),
		cmocka_unit_test(test_wrong_parts),
		cmocka_unit_test(test_two_of_one_kind),
		cmocka_unit_test(test_shown_without_a_target),
		cmocka_unit_test(test_activities),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
