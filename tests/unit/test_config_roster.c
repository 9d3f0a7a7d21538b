#include "base/text.h"
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

#define HOUR INT64_C(3600000)
#define JUNE_1 INT64_C(1780264800000) /* 2026-06-01T00:00+02:00, a Monday */

static int64_t midnight(const struct loaded *loaded, const char *date)
{
	int32_t day;
	assert_int_equal(text_to_date(str_of(date), &day), RESULT_OK);
	return zone_instant(&loaded->zone, day, 0);
}

/* What nobody in particular works from 00:00 of one date to 00:00 of another, in hours. */
static int64_t hours_between(const struct loaded *loaded, const char *from, const char *until)
{
	return roster_working_ms(&loaded->roster, -1, midnight(loaded, from), midnight(loaded, until)) / HOUR;
}

static void test_calendar_as_it_comes(void **state)
{
	(void)state;
	struct loaded loaded;
	load(&loaded, "");
	const struct roster *roster = &loaded.roster;
	assert_int_equal(midnight(&loaded, "2026-06-01"), JUNE_1);
	assert_int_equal(roster_working_day_ms(roster), 8 * HOUR);
	assert_int_equal(hours_between(&loaded, "2026-06-01", "2026-06-08"), 40);
	assert_int_equal(hours_between(&loaded, "2026-06-06", "2026-06-08"), 0);
	assert_int_equal(hours_between(&loaded, "2026-06-08", "2026-06-01"), 0);
	int64_t nine = JUNE_1 + 9 * HOUR;
	assert_int_equal(roster_working_ms(roster, -1, nine - 1, nine + 1), 1);
	assert_int_equal(roster_working_ms(roster, -1, nine + HOUR, nine + 2 * HOUR + 5), HOUR + 5);
	assert_int_equal(roster_working_ms(roster, -1, nine + 7 * HOUR, nine + 24 * HOUR + 7), HOUR + 7);
	assert_int_equal(roster_working_ms(roster, -1, nine + 8 * HOUR, nine + 24 * HOUR), 0);
	assert_int_equal(roster_working_ms(roster, -1, nine, nine), 0);
	/* Always and for ever are 1970 and 2105: 136 years of 52 weeks at least. */
	assert_true(roster_working_ms(roster, -1, INT64_MIN, INT64_MAX) > 136 * 52 * 40 * HOUR);
	release(&loaded);
}

static void test_calendar(void **state)
{
	(void)state;
	struct loaded loaded;
	load(&loaded,
		"calendar:\n"
		"  days: [saturday, sunday, monday]\n"
		"  hours: 00:00-24:00\n"
		"  holidays: [2026-06-06, {from: 2026-06-14, until: 2026-06-16}]\n");
	assert_string_equal(loaded.text.said.data, "");
	assert_int_equal(roster_working_day_ms(&loaded.roster), 24 * HOUR);
	assert_int_equal(hours_between(&loaded, "2026-06-06", "2026-06-09"), 48);
	assert_int_equal(hours_between(&loaded, "2026-06-13", "2026-06-17"), 24);
	/* 2026-03-29 has 23 hours, 2026-10-25 has 25: both are Sundays. */
	assert_int_equal(hours_between(&loaded, "2026-03-29", "2026-03-30"), 23);
	assert_int_equal(hours_between(&loaded, "2026-10-25", "2026-10-26"), 25);
	release(&loaded);
}

/* Hours that hold the change of the clock are shorter or longer; those that do not, are not. */
static void test_calendar_when_clocks_change(void **state)
{
	(void)state;
	struct loaded loaded;
	load(&loaded, "calendar: {days: [sunday], hours: 01:30-05:00}\n");
	int64_t spring = midnight(&loaded, "2026-03-29"), autumn = midnight(&loaded, "2026-10-25");
	assert_int_equal(roster_working_ms(&loaded.roster, -1, spring, spring + 24 * HOUR), 5 * HOUR / 2);
	assert_int_equal(roster_working_ms(&loaded.roster, -1, autumn, autumn + 24 * HOUR), 9 * HOUR / 2);
	assert_int_equal(roster_working_ms(&loaded.roster, -1, autumn + 2 * HOUR, autumn + 4 * HOUR), 2 * HOUR);
	release(&loaded);
	load(&loaded, "calendar: {days: [sunday]}\n");
	assert_int_equal(hours_between(&loaded, "2026-03-29", "2026-03-30"), 8);
	assert_int_equal(hours_between(&loaded, "2026-10-25", "2026-10-26"), 8);
	release(&loaded);
}

static int64_t hours_of(const struct loaded *loaded, int32_t rep, const char *from, const char *until)
{
	return roster_working_ms(&loaded->roster, rep, midnight(loaded, from), midnight(loaded, until)) / HOUR;
}

