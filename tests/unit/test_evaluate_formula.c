/* What the steps of formulas do, with the digits worked out by hand: "value = numerator/denominator n=sample" (evaluate_fixture.h). */
#include "tests/unit/evaluate_fixture.h"

/* won / lost is 1/3. */
static void test_nested_quotients_stay_exact(void **state)
{
	(void)state;
	static const struct little_total totals[] = {{CELL_WON, 0, 2}, {CELL_LOST, 0, 6}, {CELL_SOLD, 0, 15000}};
	struct merged_key *key = company(totals, COUNT_OF(totals));
	formula(STEPS(NOW(WON), NOW(LOST), OP(DIVIDE), NOW(SOLD), OP(DIVIDE)));
	expect(key, "0.222222 = 2/9 n=0"); /* 1/3 / 1.5 */
	formula(STEPS(NOW(WON), NOW(LOST), OP(DIVIDE), NUMBER(1000000), OP(MULTIPLY)));
	expect(key, "33.333333 = 100/3 n=6");
	formula(STEPS(NOW(WON), NOW(LOST), OP(DIVIDE), NOW(WON), NOW(LOST), OP(DIVIDE), NOW(WON), NOW(LOST), OP(DIVIDE),
		OP(ADD), OP(ADD)));
	expect(key, "1 = 1/1 n=18");
	formula(STEPS(NOW(SOLD), NOW(WON), NOW(LOST), OP(DIVIDE), OP(DIVIDE)));
	expect(key, "4.5 = 9/2 n=6");
	formula(STEPS(NOW(SOLD), NOW(WON), NOW(LOST), OP(DIVIDE), OP(SUBTRACT)));
	expect(key, "1.166667 = 7/6 n=6");
}

static void test_reasons_in_their_order(void **state)
{
	(void)state;
	static const struct little_total totals[] = {{CELL_WON, 0, 2}, {CELL_SOLD, PREVIOUS, -1}};
	struct merged_key *key = company(totals, COUNT_OF(totals));
	little.kpis[0].minimum_sample = 3;
	expect(key, "sample = 2/2 n=2");
	little.kpis[0].minimum_sample = 2;
	expect(key, "1 = 2/2 n=2");
	/* base comes before sample, zero_denominator before base, wherever they stand; an undefined part makes all undefined. */
	formula(STEPS(NOW(SOLD), BEFORE(SOLD), OP(GROWTH)));
	expect(key, "base = 0.0001/-0.0001 n=0");
	formula(STEPS(NOW(SOLD), BEFORE(SOLD), OP(GROWTH), NOW(WON), NOW(LOST), OP(DIVIDE), OP(ADD)));
	expect(key, "zero_denominator = - n=0");
	formula(STEPS(NOW(WON), NOW(LOST), OP(DIVIDE), NOW(WON), OP(DIVIDE)));
	expect(key, "zero_denominator = - n=2");
	/* no_data comes first: lost has seen nothing. */
	little.evaluation.status.seen_types[0] = ~(UINT64_C(1) << LOST);
	formula(STEPS(NOW(WON), NOW(WON), NOW(LOST), OP(ADD), OP(DIVIDE)));
	expect(key, "no_data = - n=0");
	formula(STEPS(NOW(WON)));
	little.kpis[0].minimum_sample = 0;
	expect(key, "2 = 2/1 n=2");
	little.evaluation.status.seen_types[0] = UINT64_MAX;
	little.kpis[0].sample = (struct formula){(struct formula_step[]){NOW(LOST)}, 1};
	expect(key, "2 = 2/1 n=0");
	/* The sample's own measures need not have seen anything. */
	little.evaluation.status.seen_types[0] = ~(UINT64_C(1) << LOST);
	expect(key, "2 = 2/1 n=0");
}

