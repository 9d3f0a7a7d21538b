/* What the publisher hands out, as lines of text:
 *
 *     snap rep ann (Ann A.) + close_rate@30d=0.35     `+` for whole, `-` for removed
 *     board close_rate@30d rep ann 0.181148           or: out
 *     alert low rep ann normal>firing 0.1 < 0.25 n=10 announce
 */
#include "pipeline/publish/publisher.h"
#include "tests/unit/little_model.h"
#include "tests/unit/unit.h"

static struct little_model little;
static struct merge *merge;
static struct publisher *publisher;
static struct buf said;
static uint64_t revision;
static struct alert_rule rules[2];

static void put_value(struct str json)
{
	const char *start = json.data + strlen("{\"value\":");
	buf_put(&said, start, strcspn(start, ","));
}

static void take_snapshot(void *context, const struct snapshot_change *change)
{
	assert_ptr_equal(context, &little);
	assert_true(change->revision > revision);
	revision = change->revision;
	assert_int_equal(change->as_of, little.evaluation.status.as_of);
	buf_printf(&said, "snap %s %.*s (%.*s)%s%s", change->dimension, STR_ARG(change->key), STR_ARG(change->name),
		change->whole ? " +" : "", change->removed ? " -" : "");
	if (change->manager.length)
		buf_printf(&said, " of %.*s (%.*s)", STR_ARG(change->manager), STR_ARG(change->manager_name));
	for (size_t i = 0; i < change->field_count; i++) {
		buf_printf(&said, " %.*s=", STR_ARG(change->fields[i].name));
		put_value(change->fields[i].json);
	}
	buf_put_byte(&said, '\n');
}

static void take_board(void *context, const struct board_change *change)
{
	assert_ptr_equal(context, &little);
	assert_int_equal(change->revision, revision);
	buf_printf(
		&said, "board %s@%s %s %.*s ", change->kpi, change->window, change->dimension, STR_ARG(change->member));
	if (change->remove)
		buf_put_text(&said, "out\n");
	else
		buf_printf(&said, "%.6g\n", change->score);
}

static void take_alert(void *context, const struct alert_change *change)
{
	assert_ptr_equal(context, &little);
	buf_printf(&said, "alert %s %s %.*s %s>%s %.*s < %.*s n=%lld%s%s\n", change->rule, change->dimension,
		STR_ARG(change->key), alert_state_name(change->from), alert_state_name(change->to),
		STR_ARG(change->value), STR_ARG(change->limit), (long long)change->n,
		change->announce ? " announce" : "", change->repeated ? " repeated" : "");
}

static struct publisher *new_publisher(void)
{
	const struct publication_sink sink = {&little, take_snapshot, take_board, take_alert};
	revision = 0;
	return publisher_new(&little.model, &little.roster, merge, &sink);
}

/* Only reps have figures, close_rate over 30 days and 1 hour; a board of it over 30 days. */
static int set_up(void **state)
{
	(void)state;
	static struct board board = {.kpi = CLOSE_RATE, .dimension = DIMENSION_REP, .windows = 1 << WINDOW_30D};
	little_model_init(&little);
	little.model.kpi_count = 1;
	little.kpis[CLOSE_RATE].dimensions = 1 << DIMENSION_REP;
	little.kpis[CLOSE_RATE].windows = 1 << WINDOW_30D | 1 << WINDOW_1H;
	little.model.boards = &board;
	little.model.board_count = 1;
	little.model.alerts = rules;
	rules[0] = (struct alert_rule){.name = "low",
		.kpi = CLOSE_RATE,
		.window = WINDOW_30D,
		.dimension = DIMENSION_REP,
		.direction = ALERT_BELOW,
		.limit = 2500,
		.clear = 2800};
	rules[1] = rules[0];
	rules[1].name = "lowest";
	rules[1].key = STR("a:b");
	merge = merge_new(&little.model, 1);
	little.evaluation.merge = merge;
	buf_init(&said);
	little.roster.rep_count = little.roster.team_count = 0;
	publisher = new_publisher();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	publisher_free(publisher);
	merge_free(merge);
	buf_release(&said);
	little_model_release(&little);
	return 0;
}

