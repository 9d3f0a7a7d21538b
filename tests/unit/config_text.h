/* Configuration from texts, for the tests of config/: no files, and every problem as one line. */
#ifndef TESTS_UNIT_CONFIG_TEXT_H
#define TESTS_UNIT_CONFIG_TEXT_H

#include "config/model.h"
#include "config/node.h"
#include "config/schema.h"

struct config_text {
	struct arena arena;
	struct config_problems problems;
	struct schema schema;
	struct model model;
	struct buf said; /* the problems, "line:column: text" each, in order of place */
};

/* A few events: deal.created, deal.closed {outcome, deal_type, amount, created_at}, email.sent {auto, about}, and cost.recorded,
 * which has no customer, price.set {product, amount, competitor} and price.asked {product, amount}, keyed by product. All carry rep. */
extern const char config_text_events[];

void config_text_init(struct config_text *text);
struct node *config_text_parse(struct config_text *text, const char *file, const char *content);
void config_text_load_schema(struct config_text *text, const char *events);
void config_text_load(struct config_text *text, const char *events, const char *kpis);
/* kpis.yaml over config_text_events. */
void config_text_load_model(struct config_text *text, const char *kpis);
void config_text_tell(struct config_text *text); /* fills `said` */
void config_text_release(struct config_text *text);

/* Loads kpis.yaml and compares all that is said about it. */
void assert_model_says(const char *kpis, const char *expected);
const struct measure *config_text_measure(const struct config_text *text, const char *name);

#endif
