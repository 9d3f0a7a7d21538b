/* Reading kpis.yaml into struct model: what the steps share. */
#ifndef CONFIG_MODEL_LOAD_H
#define CONFIG_MODEL_LOAD_H

#include "config/calendar.h"
#include "config/node.h"
#include "config/predicate.h"

#define MODEL_STOCKS_MAX 64
#define MODEL_MEASURES_MAX 1024
#define MODEL_KPIS_MAX 1024
#define MODEL_CONSTANTS_MAX 1024
#define MODEL_TRIGGERS_MAX 64 /* of one list */
#define MODEL_SINCE_MAX 8     /* stocks of one measure of touches */
#define MODEL_RULES_MAX 1024  /* alerts, boards, targets: of each */
#define MODEL_DAYS_MAX 3700   /* the longest window */
#define MODEL_STEPS_MAX 50000 /* of one window */
#define DAY_MS INT64_C(86400000)

/* A name that is defined, and what is known of it while loading. */
struct definition {
	const char *name;
	struct mark mark;        /* of its key */
	const struct node *node; /* what it says */
	bool broken;             /* it has a problem: who refers to it does not complain */
	bool used;
};

/* A number with a name. */
struct constant {
	struct mark mark;
	int64_t value; /* 10^-4 */
	bool broken, used;
};

struct expression;
struct model_loading {
	struct config_problems *problems;
	struct arena *arena;
	const struct schema *schema;
	const struct calendar *calendar; /* of the periods that targets are for */
	struct model *model;
	struct definition *stocks, *measures, *kpis; /* by index in the model */
	const char **stock_names, **measure_names, **kpi_names;
	struct constant *constants;
	const char **constant_names;
	uint16_t constant_count;
	struct expression **formulas; /* of the KPIs, parsed; NULL: broken */
	struct expression **samples;
	const char *window_names[MODEL_WINDOWS_MAX];
	const char *dimension_names[MODEL_DIMENSIONS_MAX];
	const char *type_names[SCHEMA_TYPES_MAX];
};

void model_load(struct config_problems *problems, struct arena *arena, const struct schema *schema,
	const struct calendar *calendar, const struct node *root, struct model *ret_model);

/* The parts, in the order in which they run. */
void model_load_windows(struct model_loading *loading, const struct node *root);
/* ms: no interval that a window or its prev covers at an end begins earlier than that before the end. */
int64_t model_looks_back(const struct model *model);
void model_load_dimensions(struct model_loading *loading, const struct node *dimensions);
void model_load_stocks(struct model_loading *loading, const struct node *stocks);
void model_load_measures(struct model_loading *loading, const struct node *measures);
void model_load_constants(struct model_loading *loading, const struct node *root);
void model_load_kpis(struct model_loading *loading, const struct node *kpis);
void model_warn_unused_constants(struct model_loading *loading);
void model_keep_used(struct model_loading *loading); /* drops measures that no KPI uses */
void model_lay_out(struct model_loading *loading);   /* "events", components, histograms, identities */
void model_load_boards(struct model_loading *loading, const struct node *boards);
void model_load_alerts(struct model_loading *loading, const struct node *alerts);
void model_load_targets(struct model_loading *loading, const struct node *targets);
void model_load_activities(struct model_loading *loading, const struct node *activities);
void model_warn_untargeted(struct model_loading *loading, const struct node *boards);

/* ---- what they share ---- */

/* Notes every entry of a mapping under its name; at most `maximum`. Broken entries are noted, too. */
uint16_t definitions_read(struct model_loading *loading, const struct node *mapping, const char *what, uint16_t maximum,
	struct definition **ret_definitions, const char ***ret_names);
int32_t name_find(const char *const *names, size_t count, struct str name);
/* Its index, or -1 with the problem "unknown <what> ...". */
int32_t name_need(struct model_loading *loading, const struct node *node, const char *what, const char *const *names,
	size_t count);

/* A field of the kind that a key needs (text), carried by all of the types. -1 with a problem. */
int32_t model_key_field(struct model_loading *loading, const struct node *node, const struct type_set *types);
/* The types of a trigger's events; of a stock's triggers those that open or close it. */
void trigger_types(const struct model_loading *loading, const struct trigger *trigger, struct type_set *types);
struct type_set trigger_list_types(const struct model_loading *loading, const struct trigger_list *list);
/* OF_SUBJECTS: of customers, or of products (topics that are keyed by product). */
enum trigger_rules {
	TRIGGERS_EVENTS_ONLY = 1,
	TRIGGERS_SIGNED = 2,
	TRIGGERS_OF_CUSTOMERS = 4,
	TRIGGERS_OF_SUBJECTS = 8
};
/* Events of the type are followed by product. */
bool model_is_of_products(const struct schema *schema, uint16_t type);
/* An event's name, a mapping {event, where, sign}, or a list of those. `where`: another condition on all; may be NULL. */
bool model_read_triggers(struct model_loading *loading, const struct node *node, const struct node *where,
	unsigned rules, struct trigger_list *ret_list);

uint8_t model_read_dimensions(struct model_loading *loading, const struct node *by);
uint32_t model_read_window_set(struct model_loading *loading, const struct node *windows);
/* A number as a KPI shows it: 25% of a rate, a duration of seconds. In 10^-4. */
bool model_read_figure(
	struct model_loading *loading, const struct node *node, const struct kpi *kpi, int64_t *ret_fixed);
/* "30%" as 3000, at most two decimals. */
bool model_read_percent(struct model_loading *loading, const struct node *node, int64_t *ret_fixed);

#endif