static void test_named_samples_are_cut_to_integers(void **state)
{
	(void)state;
	static const struct little_total totals[] = {{CELL_WON, 0, 7}, {CELL_LOST, 0, 2}, {CELL_SOLD, 0, -15000}};
	struct merged_key *key = company(totals, COUNT_OF(totals));
	formula(STEPS(NOW(WON)));
	little.kpis[0].sample = (struct formula){STEPS(NOW(WON), NOW(LOST), OP(DIVIDE))};
	expect(key, "7 = 7/1 n=3");
	little.kpis[0].sample = (struct formula){STEPS(NOW(SOLD))};
	expect(key, "7 = 7/1 n=-2");
	little.kpis[0].sample = (struct formula){STEPS(NOW(WON), NOW(EVENTS), OP(DIVIDE))};
	expect(key, "7 = 7/1 n=0");
}

static void test_overflow(void **state)
{
	(void)state;
	static const struct little_total totals[] = {{CELL_WON, 0, INT64_MAX}, {CELL_LOST, 0, INT64_MIN}};
	struct merged_key *key = company(totals, COUNT_OF(totals));
	formula(STEPS(NOW(WON), NOW(WON), OP(MULTIPLY)));
	expect(key, "overflow = 85070591730234615847396907784232501249/1 n=9223372036854775807");
	formula(STEPS(NOW(LOST), NOW(LOST), OP(MULTIPLY), NOW(LOST), NOW(LOST), OP(MULTIPLY), OP(ADD))); /* 2^127 */
	expect(key, "overflow = - n=0");
	formula(STEPS(NOW(WON), NOW(WON), OP(ADD), NOW(LOST), OP(ADD)));
	expect(key, "9223372036854775806 = 9223372036854775806/1 n=9223372036854775806");
	formula(STEPS(NOW(LOST), NOW(WON), OP(DIVIDE)));
	expect(key, "-1 = -9223372036854775808/9223372036854775807 n=9223372036854775807");
}

/* 7 won, 3 lost, 2.5 sold, none open. */
static struct merged_key *chosen_from(void)
{
	static const struct little_total totals[] = {
		{CELL_WON, 0, 7}, {CELL_LOST, 0, 3}, {CELL_SOLD, 0, 25000}, {CELL_SOLD_COUNT, 0, 2}};
	return company(totals, COUNT_OF(totals));
}

static void test_smaller_and_larger(void **state)
{
	(void)state;
	struct merged_key *key = chosen_from();
	formula(STEPS(NOW(WON), NOW(LOST), OP(MINIMUM)));
	expect(key, "3 = 3/1 n=3");
	formula(STEPS(NOW(WON), NOW(LOST), OP(MAXIMUM)));
	expect(key, "7 = 7/1 n=7");
	formula(STEPS(NOW(SOLD), NOW(WON), NOW(LOST), OP(DIVIDE), OP(MAXIMUM)));
	expect(key, "2.5 = 2.5/1 n=2");
	formula(STEPS(NOW(SOLD), NOW(WON), NOW(LOST), OP(DIVIDE), OP(MINIMUM)));
	expect(key, "2.333333 = 7/3 n=3");
	/* All of them have to be there. */
	formula(STEPS(NOW(WON), NOW(WON), NOW(OPEN), OP(DIVIDE), OP(MINIMUM)));
	expect(key, "zero_denominator = - n=0");
}

static void test_the_first_that_is_defined(void **state)
{
	(void)state;
	struct merged_key *key = chosen_from();
	formula(STEPS(NOW(WON), NOW(OPEN), OP(DIVIDE), NOW(WON), NOW(LOST), OP(DIVIDE), OP(COALESCE)));
	expect(key, "2.333333 = 7/3 n=3");
	formula(STEPS(NOW(WON), NOW(LOST), OP(DIVIDE), NOW(WON), NOW(OPEN), OP(DIVIDE), OP(COALESCE)));
	expect(key, "2.333333 = 7/3 n=3");
	formula(STEPS(NOW(SOLD), BEFORE(SOLD), OP(GROWTH), NUMBER(0), OP(COALESCE)));
	expect(key, "0 = 0/1 n=0");
	formula(STEPS(QUANTILE(CYCLE, 50), NOW(LOST), OP(COALESCE)));
	expect(key, "3 = - n=3");
	/* Of none that is defined the first one's reason. */
	formula(STEPS(NOW(SOLD), BEFORE(SOLD), OP(GROWTH), NOW(WON), NOW(OPEN), OP(DIVIDE), OP(COALESCE)));
	expect(key, "base = - n=2");
	/* What does not fit is told, and no_data holds for the whole formula. */
	formula(STEPS(NUMBER(INT64_MAX), NUMBER(INT64_MAX), OP(MULTIPLY), NUMBER(INT64_MAX), OP(MULTIPLY), NOW(WON),
		OP(COALESCE)));
	expect(key, "overflow = - n=0");
	formula(STEPS(NOW(WON), NOW(LOST), OP(COALESCE)));
	little.evaluation.status.seen_types[0] = ~(UINT64_C(1) << LOST);
	expect(key, "no_data = - n=0");
}

