#include "config/roster_load.h"
#include "tests/unit/config_text.h"
#include "tests/unit/unit.h"

struct loaded {
	struct config_text text;
	struct zone zone;
	struct roster roster;
};

static void load(struct loaded *loaded, const char *content)
{
	config_text_init(&loaded->text);
	assert_int_equal(zone_load(&loaded->zone, "Europe/Berlin"), RESULT_OK);
	const struct node *root = config_text_parse(&loaded->text, "roster.yaml", content);
	roster_load(&loaded->text.problems, &loaded->text.arena, &loaded->zone, root, &loaded->roster);
	config_text_tell(&loaded->text);
}

static void release(struct loaded *loaded)
{
	map_release(&loaded->roster.reps_by_id);
	zone_release(&loaded->zone);
	config_text_release(&loaded->text);
}

static void assert_says(const char *content, const char *expected)
{
	struct loaded loaded;
	load(&loaded, content);
	assert_string_equal(loaded.text.said.data, expected);
	release(&loaded);
}

#define TEAMS "teams: [{id: n, name: North}, {id: s}]\n"

static void test_membership(void **state)
{
	(void)state;
	struct loaded loaded;
	load(&loaded,
		TEAMS "reps:\n"
		      "  - {id: a, name: Ada, team: n}\n"
		      "  - id: b\n"
		      "    teams: [{team: s, from: 2026-07-01}, {team: n, until: 2026-07-01}]\n"
		      "  - {id: c}\n");
	const struct roster *roster = &loaded.roster;
	int64_t midnight = INT64_C(1782856800000); /* 2026-07-01T00:00+02:00 */
	assert_string_equal(loaded.text.said.data, "");
	assert_int_equal(roster->rep_count, 3);
	assert_str(roster->teams[1].name, "s");
	assert_int_equal(roster_team_at(roster, STR("b"), midnight - 1), 0);
	assert_int_equal(roster_team_at(roster, STR("b"), midnight), 1);
	assert_int_equal(roster_team_at(roster, STR("a"), INT64_MIN), 0);
	assert_int_equal(roster_team_at(roster, STR("c"), midnight), -1);
	assert_int_equal(roster_team_at(roster, STR("d"), midnight), -1);
	assert_int_equal(roster_count_at(roster, -1, midnight), 2);
	assert_int_equal(roster_count_at(roster, 0, midnight - 1), 2);
	assert_int_equal(roster_count_at(roster, 0, midnight), 1);
	release(&loaded);
}

static void test_wrong(void **state)
{
	(void)state;
	assert_says("", "");
	assert_says("teams: [{id: n}, {id: n}]\n", "1:23: 'n' is there already\n");
	assert_says("teams: [{name: n}]\n", "1:9: 'id' is missing\n");
	assert_says("teams: [{id: unassigned}]\n",
		"1:14: an id has 1 to 256 bytes and is not 'unassigned' or '__other__'\n");
	assert_says(TEAMS "reps: [{id: a, team: x}]\n", "2:22: unknown team 'x'; did you mean 'n'?\n");
	assert_says(TEAMS "reps: [{id: a, team: n, teams: []}]\n", "2:22: either 'team' or 'teams'\n");
	assert_says(TEAMS "reps: [{id: a, teams: [{team: n, from: 2026-02-30}]}]\n",
		"2:40: '2026-02-30' is not a date such as 2026-01-31\n");
	assert_says(TEAMS "reps: [{id: a, teams: [{team: n, from: 2026-02-02, until: 2026-02-02}]}]\n",
		"2:59: 'until' must come after 'from'\n");
	assert_says(TEAMS "reps: [{id: a, teams: [{team: n}, {team: s, from: 2026-02-02}]}]\n",
		"2:23: the memberships of 'a' overlap\n");
	assert_says("teams: {n: North}\nreps: 3\n",
		"1:8: 'teams' must be a list, not a mapping\n2:7: 'reps' must be a list, not a text\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_membership),
		cmocka_unit_test(test_wrong),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
