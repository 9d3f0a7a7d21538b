/* Figures with the digits worked out by hand. A figure is described as "value = numerator/denominator n=sample", a reason in place of a value
 * that there is not, and "-" where there is no quotient. */
#include "pipeline/histogram.h"
#include "tests/unit/evaluate_fixture.h"

#include <math.h>

static void test_rates_counts_and_ratios(void **state)
{
	(void)state;
	static const struct little_total totals[] = {{CELL_WON, WINDOW_30D, 7}, {CELL_LOST, WINDOW_30D, 13},
		{CELL_WON, WINDOW_1H, 1}, {CELL_WON, PREVIOUS, 9}};
	struct merged_key *key = company(totals, COUNT_OF(totals));
	expect(key, "0.35 = 7/20 n=20");
	struct figure hour = figure_of(key, WINDOW_1H);
	assert_string_equal(described(&hour), "1 = 1/1 n=1");
	assert_true(hour.from == DAY_0 + 60 * DAY && hour.to == END && hour.window == WINDOW_1H && hour.kpi == 0);
	struct figure month = figure_of(key, WINDOW_MONTH);
	assert_string_equal(described(&month), "zero_denominator = 0/0 n=0");
	formula(STEPS(NOW(WON)));
	expect(key, "7 = 7/1 n=7");
	formula(STEPS(NOW(WON), NOW(LOST), OP(DIVIDE)));
	expect(key, "0.538462 = 7/13 n=13"); /* 0.53846153... */
	formula(STEPS(NOW(WON), BEFORE(WON), OP(SUBTRACT)));
	expect(key, "-2 = -2/1 n=-2");
	formula(STEPS(NOW(WON), BEFORE(WON), OP(SUBTRACT), NOW(LOST), OP(DIVIDE)));
	expect(key, "-0.153846 = -2/13 n=13"); /* -0.15384615... */
	formula(STEPS(NUMBER(5), NOW(WON), OP(MULTIPLY)));
	expect(key, "0.0035 = 0.0035/1 n=7");
	formula(STEPS(NOW(WON), NUMBER(20000), OP(DIVIDE)));
	expect(key, "3.5 = 7/2 n=7");
}

/* 6 decimals, half to even: 1/2000000 is 0.0000005, 3/2000000 is 0.0000015. */
static void test_rounding_half_to_even(void **state)
{
	(void)state;
	static const struct little_total totals[] = {
		{CELL_WON, 0, 1}, {CELL_LOST, 0, 2000000}, {CELL_OPEN, 0, 3}, {CELL_EVENTS, 0, -5}};
	struct merged_key *key = company(totals, COUNT_OF(totals));
	formula(STEPS(NOW(WON), NOW(LOST), OP(DIVIDE)));
	expect(key, "0 = 1/2000000 n=2000000");
	formula(STEPS(NOW(OPEN), NOW(LOST), OP(DIVIDE)));
	expect(key, "0.000002 = 3/2000000 n=2000000");
	formula(STEPS(NOW(EVENTS), NOW(LOST), OP(DIVIDE)));
	expect(key, "-0.000002 = -5/2000000 n=2000000"); /* -0.0000025 */
	formula(STEPS(NOW(LOST), NOW(EVENTS), OP(DIVIDE)));
	expect(key, "-400000 = 2000000/-5 n=-5");
}

static void test_money_and_growth(void **state)
{
	(void)state;
	static const struct little_total totals[] = {{CELL_SOLD, 0, 1500000}, {CELL_SOLD_COUNT, 0, 3},
		{CELL_SOLD, PREVIOUS, 1200001}, {CELL_SOLD_COUNT, PREVIOUS, 2}, {CELL_SOLD, WINDOW_1H, 5},
		{CELL_SOLD, PREVIOUS + WINDOW_1H, -1}, {CELL_WON, 0, 4}};
	struct merged_key *key = company(totals, COUNT_OF(totals));
	formula(STEPS(NOW(SOLD)));
	expect(key, "150 = 150/1 n=3");
	formula(STEPS(OF(COUNT, SOLD)));
	expect(key, "3 = 3/1 n=3");
	formula(STEPS(NOW(SOLD), NOW(WON), OP(DIVIDE)));
	expect(key, "37.5 = 150/4 n=4");
	formula(STEPS(NOW(WON), NOW(SOLD), OP(DIVIDE)));
	expect(key, "0.026667 = 4/150 n=3"); /* the denominator is no count */
	formula(STEPS(NOW(SOLD), BEFORE(SOLD), OP(GROWTH)));
	expect(key, "0.249999 = 29.9999/120.0001 n=3"); /* 0.24999895... */
	struct figure falling = figure_of(key, WINDOW_1H);
	assert_string_equal(described(&falling), "base = 0.0006/-0.0001 n=0");
	struct figure nothing = figure_of(key, WINDOW_MONTH);
	assert_string_equal(described(&nothing), "base = 0/0 n=0");
}

