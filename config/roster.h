/* Who works where, and when. Read-only after loading.
 *
 * Memberships and absences of a rep and managers of a team are sorted by time and do not overlap; [from, until) in ms, already in local
 * midnights. */
#ifndef CONFIG_ROSTER_H
#define CONFIG_ROSTER_H

#include "base/map.h"
#include "config/workdays.h"

struct membership {
	uint32_t team; /* index into teams */
	int64_t from;  /* INT64_MIN: always */
	int64_t until; /* INT64_MAX: for ever */
};

/* Who leads a team, when. */
struct tenure {
	uint32_t rep; /* index into reps */
	int64_t from, until;
};

/* [from, until) */
struct timespan {
	int64_t from, until;
};

struct roster_team {
	struct str id, name;
	struct tenure *managers;
	uint32_t manager_count;
};

struct roster_rep {
	struct str id, name;
	struct membership *memberships;
	uint32_t membership_count;
	struct timespan *absences;
	uint32_t absence_count;
};

struct roster {
	struct roster_team *teams;
	uint32_t team_count;
	struct roster_rep *reps;
	uint32_t rep_count;
	struct map reps_by_id; /* id -> index */
	struct workdays workdays;
};

/* The rep's team at that instant: its index, or -1 (unknown rep, or no team then). */
int32_t roster_team_at(const struct roster *roster, struct str rep, int64_t time);
/* The same, and the span of time around the instant in which the answer is this one. */
int32_t roster_team_within(const struct roster *roster, struct str rep, int64_t time, struct timespan *ret_span);
/* Reps with a team at that instant: all (team -1) or those of one team. */
uint32_t roster_count_at(const struct roster *roster, int32_t team, int64_t time);
/* The team's manager at that instant: an index into reps, or -1. */
int32_t roster_manager_at(const struct roster *roster, uint32_t team, int64_t time);

/* Working time in ms within [from, to), by the calendar; of a rep (its index) only while it has a team and is not absent; -1: of nobody in
 * particular. */
int64_t roster_working_ms(const struct roster *roster, int32_t rep, int64_t from, int64_t to);
/* The working hours of one day, in ms, by the clock on the wall. */
int64_t roster_working_day_ms(const struct roster *roster);

#endif
