#include "tests/simulator/variants.h"

#include "base/check.h"
#include "tests/simulator/brute.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const lines[VARIANTS] = {NULL, "windows: [1h, day]\n", "windows: [24h, week]\n"};
static const char *const files[] = {"kpid.yaml", "events.yaml", "roster.yaml", "rates.yaml"};
enum { FILES = sizeof files / sizeof *files };

/* What the shipped configuration has in common with the small one. */
static const char *const overrides[] = {"kafka.dead_letter_topic=sim.dead_letters", "kafka.late_topic=sim.late",
	"redis.refresh=10s", "checkpoint.interval=20s", "limits.allowed_lateness=4h", "limits.max_future=5m",
	"workers.threads=2"};
enum { OVERRIDES = sizeof overrides / sizeof *overrides };

static void path_of(const char *folder, const char *file, char path[PATH_MAX])
{
	CHECK(snprintf(path, PATH_MAX, "%s/%s", folder, file) < PATH_MAX);
}

/* The first line is another one, or NULL: the alerts are left out, which the simulated Redis does not know. */
static bool copy_kpis(FILE *from, FILE *to, const char *line)
{
	char text[4096];
	bool good = true, first = line != NULL, alerts = false;
	while (good && fgets(text, sizeof text, from)) {
		if (strchr(" #\n", *text) == NULL)
			alerts = !line && strncmp(text, "alerts:", 7) == 0;
		if (!alerts)
			good = fputs(first ? line : text, to) >= 0;
		first = false;
	}
	return good;
}

static bool write_kpis(const char *directory, const char *folder, const char *line)
{
	char path[PATH_MAX];
	path_of(directory, "kpis.yaml", path);
	FILE *from = fopen(path, "r");
	path_of(folder, "kpis.yaml", path);
	FILE *to = from ? fopen(path, "w") : NULL;
	bool good = to && copy_kpis(from, to, line);
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

/* In `line`'s place is NULL for the shipped one. */
static enum result load_changed(
	const char *directory, const char *line, struct config **ret_config, struct config_problems *ret_problems)
{
	char folder[] = "/tmp/kpid-simulator-XXXXXX";
	if (!mkdtemp(folder))
		return RESULT_IO;
	enum result result = fill(directory, folder, line) ? RESULT_OK : RESULT_IO;
	if (result == RESULT_OK)
		result = config_load(folder, overrides, line ? 0 : OVERRIDES, ret_config, ret_problems);
	empty(folder);
	return result;
}

enum result variants_load(const char *directory, const char *shipped, struct variants *ret_variants)
{
	*ret_variants = (struct variants){0};
	for (int i = 0; i < VARIANTS + (shipped != NULL); i++) {
		struct config **config = &ret_variants->configs[i];
		struct config_problems *problems = &ret_variants->problems[i];
		enum result result;
		if (i == VARIANT_SHIPPED)
			result = load_changed(shipped, NULL, config, problems);
		else
			result = lines[i] ? load_changed(directory, lines[i], config, problems)
					  : config_load(directory, NULL, 0, config, problems);
		if (result != RESULT_OK)
			return result;
		ret_variants->loaded++;
	}
	return RESULT_OK;
}

const struct config *variants_of_plan(const struct variants *variants, const struct plan *plan)
{
	return variants->configs[plan->shipped ? VARIANT_SHIPPED : brute_variant(plan->seed)];
}

void variants_release(struct variants *variants)
{
	for (int i = 0; i < variants->loaded; i++) {
		config_problems_release(&variants->problems[i]);
		config_free(variants->configs[i]);
	}
}
