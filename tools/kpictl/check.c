#include "base/buf.h"
#include "base/mem.h"
#include "config/config.h"
#include "tools/kpictl/verbs.h"
#include <stdio.h>

struct arguments {
	const char *directory;
	const char **overrides;
	size_t override_count;
};

static int usage(void)
{
	fputs("usage: kpictl check DIR [--set key=value]...\n", stderr);
	return EXIT_USAGE;
}

static bool parse(int argc, char **argv, struct arguments *ret_arguments)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--set") == 0 && i + 1 < argc)
			ret_arguments->overrides[ret_arguments->override_count++] = argv[++i];
		else if (strncmp(argv[i], "--set=", 6) == 0)
			ret_arguments->overrides[ret_arguments->override_count++] = argv[i] + 6;
		else if (argv[i][0] != '-' && !ret_arguments->directory)
			ret_arguments->directory = argv[i];
		else
			return false;
	}
	return ret_arguments->directory != NULL;
}

static void put_windows(const struct model *model, struct buf *out)
{
	for (uint8_t i = 0; i < model->window_count; i++)
		buf_printf(out, "%s%s", i ? ", " : " (", model->windows[i].name);
	buf_put_text(out, model->window_count ? ")" : "");
}

static void put_summary(const struct config *config, struct buf *out)
{
	const struct model *model = &config->model;
	buf_printf(out, "topics: %u, event types: %u\n", config->schema.topic_count, config->schema.type_count);
	buf_printf(out, "measures: %u, KPIs: %u\n", model->measure_count, model->kpi_count);
	buf_printf(out, "windows: %u", model->window_count);
	put_windows(model, out);
	buf_printf(out, "\nboards: %u, alerts: %u, targets: %u\n", model->board_count, model->alert_count,
		model->target_count);
	buf_printf(out, "roster: %u reps, %u teams\n", config->roster.rep_count, config->roster.team_count);
	buf_printf(out, "configuration hash: %016llx\n", (unsigned long long)config->hash);
}

static int check(const struct arguments *arguments)
{
	struct config *config;
	struct config_problems problems;
	struct buf found, summary;
	buf_init(&found);
	buf_init(&summary);
	enum result result =
		config_load(arguments->directory, arguments->overrides, arguments->override_count, &config, &problems);
	config_problems_print(&problems, arguments->directory, &found);
	if (!result)
		put_summary(config, &summary);
	fputs(found.data, stderr);
	fputs(summary.data, stdout);
	buf_release(&found);
	buf_release(&summary);
	config_problems_release(&problems);
	config_free(config);
	return result ? EXIT_FOUND : 0;
}

int kpictl_check(int argc, char **argv)
{
	struct arguments arguments = {.overrides = NEW_ARRAY(const char *, (size_t)argc)};
	int code = parse(argc, argv, &arguments) ? check(&arguments) : usage();
	mem_free(arguments.overrides);
	return code;
}
