/* Everything that the configuration directory says, checked. All or nothing: config_load gives a whole config or all the errors.
 *
 * Reading files happens here and only at config_load; the rest of the program gets plain structs. */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/result.h"
#include "base/zone.h"
#include "config/model.h"
#include "config/rates.h"
#include "config/roster.h"
#include "config/schema.h"
#include "config/settings.h"

struct config {
	struct arena arena;       /* owns everything below */
	struct settings settings; /* kpid.yaml and --set */
	struct schema schema;     /* events.yaml */
	struct model model;       /* kpis.yaml */
	struct roster roster;     /* roster.yaml */
	struct rates rates;       /* rates.file */
	struct zone zone;         /* settings.time_zone */
	uint64_t hash;            /* of all that changes figures */
};

/* One problem, or one warning: "kpis.yaml:12:7: unknown measure 'wonn'; did you mean 'won'?" */
struct config_problem {
	const char *file; /* name within the directory, or "--set" */
	int line, column; /* from 1 */
	bool warning;
	const char *text;
};

struct config_problems {
	struct arena arena;
	struct config_problem *items; /* sorted by file, line, column */
	size_t count, capacity;
	size_t error_count; /* those that are not warnings */
};

/* Loads kpid.yaml, events.yaml, kpis.yaml, the roster and the exchange rates from `directory`. `overrides` are "key=value" texts (--set), applied over
 * kpid.yaml. RESULT_INVALID with all problems in ret_problems; problems may hold warnings on success, too. Both outputs are released by the
 * caller in every case. */
MUST_CHECK enum result config_load(const char *directory, const char *const *overrides, size_t override_count,
	struct config **ret_config, struct config_problems *ret_problems);
void config_problems_print(const struct config_problems *problems, const char *directory, struct buf *out);
void config_problems_release(struct config_problems *problems);
void config_free(struct config *config);

#endif