static void test_absences_and_memberships(void **state)
{
	(void)state;
	struct loaded loaded;
	load(&loaded,
		TEAMS "reps:\n"
		      "  - {id: a, team: n, absences: [{from: 2026-06-03, until: 2026-06-05}, 2026-06-02, "
		      "{from: 2026-06-02, until: 2026-06-04}]}\n"
		      "  - id: b\n"
		      "    teams: [{team: s, from: 2026-06-02, until: 2026-06-03}, {team: n, from: 2026-06-04}]\n"
		      "    absences: [2026-06-03, 2026-06-05]\n"
		      "  - {id: c}\n");
	assert_string_equal(loaded.text.said.data, "");
	assert_int_equal(loaded.roster.reps[0].absence_count, 1);
	assert_int_equal(hours_of(&loaded, 0, "2026-06-01", "2026-06-08"), 16);
	assert_int_equal(hours_of(&loaded, 1, "2026-06-01", "2026-06-08"), 16);
	assert_int_equal(hours_of(&loaded, 2, "2026-06-01", "2026-06-08"), 0);
	int64_t noon = JUNE_1 + 12 * HOUR; /* Monday, half of the day to go */
	assert_int_equal(roster_working_ms(&loaded.roster, 0, noon, noon + 96 * HOUR), 8 * HOUR);
	release(&loaded);
}

static void test_managers(void **state)
{
	(void)state;
	struct loaded loaded;
	load(&loaded,
		"teams: [{id: n, manager: a}, {id: s, managers: [{rep: a, until: 2026-06-01}, {rep: b, from: "
		"2026-06-02}]}, {id: w}]\n"
		"reps: [{id: a, team: n}, {id: b, team: s}]\n");
	const struct roster *roster = &loaded.roster;
	assert_string_equal(loaded.text.said.data, "");
	assert_int_equal(roster_manager_at(roster, 0, JUNE_1), 0);
	assert_int_equal(roster_manager_at(roster, 1, JUNE_1 - 1), 0);
	assert_int_equal(roster_manager_at(roster, 1, JUNE_1), -1);
	assert_int_equal(roster_manager_at(roster, 1, JUNE_1 + 24 * HOUR), 1);
	assert_int_equal(roster_manager_at(roster, 2, JUNE_1), -1);
	release(&loaded);
}

static void test_wrong_calendar(void **state)
{
	(void)state;
	assert_says("calendar: [monday]\n", "1:11: 'calendar' must be a mapping, not a list\n");
	assert_says("calendar: {day: [monday]}\n", "1:12: unknown key 'day'; did you mean 'days'?\n");
	assert_says("calendar: {days: []}\n", "1:18: a calendar has one working day at least\n");
	assert_says("calendar: {days: [mondy]}\n",
		"1:19: a day must be one of monday, tuesday, wednesday, thursday, friday, saturday, sunday, not "
		"'mondy'; "
		"did you mean 'monday'?\n");
	assert_says("calendar: {hours: 9-17}\n", "1:19: '9-17' are not hours such as 09:00-17:00\n");
	assert_says("calendar: {hours: 09:00-24:01}\n", "1:19: '09:00-24:01' are not hours such as 09:00-17:00\n");
	assert_says("calendar: {hours: 09:60-17:00}\n", "1:19: '09:60-17:00' are not hours such as 09:00-17:00\n");
	assert_says("calendar: {hours: 22:00-06:00}\n",
		"1:19: the hours must end after they begin, on the same day (24:00 at the latest)\n");
	assert_says("calendar: {holidays: [2026-02-29]}\n", "1:23: '2026-02-29' is not a date such as 2026-01-31\n");
	assert_says("calendar: {holidays: [{from: 2026-02-02}]}\n", "1:23: 'until' is missing\n");
	assert_says("calendar: {holidays: [{from: 2026-02-02, until: 2026-02-02}]}\n",
		"1:49: 'until' must come after 'from'\n");
	assert_says("calendar: {holidays: [{from: 1999-01-01, until: 2026-02-02}]}\n",
		"1:23: more than 3660 days off in one go\n");
	assert_says(TEAMS "reps: [{id: a, team: n, absences: 2026-01-01}]\n",
		"2:35: 'absences' must be a list, not a text\n");
}

static void test_wrong_managers(void **state)
{
	(void)state;
	assert_says("teams: [{id: n, manager: bo}]\nreps: [{id: bob, team: n}]\n",
		"1:26: unknown rep 'bo'; did you mean 'bob'?\n");
	assert_says("teams: [{id: n, manager: b, managers: []}]\nreps: [{id: b, team: n}]\n",
		"1:26: either 'manager' or 'managers'\n");
	assert_says("teams: [{id: n, managers: [{rep: b}, {rep: b, from: 2026-01-01}]}]\nreps: [{id: b, team: n}]\n",
		"1:38: it must not begin before the manager above it ends\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_membership),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_calendar_as_it_comes),
		cmocka_unit_test(test_calendar),
		cmocka_unit_test(test_calendar_when_clocks_change),
		cmocka_unit_test(test_absences_and_memberships),
		cmocka_unit_test(test_managers),
		cmocka_unit_test(test_wrong_calendar),
		cmocka_unit_test(test_wrong_managers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
