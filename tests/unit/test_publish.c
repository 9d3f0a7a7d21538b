/* What the publisher hands out, and when. */
#include "tests/unit/publish_fixture.h"

#define COMPANY "snap company all (all) +\n"

static void test_only_what_changed(void **state)
{
	(void)state;
	say("a:b", 1, 0);
	turn();
	expect("snap rep a%3Ab (a:b) + close_rate@30d=1 close_rate@1h=null\n"
	       "board close_rate@30d rep a%3Ab 0.206543\n" COMPANY);
	turn();
	expect("");
	say("a:b", 1, 1);
	turn();
	expect("snap rep a%3Ab (a:b) close_rate@30d=0.5\nboard close_rate@30d rep a%3Ab 0.0945287\n");
	say("a:b", 1, 1);
	turn();
	expect("");
	published.evaluation.status.as_of += 5;
	turn();
	expect("");
}

static void test_a_new_end_or_status_concerns_all(void **state)
{
	(void)state;
	say("ann", 1, 0);
	turn();
	buf_clear(&said);
	published.spans.end += 60000;
	published.spans.views[WINDOW_1H].to += 60000;
	turn();
	expect("snap rep ann (Ann A.) close_rate@1h=null\n");
	published.evaluation.status.since = DAY_0 + 31 * DAY;
	turn();
	expect("snap rep ann (Ann A.) close_rate@30d=1\n"); /* no longer complete; its score stays */
	published.evaluation.status.seen_types[0] = 1 << LOST;
	turn();
	expect("snap rep ann (Ann A.) close_rate@30d=null close_rate@1h=null\nboard close_rate@30d rep ann out\n");
	published.evaluation.status.gap = DAY_0 + 60 * DAY + 1;
	turn();
	expect("snap rep ann (Ann A.) close_rate@1h=null\n");
}

/* A second measure alone changes; a formula without measures is looked at with whatever comes. */
static void test_a_change_concerns_those_that_need_it(void **state)
{
	(void)state;
	static struct formula_step roster[] = {{.code = FORMULA_ROSTER}};
	publisher_free(publisher);
	published.model.kpi_count = 2;
	published.kpis[REVENUE] = (struct kpi){.name = "reps",
		.higher_is_better = true,
		.formula = {roster, 1},
		.dimensions = 1 << DIMENSION_COMPANY,
		.windows = 1 << WINDOW_30D};
	published.roster.rep_count = 1;
	publisher = new_publisher();
	say("ann", 1, 0);
	turn();
	buf_clear(&said);
	say("ann", 1, 3);
	turn();
	expect("snap rep ann (Ann A.) close_rate@30d=0.25\nboard close_rate@30d rep ann 0.0455861\n");
	published.memberships[0].until = END - 1; /* ann has left */
	published.spans.end += 60000;
	turn();
	expect("snap company all (all) reps@30d=0\n");
}

static void say_of_company(int64_t won, int64_t sold)
{
	const struct little_total totals[] = {{CELL_WON, WINDOW_30D, won}, {CELL_SOLD, WINDOW_30D, sold}};
	struct buf record;
	buf_init(&record);
	little_record(&record, DIMENSION_COMPANY, "all", totals, 2);
	say_record(&record);
	buf_release(&record);
}

/* What a rep lost over what the company won, and a rate of reps that is rolled up. */
static void look_at_others(void)
{
	static struct formula_step share[] = {{.code = FORMULA_MEASURE, .measure = LOST},
		{.code = FORMULA_MEASURE, .measure = WON, .company = true}, {.code = FORMULA_DIVIDE}};
	static struct formula_step rate[] = {{.code = FORMULA_MEASURE, .measure = WON},
		{.code = FORMULA_MEASURE, .measure = LOST}, {.code = FORMULA_DIVIDE}};
	publisher_free(publisher);
	published.model.kpi_count = 2;
	published.model.board_count = 0;
	published.kpis[0] = (struct kpi){
		.name = "share", .formula = {share, 3}, .dimensions = 1 << DIMENSION_REP, .windows = 1 << WINDOW_30D};
	published.kpis[1] = (struct kpi){.name = "rate",
		.formula = {rate, 3},
		.dimensions = 1 << DIMENSION_REP | 1 << DIMENSION_COMPANY,
		.roll_up = DIMENSION_REP,
		.windows = 1 << WINDOW_30D};
	publisher = new_publisher();
}

