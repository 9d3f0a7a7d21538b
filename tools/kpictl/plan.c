/* kpictl plan: how much a day it takes to reach a goal. */
#include "tools/kpictl/plan.h"

#include "base/mem.h"
#include "base/text.h"
#include "config/formula_sum.h"
#include "tools/kpictl/names.h"
#include "tools/kpictl/source.h"
#include "tools/kpictl/verbs.h"

#include <getopt.h>
#include <stdio.h>

#define VERB "plan"

static const char usage[] =
	"Usage: kpictl plan [OPTION]... KPI\n"
	"Prints how much of each activity a day it takes, in all and of each rep, to reach the goal of a KPI.\n"
	"\n"
	"  -c, --config DIR     configuration directory (config)\n"
	"  -s, --set KEY=VALUE  override a key of kpid.yaml; may be given several times\n"
	"      --company        the company's goal, which is the default\n"
	"      --team TEAM, --rep REP\n"
	"                       that of a team or a rep\n"
	"  -w, --window NAME    the period to date that the goal is for: year, quarter, month, week or day; default:\n"
	"                       the longest that has a target; with --goal: year\n"
	"  -g, --goal VALUE -b, --by DATE\n"
	"                       instead of a target of kpis.yaml: the goal, and its last day\n"
	"  -y, --yield NAME     the window in which the yields are looked at; default: the longest rolling one of\n"
	"                       at most 90d\n"
	"  -a, --as-of TIME     count only events before TIME (RFC 3339); default: as late as there is something\n"
	"  -e, --events FILE    read the events from a file of JSON lines ('-': standard input), or from 'kafka':\n"
	"                       all topics from their beginning\n"
	"      --as-arrived     take received_at of the file's lines as Kafka's timestamp\n"
	"      --state DIR      without --events: the checkpoints (checkpoint.directory); kpid may be running\n"
	"      --json           print one JSON object\n"
	"  -h, --help           print this and end\n";

enum { OPTION_COMPANY = 256, OPTION_TEAM, OPTION_REP, OPTION_ARRIVED, OPTION_STATE, OPTION_JSON };

enum { TO_FIGURE = 100 }; /* 10^-4 to 10^-6 */

struct planning {
	const char *directory, *kpi, *window, *yield;
	const char **overrides;
	size_t override_count;
	uint8_t dimension;
	struct str key;
	struct source source;
	bool has_goal, json;
	int64_t goal;   /* 10^-4 */
	int32_t by_day; /* INT32_MIN: none */
	int yield_window;
	struct config *config;
	struct engine engine;
};

/* ---- the command line ---- */

static bool bad(const char *what, const char *text)
{
	fprintf(stderr, "kpictl plan: %s '%s'\nTry 'kpictl plan --help'.\n", what, text);
	return false;
}

static void take_key(struct planning *planning, uint8_t dimension, const char *key)
{
	planning->dimension = dimension;
	planning->key = str_of(key);
}

static bool take_value(struct planning *planning, int option)
{
	switch (option) {
	case 'a':
		return text_to_time(str_of(optarg), &planning->source.as_of) == RESULT_OK ||
			bad("--as-of takes a time such as 2026-11-23T21:00:00Z, not", optarg);
	case 'g':
		planning->has_goal = true;
		return decimal_from_text(str_of(optarg), &planning->goal) == RESULT_OK ||
			bad("--goal takes a number, not", optarg);
	case 'b':
		return text_to_date(str_of(optarg), &planning->by_day) == RESULT_OK ||
			bad("--by takes a date such as 2026-12-31, not", optarg);
	default:
		fputs("Try 'kpictl plan --help'.\n", stderr);
		return false;
	}
}

static bool take_option(struct planning *planning, int option)
{
	switch (option) {
	case 'c':
		planning->directory = optarg;
		return true;
	case 's':
		planning->overrides =
			mem_resize(planning->overrides, planning->override_count + 1, sizeof *planning->overrides);
		planning->overrides[planning->override_count++] = optarg;
		return true;
	case 'w':
		planning->window = optarg;
		return true;
	case 'y':
		planning->yield = optarg;
		return true;
	case 'e':
		planning->source.events = optarg;
		return true;
	case OPTION_COMPANY:
		take_key(planning, DIMENSION_COMPANY, "all");
		return true;
	case OPTION_TEAM:
		take_key(planning, DIMENSION_TEAM, optarg);
		return true;
	case OPTION_REP:
		take_key(planning, DIMENSION_REP, optarg);
		return true;
	case OPTION_ARRIVED:
		planning->source.as_arrived = true;
		return true;
	case OPTION_STATE:
		planning->source.state = optarg;
		return true;
	case OPTION_JSON:
		planning->json = true;
		return true;
	default:
		return take_value(planning, option);
	}
}

