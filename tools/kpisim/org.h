/* The sales organisation: teams, and reps with their skill and memberships by local date. It depends on the numbers of both and
 * on the period, never on the seed, so that one roster fits every run.
 *
 * With four reps or more, the third changes the team half way, the last but one leaves after three quarters, and the
 * last one is on the roster without doing anything, and is absent for two weeks from half way on. */
#ifndef KPISIM_ORG_H
#define KPISIM_ORG_H

#include "base/buf.h"

#define ORG_NO_DATE INT32_MIN
#define ORG_REPS_MAX 250
#define ORG_TEAMS_MAX 50

struct membership {
	int team;
	int32_t from;  /* day since 1970-01-01, or ORG_NO_DATE */
	int32_t until; /* half-open, or ORG_NO_DATE */
};

struct rep {
	char id[16];
	char name[48];
	int skill; /* 0 to 1000 */
	bool silent;
	int32_t away; /* the first day of two weeks of absence, or ORG_NO_DATE */
	struct membership memberships[2];
	int membership_count;
};

struct team {
	char id[24];
	char name[24];
	int manager;      /* index into reps, or -1: nobody */
	int next_manager; /* who leads it once `manager` has left for another team, or -1 */
};

struct org {
	struct rep *reps;
	int rep_count;
	struct team *teams;
	int team_count;
	int32_t first_day, last_day;
};

void org_init(struct org *org, int reps, int teams, int32_t first_day, int32_t last_day);
/* Whether the rep works on that day. */
bool org_works(const struct org *org, int rep, int32_t day);
/* The team of the rep on that day, or -1. */
int org_team(const struct org *org, int rep, int32_t day);
/* The roster as YAML. */
void org_put_roster(const struct org *org, struct buf *buf);
void org_release(struct org *org);

#endif
