#include "config/roster.h"

/* And within which span around the instant. */
static int32_t team_within(const struct roster_rep *rep, int64_t time, struct timespan *ret_span)
{
	*ret_span = (struct timespan){INT64_MIN, INT64_MAX};
	for (uint32_t i = 0; i < rep->membership_count; i++) {
		const struct membership *membership = &rep->memberships[i];
		if (time < membership->from) {
			ret_span->until = membership->from;
			return -1;
		}
		if (time < membership->until) {
			*ret_span = (struct timespan){membership->from, membership->until};
			return (int32_t)membership->team;
		}
		ret_span->from = membership->until;
	}
	return -1;
}

static int32_t team_of(const struct roster_rep *rep, int64_t time)
{
	struct timespan ignored;
	return team_within(rep, time, &ignored);
}

int32_t roster_team_within(const struct roster *roster, struct str rep, int64_t time, struct timespan *ret_span)
{
	const uint64_t *index = map_get(&roster->reps_by_id, rep);
	if (index)
		return team_within(&roster->reps[*index], time, ret_span);
	*ret_span = (struct timespan){INT64_MIN, INT64_MAX};
	return -1;
}

int32_t roster_team_at(const struct roster *roster, struct str rep, int64_t time)
{
	struct timespan ignored;
	return roster_team_within(roster, rep, time, &ignored);
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

int32_t roster_manager_at(const struct roster *roster, uint32_t team, int64_t time)
{
	const struct roster_team *led = &roster->teams[team];
	for (uint32_t i = 0; i < led->manager_count; i++)
		if (time >= led->managers[i].from && time < led->managers[i].until)
			return (int32_t)led->managers[i].rep;
	return -1;
}

/* What both have in common; empty (until <= from) where that is nothing. */
static struct timespan overlap(struct timespan a, struct timespan b)
{
	return (struct timespan){a.from > b.from ? a.from : b.from, a.until < b.until ? a.until : b.until};
}

static int64_t worked_by(const struct roster *roster, const struct roster_rep *rep, struct timespan span)
{
	int64_t worked = workdays_between(&roster->workdays, span.from, span.until);
	for (uint32_t i = 0; i < rep->absence_count; i++) {
		struct timespan away = overlap(span, rep->absences[i]);
		worked -= workdays_between(&roster->workdays, away.from, away.until);
	}
	return worked;
}

int64_t roster_working_ms(const struct roster *roster, int32_t rep, int64_t from, int64_t to)
{
	if (rep < 0)
		return workdays_between(&roster->workdays, from, to);
	int64_t worked = 0;
	const struct roster_rep *who = &roster->reps[rep];
	for (uint32_t i = 0; i < who->membership_count; i++) {
		struct timespan there = {who->memberships[i].from, who->memberships[i].until};
		worked += worked_by(roster, who, overlap((struct timespan){from, to}, there));
	}
	return worked;
}

int64_t roster_working_day_ms(const struct roster *roster)
{
	return (int64_t)(roster->workdays.closes - roster->workdays.opens) * 1000;
}
