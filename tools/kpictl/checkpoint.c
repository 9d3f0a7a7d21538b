/* kpictl checkpoint: its options, and what its parts share. */
#include "tools/kpictl/checkpoint.h"

#include "base/mem.h"
#include "base/text.h"
#include "daemon/checkpoint/store_settings.h"
#include "tools/kpictl/engine.h"
#include "tools/kpictl/verbs.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { SHARDS_MAX = 4096, TRIES = 3 };

static const char usage[] =
	"Usage: kpictl checkpoint inspect [DIR] [--config DIR] [--shard N] [--json]\n"
	"       kpictl checkpoint verify [DIR] [--config DIR]\n"
	"       kpictl checkpoint export [DIR] FILE [--config DIR]\n"
	"       kpictl checkpoint import FILE [DIR] [--config DIR] [--force]\n"
	"       kpictl checkpoint reshard [DIR] --config DIR --to PARTITIONS --into DIR\n"
	"The state that kpid keeps. Without DIR it is the one that the configuration names.\n"
	"\n"
	"  inspect   what there is: generations, where each topic was read up to, sizes\n"
	"  verify    reads all of it; with --config into shards, too. 1: something is damaged\n"
	"  export    one file with the newest whole checkpoint of every shard; kpid may run\n"
	"  import    the other way, into a place that holds none (--force: instead of what it holds)\n"
	"  reshard   for topics that have more partitions now; kpid must be stopped\n"
	"\n"
	"  -c, --config DIR     configuration directory\n"
	"  -s, --set KEY=VALUE  override a key of kpid.yaml; may be given several times\n"
	"  -h, --help           print this and end\n";

bool checkpoint_say(const struct checkpoint *checkpoint, const char *format, ...)
{
	va_list arguments;
	fprintf(stderr, "kpictl checkpoint %s: ", checkpoint->verb);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	return false;
}

static bool bad(const char *what, const char *text)
{
	fprintf(stderr, "kpictl checkpoint: %s '%s'\nTry 'kpictl checkpoint --help'.\n", what, text);
	return false;
}

struct store *checkpoint_open(const struct checkpoint *checkpoint, const char *directory, bool reading)
{
	struct store_place place = {.options = {.kind = STORE_DIRECTORY}};
	struct store *store;
	char error[512] = "";
	if (checkpoint->config)
		store_place_init(&place, &checkpoint->config->settings);
	if (directory) {
		place.options.kind = STORE_DIRECTORY;
		place.options.directory = directory;
	}
	place.options.reading = reading;
	if (store_open(&place.options, error, sizeof error, &store) == RESULT_OK)
		return store;
	checkpoint_say(checkpoint, "%s", error);
	return NULL;
}

enum result checkpoint_load(struct store *store, uint32_t shard, struct buf *bytes)
{
	enum result result = RESULT_IO;
	for (int i = 0; i < TRIES && (result == RESULT_IO || result == RESULT_NOT_FOUND); i++)
		result = store_load(store, shard, bytes);
	return result;
}

bool checkpoint_may_fill(const struct checkpoint *checkpoint, struct store *store)
{
	uint32_t shards[1];
	size_t count = 0;
	if (store_shards(store, shards, 1, &count) != RESULT_OK)
		return checkpoint_say(checkpoint, "%s", store_error(store));
	return count == 0 || checkpoint->force ||
		checkpoint_say(checkpoint, "%s holds checkpoints already%s", store_place(store),
			checkpoint->into ? "" : "; --force puts these in their place");
}

static bool clear(const struct checkpoint *checkpoint, struct store *store)
{
	uint32_t shards[SHARDS_MAX];
	size_t count = 0;
	enum result result = store_shards(store, shards, SHARDS_MAX, &count);
	for (size_t i = 0; result == RESULT_OK && i < count && i < SHARDS_MAX; i++)
		result = store_remove(store, shards[i]);
	return result == RESULT_OK || checkpoint_say(checkpoint, "%s", store_error(store));
}

bool checkpoint_fill(const struct checkpoint *checkpoint, struct store *store, const struct buf *shards, uint32_t count)
{
	if (!clear(checkpoint, store))
		return false;
	enum result result = store_prepare(store, count);
	for (uint32_t s = 0; s < count && result == RESULT_OK; s++) {
		if (shards[s].length == 0)
			continue;
		result = store_claim(store, s);
		if (result == RESULT_OK)
			result = store_save(store, s, buf_str(&shards[s]));
	}
	return result == RESULT_OK || checkpoint_say(checkpoint, "%s", store_error(store));
}

