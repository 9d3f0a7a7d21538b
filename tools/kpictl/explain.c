/* kpictl explain: where a figure comes from. */
#include "base/mem.h"
#include "base/text.h"
#include "tools/kpictl/explain_print.h"
#include "tools/kpictl/explain_source.h"
#include "tools/kpictl/verbs.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

static const char usage[] =
	"Usage: kpictl explain [OPTION]... KPI\n"
	"Prints what a figure is made of: its formula with the numbers in it, its measures, and with --events the "
	"very\n"
	"events behind them.\n"
	"\n"
	"  -c, --config DIR     configuration directory (config)\n"
	"  -s, --set KEY=VALUE  override a key of kpid.yaml; may be given several times\n"
	"      --company        the company's figure, which is the default\n"
	"      --rep REP, --team TEAM, --key DIMENSION=KEY\n"
	"                       that of a rep, a team, another key\n"
	"  -w, --window NAME    30d, month and so on (30d)\n"
	"  -a, --as-of TIME     count only events before TIME (RFC 3339); default: as late as there is something\n"
	"  -e, --events FILE    read the events from a file of JSON lines ('-': standard input), or from 'kafka':\n"
	"                       all topics from their beginning\n"
	"      --as-arrived     take received_at of the file's lines as Kafka's timestamp\n"
	"      --state DIR      without --events: the checkpoints (checkpoint.directory); kpid may be running\n"
	"      --all            list also events that were taken back, and those who left\n"
	"  -n, --limit N        list so many events of a measure (50)\n"
	"      --json           print one JSON object\n"
	"  -h, --help           print this and end\n";

enum {
	OPTION_COMPANY = 256,
	OPTION_REP,
	OPTION_TEAM,
	OPTION_KEY,
	OPTION_ARRIVED,
	OPTION_STATE,
	OPTION_ALL,
	OPTION_JSON
};

struct explain {
	const char *directory, *kpi, *window, *events, *state;
	const char **overrides;
	size_t override_count;
	struct str dimension, key;
	int64_t as_of, limit;
	bool as_arrived, all, json;
	struct config *config;
	struct engine engine;
	struct explanation explanation;
	struct arena arena;
	struct config_problems problems;
};

static bool bad(const char *what, const char *text)
{
	fprintf(stderr, "kpictl explain: %s '%s'\nTry 'kpictl explain --help'.\n", what, text);
	return false;
}

static bool take_key(struct explain *explain, struct str dimension, const char *key)
{
	explain->dimension = dimension;
	explain->key = str_of(key);
	return true;
}

static bool take_option(struct explain *explain, int option)
{
	const char *equals = optarg ? strchr(optarg, '=') : NULL;
	switch (option) {
	case 'c':
		explain->directory = optarg;
		return true;
	case 's':
		explain->overrides =
			mem_resize(explain->overrides, explain->override_count + 1, sizeof *explain->overrides);
		explain->overrides[explain->override_count++] = optarg;
		return true;
	case 'w':
		explain->window = optarg;
		return true;
	case 'e':
		explain->events = optarg;
		return true;
	case 'a':
		return text_to_time(str_of(optarg), &explain->as_of) == RESULT_OK ||
			bad("--as-of takes a time such as 2026-11-23T21:00:00Z, not", optarg);
	case 'n':
		return (text_to_i64(str_of(optarg), &explain->limit) == RESULT_OK && explain->limit >= 0) ||
			bad("--limit takes a number, not", optarg);
	case OPTION_COMPANY:
		return take_key(explain, STR("company"), "all");
	case OPTION_REP:
		return take_key(explain, STR("rep"), optarg);
	case OPTION_TEAM:
		return take_key(explain, STR("team"), optarg);
	case OPTION_KEY:
		return equals ? take_key(explain, (struct str){optarg, (size_t)(equals - optarg)}, equals + 1)
			      : bad("--key takes DIMENSION=KEY, not", optarg);
	case OPTION_ARRIVED:
		explain->as_arrived = true;
		return true;
	case OPTION_STATE:
		explain->state = optarg;
		return true;
	case OPTION_ALL:
		explain->all = true;
		return true;
	case OPTION_JSON:
		explain->json = true;
		return true;
	default:
		fputs("Try 'kpictl explain --help'.\n", stderr);
		return false;
	}
}