/* Three pairs of 1000, 2000 and 4001 ms. */
static void test_means_and_quantiles(void **state)
{
	(void)state;
	const struct little_total totals[] = {{CELL_PAIRS, 0, 3}, {CELL_PAIRS_MS, 0, 7001},
		{CELL_HISTOGRAM + histogram_bucket(1000), 0, 1}, {CELL_HISTOGRAM + histogram_bucket(2000), 0, 1},
		{CELL_HISTOGRAM + histogram_bucket(4001), 0, 1}, {CELL_PAIRS, PREVIOUS, 2},
		{CELL_PAIRS_MS, PREVIOUS, 3001}};
	struct merged_key *key = company(totals, COUNT_OF(totals));
	int64_t middle = histogram_representative(histogram_bucket(2000));
	int64_t high = histogram_representative(histogram_bucket(4001));
	formula(STEPS(OF(MEAN, CYCLE)));
	expect(key, "2.333667 = 7.001/3 n=3"); /* 2.33366666... */
	formula(STEPS(NOW(CYCLE)));
	expect(key, "3 = 3/1 n=3");
	formula(STEPS(OF_BEFORE(MEAN, CYCLE)));
	expect(key, "1.5005 = 3.001/2 n=2");
	formula(STEPS(QUANTILE(CYCLE, 50)));
	struct figure median = figure_of(key, WINDOW_30D);
	assert_true(median.reason == FIGURE_VALUE && median.value == (i128)middle * 1000);
	assert_true(!median.has_quotient && median.n == 3);
	formula(STEPS(QUANTILE(CYCLE, 67))); /* rank ceil(2.01) = 3 */
	assert_true(figure_of(key, WINDOW_30D).value == (i128)high * 1000);
	formula(STEPS(QUANTILE(CYCLE, 66))); /* rank ceil(1.98) = 2 */
	assert_true(figure_of(key, WINDOW_30D).value == (i128)middle * 1000);
	formula(STEPS(QUANTILE(CYCLE, 90)));
	assert_true(figure_of(key, WINDOW_30D).value == (i128)high * 1000);
	struct figure nothing = figure_of(key, WINDOW_1H);
	assert_string_equal(described(&nothing), "zero_denominator = - n=0");
	formula(STEPS(OF(MEAN, CYCLE)));
	nothing = figure_of(key, WINDOW_1H);
	assert_string_equal(described(&nothing), "zero_denominator = 0/0 n=0");
}

/* Two members, opened 1 and 3 days before the end. */
static void test_stocks_and_their_age(void **state)
{
	(void)state;
	int64_t opened = (END - DAY - MODEL_EPOCH) + (END - 3 * DAY - MODEL_EPOCH);
	const struct little_total totals[] = {{CELL_OPEN, 0, 2}, {CELL_OPEN_SINCE, 0, opened}, {CELL_OPEN, PREVIOUS, 1},
		{CELL_OPEN_SINCE, PREVIOUS, DAY_0 + 29 * DAY - MODEL_EPOCH}};
	struct merged_key *key = company(totals, COUNT_OF(totals));
	formula(STEPS(NOW(OPEN)));
	expect(key, "2 = 2/1 n=2");
	formula(STEPS(OF(AGE, OPEN), NOW(OPEN), OP(DIVIDE)));
	expect(key, "172800 = 345600/2 n=2");
	formula(STEPS(OF(AGE, OPEN)));
	expect(key, "345600 = 345600/1 n=2");
	formula(STEPS(OF_BEFORE(AGE, OPEN)));
	expect(key, "86400 = 86400/1 n=1");
}

