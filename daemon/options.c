#include "daemon/options.h"

#include "base/mem.h"
#include "base/version.h"

#include <getopt.h>
#include <stdio.h>

#define EXIT_USAGE 2

static const char usage[] =
	"Usage: kpid [--config DIR] [--set KEY=VALUE]...\n"
	"Reads sales events from Kafka and keeps live KPIs in Redis.\n"
	"\n"
	"  -c, --config DIR      configuration directory (default /etc/kpid)\n"
	"  -s, --set KEY=VALUE   override a key of kpid.yaml; may be given several times\n"
	"  -t, --check           check the configuration and end\n"
	"  -V, --version         print the version and end\n"
	"  -h, --help            print this and end\n"
	"\n"
	"SIGTERM and SIGINT end it after a checkpoint, SIGHUP reads the configuration again.\n"
	"Exit codes: 0 ended by a signal, 1 failed, 2 wrong usage, 78 the configuration, the topics or the checkpoint\n"
	"must be mended first.\n";

static void add_override(struct options *options, const char *text)
{
	options->overrides = mem_resize(options->overrides, options->override_count + 1, sizeof *options->overrides);
	options->overrides[options->override_count++] = text;
}

static bool leave(int *ret_exit, int code)
{
	*ret_exit = code;
	return false;
}

static bool handle(struct options *options, int option, int *ret_exit)
{
	switch (option) {
	case 'c':
		options->directory = optarg;
		return true;
	case 's':
		add_override(options, optarg);
		return true;
	case 't':
		options->check_only = true;
		return true;
	case 'V':
		printf("kpid %s\n", KPID_VERSION);
		return leave(ret_exit, 0);
	case 'h':
		fputs(usage, stdout);
		return leave(ret_exit, 0);
	default:
		fputs("Try 'kpid --help'.\n", stderr);
		return leave(ret_exit, EXIT_USAGE);
	}
}

bool options_parse(struct options *options, int argc, char **argv, int *ret_exit)
{
	static const struct option known[] = {
		{"config", required_argument, NULL, 'c'},
		{"set", required_argument, NULL, 's'},
		{"check", no_argument, NULL, 't'},
		{"version", no_argument, NULL, 'V'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	int option;
	*options = (struct options){.directory = "/etc/kpid"};
	while ((option = getopt_long(argc, argv, "c:s:tVh", known, NULL)) != -1)
		if (!handle(options, option, ret_exit))
			return false;
	if (optind == argc)
		return true;
	fprintf(stderr, "kpid: unexpected argument '%s'\nTry 'kpid --help'.\n", argv[optind]);
	return leave(ret_exit, EXIT_USAGE);
}

void options_release(struct options *options)
{
	mem_free(options->overrides);
}
