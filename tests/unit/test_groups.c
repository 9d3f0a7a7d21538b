/* Whose an event is: the team is that of its rep when it happened, in whatever order events come. */
#include "pipeline/correlate/groups.h"
#include "tests/unit/shard_fixture.h"

#include <stdio.h>

static const char kpid[] = "roster: {file: roster.yaml}\ntime_zone: UTC\n";
static const char kpis[] =
	"windows: [1h]\nmeasures:\n  asks: {count: ask}\nkpis:\n  a: {title: A, formula: asks, unit: count}\n";
static const char roster[] =
	"teams: [{id: north}, {id: south}]\n"
	"reps:\n"
	"  - id: ann\n"
	"    teams: [{team: north, until: 2026-02-01}, {team: south, from: 2026-03-01, until: 2026-04-01}, "
	"{team: north, from: 2026-05-01}]\n"
	"  - {id: bob, team: south}\n";

struct box {
	struct config *config;
	struct groups groups;
};

static void box_init(struct box *box, uint32_t keys_max)
{
	box->config = fixture_config_of(kpid, NULL, kpis, roster);
	groups_init(&box->groups, &box->config->model, &box->config->schema, &box->config->roster, keys_max);
}

static void box_release(struct box *box)
{
	groups_release(&box->groups);
	config_free(box->config);
}

/* "team/rep" */
static const char *keys_of(struct box *box, const char *rep, const char *time)
{
	static char text[64];
	struct event event = {.time = at(time)};
	uint16_t field = (uint16_t)box->config->schema.rep_field;
	event.present = rep ? UINT64_C(1) << field : 0;
	event.values[field].text = rep ? str_of(rep) : (struct str){0};
	uint32_t group = groups_of_event(&box->groups, &event);
	struct str team =
		groups_key_text(&box->groups, DIMENSION_TEAM, groups_key(&box->groups, group, DIMENSION_TEAM));
	struct str own = groups_key_text(&box->groups, DIMENSION_REP, groups_key(&box->groups, group, DIMENSION_REP));
	snprintf(text, sizeof text, "%.*s/%.*s", STR_ARG(team), STR_ARG(own));
	return text;
}

static void the_team_is_that_of_the_time(void **state)
{
	(void)state;
	static const struct {
		const char *time, *keys;
	} cases[] = {
		{"2025-01-01T00:00:00Z", "north/ann"},
		{"2026-01-31T23:59:59.999Z", "north/ann"},
		{"2026-02-01T00:00:00Z", "unassigned/ann"},
		{"2026-02-28T23:59:59.999Z", "unassigned/ann"},
		{"2026-03-01T00:00:00Z", "south/ann"},
		{"2026-03-31T23:59:59.999Z", "south/ann"},
		{"2026-04-01T00:00:00Z", "unassigned/ann"},
		{"2026-04-30T23:59:59.999Z", "unassigned/ann"},
		{"2026-05-01T00:00:00Z", "north/ann"},
		{"2027-01-01T00:00:00Z", "north/ann"},
	};
	const size_t count = sizeof cases / sizeof *cases;
	struct box box;
	box_init(&box, 100);
	/* From each to each. */
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < count; j++) {
			assert_string_equal(keys_of(&box, "ann", cases[i].time), cases[i].keys);
			assert_string_equal(keys_of(&box, "ann", cases[j].time), cases[j].keys);
			assert_string_equal(keys_of(&box, "bob", cases[j].time), "south/bob");
			assert_string_equal(keys_of(&box, "cy", cases[j].time), "unassigned/cy");
			assert_string_equal(keys_of(&box, NULL, cases[j].time), "unassigned/unassigned");
		}
	box_release(&box);
}

/* Those beyond the limit share a key, not a team. */
static void reps_beyond_the_limit_keep_their_teams(void **state)
{
	(void)state;
	struct box box;
	box_init(&box, 4); /* "unassigned", "__other__" and two others */
	for (int times = 0; times < 2; times++) {
		assert_string_equal(keys_of(&box, "cy", "2026-01-01T00:00:00Z"), "unassigned/cy");
		assert_string_equal(keys_of(&box, "dee", "2026-01-01T00:00:00Z"), "unassigned/dee");
		assert_string_equal(keys_of(&box, "ann", "2026-01-01T00:00:00Z"), "north/__other__");
		assert_string_equal(keys_of(&box, "bob", "2026-01-01T00:00:00Z"), "south/__other__");
		assert_string_equal(keys_of(&box, "eve", "2026-01-01T00:00:00Z"), "unassigned/__other__");
	}
	assert_int_equal(box.groups.over_limit, 6);
	box_release(&box);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_team_is_that_of_the_time),
		cmocka_unit_test(reps_beyond_the_limit_keep_their_teams),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