#define OPENING OF(OPENING, OPEN)
#define LEFT OPENING, NOW(WON), OP(ADD), NOW(OPEN), OP(SUBTRACT)
#define MONTHS                                                        \
	{                                                             \
		.code = FORMULA_LENGTH, .number = INT64_C(2629800000) \
	}
#define LIFETIME NUMBER(10000), LEFT, OPENING, OP(DIVIDE), MONTHS, OP(DIVIDE), OP(DIVIDE)
#define VALUE NOW(SOLD), NOW(LOST), OP(DIVIDE), MONTHS, OP(DIVIDE), NUMBER(6000), OP(MULTIPLY), LIFETIME, OP(MULTIPLY)

/* 50 before the window began, 5 joined, 40 now: 15 left. 8 bought for 123.4567. */
static void test_members_at_the_beginning(void **state)
{
	(void)state;
	static const struct little_total totals[] = {{CELL_OPEN, 0, 40}, {CELL_OPEN_CHANGE, 0, -10}, {CELL_WON, 0, 5},
		{CELL_SOLD, 0, 1234567}, {CELL_SOLD_COUNT, 0, 9}, {CELL_LOST, 0, 8}, {CELL_OPEN, PREVIOUS, 50},
		{CELL_OPEN_CHANGE, PREVIOUS, 3}, {CELL_OPEN, WINDOW_1H, 7}, {CELL_WON, WINDOW_1H, 7},
		{CELL_OPEN_CHANGE, WINDOW_1H, 7}};
	struct merged_key *key = company(totals, COUNT_OF(totals));
	formula(STEPS(OPENING));
	expect(key, "50 = 50/1 n=50");
	formula(STEPS(OF_BEFORE(OPENING, OPEN)));
	expect(key, "47 = 47/1 n=47");
	formula(STEPS(LIFETIME));
	little.kpis[0].sample = (struct formula){STEPS(LEFT)};
	expect(key, "3.394935 = 4960/1461 n=15");
	formula(STEPS(VALUE));
	little.kpis[0].sample = (struct formula){STEPS(NOW(LOST))};
	expect(key, "30.864175 = 1234567/40000 n=8");
	struct figure hour = figure_of(key, WINDOW_1H); /* all of them are new */
	assert_string_equal(described(&hour), "zero_denominator = - n=0");
	/* Nobody left. */
	static const struct little_total faithful[] = {{CELL_OPEN, 0, 40}};
	little.kpis[0].sample = (struct formula){STEPS(LEFT)};
	formula(STEPS(LIFETIME));
	expect(company(faithful, 1), "zero_denominator = - n=0");
}