static bool parse(struct planning *planning, int argc, char **argv, int *ret_exit)
{
	static const struct option known[] = {
		{"config", required_argument, NULL, 'c'},
		{"set", required_argument, NULL, 's'},
		{"company", no_argument, NULL, OPTION_COMPANY},
		{"team", required_argument, NULL, OPTION_TEAM},
		{"rep", required_argument, NULL, OPTION_REP},
		{"window", required_argument, NULL, 'w'},
		{"goal", required_argument, NULL, 'g'},
		{"by", required_argument, NULL, 'b'},
		{"yield", required_argument, NULL, 'y'},
		{"as-of", required_argument, NULL, 'a'},
		{"events", required_argument, NULL, 'e'},
		{"as-arrived", no_argument, NULL, OPTION_ARRIVED},
		{"state", required_argument, NULL, OPTION_STATE},
		{"json", no_argument, NULL, OPTION_JSON},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	int option;
	*ret_exit = EXIT_USAGE;
	while ((option = getopt_long(argc, argv, "c:s:w:g:b:y:a:e:h", known, NULL)) != -1) {
		if (option == 'h') {
			fputs(usage, stdout);
			*ret_exit = 0;
			return false;
		}
		if (!take_option(planning, option))
			return false;
	}
	if (optind + 1 != argc)
		return bad("it takes one KPI, see", "--help");
	planning->kpi = argv[optind];
	if (planning->has_goal != (planning->by_day != INT32_MIN))
		return bad("--goal and --by go together; see", "--help");
	return true;
}

/* ---- what can be planned ---- */

static bool can_be_planned(const struct model *model, const struct kpi *kpi)
{
	return kpi->higher_is_better && formula_adds_up(model, &kpi->formula);
}

static bool check_kpi(const struct model *model, const struct kpi *kpi)
{
	if (can_be_planned(model, kpi))
		return true;
	fprintf(stderr, "kpictl plan: %s %s; these can be planned:", kpi->name,
		kpi->higher_is_better ? "does not add up day by day, so that nothing of it can be missing"
				      : "is better when it is lower, so that no work is missing");
	for (uint16_t i = 0; i < model->kpi_count; i++)
		if (can_be_planned(model, &model->kpis[i]))
			fprintf(stderr, " %s", model->kpis[i].name);
	fputc('\n', stderr);
	return false;
}

/* Windows that are named on the command line. -1: none was. */
static bool find_windows(struct planning *planning, const struct kpi *kpi, int *ret_window)
{
	const struct model *model = &planning->config->model;
	uint8_t window, yield;
	const char *name = planning->window ? planning->window : planning->has_goal ? "year" : NULL;
	*ret_window = -1;
	if (planning->yield) {
		if (!names_find_window(VERB, model, str_of(planning->yield), &yield))
			return false;
		planning->yield_window = yield;
	}
	if (!name)
		return true;
	if (!names_find_window(VERB, model, str_of(name), &window))
		return false;
	if (model->windows[window].kind != WINDOW_TO_DATE || !(kpi->windows >> window & 1)) {
		fprintf(stderr, "kpictl plan: %s is not a period to date of %s: --window year, quarter, month, ...\n",
			name, kpi->name);
		return false;
	}
	*ret_window = window;
	return true;
}

/* ---- the goal ---- */

static void put_day(int32_t day, char text[static 16])
{
	int year, month, day_of_month;
	date_of_day(day, &year, &month, &day_of_month);
	snprintf(text, 16, "%04d-%02d-%02d", year, month, day_of_month);
}

/* The last day must be one of those left in the present period: what is counted now is of that one. */
static bool check_day(const struct planning *planning, uint8_t window)
{
	const struct engine *engine = &planning->engine;
	enum calendar_unit unit = engine->config->model.windows[window].unit;
	int32_t first = zone_civil(&engine->config->zone, engine->spans.end).day;
	int32_t counted = zone_civil(&engine->config->zone, engine->spans.end - 1).day;
	int32_t last = calendar_first_day(&engine->calendar, unit, counted, 1) - 1;
	char from[16], to[16];
	if (planning->by_day >= first && planning->by_day <= last)
		return true;
	put_day(first, from);
	put_day(last, to);
	if (first > last)
		fprintf(stderr, "kpictl plan: the %s ended on %s\n", engine->config->model.windows[window].name, to);
	else
		fprintf(stderr, "kpictl plan: --by must be a day of the %s that is still to come: from %s to %s\n",
			engine->config->model.windows[window].name, from, to);
	return false;
}

static void look_at(const struct planning *planning, uint8_t window, struct plan_goal *goal, struct aim *ret_aim)
{
	const struct engine *engine = &planning->engine;
	goal->window = window;
	evaluate_figure(&engine->evaluation, goal->key, goal->kpi, window, &goal->figure);
	publisher_aim(engine->publisher, &engine->evaluation, goal->key, &goal->figure, ret_aim);
}

static bool say_no_target(const struct planning *planning, const char *reason)
{
	fprintf(stderr,
		"kpictl plan: there is no goal of %s for %s %.*s now%s%s: add {kpi: %s, value: ..., by: ...} to "
		"'targets' of kpis.yaml, or give --goal and --by\n",
		planning->kpi, planning->config->model.dimensions[planning->dimension].name, STR_ARG(planning->key),
		reason ? ", because of its base: " : "", reason ? reason : "", planning->kpi);
	return false;
}

/* That of the longest period, or of the window that was named. */
static bool find_target(const struct planning *planning, int window, struct plan_goal *goal)
{
	const struct model *model = &planning->config->model;
	const char *reason = NULL;
	for (int unit = UNIT_YEAR; unit >= UNIT_DAY; unit--)
		for (uint8_t i = 0; i < model->window_count; i++) {
			struct aim aim;
			if (model->windows[i].kind != WINDOW_TO_DATE || model->windows[i].unit != unit ||
				!(model->kpis[goal->kpi].windows >> i & 1) || (window >= 0 && window != i))
				continue;
			look_at(planning, i, goal, &aim);
			if (!aim.target || !aim.target->cumulative)
				continue;
			goal->goal = aim.goal;
			goal->by_day = aim.by_day;
			if (!aim.reason)
				return true;
			reason = aim.reason;
		}
	return say_no_target(planning, reason);
}

static bool find_goal(const struct planning *planning, int window, struct plan_goal *goal)
{
	struct aim aim;
	goal->of_target = !planning->has_goal;
	if (goal->of_target)
		return find_target(planning, window, goal);
	look_at(planning, (uint8_t)window, goal, &aim);
	goal->goal = (i128)planning->goal * TO_FIGURE;
	goal->by_day = planning->by_day;
	return check_day(planning, (uint8_t)window);
}

/* ---- the walk ---- */

static void print(const struct planning *planning, const struct plan *plan)
{
	struct buf out;
	buf_init(&out);
	if (planning->json)
		plan_put_json(&out, plan);
	else
		plan_put_text(&out, plan);
	fwrite(out.data, 1, out.length, stdout);
	buf_release(&out);
}

static bool check_names(struct planning *planning, struct plan_goal *goal, int *ret_window)
{
	const struct model *model = &planning->config->model;
	if (!names_find_kpi(VERB, model, str_of(planning->kpi), &goal->kpi) ||
		!check_kpi(model, &model->kpis[goal->kpi]) ||
		!find_windows(planning, &model->kpis[goal->kpi], ret_window))
		return false;
	if (!model->activity_count) {
		fputs("kpictl plan: kpis.yaml names no 'activities': add the KPIs that count what people do\n", stderr);
		return false;
	}
	if (!(model->kpis[goal->kpi].dimensions >> planning->dimension & 1)) {
		fprintf(stderr, "kpictl plan: %s has no figures by %s\n", planning->kpi,
			model->dimensions[planning->dimension].name);
		return false;
	}
	return true;
}

static bool plan_figure(struct planning *planning)
{
	struct plan_goal goal = {.dimension = planning->dimension};
	struct plan plan;
	int window;
	if (!check_names(planning, &goal, &window) ||
		!source_fill(&planning->source, &planning->engine, planning->config) ||
		!names_find_key(VERB, &planning->engine, planning->dimension, planning->key, &goal.key) ||
		!find_goal(planning, window, &goal))
		return false;
	if (!figure_has_value(&goal.figure)) {
		fprintf(stderr, "kpictl plan: %s has no value now: %s\n", planning->kpi,
			figure_reason_name(goal.figure.reason));
		return false;
	}
	plan_reckon(&plan, &planning->engine, &goal, planning->yield_window);
	print(planning, &plan);
	plan_release(&plan);
	return true;
}

int kpictl_plan(int argc, char **argv)
{
	struct planning planning = {.directory = "config",
		.dimension = DIMENSION_COMPANY,
		.key = STR("all"),
		.source = {.verb = VERB, .as_of = INT64_MIN},
		.by_day = INT32_MIN,
		.yield_window = PLAN_YIELD_AUTO};
	int code;
	if (parse(&planning, argc, argv, &code)) {
		code = EXIT_FOUND;
		planning.config = engine_config(planning.directory, planning.overrides, planning.override_count);
		if (planning.config && plan_figure(&planning))
			code = ferror(stdout) || fflush(stdout) != 0;
	}
	engine_release(&planning.engine);
	config_free(planning.config);
	mem_free(planning.overrides);
	return code;
}