/* if(won code lost, won / lost, won / open): the second branch is undefined. */
static void expect_condition(struct merged_key *key, enum formula_code code, int64_t than, bool holds)
{
	formula(STEPS(NOW(WON), NUMBER(than), {.code = (uint8_t)code}, NOW(WON), NOW(LOST), OP(DIVIDE), NOW(WON),
		NOW(OPEN), OP(DIVIDE), OP(IF)));
	expect(key, holds ? "2.333333 = 7/3 n=3" : "zero_denominator = - n=0");
}

static void test_comparisons(void **state)
{
	(void)state;
	static const struct {
		enum formula_code code;
		bool below, alike, above; /* 7 against 8, 7 and 6 */
	} cases[] = {{FORMULA_LESS, true, false, false}, {FORMULA_LESS_EQUAL, true, true, false},
		{FORMULA_GREATER, false, false, true}, {FORMULA_GREATER_EQUAL, false, true, true},
		{FORMULA_EQUAL, false, true, false}, {FORMULA_NOT_EQUAL, true, false, true}};
	struct merged_key *key = chosen_from();
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		expect_condition(key, cases[i].code, 80000, cases[i].below);
		expect_condition(key, cases[i].code, 70000, cases[i].alike);
		expect_condition(key, cases[i].code, 60000, cases[i].above);
	}
}

#define YES NUMBER(10000), NUMBER(0), OP(GREATER)
#define NO NUMBER(0), NUMBER(0), OP(GREATER)
#define NEITHER NOW(WON), NOW(OPEN), OP(DIVIDE), NUMBER(0), OP(GREATER)
#define CHOICE NOW(WON), NOW(LOST), OP(IF)

static void test_conditions(void **state)
{
	(void)state;
	struct merged_key *key = chosen_from();
	const char *yes = "7 = 7/1 n=7", *no = "3 = 3/1 n=3", *neither = "zero_denominator = - n=0";
	formula(STEPS(YES, YES, OP(AND), CHOICE));
	expect(key, yes);
	formula(STEPS(YES, NO, OP(AND), CHOICE));
	expect(key, no);
	formula(STEPS(NO, YES, OP(OR), CHOICE));
	expect(key, yes);
	formula(STEPS(NO, NO, OP(OR), CHOICE));
	expect(key, no);
	formula(STEPS(NO, OP(NOT), CHOICE));
	expect(key, yes);
	formula(STEPS(YES, OP(NOT), CHOICE));
	expect(key, no);
	/* One side may decide alone, whichever it is. */
	formula(STEPS(NO, NEITHER, OP(AND), CHOICE));
	expect(key, no);
	formula(STEPS(NEITHER, NO, OP(AND), CHOICE));
	expect(key, no);
	formula(STEPS(NEITHER, YES, OP(OR), CHOICE));
	expect(key, yes);
	formula(STEPS(NEITHER, YES, OP(AND), CHOICE));
	expect(key, neither);
	formula(STEPS(NO, NEITHER, OP(OR), CHOICE));
	expect(key, neither);
	formula(STEPS(NEITHER, OP(NOT), CHOICE));
	expect(key, neither);
}

