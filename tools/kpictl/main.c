#include "tools/kpictl/verbs.h"

#include "base/version.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>

struct verb {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *sentence;
};

static const struct verb verbs[] = {
	{"check", kpictl_check, "check DIR [--set key=value]...: say what is wrong in a configuration"},
	{"checkpoint", kpictl_checkpoint,
		"checkpoint inspect | verify | export | import | reshard ...: look at the state, move it"},
	{"replay", kpictl_replay, "replay --config DIR [OPTION]... FILE: compute every figure from a file of events"},
	{"test", kpictl_test, "test [OPTION]... [DIR] [FILE]...: given these events, the figures must be those"},
	{"explain", kpictl_explain, "explain [OPTION]... KPI: what a figure is made of, down to the events"},
	{"plan", kpictl_plan, "plan [OPTION]... KPI: how much a day it takes to reach a goal"},
	{"top", kpictl_top, "top [--redis URL] [OPTION]...: the leaderboard, live in a terminal"},
	{"config", kpictl_config,
		"config --reference | --sample: the keys of kpid.yaml, as documentation or as a file"},
};
enum { VERBS = sizeof verbs / sizeof *verbs };

static void print_usage(FILE *out)
{
	fputs("usage: kpictl VERB ...\n", out);
	for (int i = 0; i < VERBS; i++)
		fprintf(out, "  %s\n", verbs[i].sentence);
}

int main(int argc, char **argv)
{
	/* Texts are UTF-8 wherever they are shown. */
	setlocale(LC_CTYPE, "C.UTF-8");
	if (argc >= 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
		print_usage(stdout);
		return 0;
	}
	if (argc >= 2 && (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0)) {
		printf("kpictl %s\n", KPID_VERSION);
		return 0;
	}
	for (int i = 0; argc >= 2 && i < VERBS; i++)
		if (strcmp(argv[1], verbs[i].name) == 0)
			return verbs[i].run(argc - 1, argv + 1);
	if (argc >= 2)
		fprintf(stderr, "kpictl: unknown verb '%s'\n", argv[1]);
	print_usage(stderr);
	return EXIT_USAGE;
}
