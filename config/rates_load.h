/* Reading the rate table (rates.yaml) into struct rates. */
#ifndef CONFIG_RATES_LOAD_H
#define CONFIG_RATES_LOAD_H

#include "config/node.h"
#include "config/rates.h"

/* `own`: the configured currency, which has no rate. */
void rates_load(struct config_problems *problems, struct arena *arena, const struct node *root, const char *own,
	struct rates *ret_rates);

#endif
