/* Reading roster.yaml into struct roster. */
#ifndef CONFIG_ROSTER_LOAD_H
#define CONFIG_ROSTER_LOAD_H

#include "base/zone.h"
#include "config/node.h"
#include "config/roster.h"

/* Dates are local days of the zone. ret_roster->reps_by_id is released by the caller. */
void roster_load(struct config_problems *problems, struct arena *arena, const struct zone *zone,
	const struct node *root, struct roster *ret_roster);

#endif