static void say(const char *key, int64_t won, int64_t lost)
{
	const struct little_total totals[] = {{CELL_WON, WINDOW_30D, won}, {CELL_LOST, WINDOW_30D, lost}};
	struct shard_status status = {.end = END, .gap = INT64_MIN};
	struct buf record;
	buf_init(&record);
	little_record(&record, DIMENSION_REP, key, totals, won || lost ? 2 : 0);
	assert_int_equal(merge_apply(merge, &status, buf_str(&record)), RESULT_OK);
	buf_release(&record);
}

#define expect(expected)                                  \
	do {                                              \
		assert_string_equal(said.data, expected); \
		buf_clear(&said);                         \
	} while (0)

static void turn(void)
{
	publisher_turn(publisher, &little.evaluation);
}

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
	little.evaluation.status.as_of += 5;
	turn();
	expect("");
}

static void test_a_new_end_or_status_concerns_all(void **state)
{
	(void)state;
	say("ann", 1, 0);
	turn();
	buf_clear(&said);
	little.spans.end += 60000;
	little.spans.views[WINDOW_1H].to += 60000;
	turn();
	expect("snap rep ann (Ann A.) close_rate@1h=null\n");
	little.evaluation.status.since = DAY_0 + 31 * DAY;
	turn();
	expect("snap rep ann (Ann A.) close_rate@30d=1\n"); /* no longer complete; its score stays */
	little.evaluation.status.seen_types[0] = 1 << LOST;
	turn();
	expect("snap rep ann (Ann A.) close_rate@30d=null close_rate@1h=null\nboard close_rate@30d rep ann out\n");
	little.evaluation.status.gap = DAY_0 + 60 * DAY + 1;
	turn();
	expect("snap rep ann (Ann A.) close_rate@1h=null\n");
}

/* A second measure alone changes; a formula without measures is looked at with whatever comes. */
static void test_a_change_concerns_those_that_need_it(void **state)
{
	(void)state;
	static struct formula_step roster[] = {{.code = FORMULA_ROSTER}};
	publisher_free(publisher);
	little.model.kpi_count = 2;
	little.kpis[REVENUE] = (struct kpi){.name = "reps",
		.higher_is_better = true,
		.formula = {roster, 1},
		.dimensions = 1 << DIMENSION_COMPANY,
		.windows = 1 << WINDOW_30D};
	little.roster.rep_count = 1;
	publisher = new_publisher();
	say("ann", 1, 0);
	turn();
	buf_clear(&said);
	say("ann", 1, 3);
	turn();
	expect("snap rep ann (Ann A.) close_rate@30d=0.25\nboard close_rate@30d rep ann 0.0455861\n");
	little.memberships[0].until = END - 1; /* ann has left */
	little.spans.end += 60000;
	turn();
	expect("snap company all (all) reps@30d=0\n");
}

