/* Of roster.yaml: when a rep is in which team, and when absent. */
#include "config/grammar.h"
#include "config/roster_loading.h"

#include <stdlib.h>

static const char *nearest_team(struct roster_loading *loading, struct str id)
{
	enum { ASKED = 200 };
	const char *names[ASKED];
	size_t count = 0;
	while (count < loading->roster->team_count && count < ASKED) {
		names[count] = loading->roster->teams[count].id.data;
		count++;
	}
	return did_you_mean(loading->problems, id, names, count);
}

static bool find_team(struct roster_loading *loading, const struct node *node, uint32_t *ret_team)
{
	struct str id;
	if (!node || !expect_text(loading->problems, node, "a team", &id))
		return false;
	const uint64_t *team = map_get(&loading->teams, id);
	if (!team) {
		problem_at(
			loading->problems, node->mark, "unknown team '%.*s'%s", STR_ARG(id), nearest_team(loading, id));
		return false;
	}
	*ret_team = (uint32_t)*team;
	return true;
}

static bool read_membership(struct roster_loading *loading, const struct node *node, struct membership *ret_membership)
{
	struct membership membership;
	if (!expect_mapping(loading->problems, node, "a membership"))
		return false;
	expect_mapping_keys(loading->problems, node, "membership");
	bool good = find_team(loading, node_need(loading->problems, node, "team"), &membership.team);
	good &= roster_read_span(loading, node, &membership.from, &membership.until);
	*ret_membership = membership;
	return good;
}

static int by_time(const void *left, const void *right)
{
	const struct membership *a = left, *b = right;
	return (a->from > b->from) - (a->from < b->from);
}

static void sort_memberships(struct roster_loading *loading, const struct node *node, struct roster_rep *rep)
{
	qsort(rep->memberships, rep->membership_count, sizeof *rep->memberships, by_time);
	for (uint32_t i = 1; i < rep->membership_count; i++)
		if (rep->memberships[i].from < rep->memberships[i - 1].until) {
			problem_at(
				loading->problems, node->mark, "the memberships of '%.*s' overlap", STR_ARG(rep->id));
			return;
		}
}

static void read_memberships(struct roster_loading *loading, const struct node *node, struct roster_rep *rep)
{
	if (!roster_expect_entries(loading, node, "'teams'"))
		return;
	rep->memberships = ARENA_ARRAY(loading->arena, struct membership, node->count + 1);
	for (size_t i = 0; i < node->count; i++)
		if (read_membership(loading, node->items[i], &rep->memberships[rep->membership_count]))
			rep->membership_count++;
	sort_memberships(loading, node, rep);
}

static void read_teams(struct roster_loading *loading, const struct node *node, struct roster_rep *rep)
{
	const struct node *teams = node_get(node, "teams"), *team = node_get(node, "team");
	if (teams && team)
		problem_at(loading->problems, team->mark, "either 'team' or 'teams'");
	else if (teams)
		read_memberships(loading, teams, rep);
	else if (team) {
		rep->memberships = ARENA_NEW(loading->arena, struct membership);
		*rep->memberships = (struct membership){.from = INT64_MIN, .until = INT64_MAX};
		rep->membership_count = find_team(loading, team, &rep->memberships->team);
	}
}

/* ---- absences ---- */

static int by_start(const void *left, const void *right)
{
	const struct timespan *a = left, *b = right;
	return (a->from > b->from) - (a->from < b->from);
}

/* Sorted, and those that touch or overlap as one. */
static void join_absences(struct roster_rep *rep)
{
	uint32_t count = 0;
	qsort(rep->absences, rep->absence_count, sizeof *rep->absences, by_start);
	for (uint32_t i = 0; i < rep->absence_count; i++) {
		struct timespan *last = count ? &rep->absences[count - 1] : NULL;
		if (!last || rep->absences[i].from > last->until)
			rep->absences[count++] = rep->absences[i];
		else if (rep->absences[i].until > last->until)
			last->until = rep->absences[i].until;
	}
	rep->absence_count = count;
}

static void read_absences(struct roster_loading *loading, const struct node *node, struct roster_rep *rep)
{
	int32_t from, until;
	if (!node || !roster_expect_entries(loading, node, "'absences'"))
		return;
	rep->absences = ARENA_ARRAY(loading->arena, struct timespan, node->count + 1);
	for (size_t i = 0; i < node->count; i++)
		if (expect_days_off(loading->problems, node->items[i], &from, &until))
			rep->absences[rep->absence_count++] = (struct timespan){
				zone_instant(loading->zone, from, 0), zone_instant(loading->zone, until, 0)};
	join_absences(rep);
}

void roster_read_times(struct roster_loading *loading, const struct node *node, struct roster_rep *rep)
{
	read_teams(loading, node, rep);
	read_absences(loading, node_get(node, "absences"), rep);
}