/* What is open stands for three last values here, and the visitors for the lowest and the highest of them. */
static void test_last_values(void **state)
{
	(void)state;
	struct measure *last = &little.measures[OPEN];
	last->kind = MEASURE_LAST;
	last->keeps_lowest = last->keeps_highest = true;
	last->extreme_dimensions = 1 << DIMENSION_REP;
	const struct little_total totals[] = {{CELL_OPEN, 0, 3}, {CELL_OPEN + 1, 0, 600000}, {CELL_OPEN + 2, 0, 100000},
		{CELL_OPEN + 3, 0, 300000}, {CELL_SOLD, 0, 400000}, {CELL_SOLD_COUNT, 0, 1}};
	static const struct {
		struct formula_step steps[3];
		const char *rep, *company, *other, *none;
	} cases[] = {
		{{NOW(SOLD), NOW(OPEN), OP(DIVIDE)}, "0.666667 = 40/60 n=3", "0.666667 = 40/60 n=3",
			"0.666667 = 40/60 n=3", "no_data = - n=0"},
		{{NOW(SOLD), OF(MEAN, OPEN), OP(DIVIDE)}, "2 = 2/1 n=3", "2 = 2/1 n=3", "2 = 2/1 n=3",
			"no_data = - n=0"},
		{{NOW(SOLD), OF(LOWEST, OPEN), OP(DIVIDE)}, "4 = 40/10 n=3", "no_data = - n=0", "no_data = - n=0",
			"no_data = - n=0"},
		{{NOW(SOLD), OF(HIGHEST, OPEN), OP(DIVIDE)}, "1.333333 = 40/30 n=3", "no_data = - n=0",
			"no_data = - n=0", "no_data = - n=0"},
		{{NOW(SOLD), OF_BEFORE(LOWEST, OPEN), OP(DIVIDE)}, "no_data = - n=0", "no_data = - n=0",
			"no_data = - n=0", "no_data = - n=0"},
		{{NUMBER(10000), OF(COUNT, OPEN), OP(MULTIPLY)}, "3 = 3/1 n=3", "3 = 3/1 n=3", "3 = 3/1 n=3",
			"0 = 0/1 n=0"},
	};
	struct merged_key *keys[] = {key_of(DIMENSION_REP, "ann", totals, COUNT_OF(totals)),
		company(totals, COUNT_OF(totals)), key_of(DIMENSION_REP, "__other__", totals, COUNT_OF(totals)),
		key_of(DIMENSION_REP, "bob", totals + 4, 2)};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const char *expected[] = {cases[i].rep, cases[i].company, cases[i].other, cases[i].none};
		struct formula_step steps[3];
		memcpy(steps, cases[i].steps, sizeof steps);
		formula(steps, 3);
		for (size_t k = 0; k < COUNT_OF(keys); k++) {
			struct figure figure = figure_of(keys[k], WINDOW_30D);
			assert_string_equal(described(&figure), expected[k]);
		}
	}
	static struct formula_step mean[] = {OF(MEAN, OPEN)};
	formula(mean, 1);
	struct figure some = figure_of(keys[0], WINDOW_30D);
	assert_string_equal(described(&some), "20 = 60/3 n=3");
	struct figure none = figure_of(keys[3], WINDOW_30D);
	assert_string_equal(described(&none), "no_data = - n=0");
}

static void test_distinct_counts(void **state)
{
	(void)state;
	static const struct little_total totals[] = {{CELL_VISITORS, 0, 4}, {CELL_VISITORS_WEEK, 0, 5},
		{CELL_VISITORS_MONTH, 0, 6}, {CELL_VISITORS, WINDOW_MONTH, 7}, {CELL_VISITORS_WEEK, WINDOW_MONTH, 8},
		{CELL_VISITORS_MONTH, WINDOW_MONTH, 9}};
	struct merged_key *key = company(totals, COUNT_OF(totals));
	formula(STEPS(NOW(VISITORS)));
	expect(key, "4 = 4/1 n=4");
	struct figure month = figure_of(key, WINDOW_MONTH);
	assert_string_equal(described(&month), "9 = 9/1 n=9");
}

/* Members less newcomers, by the newcomers' number for this kind of window. */
static void test_members_that_stayed(void **state)
{
	(void)state;
	static const struct little_total totals[] = {{CELL_KEPT_MEMBERS, 0, 9}, {CELL_KEPT_NEW, 0, 2},
		{CELL_KEPT_NEW_WEEK, 0, 5}, {CELL_KEPT_NEW_MONTH, 0, 6}, {CELL_KEPT_MEMBERS, WINDOW_MONTH, 8},
		{CELL_KEPT_NEW, WINDOW_MONTH, 1}, {CELL_KEPT_NEW_WEEK, WINDOW_MONTH, 2},
		{CELL_KEPT_NEW_MONTH, WINDOW_MONTH, 3}, {CELL_KEPT_MEMBERS, PREVIOUS + WINDOW_MONTH, 7},
		{CELL_KEPT_NEW_MONTH, PREVIOUS + WINDOW_MONTH, 1}};
	struct merged_key *key = company(totals, COUNT_OF(totals));
	formula(STEPS(NOW(KEPT)));
	expect(key, "7 = 7/1 n=7");
	struct figure month = figure_of(key, WINDOW_MONTH);
	assert_string_equal(described(&month), "5 = 5/1 n=5");
	formula(STEPS(BEFORE(KEPT)));
	month = figure_of(key, WINDOW_MONTH);
	assert_string_equal(described(&month), "6 = 6/1 n=6");
}