static void say_of_company(int64_t won, int64_t sold)
{
	const struct little_total totals[] = {{CELL_WON, WINDOW_30D, won}, {CELL_SOLD, WINDOW_30D, sold}};
	struct shard_status status = {.end = END, .gap = INT64_MIN};
	struct buf record;
	buf_init(&record);
	little_record(&record, DIMENSION_COMPANY, "all", totals, 2);
	assert_int_equal(merge_apply(merge, &status, buf_str(&record)), RESULT_OK);
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
	little.model.kpi_count = 2;
	little.model.board_count = 0;
	little.kpis[0] = (struct kpi){
		.name = "share", .formula = {share, 3}, .dimensions = 1 << DIMENSION_REP, .windows = 1 << WINDOW_30D};
	little.kpis[1] = (struct kpi){.name = "rate",
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
	little.roster.rep_count = 0;
	say_of_company(2, 1);
	turn();
	expect("snap company all (all) + rate@30d=null\n");
	little.spans.end += 60000;
	little.spans.views[WINDOW_30D].to += 60000;
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
	little.roster.rep_count = 3;
	little.roster.team_count = 2;
	publisher = new_publisher();
	/* cy left on day 0, where the longest interval begins only with the next line. */
	little.spans.views[WINDOW_MONTH].from = DAY_0 - 1;
	turn();
	expect(COMPANY
		"snap team north (North) +\nsnap team south (South) +\n"
		"snap rep ann (Ann A.) + close_rate@30d=null close_rate@1h=null\nboard close_rate@30d rep ann out\n"
		"snap rep bob (Bob B.) + close_rate@30d=null close_rate@1h=null\nboard close_rate@30d rep bob out\n"
		"snap rep cy (Cy C.) + close_rate@30d=null close_rate@1h=null\nboard close_rate@30d rep cy out\n");
	assert_int_equal(publisher_key_count(publisher), 6);
	little.spans.end += 60000;
	little.spans.views[WINDOW_MONTH].from = DAY_0;
	turn();
	expect("snap rep cy (Cy C.) -\nboard close_rate@30d rep cy out\n");
	assert_int_equal(publisher_key_count(publisher), 5);
}

static void test_teams_have_managers(void **state)
{
	(void)state;
	struct tenure tenures[] = {{1, INT64_MIN, little.spans.end}, {0, little.spans.end, INT64_MAX}};
	little.teams[1].managers = tenures;
	little.teams[1].manager_count = 2;
	publisher_free(publisher);
	little.roster.team_count = 2;
	publisher = new_publisher();
	turn();
	assert_non_null(strstr(said.data, "snap team north (North) +\nsnap team south (South) + of bob (Bob B.)\n"));
	buf_clear(&said);
	little.spans.end += 60000;
	turn();
	expect("snap team south (South) + of ann (Ann A.)\n");
	publisher_again(publisher, &little.evaluation, "team", STR("south"));
	expect("snap team south (South) + of ann (Ann A.)\n");
}

static void test_refresh_goes_round(void **state)
{
	(void)state;
	say("ann", 1, 0);
	say("bob", 1, 0);
	turn();
	buf_clear(&said);
	assert_int_equal(publisher_refresh(publisher, &little.evaluation, 2), 2);
	expect("snap rep ann (Ann A.) + close_rate@30d=1 close_rate@1h=null\nboard close_rate@30d rep ann 0.206543\n"
	       "snap rep bob (Bob B.) + close_rate@30d=1 close_rate@1h=null\nboard close_rate@30d rep bob 0.206543\n");
	/* ann goes: the company is still next. */
	say("ann", 0, 0);
	turn();
	buf_clear(&said);
	assert_int_equal(publisher_refresh(publisher, &little.evaluation, 1), 1);
	expect(COMPANY);
	assert_int_equal(publisher_refresh(publisher, &little.evaluation, 9), 2);
	expect("snap rep bob (Bob B.) + close_rate@30d=1 close_rate@1h=null\nboard close_rate@30d rep bob "
	       "0.206543\n" COMPANY);
}

/* A key that goes leaves its place to another, and none is passed over. */
static void test_refresh_passes_none_over(void **state)
{
	(void)state;
	say("a", 1, 0);
	say("b", 1, 0);
	say("c", 1, 0);
	turn();
	publisher_refresh(publisher, &little.evaluation, 2);
	say("a", 0, 0);
	turn();
	buf_clear(&said);
	publisher_refresh(publisher, &little.evaluation, 1);
	expect(COMPANY);
	publisher_refresh(publisher, &little.evaluation, 1);
	assert_non_null(strstr(said.data, "snap rep c "));
	buf_clear(&said);
	publisher_refresh(publisher, &little.evaluation, 1);
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
		assert_int_equal(publisher_refresh(publisher, &little.evaluation, 9), 5 - i);
		say(gone[i], 0, 0);
		turn();
	}
	buf_clear(&said);
	assert_int_equal(publisher_refresh(publisher, &little.evaluation, 9), 2);
	assert_non_null(strstr(said.data, COMPANY));
	assert_non_null(strstr(said.data, "snap rep c "));
}

static void test_one_key_again(void **state)
{
	(void)state;
	say("a:b", 1, 0);
	turn();
	buf_clear(&said);
	assert_true(publisher_again(publisher, &little.evaluation, "rep", STR("a%3Ab")));
	expect("snap rep a%3Ab (a:b) + close_rate@30d=1 close_rate@1h=null\n"
	       "board close_rate@30d rep a%3Ab 0.206543\n");
	assert_false(publisher_again(publisher, &little.evaluation, "rep", STR("a:b%")));
	assert_false(publisher_again(publisher, &little.evaluation, "team", STR("a%3Ab")));
	assert_false(publisher_again(publisher, &little.evaluation, "no", STR("a%3Ab")));
	say("new", 1, 0); /* its first turn is still to come */
	assert_false(publisher_again(publisher, &little.evaluation, "rep", STR("new")));
	expect("");
}

