/* Who works where, and when. Read-only after loading.
 *
 * Memberships of a rep are sorted by time and do not overlap; [from, until) in ms, already in local midnights. */
#ifndef CONFIG_ROSTER_H
#define CONFIG_ROSTER_H

#include "base/map.h"

struct membership {
	uint32_t team; /* index into teams */
	int64_t from;  /* INT64_MIN: always */
	int64_t until; /* INT64_MAX: for ever */
};

struct roster_team {
	struct str id, name;
};

struct roster_rep {
	struct str id, name;
	struct membership *memberships;
	uint32_t membership_count;
};

struct roster {
	struct roster_team *teams;
	uint32_t team_count;
	struct roster_rep *reps;
	uint32_t rep_count;
	struct map reps_by_id; /* id -> index */
};

/* The rep's team at that instant: its index, or -1 (unknown rep, or no team then). */
int32_t roster_team_at(const struct roster *roster, struct str rep, int64_t time);
/* Reps with a team at that instant: all (team -1) or those of one team. */
uint32_t roster_count_at(const struct roster *roster, int32_t team, int64_t time);

#endif