/* Touches for each end, not reduced; n is the number of ends. */
static void test_touches(void **state)
{
	(void)state;
	static const struct little_total totals[] = {{CELL_TOUCHED, 0, 4}, {CELL_TOUCHES, 0, 10}};
	struct merged_key *key = company(totals, COUNT_OF(totals));
	formula(STEPS(OF(MEAN, TOUCHED)));
	expect(key, "2.5 = 10/4 n=4");
	formula(STEPS(NOW(TOUCHED)));
	expect(key, "4 = 4/1 n=4");
	formula(STEPS(OF(COUNT, TOUCHED)));
	expect(key, "10 = 10/1 n=10");
	formula(STEPS(OF_BEFORE(MEAN, TOUCHED)));
	expect(key, "zero_denominator = 0/0 n=0");
}

/* At the end ann and bob are both in north; just before the 30th day bob was in south, and cy nowhere. */
static void test_reps_on_the_roster(void **state)
{
	(void)state;
	static const struct little_total won[] = {{CELL_WON, 0, 3}};
	formula(STEPS(NOW(WON), OP(ROSTER), OP(DIVIDE)));
	expect(company(won, 1), "1.5 = 3/2 n=2");
	expect(key_of(DIMENSION_TEAM, "north", won, 1), "1.5 = 3/2 n=2");
	expect(key_of(DIMENSION_TEAM, "south", won, 1), "zero_denominator = 3/0 n=0");
	expect(key_of(DIMENSION_TEAM, "unassigned", won, 1), "zero_denominator = 3/0 n=0");
	expect(key_of(DIMENSION_REP, "ann", won, 1), "3 = 3/1 n=1");
	expect(key_of(DIMENSION_REP, "nobody", won, 1), "3 = 3/1 n=1");
	formula(STEPS({.code = FORMULA_ROSTER, .previous = true}));
	expect(merge_key(merge, DIMENSION_TEAM, STR("south"), false), "1 = 1/1 n=1");
	expect(merge_key(merge, DIMENSION_COMPANY, STR("all"), false), "2 = 2/1 n=2");
	/* The change of teams counts from its very instant, and the count is that just before `to`. */
	little.memberships[1].until = little.memberships[2].from = END;
	formula(STEPS(OP(ROSTER)));
	expect(merge_key(merge, DIMENSION_TEAM, STR("south"), false), "1 = 1/1 n=1");
	little.memberships[1].until = little.memberships[2].from = END - 1;
	expect(merge_key(merge, DIMENSION_TEAM, STR("south"), false), "0 = 0/1 n=0");
}

static bool is_complete(struct merged_key *key, int64_t since, int64_t gap, bool uses_previous)
{
	little.evaluation.status.since = since;
	little.evaluation.status.gap = gap;
	little.kpis[0].uses_previous = uses_previous;
	return figure_of(key, WINDOW_30D).complete;
}

static void test_complete(void **state)
{
	(void)state;
	struct merged_key *key = company(NULL, 0);
	const int64_t from = DAY_0 + 30 * DAY, before = DAY_0;
	assert_true(is_complete(key, from, INT64_MIN, false));
	assert_false(is_complete(key, from + 1, INT64_MIN, false));
	assert_false(is_complete(key, from, INT64_MIN, true));
	assert_true(is_complete(key, before, INT64_MIN, true));
	assert_false(is_complete(key, before + 1, INT64_MIN, true));
	assert_false(is_complete(key, INT64_MAX, INT64_MIN, false));
	assert_true(is_complete(key, before, from, false));
	assert_false(is_complete(key, before, from + 1, false));
	assert_false(is_complete(key, before, from, true));
}

/* won / cycle, where the pairs are a cohort with 10 days; the window ends at END. */
static struct figure cohort_at(const struct merged_key *key, int64_t end, bool previous)
{
	formula(STEPS(NOW(WON),
		{.code = previous ? FORMULA_PREVIOUS : FORMULA_MEASURE, .previous = previous, .measure = CYCLE},
		OP(DIVIDE)));
	little.spans.end = end;
	return figure_of(key, WINDOW_30D);
}