static bool parse(struct explain *explain, int argc, char **argv, int *ret_exit)
{
	static const struct option known[] = {
		{"config", required_argument, NULL, 'c'},
		{"set", required_argument, NULL, 's'},
		{"company", no_argument, NULL, OPTION_COMPANY},
		{"rep", required_argument, NULL, OPTION_REP},
		{"team", required_argument, NULL, OPTION_TEAM},
		{"key", required_argument, NULL, OPTION_KEY},
		{"window", required_argument, NULL, 'w'},
		{"as-of", required_argument, NULL, 'a'},
		{"events", required_argument, NULL, 'e'},
		{"as-arrived", no_argument, NULL, OPTION_ARRIVED},
		{"state", required_argument, NULL, OPTION_STATE},
		{"all", no_argument, NULL, OPTION_ALL},
		{"limit", required_argument, NULL, 'n'},
		{"json", no_argument, NULL, OPTION_JSON},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	int option;
	*ret_exit = EXIT_USAGE;
	while ((option = getopt_long(argc, argv, "c:s:w:a:e:n:h", known, NULL)) != -1) {
		if (option == 'h') {
			fputs(usage, stdout);
			*ret_exit = 0;
			return false;
		}
		if (!take_option(explain, option))
			return false;
	}
	if (optind + 1 != argc)
		return bad("it takes one KPI, see", "--help");
	explain->kpi = argv[optind];
	return true;
}

/* ---- names ---- */

struct choices {
	const char *items[1024];
	size_t count;
};

static void add_name(struct choices *names, const char *name)
{
	if (names->count < sizeof names->items / sizeof *names->items)
		names->items[names->count++] = name;
}

static bool find(const struct choices *names, struct str name, const char *what, size_t *ret_index)
{
	for (size_t i = 0; i < names->count; i++)
		if (str_equal(name, str_of(names->items[i]))) {
			*ret_index = i;
			return true;
		}
	const char *nearest = text_nearest(name, names->items, names->count);
	fprintf(stderr, "kpictl explain: there is no %s '%.*s'%s%s%s\n", what, STR_ARG(name),
		nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
	return false;
}

static bool find_all(
	const struct explain *explain, struct explain_view *view, uint8_t *ret_dimension, uint8_t *ret_window)
{
	const struct model *model = &explain->config->model;
	struct choices kpis = {0}, dimensions = {0}, windows = {0};
	size_t kpi, dimension, window;
	for (uint16_t i = 0; i < model->kpi_count; i++)
		add_name(&kpis, model->kpis[i].name);
	for (uint8_t i = 0; i < model->dimension_count; i++)
		add_name(&dimensions, model->dimensions[i].name);
	for (uint8_t i = 0; i < model->window_count; i++)
		add_name(&windows, model->windows[i].name);
	if (!find(&kpis, str_of(explain->kpi), "KPI", &kpi) ||
		!find(&dimensions, explain->dimension, "dimension", &dimension) ||
		!find(&windows, str_of(explain->window), "window", &window))
		return false;
	if (!(model->kpis[kpi].dimensions >> dimension & 1) || !(model->kpis[kpi].windows >> window & 1)) {
		fprintf(stderr, "kpictl explain: %s has no figures by %s in %s\n", explain->kpi,
			model->dimensions[dimension].name, explain->window);
		return false;
	}
	view->kpi = (uint16_t)kpi;
	*ret_dimension = (uint8_t)dimension;
	*ret_window = (uint8_t)window;
	return true;
}

static bool find_key(struct explain *explain, uint8_t dimension, const struct merged_key **ret_key)
{
	*ret_key = engine_key(&explain->engine, dimension, explain->key);
	if (*ret_key)
		return true;
	const char *nearest = engine_nearest_key(&explain->engine, dimension, explain->key, &explain->arena);
	fprintf(stderr, "kpictl explain: there is no %.*s '%.*s' then%s%s%s\n", STR_ARG(explain->dimension),
		STR_ARG(explain->key), nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
	return false;
}

/* ---- the walk ---- */

static bool fill(struct explain *explain)
{
	const struct config *config = explain->config;
	const char *systemd = getenv("STATE_DIRECTORY");
	const char *state = config->settings.checkpoint_directory;
	if (!explain->events) {
		state = *state ? state : (systemd && *systemd ? systemd : "state");
		return explain_from_state(
			&explain->engine, config, explain->state ? explain->state : state, explain->as_of);
	}
	if (strcmp(explain->events, "kafka") == 0)
		return explain_from_kafka(&explain->engine, config, explain->as_of);
	return explain_from_file(&explain->engine, config, explain->events, explain->as_arrived, explain->as_of);
}

/* A listing that does not add up would be worse than none. */
static bool adds_up(const struct explain *explain, const struct merged_key *key)
{
	const struct explanation *explanation = &explain->explanation;
	for (unsigned u = 0; u < explanation->use_count; u++) {
		const struct use *use = &explanation->uses[u];
		int64_t value = explanation_value(explanation, key, use), sum = explanation_sum(explanation, u);
		if (sum == value)
			continue;
		fprintf(stderr, "kpictl explain: the events of %s add up to %lld, but it is %lld: this is a defect\n",
			explain->config->model.measures[use->measure].name, (long long)sum, (long long)value);
		return false;
	}
	return true;
}

static void print(const struct explain *explain, const struct explain_view *view)
{
	struct buf out;
	buf_init(&out);
	if (explain->json)
		explain_put_json(&out, view);
	else
		explain_put_text(&out, view);
	fwrite(out.data, 1, out.length, stdout);
	buf_release(&out);
}

static bool explain_figure(struct explain *explain)
{
	struct explain_view view = {.engine = &explain->engine,
		.explanation = &explain->explanation,
		.with_events = explain->events != NULL,
		.all = explain->all,
		.limit = (uint64_t)explain->limit};
	uint8_t dimension, window;
	if (!find_all(explain, &view, &dimension, &window) || !fill(explain) ||
		!find_key(explain, dimension, &view.key))
		return false;
	view.kpis = document_load(&explain->arena, &explain->problems, explain->directory, "kpis.yaml", true);
	evaluate_figure(&explain->engine.evaluation, view.key, view.kpi, window, &view.figure);
	publisher_aim(explain->engine.publisher, &explain->engine.evaluation, view.key, &view.figure, &view.aim);
	explanation_init(&explain->explanation, &explain->engine, view.kpi, dimension, window, explain->key);
	if (view.with_events)
		explanation_collect(&explain->explanation, &explain->engine);
	if (view.with_events && !adds_up(explain, view.key))
		return false;
	print(explain, &view);
	return true;
}

int kpictl_explain(int argc, char **argv)
{
	struct explain explain = {.directory = "config",
		.window = "30d",
		.dimension = STR("company"),
		.key = STR("all"),
		.as_of = INT64_MIN,
		.limit = 50};
	int code;
	arena_init(&explain.arena);
	problems_init(&explain.problems);
	if (parse(&explain, argc, argv, &code)) {
		code = EXIT_FOUND;
		explain.config = engine_config(explain.directory, explain.overrides, explain.override_count);
		if (explain.config && explain_figure(&explain))
			code = ferror(stdout) || fflush(stdout) != 0;
	}
	if (explain.explanation.config)
		explanation_release(&explain.explanation);
	engine_release(&explain.engine);
	config_free(explain.config);
	config_problems_release(&explain.problems);
	arena_release(&explain.arena);
	mem_free(explain.overrides);
	return code;
}
