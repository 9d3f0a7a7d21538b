/* kpictl test: given these events, the figures must be those. */
#include "base/clock.h"
#include "base/mem.h"
#include "config/grammar.h"
#include "tools/kpictl/engine.h"
#include "tools/kpictl/test_case.h"
#include "tools/kpictl/verbs.h"

#include <getopt.h>
#include <glob.h>
#include <stdio.h>
#include <sys/stat.h>

static const char usage[] = "Usage: kpictl test [OPTION]... [DIR] [FILE]...\n"
			    "Runs the tests of a configuration: the FILEs, or all of DIR/tests/*.yaml. DIR is 'config' "
			    "where it is not given.\n"
			    "\n"
			    "  -k PATTERN           only tests whose file or name contains PATTERN\n"
			    "  -s, --set KEY=VALUE  override a key of kpid.yaml; may be given several times\n"
			    "  -v, --verbose        name every test\n"
			    "  -h, --help           print this and end\n";

struct tester {
	const char *directory, *pattern;
	const char **overrides;
	size_t override_count;
	const char **files;
	size_t file_count;
	glob_t found;
	bool verbose;
	struct config *config;
	size_t tests, failed, expectations, broken_files;
};

static bool take_option(struct tester *tester, int option)
{
	switch (option) {
	case 'k':
		tester->pattern = optarg;
		return true;
	case 's':
		tester->overrides =
			mem_resize(tester->overrides, tester->override_count + 1, sizeof *tester->overrides);
		tester->overrides[tester->override_count++] = optarg;
		return true;
	case 'v':
		tester->verbose = true;
		return true;
	default:
		fputs("Try 'kpictl test --help'.\n", stderr);
		return false;
	}
}

static void take_place(struct tester *tester, const char *path)
{
	struct stat status;
	if (!tester->file_count && stat(path, &status) == 0 && S_ISDIR(status.st_mode)) {
		tester->directory = path;
		return;
	}
	tester->files = mem_resize(tester->files, tester->file_count + 1, sizeof *tester->files);
	tester->files[tester->file_count++] = path;
}

static bool parse(struct tester *tester, int argc, char **argv, int *ret_exit)
{
	static const struct option known[] = {
		{"set", required_argument, NULL, 's'},
		{"verbose", no_argument, NULL, 'v'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	int option;
	while ((option = getopt_long(argc, argv, "k:s:vh", known, NULL)) != -1) {
		*ret_exit = option == 'h' ? 0 : EXIT_USAGE;
		if (option == 'h')
			fputs(usage, stdout);
		if (option == 'h' || !take_option(tester, option))
			return false;
	}
	for (int i = optind; i < argc; i++)
		take_place(tester, argv[i]);
	return true;
}

/* All tests of the directory where no file was named. */
static bool find_files(struct tester *tester)
{
	struct buf pattern;
	if (tester->file_count)
		return true;
	buf_init(&pattern);
	buf_printf(&pattern, "%s/tests/*.yaml", tester->directory);
	if (glob(pattern.data, 0, NULL, &tester->found) != 0)
		fprintf(stderr, "kpictl test: there is no %s\n", pattern.data);
	buf_release(&pattern);
	for (size_t i = 0; i < tester->found.gl_pathc; i++)
		take_place(tester, tester->found.gl_pathv[i]);
	return tester->file_count > 0;
}

static bool is_wanted(const struct tester *tester, const char *file, struct str name)
{
	size_t length = tester->pattern ? strlen(tester->pattern) : 0;
	return !length || strstr(file, tester->pattern) || memmem(name.data, name.length, tester->pattern, length);
}

static void run_test(struct tester *tester, struct test_file *file, const struct node_entry *entry)
{
	struct test_case test;
	struct buf report;
	if (!is_wanted(tester, file->name, entry->key))
		return;
	buf_init(&report);
	tester->tests++;
	bool loaded = test_case_load(file, entry, &test);
	bool passed = loaded && test_case_run(&test, &report, &tester->expectations);
	tester->failed += !passed;
	if (tester->verbose)
		printf("%-6s %s: %.*s\n", passed ? "ok" : "FAILED", file->name, STR_ARG(entry->key));
	fwrite(report.data, 1, report.length, stdout);
	test_case_release(&test);
	buf_release(&report);
}

static void run_tests(struct tester *tester, struct test_file *file)
{
	expect_mapping_keys(file->problems, file->root, "tests");
	const struct node *tests = node_need(file->problems, file->root, "tests");
	if (!tests || !expect_mapping(file->problems, tests, "'tests'"))
		return;
	for (size_t i = 0; i < tests->count; i++)
		run_test(tester, file, &tests->entries[i]);
}

static void run_file(struct tester *tester, const char *name)
{
	struct config_problems problems;
	struct arena arena;
	struct buf text;
	buf_init(&text);
	arena_init(&arena);
	problems_init(&problems);
	struct test_file file = {.name = name,
		.directory = tester->directory,
		.overrides = tester->overrides,
		.override_count = tester->override_count,
		.config = tester->config,
		.arena = &arena,
		.problems = &problems};
	file.root = document_load(&arena, &problems, ".", name, true);
	run_tests(tester, &file);
	tester->broken_files += problems.error_count > 0;
	problems_sort(&problems);
	config_problems_print(&problems, NULL, &text);
	fwrite(text.data, 1, text.length, stdout);
	config_problems_release(&problems);
	arena_release(&arena);
	buf_release(&text);
}

static bool run_all(struct tester *tester)
{
	int64_t started = clock_steady_us();
	for (size_t i = 0; i < tester->file_count; i++)
		run_file(tester, tester->files[i]);
	printf("%zu tests of %zu files, %zu expectations: %zu failed (%.1f s)\n", tester->tests, tester->file_count,
		tester->expectations, tester->failed, (double)(clock_steady_us() - started) / 1e6);
	if (!tester->tests)
		fputs("kpictl test: there is no such test\n", stderr);
	return tester->tests && !tester->failed && !tester->broken_files;
}

int kpictl_test(int argc, char **argv)
{
	struct tester tester = {.directory = "config"};
	int code;
	if (parse(&tester, argc, argv, &code)) {
		code = EXIT_FOUND;
		tester.config = engine_config(tester.directory, tester.overrides, tester.override_count);
		if (tester.config && find_files(&tester) && run_all(&tester))
			code = ferror(stdout) || fflush(stdout) != 0;
	}
	config_free(tester.config);
	mem_free(tester.files);
	mem_free(tester.overrides);
	globfree(&tester.found);
	return code;
}