static void test_maturing(void **state)
{
	(void)state;
	static const struct little_total totals[] = {{CELL_WON, 0, 1}, {CELL_PAIRS, 0, 4}, {CELL_PAIRS, PREVIOUS, 2}};
	struct merged_key *key = company(totals, COUNT_OF(totals));
	struct figure figure = cohort_at(key, END, false);
	assert_true(figure.reason == FIGURE_VALUE && figure.complete);
	little.measures[CYCLE].dated_at_start = true;
	little.measures[CYCLE].within = 10 * DAY;
	figure = cohort_at(key, END + 10 * DAY - 1, false);
	assert_true(figure.reason == FIGURE_MATURING && !figure.complete && figure_has_value(&figure));
	assert_true(figure.value == 250000 && figure.numerator == 1 && figure.denominator == 4 && figure.n == 4);
	double score;
	assert_true(evaluate_score(&little.model, &figure, &score));
	figure = cohort_at(key, END + 10 * DAY, false);
	assert_true(figure.reason == FIGURE_VALUE && figure.complete);
	/* The interval before has ended 31 days ago. */
	figure = cohort_at(key, END, true);
	assert_true(figure.reason == FIGURE_VALUE && figure.complete);
	/* No other reason gives way to it. */
	little.kpis[0].minimum_sample = 5;
	figure = cohort_at(key, END, false);
	assert_true(figure.reason == FIGURE_SAMPLE && !figure.complete && figure.value == 0);
	little.kpis[0].minimum_sample = 0;
	/* Without a limit pairs are made for ever. */
	little.measures[CYCLE].within = 0;
	figure = cohort_at(key, END + 1000 * DAY, false);
	assert_true(figure.reason == FIGURE_MATURING && !figure.complete);
	assert_string_equal(figure_reason_name(figure.reason), "maturing");
}

static double score_of(const struct merged_key *key)
{
	struct figure figure = figure_of(key, WINDOW_30D);
	double score;
	assert_true(evaluate_score(&little.model, &figure, &score));
	return score;
}

/* 45 of 50: p = 0.9, z²/n = 0.076832, centre 0.938416, width 1.96 · sqrt(0.0018 + 0.000384160) = 0.0916006; so the bounds are
 * (0.938416 ∓ 0.0916006) / 1.076832 = 0.7863951 and 0.9565249. */
static void test_scores(void **state)
{
	(void)state;
	static const struct little_total many[] = {{CELL_WON, 0, 45}, {CELL_LOST, 0, 5}};
	static const struct little_total one[] = {{CELL_WON, 0, 1}};
	struct merged_key *ann = key_of(DIMENSION_REP, "ann", many, COUNT_OF(many));
	struct merged_key *bob = key_of(DIMENSION_REP, "bob", one, COUNT_OF(one));
	assert_true(fabs(score_of(ann) - (0.7863951)) < 1e-7);
	assert_true(fabs(score_of(bob) - (1 / 4.8416)) < 1e-7); /* 1 / (1 + 1.96²) */
	little.kpis[0].higher_is_better = false;
	assert_true(fabs(score_of(ann) - (-0.9565249)) < 1e-7);
	little.kpis[0].ranks_by_wilson = false;
	assert_true(fabs(score_of(ann) - (-0.9)) < 1e-12);
	little.kpis[0].higher_is_better = true;
	assert_true(fabs(score_of(ann) - (0.9)) < 1e-12);
	/* None of 13 and none of 11 are equal, whatever a double makes of it. */
	little.kpis[0].ranks_by_wilson = true;
	for (int64_t lost = 1; lost < 40; lost++) {
		struct little_total nothing[] = {{CELL_LOST, 0, lost}};
		struct merged_key *tim = key_of(DIMENSION_REP, "tim", nothing, 1);
		assert_true(score_of(tim) <= 0 && score_of(tim) >= 0);
	}
	struct figure none = figure_of(ann, WINDOW_1H);
	double score;
	assert_false(evaluate_score(&little.model, &none, &score));
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_rates_counts_and_ratios),
		CASE(test_rounding_half_to_even),
		CASE(test_money_and_growth),
		CASE(test_means_and_quantiles),
		CASE(test_stocks_and_their_age),
		CASE(test_members_at_the_beginning),
		CASE(test_last_values),
		CASE(test_distinct_counts),
		CASE(test_members_that_stayed),
		CASE(test_touches),
		CASE(test_reps_on_the_roster),
		CASE(test_complete),
		CASE(test_maturing),
		CASE(test_scores),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
