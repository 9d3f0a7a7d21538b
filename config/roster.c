#include "config/roster.h"

static int32_t team_of(const struct roster_rep *rep, int64_t time)
{
	for (uint32_t i = 0; i < rep->membership_count; i++)
		if (time >= rep->memberships[i].from && time < rep->memberships[i].until)
			return (int32_t)rep->memberships[i].team;
	return -1;
}

int32_t roster_team_at(const struct roster *roster, struct str rep, int64_t time)
{
	const uint64_t *index = map_get(&roster->reps_by_id, rep);
	return index ? team_of(&roster->reps[*index], time) : -1;
}

uint32_t roster_count_at(const struct roster *roster, int32_t team, int64_t time)
{
	uint32_t count = 0;
	for (uint32_t i = 0; i < roster->rep_count; i++) {
		int32_t own = team_of(&roster->reps[i], time);
		count += own >= 0 && (team < 0 || own == team);
	}
	return count;
}
