/* Which keys have figures though nothing happened to them: docs/figures.md, "Whose figure it is". */
#include "pipeline/publish/view.h"

static struct merged_key *keep(
	struct publisher *publisher, struct merged_key *held, uint8_t dimension, struct str name, bool wanted)
{
	if (wanted && !held)
		return merge_key(publisher->merge, dimension, name, true);
	if (!wanted && held)
		merge_key_drop(held);
	return wanted ? held : NULL;
}

static bool overlaps(const struct membership *membership, const struct span *span)
{
	return membership->from < span->to && membership->until > span->from;
}

static bool is_there(const struct roster_rep *rep, const struct span *span)
{
	for (uint32_t i = 0; i < rep->membership_count; i++)
		if (overlaps(&rep->memberships[i], span))
			return true;
	return false;
}

/* The longest window that reaches up to now, by its real length; a year before this one says nothing about who is there today. Of
 * equal ones that which reaches further back. */
static const struct span *longest_span(const struct model *model, const struct window_spans *spans)
{
	const struct span *longest = NULL;
	for (uint8_t window = 0; window < model->window_count; window++) {
		const struct span *span = &spans->views[window];
		int64_t more = longest ? (span->to - span->from) - (longest->to - longest->from) : 1;
		if (span->to >= spans->end && (more > 0 || (more == 0 && span->from < longest->from)))
			longest = span;
	}
	return longest ? longest : &spans->views[0];
}

void roster_hold(struct publisher *publisher, const struct window_spans *spans)
{
	const struct roster *roster = publisher->roster;
	struct held *held = &publisher->held;
	const struct span *longest = longest_span(publisher->model, spans);
	held->company = keep(publisher, held->company, DIMENSION_COMPANY, STR("all"), true);
	for (uint32_t i = 0; i < roster->team_count; i++)
		held->teams[i] = keep(publisher, held->teams[i], DIMENSION_TEAM, roster->teams[i].id, true);
	for (uint32_t i = 0; i < roster->rep_count; i++)
		held->reps[i] = keep(publisher, held->reps[i], DIMENSION_REP, roster->reps[i].id,
			is_there(&roster->reps[i], longest));
}

void roster_let_go(struct publisher *publisher)
{
	struct held *held = &publisher->held;
	held->company = keep(publisher, held->company, DIMENSION_COMPANY, STR("all"), false);
	for (uint32_t i = 0; i < publisher->roster->rep_count; i++)
		held->reps[i] = keep(publisher, held->reps[i], DIMENSION_REP, publisher->roster->reps[i].id, false);
	for (uint32_t i = 0; i < publisher->roster->team_count; i++)
		held->teams[i] = keep(publisher, held->teams[i], DIMENSION_TEAM, publisher->roster->teams[i].id, false);
}

struct str roster_name_of(const struct publisher *publisher, uint8_t dimension, struct str key)
{
	const struct roster *roster = publisher->roster;
	const uint64_t *index = NULL;
	if (dimension == DIMENSION_REP)
		index = map_get(&roster->reps_by_id, key);
	else if (dimension == DIMENSION_TEAM)
		index = map_get(&publisher->teams, key);
	if (!index)
		return (struct str){0};
	return dimension == DIMENSION_REP ? roster->reps[*index].name : roster->teams[*index].name;
}

const struct roster_rep *roster_manager_of(
	const struct publisher *publisher, uint8_t dimension, struct str key, int64_t time)
{
	const struct roster *roster = publisher->roster;
	const uint64_t *team = dimension == DIMENSION_TEAM ? map_get(&publisher->teams, key) : NULL;
	int32_t manager = team ? roster_manager_at(roster, (uint32_t)*team, time) : -1;
	return manager < 0 ? NULL : &roster->reps[manager];
}