/* The window has 31 days, the one before it 30. */
static void test_lengths(void **state)
{
	(void)state;
	static const struct little_total totals[] = {
		{CELL_WON, 0, 62}, {CELL_SOLD, 0, 310000}, {CELL_SOLD_COUNT, 0, 2}, {CELL_WON, PREVIOUS, 15}};
	struct merged_key *key = company(totals, COUNT_OF(totals));
	formula(STEPS({.code = FORMULA_LENGTH, .number = DAY}));
	expect(key, "31 = 31/1 n=0");
	formula(STEPS({.code = FORMULA_LENGTH, .number = INT64_C(2629800000)}));
	expect(key, "1.01848 = 496/487 n=0"); /* 31 / 30.4375 = 1.0184804... */
	formula(STEPS({.code = FORMULA_LENGTH, .previous = true, .number = DAY}));
	expect(key, "30 = 30/1 n=0");
	formula(STEPS(NOW(WON), {.code = FORMULA_LENGTH, .number = DAY}, OP(DIVIDE)));
	expect(key, "2 = 2/1 n=62");
	formula(STEPS(NOW(SOLD), {.code = FORMULA_LENGTH, .number = DAY}, OP(DIVIDE)));
	expect(key, "1 = 1/1 n=2");
	formula(STEPS(BEFORE(WON), {.code = FORMULA_LENGTH, .previous = true, .number = DAY}, OP(DIVIDE)));
	expect(key, "0.5 = 1/2 n=15");
	/* An interval may be empty. */
	little.spans.views[PREVIOUS].from = little.spans.views[PREVIOUS].to;
	expect(key, "zero_denominator = - n=15");
}

/* Revenue a month of each of 9973 accounts, times 60 %, times the months that 99991 of 100003 take to leave: 128 bits are enough. */
static void test_large_products_of_quotients_fit(void **state)
{
	(void)state;
	static const struct little_total totals[] = {{CELL_SOLD, 0, INT64_C(99999999999977)}, {CELL_SOLD_COUNT, 0, 1},
		{CELL_WON, 0, 9973}, {CELL_LOST, 0, 99991}, {CELL_OPEN, 0, 100003}};
	struct merged_key *key = company(totals, COUNT_OF(totals));
	little.spans.views[WINDOW_30D].from += 60007;
	formula(STEPS(NOW(SOLD), NOW(WON), OP(DIVIDE), {.code = FORMULA_LENGTH, .number = INT64_C(2629800000)},
		OP(DIVIDE), NUMBER(6000), OP(MULTIPLY), NUMBER(10000), NOW(LOST), NOW(OPEN), OP(DIVIDE),
		{.code = FORMULA_LENGTH, .number = INT64_C(2629800000)}, OP(DIVIDE), OP(DIVIDE), OP(MULTIPLY)));
	/* 9999999999.9977 / 9973 * 0.6 * 100003 / 99991, the months cancel out */
	expect(key, "601696.587266 = 30000899999993099793/49860512150000 n=109976");
}

static void test_the_company_beside_a_key(void **state)
{
	(void)state;
	static const struct little_total all[] = {{CELL_WON, 0, 8}, {CELL_WON, PREVIOUS, 6}, {CELL_OPEN, 0, 5}};
	static const struct little_total north[] = {{CELL_WON, 0, 3}, {CELL_OPEN, 0, 1}};
	company(all, COUNT_OF(all));
	struct merged_key *key = key_of(DIMENSION_TEAM, "north", north, COUNT_OF(north));
	formula(STEPS(NOW(WON), {.code = FORMULA_MEASURE, .measure = WON, .company = true}, OP(DIVIDE)));
	expect(key, "0.375 = 3/8 n=8");
	expect(merge_key(merge, DIMENSION_COMPANY, STR("all"), false), "1 = 8/8 n=8");
	formula(STEPS({.code = FORMULA_PREVIOUS, .previous = true, .measure = WON, .company = true}, NOW(OPEN),
		OP(SUBTRACT)));
	expect(key, "5 = 5/1 n=5");
	formula(STEPS({.code = FORMULA_ROSTER, .company = true}));
	expect(key_of(DIMENSION_TEAM, "south", north, 1), "2 = 2/1 n=2");
}

