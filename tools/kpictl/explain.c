/* kpictl explain: where a figure comes from. */
#include "base/mem.h"
#include "base/text.h"
#include "tools/kpictl/explain_print.h"
#include "tools/kpictl/names.h"
#include "tools/kpictl/source.h"
#include "tools/kpictl/verbs.h"

#include <getopt.h>
#include <stdio.h>

#define VERB "explain"

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
	const char *directory, *kpi, *window;
	const char **overrides;
	size_t override_count;
	struct str dimension, key;
	struct source source;
	int64_t limit;
	bool all, json;
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
		explain->source.events = optarg;
		return true;
	case 'a':
		return text_to_time(str_of(optarg), &explain->source.as_of) == RESULT_OK ||
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
		explain->source.as_arrived = true;
		return true;
	case OPTION_STATE:
		explain->source.state = optarg;
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

static bool find_all(
	const struct explain *explain, struct explain_view *view, uint8_t *ret_dimension, uint8_t *ret_window)
{
	const struct model *model = &explain->config->model;
	if (!names_find_kpi(VERB, model, str_of(explain->kpi), &view->kpi) ||
		!names_find_dimension(VERB, model, explain->dimension, ret_dimension) ||
		!names_find_window(VERB, model, str_of(explain->window), ret_window))
		return false;
	const struct kpi *kpi = &model->kpis[view->kpi];
	if ((kpi->dimensions >> *ret_dimension & 1) && (kpi->windows >> *ret_window & 1))
		return true;
	fprintf(stderr, "kpictl explain: %s has no figures by %s in %s\n", explain->kpi,
		model->dimensions[*ret_dimension].name, explain->window);
	return false;
}

/* ---- the walk ---- */

/* A listing that does not add up would be worse than none. */
static bool adds_up(const struct explain *explain)
{
	const struct explanation *explanation = &explain->explanation;
	for (unsigned u = 0; u < explanation->use_count; u++) {
		const struct use *use = &explanation->uses[u];
		int64_t value = explanation_value(explanation, use), sum = explanation_sum(explanation, u);
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
		.with_events = explain->source.events != NULL,
		.all = explain->all,
		.limit = (uint64_t)explain->limit};
	uint8_t dimension, window;
	if (!find_all(explain, &view, &dimension, &window) ||
		!source_fill(&explain->source, &explain->engine, explain->config) ||
		!names_find_key(VERB, &explain->engine, dimension, explain->key, &view.key))
		return false;
	view.kpis = document_load(&explain->arena, &explain->problems, explain->directory, "kpis.yaml", true);
	evaluate_figure(&explain->engine.evaluation, view.key, view.kpi, window, &view.figure);
	publisher_aim(explain->engine.publisher, &explain->engine.evaluation, view.key, &view.figure, &view.aim);
	explanation_init(&explain->explanation, &explain->engine, view.kpi, window, view.key);
	if (view.with_events)
		explanation_collect(&explain->explanation, &explain->engine);
	if (view.with_events && !adds_up(explain))
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
		.source = {.verb = VERB, .as_of = INT64_MIN},
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
