/* roster.yaml: teams: [{id, name}], reps: [{id, name, teams: [{team, from, until}]}], or `team: north` for always. */
#include "config/roster_load.h"

#include "base/text.h"
#include <stdlib.h>

enum { ID_BYTES_MAX = 256, MEMBERSHIPS_MAX = 1000 };

struct roster_loading {
	struct config_problems *problems;
	struct arena *arena;
	const struct zone *zone;
	struct roster *roster;
	struct map teams; /* id -> index */
};

/* Keys that stand for something else in the figures. */
static bool is_reserved(struct str id)
{
	return str_equal(id, STR("unassigned")) || str_equal(id, STR("__other__"));
}

static bool read_id(struct roster_loading *loading, const struct node *node, struct str *ret_id)
{
	struct str id;
	const struct node *text = node_need(loading->problems, node, "id");
	if (!text || !expect_text(loading->problems, text, "'id'", &id))
		return false;
	if (!id.length || id.length > ID_BYTES_MAX || is_reserved(id)) {
		problem_at(loading->problems, text->mark,
			"an id has 1 to %d bytes and is not 'unassigned' or '__other__'", ID_BYTES_MAX);
		return false;
	}
	*ret_id = arena_str(loading->arena, id);
	return true;
}

static struct str read_name(struct roster_loading *loading, const struct node *node, struct str id)
{
	struct str name = id;
	const struct node *text = node_get(node, "name");
	return text && expect_text(loading->problems, text, "'name'", &name) ? arena_str(loading->arena, name) : id;
}

/* False with a problem where the id is there already. */
static bool note_id(struct roster_loading *loading, struct map *ids, struct mark mark, struct str id, uint32_t index)
{
	bool is_new;
	uint64_t *known = map_put(ids, id, &is_new);
	if (is_new)
		*known = index;
	else
		problem_at(loading->problems, mark, "'%.*s' is there already", STR_ARG(id));
	return is_new;
}

static void read_team(struct roster_loading *loading, const struct node *node)
{
	struct roster *roster = loading->roster;
	struct roster_team team;
	if (!expect_mapping(loading->problems, node, "a team"))
		return;
	expect_keys(loading->problems, node, KEYS("id", "name"));
	if (!read_id(loading, node, &team.id) ||
		!note_id(loading, &loading->teams, node_get(node, "id")->mark, team.id, roster->team_count))
		return;
	team.name = read_name(loading, node, team.id);
	roster->teams[roster->team_count++] = team;
}

static bool read_day(struct roster_loading *loading, const struct node *node, int64_t *ret_time)
{
	struct str text;
	int32_t day;
	if (!node)
		return true;
	if (!expect_text(loading->problems, node, "a date", &text))
		return false;
	if (text_to_date(text, &day) == RESULT_OK) {
		*ret_time = zone_instant(loading->zone, day, 0);
		return true;
	}
	problem_at(loading->problems, node->mark, "'%.*s' is not a date such as 2026-01-31", STR_ARG(text));
	return false;
}

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
	struct membership membership = {.from = INT64_MIN, .until = INT64_MAX};
	if (!expect_mapping(loading->problems, node, "a membership"))
		return false;
	expect_keys(loading->problems, node, KEYS("team", "from", "until"));
	const struct node *from = node_get(node, "from"), *until = node_get(node, "until");
	bool good = find_team(loading, node_need(loading->problems, node, "team"), &membership.team);
	good &= read_day(loading, from, &membership.from);
	good &= read_day(loading, until, &membership.until);
	if (good && membership.from >= membership.until) {
		problem_at(loading->problems, until->mark, "'until' must come after 'from'");
		return false;
	}
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
	if (!expect_sequence(loading->problems, node, "'teams'"))
		return;
	if (node->count > MEMBERSHIPS_MAX) {
		problem_at(loading->problems, node->mark, "more than %d memberships", MEMBERSHIPS_MAX);
		return;
	}
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

static void read_rep(struct roster_loading *loading, const struct node *node)
{
	struct roster *roster = loading->roster;
	struct roster_rep rep = {0};
	if (!expect_mapping(loading->problems, node, "a rep"))
		return;
	expect_keys(loading->problems, node, KEYS("id", "name", "team", "teams"));
	if (!read_id(loading, node, &rep.id) ||
		!note_id(loading, &roster->reps_by_id, node_get(node, "id")->mark, rep.id, roster->rep_count))
		return;
	rep.name = read_name(loading, node, rep.id);
	read_teams(loading, node, &rep);
	roster->reps[roster->rep_count++] = rep;
}

void roster_load(struct config_problems *problems, struct arena *arena, const struct zone *zone,
	const struct node *root, struct roster *ret_roster)
{
	struct roster_loading loading = {.problems = problems, .arena = arena, .zone = zone, .roster = ret_roster};
	*ret_roster = (struct roster){0};
	map_init(&ret_roster->reps_by_id);
	map_init(&loading.teams);
	expect_keys(problems, root, KEYS("teams", "reps"));
	const struct node *teams = node_get(root, "teams"), *reps = node_get(root, "reps");
	if (teams && expect_sequence(problems, teams, "'teams'")) {
		ret_roster->teams = ARENA_ARRAY(arena, struct roster_team, teams->count);
		for (size_t i = 0; i < teams->count; i++)
			read_team(&loading, teams->items[i]);
	}
	if (reps && expect_sequence(problems, reps, "'reps'")) {
		ret_roster->reps = ARENA_ARRAY(arena, struct roster_rep, reps->count);
		for (size_t i = 0; i < reps->count; i++)
			read_rep(&loading, reps->items[i]);
	}
	map_release(&loading.teams);
}
