/* Inside the reading of roster.yaml: what its parts share. */
#ifndef CONFIG_ROSTER_LOADING_H
#define CONFIG_ROSTER_LOADING_H

#include "config/roster_load.h"
#include "config/workdays_load.h"

#define ROSTER_ENTRIES_MAX 1000 /* dated entries of one rep or team */

struct roster_loading {
	struct config_problems *problems;
	struct arena *arena;
	const struct zone *zone;
	struct roster *roster;
	struct map teams; /* id -> index */
};

/* `from` and `until` of a mapping as instants; always and for ever where they are absent. False with a problem. */
bool roster_read_span(
	struct roster_loading *loading, const struct node *mapping, int64_t *ret_from, int64_t *ret_until);
/* False with a problem where the list is none, or too long. */
bool roster_expect_entries(struct roster_loading *loading, const struct node *node, const char *what);
/* The id and name that reps and teams begin with; notes the id under `index`. False with a problem. */
bool roster_read_names(struct roster_loading *loading, const struct node *node, struct map *ids, uint32_t index,
	struct str *ret_id, struct str *ret_name);
/* The memberships and absences of a rep whose id is known; the teams are read. */
void roster_read_times(struct roster_loading *loading, const struct node *node, struct roster_rep *rep);

#endif
