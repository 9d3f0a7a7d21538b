/* roster.yaml: calendar; teams: [{id, name, manager}]; reps: [{id, name, teams: [{team, from, until}], absences}], or `team: north` for
 * always. */
#include "config/grammar.h"
#include "config/roster_loading.h"

enum { ID_BYTES_MAX = 256 };

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

bool roster_read_names(struct roster_loading *loading, const struct node *node, struct map *ids, uint32_t index,
	struct str *ret_id, struct str *ret_name)
{
	if (!read_id(loading, node, ret_id) || !note_id(loading, ids, node_get(node, "id")->mark, *ret_id, index))
		return false;
	*ret_name = read_name(loading, node, *ret_id);
	return true;
}

bool roster_read_span(struct roster_loading *loading, const struct node *mapping, int64_t *ret_from, int64_t *ret_until)
{
	int32_t from = INT32_MIN, until = INT32_MAX;
	if (!expect_from_until(loading->problems, mapping, &from, &until))
		return false;
	*ret_from = from == INT32_MIN ? INT64_MIN : zone_instant(loading->zone, from, 0);
	*ret_until = until == INT32_MAX ? INT64_MAX : zone_instant(loading->zone, until, 0);
	return true;
}

bool roster_expect_entries(struct roster_loading *loading, const struct node *node, const char *what)
{
	if (!expect_sequence(loading->problems, node, what))
		return false;
	if (node->count > ROSTER_ENTRIES_MAX)
		problem_at(loading->problems, node->mark, "more than %d entries", ROSTER_ENTRIES_MAX);
	return node->count <= ROSTER_ENTRIES_MAX;
}

/* ---- teams ---- */

static void read_team(struct roster_loading *loading, const struct node *node)
{
	struct roster *roster = loading->roster;
	struct roster_team team = {0};
	if (!expect_mapping(loading->problems, node, "a team"))
		return;
	expect_mapping_keys(loading->problems, node, "team");
	if (roster_read_names(loading, node, &loading->teams, roster->team_count, &team.id, &team.name))
		roster->teams[roster->team_count++] = team;
}

static const char *nearest_rep(struct roster_loading *loading, struct str id)
{
	enum { ASKED = 200 };
	const char *names[ASKED];
	size_t count = 0;
	while (count < loading->roster->rep_count && count < ASKED) {
		names[count] = loading->roster->reps[count].id.data;
		count++;
	}
	return did_you_mean(loading->problems, id, names, count);
}

static bool find_rep(struct roster_loading *loading, const struct node *node, uint32_t *ret_rep)
{
	struct str id;
	if (!node || !expect_text(loading->problems, node, "a manager", &id))
		return false;
	const uint64_t *rep = map_get(&loading->roster->reps_by_id, id);
	if (!rep) {
		problem_at(
			loading->problems, node->mark, "unknown rep '%.*s'%s", STR_ARG(id), nearest_rep(loading, id));
		return false;
	}
	*ret_rep = (uint32_t)*rep;
	return true;
}

/* Each comes after the one before it in the file: so they do not overlap. */
static void add_manager(struct roster_loading *loading, const struct node *node, struct roster_team *team)
{
	struct tenure tenure;
	if (!expect_mapping(loading->problems, node, "a manager"))
		return;
	expect_mapping_keys(loading->problems, node, "leadership");
	bool good = find_rep(loading, node_need(loading->problems, node, "rep"), &tenure.rep);
	if (!roster_read_span(loading, node, &tenure.from, &tenure.until) || !good)
		return;
	if (team->manager_count && tenure.from < team->managers[team->manager_count - 1].until)
		problem_at(loading->problems, node->mark, "it must not begin before the manager above it ends");
	else
		team->managers[team->manager_count++] = tenure;
}

static void read_managers(struct roster_loading *loading, const struct node *node, struct roster_team *team)
{
	const struct node *managers = node_get(node, "managers"), *manager = node_get(node, "manager");
	if (managers && manager)
		problem_at(loading->problems, manager->mark, "either 'manager' or 'managers'");
	else if (managers && roster_expect_entries(loading, managers, "'managers'")) {
		team->managers = ARENA_ARRAY(loading->arena, struct tenure, managers->count + 1);
		for (size_t i = 0; i < managers->count; i++)
			add_manager(loading, managers->items[i], team);
	} else if (manager) {
		team->managers = ARENA_NEW(loading->arena, struct tenure);
		*team->managers = (struct tenure){.from = INT64_MIN, .until = INT64_MAX};
		team->manager_count = find_rep(loading, manager, &team->managers->rep);
	}
}

static void read_all_managers(struct roster_loading *loading, const struct node *teams)
{
	for (size_t i = 0; i < teams->count; i++) {
		const struct node *id = node_get(teams->items[i], "id");
		const uint64_t *team = id && id->kind == NODE_SCALAR ? map_get(&loading->teams, id->text) : NULL;
		if (team)
			read_managers(loading, teams->items[i], &loading->roster->teams[*team]);
	}
}

/* ---- reps ---- */

static void read_rep(struct roster_loading *loading, const struct node *node)
{
	struct roster *roster = loading->roster;
	struct roster_rep rep = {0};
	if (!expect_mapping(loading->problems, node, "a rep"))
		return;
	expect_mapping_keys(loading->problems, node, "rep");
	if (!roster_read_names(loading, node, &roster->reps_by_id, roster->rep_count, &rep.id, &rep.name))
		return;
	roster_read_times(loading, node, &rep);
	roster->reps[roster->rep_count++] = rep;
}

static void read_lists(struct roster_loading *loading, const struct node *teams, const struct node *reps)
{
	struct roster *roster = loading->roster;
	if (teams && !expect_sequence(loading->problems, teams, "'teams'"))
		teams = NULL;
	if (teams) {
		roster->teams = ARENA_ARRAY(loading->arena, struct roster_team, teams->count);
		for (size_t i = 0; i < teams->count; i++)
			read_team(loading, teams->items[i]);
	}
	if (reps && expect_sequence(loading->problems, reps, "'reps'")) {
		roster->reps = ARENA_ARRAY(loading->arena, struct roster_rep, reps->count);
		for (size_t i = 0; i < reps->count; i++)
			read_rep(loading, reps->items[i]);
	}
	if (teams)
		read_all_managers(loading, teams);
}

void roster_load(struct config_problems *problems, struct arena *arena, const struct zone *zone,
	const struct node *root, struct roster *ret_roster)
{
	struct roster_loading loading = {.problems = problems, .arena = arena, .zone = zone, .roster = ret_roster};
	*ret_roster = (struct roster){0};
	map_init(&ret_roster->reps_by_id);
	map_init(&loading.teams);
	expect_mapping_keys(problems, root, "roster");
	workdays_load(problems, arena, zone, node_get(root, "calendar"), &ret_roster->workdays);
	read_lists(&loading, node_get(root, "teams"), node_get(root, "reps"));
	map_release(&loading.teams);
}