/* The company of three reps, whose figures it adds up. */
static struct merged_key *rolled_up(void)
{
	static const struct little_total ann[] = {{CELL_WON, 0, 3}, {CELL_LOST, 0, 5}, {CELL_OPEN, 0, 2}};
	static const struct little_total bob[] = {{CELL_WON, 0, 1}, {CELL_LOST, 0, 2}, {CELL_OPEN, 0, 3}};
	static const struct little_total cy[] = {{CELL_WON, 0, 9}, {CELL_LOST, 0, 2}};
	static const struct little_total all[] = {{CELL_WON, 0, 77}, {CELL_LOST, 0, 77}, {CELL_OPEN, 0, 77}};
	key_of(DIMENSION_REP, "ann", ann, COUNT_OF(ann));
	key_of(DIMENSION_REP, "bob", bob, COUNT_OF(bob));
	key_of(DIMENSION_REP, "cy", cy, COUNT_OF(cy));
	little.kpis[0].roll_up = DIMENSION_REP;
	little.kpis[0].ranks_by_wilson = false;
	return company(all, COUNT_OF(all));
}

static void test_the_sums_over_the_keys_of_a_dimension(void **state)
{
	(void)state;
	struct merged_key *key = rolled_up();
	/* 100 * won / (lost / open) */
	formula(STEPS(NUMBER(1000000), NOW(WON), OP(MULTIPLY), NOW(LOST), NOW(OPEN), OP(DIVIDE), OP(DIVIDE)));
	expect(key, "126.315789 = 2400/19 n=2"); /* (300 + 100) / (5/2 + 2/3) */
	expect(merge_key(merge, DIMENSION_REP, STR("ann"), false), "120 = 120/1 n=2");
	expect(merge_key(merge, DIMENSION_REP, STR("cy"), false), "zero_denominator = - n=0");
	struct figure hour = figure_of(key, WINDOW_1H); /* where no key has a value */
	assert_string_equal(described(&hour), "no_data = - n=0");
	/* A sum of decimals stays one. */
	formula(STEPS(NOW(WON), NOW(LOST), OP(DIVIDE)));
	expect(key, "1.444444 = 13/9 n=3");
	little.kpis[0].sample = (struct formula){STEPS(NOW(OPEN))};
	little.kpis[0].minimum_sample = 2; /* cy has none, and then two keys are enough */
	expect(key, "0.571429 = 4/7 n=2");
	little.kpis[0].minimum_sample = 3; /* only bob, and one key is not enough */
	expect(key, "sample = 1/2 n=1");
	little.evaluation.status.seen_types[0] = ~(UINT64_C(1) << LOST);
	expect(key, "no_data = - n=0");
}

static void test_sums_over_keys_that_cannot_be(void **state)
{
	(void)state;
	static const struct little_total ann[] = {{CELL_WON, 0, INT64_MAX}, {CELL_LOST, 0, 5}};
	static const struct little_total bob[] = {{CELL_WON, 0, 1}, {CELL_LOST, 0, -5}};
	key_of(DIMENSION_REP, "ann", ann, COUNT_OF(ann));
	key_of(DIMENSION_REP, "bob", bob, COUNT_OF(bob));
	little.kpis[0].roll_up = DIMENSION_REP;
	formula(STEPS(NOW(WON), NOW(LOST), OP(DIVIDE)));
	expect(company(NULL, 0), "zero_denominator = 9223372036854775808/0 n=2");
	/* Each of three squares has 126 bits. */
	key_of(DIMENSION_REP, "bob", ann, COUNT_OF(ann));
	key_of(DIMENSION_REP, "cy", ann, COUNT_OF(ann));
	formula(STEPS(NOW(WON), NOW(WON), OP(MULTIPLY), NOW(WON), OP(DIVIDE)));
	expect(company(NULL, 0), "overflow = - n=3");
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_nested_quotients_stay_exact),
		CASE(test_reasons_in_their_order),
		CASE(test_named_samples_are_cut_to_integers),
		CASE(test_overflow),
		CASE(test_smaller_and_larger),
		CASE(test_the_first_that_is_defined),
		CASE(test_comparisons),
		CASE(test_conditions),
		CASE(test_lengths),
		CASE(test_large_products_of_quotients_fit),
		CASE(test_the_company_beside_a_key),
		CASE(test_the_sums_over_the_keys_of_a_dimension),
		CASE(test_sums_over_keys_that_cannot_be),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