static void test_a_change_of_another_key(void **state)
{
	(void)state;
	look_at_others();
	say("ann", 1, 1);
	say("bob", 1, 4);
	say_of_company(2, 1);
	turn();
	expect("snap rep ann (Ann A.) + share@30d=0.5 rate@30d=1\nsnap rep bob (Bob B.) + share@30d=2 rate@30d=0.25\n"
	       "snap company all (all) + rate@30d=0.4\n");
	/* The company's: what is made of it, and nothing else. */
	say_of_company(4, 1);
	turn();
	expect("snap rep ann (Ann A.) share@30d=0.25\nsnap rep bob (Bob B.) share@30d=1\n");
	say_of_company(4, 2);
	turn();
	expect("");
	/* One of those that are added up: the sum, once. */
	say("bob", 2, 4);
	turn();
	expect("snap rep bob (Bob B.) rate@30d=0.5\nsnap company all (all) rate@30d=0.6\n");
	/* It goes, and comes back. */
	say("bob", 0, 0);
	turn();
	expect("snap rep bob (Bob B.) -\nsnap company all (all) rate@30d=1\n");
	say("bob", 2, 4);
	turn();
	expect("snap rep bob (Bob B.) + share@30d=1 rate@30d=0.5\nsnap company all (all) rate@30d=0.6\n");
	turn();
	expect("");
}

/* The company's rate is rolled up of reps, of which there are none: its window moves all the same. */
static void test_a_new_end_concerns_what_is_made_of_no_keys(void **state)
{
	(void)state;
	look_at_others();
	published.roster.rep_count = 0;
	say_of_company(2, 1);
	turn();
	expect("snap company all (all) + rate@30d=null\n");
	published.spans.end += 60000;
	published.spans.views[WINDOW_30D].to += 60000;
	turn();
	expect("snap company all (all) rate@30d=null\n");
}

static void test_a_key_goes(void **state)
{
	(void)state;
	say("ann", 1, 0);
	turn();
	buf_clear(&said);
	say("ann", 0, 0);
	turn();
	expect("snap rep ann (Ann A.) -\nboard close_rate@30d rep ann out\n");
	turn();
	expect("");
	say("ann", 1, 0);
	turn();
	expect("snap rep ann (Ann A.) + close_rate@30d=1 close_rate@1h=null\nboard close_rate@30d rep ann 0.206543\n");
}

static void test_the_roster_has_keys(void **state)
{
	(void)state;
	publisher_free(publisher);
	published.roster.rep_count = 3;
	published.roster.team_count = 2;
	publisher = new_publisher();
	/* cy left on day 0, where the longest interval begins only with the next line. */
	published.spans.views[WINDOW_MONTH].from = DAY_0 - 1;
	turn();
	expect(COMPANY
		"snap team north (North) +\nsnap team south (South) +\n"
		"snap rep ann (Ann A.) + close_rate@30d=null close_rate@1h=null\nboard close_rate@30d rep ann out\n"
		"snap rep bob (Bob B.) + close_rate@30d=null close_rate@1h=null\nboard close_rate@30d rep bob out\n"
		"snap rep cy (Cy C.) + close_rate@30d=null close_rate@1h=null\nboard close_rate@30d rep cy out\n");
	assert_int_equal(publisher_key_count(publisher), 6);
	published.spans.end += 60000;
	published.spans.views[WINDOW_MONTH].from = DAY_0;
	turn();
	expect("snap rep cy (Cy C.) -\nboard close_rate@30d rep cy out\n");
	assert_int_equal(publisher_key_count(publisher), 5);
}

static void test_teams_have_managers(void **state)
{
	(void)state;
	struct tenure tenures[] = {{1, INT64_MIN, published.spans.end}, {0, published.spans.end, INT64_MAX}};
	published.teams[1].managers = tenures;
	published.teams[1].manager_count = 2;
	publisher_free(publisher);
	published.roster.team_count = 2;
	publisher = new_publisher();
	turn();
	assert_non_null(strstr(said.data, "snap team north (North) +\nsnap team south (South) + of bob (Bob B.)\n"));
	buf_clear(&said);
	published.spans.end += 60000;
	turn();
	expect("snap team south (South) + of ann (Ann A.)\n");
	publisher_again(publisher, &published.evaluation, "team", STR("south"));
	expect("snap team south (South) + of ann (Ann A.)\n");
}