static void test_alerts(void **state)
{
	(void)state;
	little.model.alert_count = 2;
	publisher_free(publisher);
	publisher = new_publisher();
	say("a:b", 1, 9);
	say("bob", 9, 1);
	turn();
	buf_clear(&said);
	publisher_alerts(publisher, &little.evaluation);
	expect("alert low rep a%3Ab normal>firing 0.1 < 0.25 n=10 announce\n"
	       "alert lowest rep a%3Ab normal>firing 0.1 < 0.25 n=10 announce\n");
	publisher_alerts(publisher, &little.evaluation);
	expect("");
	publisher_refresh_alerts(publisher, &little.evaluation);
	expect("alert low rep a%3Ab firing>firing 0.1 < 0.25 n=10 repeated\n"
	       "alert lowest rep a%3Ab firing>firing 0.1 < 0.25 n=10 repeated\n");
	say("a:b", 3, 7);
	turn();
	buf_clear(&said);
	publisher_alerts(publisher, &little.evaluation);
	expect("alert low rep a%3Ab firing>normal 0.3 < 0.25 n=10 announce\n"
	       "alert lowest rep a%3Ab firing>normal 0.3 < 0.25 n=10 announce\n");
	rules[0].hold = 1;
	say("a:b", 1, 9);
	turn();
	buf_clear(&said);
	publisher_alerts(publisher, &little.evaluation);
	expect("alert low rep a%3Ab normal>pending 0.1 < 0.25 n=10\n"
	       "alert lowest rep a%3Ab normal>firing 0.1 < 0.25 n=10 announce\n");
	say("a:b", 0, 0);
	turn();
	expect("snap rep a%3Ab (a:b) -\nboard close_rate@30d rep a%3Ab out\n"
	       "alert low rep a%3Ab pending>normal  < 0.25 n=0\n"
	       "alert lowest rep a%3Ab firing>normal  < 0.25 n=0 announce\n");
}

static void test_a_rule_for_one_key(void **state)
{
	(void)state;
	little.model.alert_count = 2;
	rules[0].key = STR("bob");
	publisher_free(publisher);
	publisher = new_publisher();
	say("ann", 0, 20);
	say("bob", 1, 19);
	turn();
	buf_clear(&said);
	publisher_alerts(publisher, &little.evaluation);
	expect("alert low rep bob normal>firing 0.05 < 0.25 n=20 announce\n");
}

static void test_alerts_from_before_a_restart(void **state)
{
	(void)state;
	char fingerprint[ALERT_FINGERPRINT];
	little.model.alert_count = 1;
	publisher_free(publisher);
	publisher = new_publisher();
	alert_fingerprint("low", "rep", STR("ann"), fingerprint);
	publisher_restore_alert(publisher, str_of(fingerprint), (struct alert){ALERT_FIRING, END - 5});
	publisher_restore_alert(publisher, STR("0123456789abcdef"), (struct alert){ALERT_FIRING, END - 5});
	publisher_restore_alert(publisher, STR("0123456789abcdee"), (struct alert){ALERT_PENDING, END - 5});
	say("ann", 1, 9);
	turn();
	buf_clear(&said);
	publisher_refresh_alerts(publisher, &little.evaluation);
	expect("alert low rep ann firing>firing 0.1 < 0.25 n=10 repeated\n");
	publisher_alerts(publisher, &little.evaluation);
	assert_non_null(strstr(said.data, "alert    firing>normal  <  n=0 announce\n"));
	assert_non_null(strstr(said.data, "alert    pending>normal  <  n=0\n"));
	assert_int_equal(
		said.length, strlen("alert    firing>normal  <  n=0 announce\nalert    pending>normal  <  n=0\n"));
	buf_clear(&said);
	publisher_alerts(publisher, &little.evaluation);
	expect("");
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

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
		CASE(test_refresh_passes_none_over),
		CASE(test_keys_go_after_a_whole_round),
		CASE(test_one_key_again),
		CASE(test_alerts),
		CASE(test_a_rule_for_one_key),
		CASE(test_alerts_from_before_a_restart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
