#include "tests/simulator/variants.h"

#include "base/check.h"
#include "tests/simulator/brute.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const lines[VARIANTS] = {NULL, "windows: [1h, day]\n", "windows: [24h, week]\n"};
static const char *const files[] = {"kpid.yaml", "events.yaml", "roster.yaml"};
enum { FILES = sizeof files / sizeof *files };

static void path_of(const char *folder, const char *file, char path[PATH_MAX])
{
	CHECK(snprintf(path, PATH_MAX, "%s/%s", folder, file) < PATH_MAX);
}

static bool write_kpis(const char *directory, const char *folder, const char *line)
{
	char path[PATH_MAX], text[1024];
	path_of(directory, "kpis.yaml", path);
	FILE *from = fopen(path, "r");
	path_of(folder, "kpis.yaml", path);
	FILE *to = from ? fopen(path, "w") : NULL;
	bool first = true, good = to != NULL;
	while (good && fgets(text, sizeof text, from)) {
		good = fputs(first ? line : text, to) >= 0;
		first = false;
	}
	if (to)
		good &= fclose(to) == 0;
	if (from)
		fclose(from);
	return good;
}

static bool fill(const char *directory, const char *folder, const char *line)
{
	char whole[PATH_MAX], from[PATH_MAX], to[PATH_MAX];
	if (!realpath(directory, whole))
		return false;
	for (int i = 0; i < FILES; i++) {
		path_of(whole, files[i], from);
		path_of(folder, files[i], to);
		if (symlink(from, to) != 0)
			return false;
	}
	return write_kpis(directory, folder, line);
}

static void empty(const char *folder)
{
	char path[PATH_MAX];
	for (int i = 0; i < FILES; i++) {
		path_of(folder, files[i], path);
		unlink(path);
	}
	path_of(folder, "kpis.yaml", path);
	unlink(path);
	rmdir(folder);
}

static enum result load_changed(
	const char *directory, const char *line, struct config **ret_config, struct config_problems *ret_problems)
{
	char folder[] = "/tmp/kpid-simulator-XXXXXX";
	if (!mkdtemp(folder))
		return RESULT_IO;
	enum result result = fill(directory, folder, line) ? RESULT_OK : RESULT_IO;
	if (result == RESULT_OK)
		result = config_load(folder, NULL, 0, ret_config, ret_problems);
	empty(folder);
	return result;
}

enum result variants_load(const char *directory, struct variants *ret_variants)
{
	*ret_variants = (struct variants){0};
	for (int i = 0; i < VARIANTS; i++) {
		struct config **config = &ret_variants->configs[i];
		struct config_problems *problems = &ret_variants->problems[i];
		enum result result = lines[i] ? load_changed(directory, lines[i], config, problems)
					      : config_load(directory, NULL, 0, config, problems);
		if (result != RESULT_OK)
			return result;
		ret_variants->loaded++;
	}
	return RESULT_OK;
}

const struct config *variants_of_seed(const struct variants *variants, uint64_t seed)
{
	return variants->configs[brute_variant(seed)];
}

void variants_release(struct variants *variants)
{
	for (int i = 0; i < variants->loaded; i++) {
		config_problems_release(&variants->problems[i]);
		config_free(variants->configs[i]);
	}
}