/* ---- options ---- */

static bool take_number(const char *text, int64_t least, int64_t *ret_number)
{
	int64_t number;
	if (text_to_i64(str_of(text), &number) != RESULT_OK || number < least || number >= SHARDS_MAX)
		return bad("not a number of shards:", text);
	*ret_number = number;
	return true;
}

static bool take_option(struct checkpoint *checkpoint, int option)
{
	switch (option) {
	case 'c':
		checkpoint->config_directory = optarg;
		return true;
	case 's':
		checkpoint->overrides = mem_resize(
			checkpoint->overrides, checkpoint->override_count + 1, sizeof *checkpoint->overrides);
		checkpoint->overrides[checkpoint->override_count++] = optarg;
		return true;
	case 'n':
		return take_number(optarg, 0, &checkpoint->shard);
	case 't':
		return take_number(optarg, 1, &checkpoint->to);
	case 'i':
		checkpoint->into = optarg;
		return true;
	case 'j':
		checkpoint->json = true;
		return true;
	case 'f':
		checkpoint->force = true;
		return true;
	default:
		fputs("Try 'kpictl checkpoint --help'.\n", stderr);
		return false;
	}
}

static bool parse(struct checkpoint *checkpoint, int argc, char **argv)
{
	static const struct option known[] = {
		{"config", required_argument, NULL, 'c'},
		{"set", required_argument, NULL, 's'},
		{"shard", required_argument, NULL, 'n'},
		{"to", required_argument, NULL, 't'},
		{"into", required_argument, NULL, 'i'},
		{"json", no_argument, NULL, 'j'},
		{"force", no_argument, NULL, 'f'},
		{NULL, 0, NULL, 0},
	};
	int option;
	while ((option = getopt_long(argc, argv, "c:s:", known, NULL)) != -1)
		if (!take_option(checkpoint, option))
			return false;
	for (; optind < argc; optind++) {
		if (checkpoint->argument_count == 2)
			return bad("one argument too many:", argv[optind]);
		checkpoint->arguments[checkpoint->argument_count++] = argv[optind];
	}
	return true;
}

struct part {
	const char *name;
	int (*run)(const struct checkpoint *checkpoint);
	int least, most; /* arguments; with the least of them it is the configuration that names the place */
};

static const struct part parts[] = {
	{"inspect", checkpoint_inspect, 0, 1},
	{"verify", checkpoint_verify, 0, 1},
	{"export", checkpoint_export, 1, 2},
	{"import", checkpoint_import, 1, 2},
	{"reshard", checkpoint_reshard, 0, 1},
};

static const struct part *find_part(const char *name)
{
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (strcmp(parts[i].name, name) == 0)
			return &parts[i];
	bad("there is no", name);
	return NULL;
}

static bool right_arguments(const struct checkpoint *checkpoint, const struct part *part)
{
	if (checkpoint->argument_count < part->least || checkpoint->argument_count > part->most)
		return bad("wrong number of arguments for", part->name);
	bool named = checkpoint->argument_count > part->least || checkpoint->config_directory;
	return named || bad("a directory or --config is missing for", part->name);
}

static int run(struct checkpoint *checkpoint, const struct part *part)
{
	if (checkpoint->config_directory) {
		checkpoint->config =
			engine_config(checkpoint->config_directory, checkpoint->overrides, checkpoint->override_count);
		if (!checkpoint->config)
			return EXIT_FOUND;
	}
	return part->run(checkpoint);
}

int kpictl_checkpoint(int argc, char **argv)
{
	if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		fputs(usage, argc < 2 ? stderr : stdout);
		return argc < 2 ? EXIT_USAGE : 0;
	}
	struct checkpoint checkpoint = {.verb = argv[1], .shard = -1};
	const struct part *part = find_part(argv[1]);
	bool good = part && parse(&checkpoint, argc - 1, argv + 1) && right_arguments(&checkpoint, part);
	int code = good ? run(&checkpoint, part) : EXIT_USAGE;
	config_free(checkpoint.config);
	mem_free(checkpoint.overrides);
	return code;
}