static void test_refresh_goes_round(void **state)
{
	(void)state;
	say("ann", 1, 0);
	say("bob", 1, 0);
	turn();
	buf_clear(&said);
	assert_int_equal(publisher_refresh(publisher, &published.evaluation, 2), 2);
	expect("snap rep ann (Ann A.) + close_rate@30d=1 close_rate@1h=null\nboard close_rate@30d rep ann 0.206543\n"
	       "snap rep bob (Bob B.) + close_rate@30d=1 close_rate@1h=null\nboard close_rate@30d rep bob 0.206543\n");
	/* ann goes: the company is still next. */
	say("ann", 0, 0);
	turn();
	buf_clear(&said);
	assert_int_equal(publisher_refresh(publisher, &published.evaluation, 1), 1);
	expect(COMPANY);
	assert_int_equal(publisher_refresh(publisher, &published.evaluation, 9), 2);
	expect("snap rep bob (Bob B.) + close_rate@30d=1 close_rate@1h=null\nboard close_rate@30d rep bob "
	       "0.206543\n" COMPANY);
}

/* What the turn has just handed out whole does not come again. */
static void test_all_is_handed_out_once(void **state)
{
	(void)state;
	say("ann", 1, 0);
	turn();
	say("ann", 2, 0);
	say("bob", 1, 0);
	turn();
	assert_non_null(strstr(said.data, "snap rep bob (Bob B.) + "));
	buf_clear(&said);
	publisher_refresh_all(publisher, &published.evaluation);
	assert_non_null(strstr(said.data, COMPANY));
	assert_non_null(strstr(said.data, "snap rep ann (Ann A.) + "));
	assert_null(strstr(said.data, "snap rep bob "));
	turn();
	buf_clear(&said);
	publisher_refresh_all(publisher, &published.evaluation);
	assert_non_null(strstr(said.data, "snap rep bob (Bob B.) + "));
}

/* A key that goes leaves its place to another, and none is passed over. */
static void test_refresh_passes_none_over(void **state)
{
	(void)state;
	say("a", 1, 0);
	say("b", 1, 0);
	say("c", 1, 0);
	turn();
	publisher_refresh(publisher, &published.evaluation, 2);
	say("a", 0, 0);
	turn();
	buf_clear(&said);
	publisher_refresh(publisher, &published.evaluation, 1);
	expect(COMPANY);
	publisher_refresh(publisher, &published.evaluation, 1);
	assert_non_null(strstr(said.data, "snap rep c "));
	buf_clear(&said);
	publisher_refresh(publisher, &published.evaluation, 1);
	assert_non_null(strstr(said.data, "snap rep b "));
}

/* The next round begins when keys go: one that was moved into a gap goes next. */
static void test_keys_go_after_a_whole_round(void **state)
{
	static const char *const names[] = {"a", "b", "c", "d"}, *const gone[] = {"a", "b", "d"};
	(void)state;
	for (size_t i = 0; i < 4; i++)
		say(names[i], 1, 0);
	turn();
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(publisher_refresh(publisher, &published.evaluation, 9), 5 - i);
		say(gone[i], 0, 0);
		turn();
	}
	buf_clear(&said);
	assert_int_equal(publisher_refresh(publisher, &published.evaluation, 9), 2);
	assert_non_null(strstr(said.data, COMPANY));
	assert_non_null(strstr(said.data, "snap rep c "));
}

static void test_one_key_again(void **state)
{
	(void)state;
	say("a:b", 1, 0);
	turn();
	buf_clear(&said);
	assert_true(publisher_again(publisher, &published.evaluation, "rep", STR("a%3Ab")));
	expect("snap rep a%3Ab (a:b) + close_rate@30d=1 close_rate@1h=null\n"
	       "board close_rate@30d rep a%3Ab 0.206543\n");
	assert_false(publisher_again(publisher, &published.evaluation, "rep", STR("a:b%")));
	assert_false(publisher_again(publisher, &published.evaluation, "team", STR("a%3Ab")));
	assert_false(publisher_again(publisher, &published.evaluation, "no", STR("a%3Ab")));
	say("new", 1, 0); /* its first turn is still to come */
	assert_false(publisher_again(publisher, &published.evaluation, "rep", STR("new")));
	expect("");
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, publish_set_up, publish_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_only_what_changed),
		CASE(test_a_new_end_or_status_concerns_all),
		CASE(test_a_change_concerns_those_that_need_it),
		CASE(test_a_change_of_another_key),
		CASE(test_a_new_end_concerns_what_is_made_of_no_keys),
		CASE(test_a_key_goes),
		CASE(test_the_roster_has_keys),
		CASE(test_teams_have_managers),
		CASE(test_refresh_goes_round),
		CASE(test_all_is_handed_out_once),
		CASE(test_refresh_passes_none_over),
		CASE(test_keys_go_after_a_whole_round),
		CASE(test_one_key_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
