#include "tests/unit/config_text.h"
#include "tests/unit/unit.h"

#define MEASURES                                                                          \
	"measures:\n"                                                                     \
	"  won: {count: deal.closed, where: \"outcome == 'won'\"}\n"                      \
	"  made: {count: deal.created}\n"                                                 \
	"  sold: {sum: amount, of: deal.closed}\n"                                        \
	"  worked: {sum: hours, of: deal.closed}\n"                                       \
	"  cycle: {elapsed: deal.created, to: deal.closed, per: deal}\n"                  \
	"  timed: {elapsed: deal.created, to: deal.closed, per: deal, histogram: true}\n" \
	"  open: {level: deals}\n"                                                        \
	"  mailed: {distinct: customer, of: email.sent}\n"
#define STOCKS "stocks: {deals: {per: deal, opens: deal.created, closes: deal.closed}}\n"
#define WINDOWS "windows: [30d, month]\n"

static void put_steps(const struct model *model, const struct formula *formula, struct buf *out)
{
	static const char *const words[] = {"", "", "prev:", "count:", "lowest:", "highest:", "mean:", "q",
		"age:", "opening:", "roster", "length", "+", "-", "*", "/", "growth", "min", "max", "coalesce", "<",
		"<=", ">", ">=", "==", "!=", "and", "or", "not", "if"};
	for (uint16_t i = 0; i < formula->count; i++) {
		const struct formula_step *step = &formula->steps[i];
		buf_printf(out, "%s%s", i ? " " : "", words[step->code]);
		if (step->previous && step->code != FORMULA_PREVIOUS)
			buf_put_text(out, "'");
		if (step->code == FORMULA_NUMBER || step->code == FORMULA_QUANTILE || step->code == FORMULA_LENGTH)
			buf_printf(out, "%lld", (long long)step->number);
		if (step->code == FORMULA_QUANTILE)
			buf_put_text(out, ":");
		if (step->code != FORMULA_NUMBER && step->code < FORMULA_ROSTER)
			buf_put_text(out, model->measures[step->measure].name);
		if (step->company)
			buf_put_byte(out, '*');
	}
}

static void put_kpis(struct buf *out, const char *formula, const char *unit)
{
	buf_printf(out, WINDOWS STOCKS MEASURES "kpis:\n  x: {formula: \"%s\", unit: %s}\n", formula, unit);
}

static void assert_compiles(const char *formula, const char *unit, const char *expected)
{
	struct config_text text;
	struct buf kpis, steps;
	config_text_init(&text);
	buf_init(&kpis);
	buf_init(&steps);
	put_kpis(&kpis, formula, unit);
	config_text_load_model(&text, kpis.data);
	if (text.problems.error_count) {
		config_text_tell(&text);
		fail_msg("%s: %s", formula, text.said.data);
	}
	put_steps(&text.model, &text.model.kpis[0].formula, &steps);
	assert_string_equal(steps.data, expected);
	buf_release(&steps);
	buf_release(&kpis);
	config_text_release(&text);
}

/* Line 13 of what is loaded; the formula begins in column 17. */
static void assert_refused(const char *formula, const char *unit, const char *expected)
{
	struct buf kpis;
	buf_init(&kpis);
	put_kpis(&kpis, formula, unit);
	assert_model_says(kpis.data, expected);
	buf_release(&kpis);
}

static void test_compiles(void **state)
{
	(void)state;
	assert_compiles("won / (won + made)", "percent", "won won made + /");
	assert_compiles("won - made * 2 - 1", "count", "won made 20000 * - 10000 -");
	assert_compiles("-won", "count", "0 won -");
	assert_compiles("prev(won / made)", "ratio", "prev:won prev:made /");
	assert_compiles("growth(sold)", "percent", "sold prev:sold growth");
	assert_compiles("growth(mean(cycle))", "percent", "mean:cycle mean:'cycle growth");
	assert_compiles("median(timed) - prev(p90(timed))", "seconds", "q50:timed q'90:timed -");
	assert_compiles("level(open) + prev(level(open))", "count", "open prev:open +");
	assert_compiles("(opening(open) + won) / prev(opening(open))", "ratio", "opening:open won + opening:'open /");
	assert_compiles("age(open) / level(open)", "seconds", "age:open open /");
	assert_compiles("count(sold) / prev(roster())", "ratio", "count:sold roster' /");
	assert_compiles("1.5 * sold / won", "money", "15000 sold * won /");
	assert_compiles("worked / won", "ratio", "worked won /");
	assert_compiles("1 - won / made", "percent", "10000 won made / -");
	assert_compiles("100 * (won - made) / made", "ratio", "1000000 won made - * made /");
}

static void test_choices(void **state)
{
	(void)state;
	assert_compiles("min(won, made)", "count", "won made min");
	assert_compiles("max(won, 2 * made, 0)", "count", "won 20000 made * max 0 max");
	assert_compiles("max(0, sold)", "money", "0 sold max");
	assert_compiles("coalesce(won / made, 0.5)", "percent", "won made / 5000 coalesce");
	assert_compiles("coalesce(median(timed), mean(cycle))", "seconds", "q50:timed mean:cycle coalesce");
	assert_compiles("if(won > 0, sold / won, 0)", "money", "won 0 > sold won / 0 if");
	assert_compiles("if(not won < made and sold >= 1000 or won != 3, won, made)", "count",
		"won made < not sold 10000000 >= and won 30000 != or won made if");
	assert_compiles("if((won == 1 or won <= made) and not (won > 2), 1, 2)", "ratio",
		"won 10000 == won made <= or won 20000 > not and 10000 20000 if");
	assert_compiles("prev(if(won < 1, 1, made))", "count", "prev:won 10000 < 10000 prev:made if");
}

/* Steps that look at the company have a star. */
static void test_company(void **state)
{
	(void)state;
	assert_compiles("won / company(won + prev(made))", "ratio", "won won* prev:made* + /");
	assert_compiles("company(roster()) - company(level(open)) + won", "count", "roster* open* - won +");
	assert_compiles("per_day(company(won)) * won", "count", "won* length86400000 / won *");
	assert_refused("company()", "count", "13:17: 'company' needs 1 argument, not 0\n");
	assert_refused("company(won", "count", "13:28: ')' is expected, but the text ends here\n");
}

#define ROLLED(formula, more)                                                                                          \
	"windows: [1h]\ndimensions: {about: about, kind: deal_type}\nmeasures: {m: {count: deal.created}, n: {count: " \
	"deal.closed}}\n"                                                                                              \
	"kpis:\n  k: {formula: " formula ", unit: ratio, " more "}\n"

static void test_roll_up(void **state)
{
	(void)state;
	struct config_text text;
	config_text_init(&text);
	config_text_load_model(&text, ROLLED("m / n", "by: [kind], roll_up: kind"));
	assert_int_equal(text.problems.count, 0);
	assert_int_equal(text.model.kpis[0].roll_up, 4);
	config_text_release(&text);
	assert_model_says(
		ROLLED("m / n", "by: [kind], roll_up: kin"), "5:57: unknown dimension 'kin'; did you mean 'kind'?\n");
	assert_model_says(ROLLED("m / n", "by: [kind], roll_up: company"),
		"5:57: the company is what is rolled up to, not from\n");
	assert_model_says(ROLLED("m / n", "roll_up: kind"), "5:45: 'roll_up: kind' needs 'by: [kind]'\n");
	assert_model_says(
		ROLLED("m / n", "by: [kind, about], roll_up: kind"), "5:64: 'roll_up: kind' needs 'by: [kind]'\n");
	assert_model_says(ROLLED("1 - m / n", "by: [kind], roll_up: kind"),
		"5:61: only a quotient is rolled up: the formula must divide last\n");
	assert_model_says(ROLLED("m / n", "by: [kind], roll_up: kind") "  l: {formula: 2 * k, unit: ratio}\n",
		"6:20: 'k' has 'roll_up': it cannot stand in another formula\n");
}

static void test_lengths(void **state)
{
	(void)state;
	assert_compiles("months()", "ratio", "length2629800000");
	assert_compiles("sold / days()", "money", "sold length86400000 /");
	assert_compiles("per_month(sold)", "money", "sold length2629800000 /");
	assert_compiles("per_day(won)", "ratio", "won length86400000 /");
	assert_compiles("prev(per_day(won))", "ratio", "prev:won length'86400000 /");
	assert_compiles("1 / per_month(won / made)", "ratio", "10000 won made / length2629800000 / /");
}

static void test_units(void **state)
{
	(void)state;
	assert_refused("won + mean(cycle)", "count", "13:21: addition of unlike units: a count and seconds\n");
	assert_refused("age(open) - won", "count", "13:27: subtraction of unlike units: seconds and a count\n");
	assert_refused(
		"per_day(won)", "count", "13:38: the formula gives a ratio, which does not fit the unit 'count'\n");
	assert_refused("min(sold, mean(cycle))", "money", "13:27: 'min' of unlike units: money and seconds\n");
	assert_refused("max(0, sold, 1)", "money", "13:30: 'max' of unlike units: money and a number\n");
	assert_refused(
		"coalesce(won / made, won)", "ratio", "13:38: 'coalesce' of unlike units: a ratio and a count\n");
	assert_refused("if(won > 1, sold, won)", "money", "13:35: 'if' of unlike units: money and a count\n");
	assert_refused("if(won > sold, 1, 2)", "count", "13:24: comparison of unlike units: a count and money\n");
	assert_refused("if(won, 1, 2)", "count", "13:20: 'if' needs a condition such as x < y, not a count\n");
	assert_refused(
		"won > 1", "count", "13:33: the formula gives a condition, which does not fit the unit 'count'\n");
	assert_refused("1 + (won > 1)", "count", "13:19: addition of unlike units: a number and a condition\n");
	assert_refused("-(won > 1)", "count", "13:23: a condition is no value: it stands in if(...)\n");
	assert_refused("max(won, won > 1)", "count", "13:30: a condition is no value: it stands in if(...)\n");
	assert_refused("growth(won > 1)", "count", "13:28: a condition is no value: it stands in if(...)\n");
	assert_refused("if(won and won > 1, 1, 2)", "count",
		"13:24: 'and' needs conditions such as x < y: here are a count and a condition\n");
	assert_refused("if(not won, 1, 2)", "count", "13:24: 'not' needs a condition such as x < y, not a count\n");
	assert_refused("sold / mean(cycle)", "ratio", "13:22: division of unlike units: money and seconds\n");
	assert_refused("won + sold", "count", "13:21: addition of unlike units: a count and money\n");
	assert_refused("sold - 1", "money", "13:22: subtraction of unlike units: money and a number\n");
	assert_refused("sold * worked", "money", "13:22: multiplication of unlike units: money and a plain sum\n");
	assert_refused("won / sold", "ratio", "13:21: division of unlike units: a count and money\n");
	assert_refused("won", "percent", "13:29: the formula gives a count, which does not fit the unit 'percent'\n");
	assert_refused("sold / won", "ratio", "13:36: the formula gives money, which does not fit the unit 'ratio'\n");
	assert_refused(
		"mean(cycle)", "money", "13:37: the formula gives seconds, which does not fit the unit 'money'\n");
}

static void test_refused(void **state)
{
	(void)state;
	assert_refused("wonn", "count", "13:17: unknown measure 'wonn'; did you mean 'won'?\n");
	assert_refused("won won", "count", "13:21: an operator or the end is expected, not 'won'\n");
	assert_refused("won +", "count", "13:22: a measure, a number or '(' is expected, but the text ends here\n");
	assert_refused("prev(growth(won))", "ratio", "13:22: prev and growth cannot stand inside one another\n");
	assert_refused("prev()", "ratio", "13:17: 'prev' needs 1 argument, not 0\n");
	assert_refused("growth(won, made)", "ratio", "13:17: 'growth' needs 1 argument, not 2\n");
	assert_refused("min(won)", "count", "13:17: 'min' needs 2 arguments or more, not 1\n");
	assert_refused("if(won > 1, won)", "count", "13:17: 'if' needs 3 arguments, not 2\n");
	assert_refused("months(1)", "ratio", "13:17: months() has no argument\n");
	assert_refused("level(open, open)", "count", "13:17: 'level' needs the name of a measure\n");
	assert_refused("min(won, )", "count", "13:26: a measure, a number or '(' is expected, not ')'\n");
	assert_refused("min(won, made", "count", "13:30: ')' is expected, but the text ends here\n");
	assert_refused("1 < won < 2", "count", "13:25: an operator or the end is expected, not '<'\n");
	assert_refused("per_mont(won)", "ratio", "13:17: unknown function 'per_mont'; did you mean 'per_month'?\n");
	assert_refused("open", "count", "13:17: 'open' is a level: write level(open)\n");
	assert_refused("level(won)", "count", "13:23: 'won' is not a level: 'level' does not take it\n");
	assert_refused("opening(won)", "count", "13:25: 'won' is not a level: 'opening' does not take it\n");
	assert_refused("median(cycle)", "seconds", "13:24: 'cycle' needs 'histogram: true' for 'median'\n");
	assert_refused("mean(1)", "seconds", "13:17: 'mean' needs the name of a measure\n");
	assert_refused("roster(won)", "count", "13:17: roster() has no argument\n");
	assert_refused("medium(timed)", "seconds", "13:17: unknown function 'medium'; did you mean 'median'?\n");
	assert_refused("prev(mailed)", "count",
		"13:22: the distinct measure 'mailed' has no prev in the rolling window '30d': give the KPI 'windows' "
		"without "
		"it\n");
	assert_refused("1.2.3", "ratio", "13:17: '1.2.3' is not a number\n");
}

static void test_cycles(void **state)
{
	(void)state;
	assert_model_says("windows: [1h]\nmeasures: {m: {count: deal.created}}\n"
			  "kpis:\n"
			  "  a: {formula: m + b, unit: count}\n"
			  "  b: {formula: c, unit: count}\n"
			  "  c: {formula: 2 * b, unit: count}\n"
			  "  d: {formula: d, unit: count}\n",
		"5:16: cyclic formula: c -> b -> c\n"
		"6:20: cyclic formula: b -> c -> b\n"
		"7:16: cyclic formula: d -> d\n");
}

#define LAST_KPI(formula, more)                                                    \
	"windows: [1h]\ndimensions: {item: product, kind: deal_type}\nmeasures:\n" \
	"  p: {last: amount, of: price.set, per: competitor, max_age: 30d}\n"      \
	"  d: {last: hours, of: deal.closed}\n"                                    \
	"  n: {count: deal.closed}\n"                                              \
	"kpis:\n  x: {formula: \"" formula "\", " more "}\n"                       \
	"  y: {formula: last(p) * (last(d) / last(d)) * (n / n), unit: money}\n"
#define ONE_PRODUCT                                                                                                  \
	"is known of one product at a time: it needs events of a topic that is keyed by product, and 'by' with the " \
	"dimension of the product alone\n"

static void assert_last(const char *kpis, const char *expected)
{
	struct config_text text;
	struct buf steps;
	config_text_init(&text);
	buf_init(&steps);
	config_text_load_model(&text, kpis);
	config_text_tell(&text);
	assert_string_equal(text.said.data, "");
	put_steps(&text.model, &text.model.kpis[0].formula, &steps);
	assert_string_equal(steps.data, expected);
	buf_release(&steps);
	config_text_release(&text);
}

static void test_last_values(void **state)
{
	(void)state;
	assert_last(LAST_KPI("last(p) / mean(p)", "unit: ratio"), "p mean:p /");
	assert_last(LAST_KPI("prev(last(d)) + mean(d)", "unit: count"), "prev:d mean:d +");
	assert_last(LAST_KPI("count(p)", "unit: count"), "count:p");
	assert_last(LAST_KPI("prev(lowest(p)) - highest(p)", "unit: money, by: [item]"), "lowest:'p highest:p -");
	assert_model_says(LAST_KPI("p", "unit: money"), "8:17: 'p' has last values: write last(p)\n");
	assert_model_says(
		LAST_KPI("last(n)", "unit: count"), "8:22: 'n' is not a last value: 'last' does not take it\n");
	assert_model_says(LAST_KPI("mean(n)", "unit: count"),
		"8:22: 'n' is not an elapsed measure, touches or a last value: 'mean' does not take it\n");
	assert_model_says(LAST_KPI("lowest(p)", "unit: money"), "8:24: 'lowest' " ONE_PRODUCT);
	assert_model_says(LAST_KPI("lowest(p)", "unit: money, by: []"), "8:24: 'lowest' " ONE_PRODUCT);
	assert_model_says(LAST_KPI("lowest(p)", "unit: money, by: [item, kind]"), "8:24: 'lowest' " ONE_PRODUCT);
	assert_model_says(LAST_KPI("highest(d)", "unit: count, by: [item]"), "8:25: 'highest' " ONE_PRODUCT);
}

/* What is kept beside the values and their number. */
static void test_lowest_and_highest_are_kept(void **state)
{
	(void)state;
	static const struct {
		const char *kpis;
		uint32_t components, highest;
		uint8_t by;
	} cases[] = {
		{LAST_KPI("mean(p)", "unit: money"), 2, 2, 0},
		{LAST_KPI("lowest(p)", "unit: money, by: [item]"), 3, 3, 1 << 3},
		{LAST_KPI("highest(p)", "unit: money, by: [item]"), 3, 2, 1 << 3},
		{LAST_KPI("lowest(p) - highest(p)", "unit: money, by: [item]"), 4, 3, 1 << 3},
	};
	enum { CASES = sizeof cases / sizeof *cases };
	uint64_t identities[CASES];
	for (size_t i = 0; i < CASES; i++) {
		struct config_text text;
		config_text_init(&text);
		config_text_load_model(&text, cases[i].kpis);
		const struct measure *measure = config_text_measure(&text, "p");
		assert_int_equal(measure->component_count, cases[i].components);
		assert_int_equal(measure_extreme(measure, true), cases[i].highest);
		assert_int_equal(measure->extreme_dimensions, cases[i].by);
		identities[i] = measure->identity;
		for (size_t j = 0; j < i; j++)
			assert_int_not_equal(identities[i], identities[j]);
		config_text_release(&text);
	}
}

/* One KPI in another: its formula is put in, and a measure of the same name comes first. */
static void test_other_kpis(void **state)
{
	(void)state;
	struct config_text text;
	struct buf steps;
	config_text_init(&text);
	buf_init(&steps);
	config_text_load_model(&text,
		"windows: [1h]\nmeasures: {m: {count: deal.created}, n: {count: deal.closed}}\n"
		"kpis:\n"
		"  n: {formula: m, unit: count}\n"
		"  rate: {formula: m / n, unit: percent}\n"
		"  change: {formula: growth(rate), unit: percent}\n");
	assert_int_equal(text.problems.count, 0);
	put_steps(&text.model, &text.model.kpis[2].formula, &steps);
	assert_string_equal(steps.data, "m n / prev:m prev:n / growth");
	assert_true(text.model.kpis[2].uses_previous);
	assert_false(text.model.kpis[1].uses_previous);
	assert_true(text.model.kpis[1].ranks_by_wilson);
	assert_false(text.model.kpis[2].ranks_by_wilson);
	assert_true(config_text_measure(&text, "m")->views == 3);
	buf_release(&steps);
	config_text_release(&text);
}

#define ONE_KPI \
	"windows: [1h]\nmeasures: {m: {sum: amount, of: deal.closed}}\nkpis: {k: {formula: m * share, unit: money}}\n"

static void test_constants(void **state)
{
	(void)state;
	struct config_text text;
	struct buf steps;
	config_text_init(&text);
	buf_init(&steps);
	config_text_load_model(&text, ONE_KPI "constants: {share: 62.5%, spare: -0.0001}\n");
	config_text_tell(&text);
	assert_string_equal(text.said.data, "4:27: constant 'spare' is not used by any KPI\n");
	put_steps(&text.model, &text.model.kpis[0].formula, &steps);
	assert_string_equal(steps.data, "m 6250 *");
	buf_release(&steps);
	config_text_release(&text);
	assert_model_says(ONE_KPI "constants: {share: 12.345%}\n", "4:20: a percentage has at most two decimals\n");
	assert_model_says(ONE_KPI "constants: {share: 0.12345}\n", "4:20: '0.12345' has more than 4 decimals\n");
	assert_model_says(ONE_KPI "constants: {share: 1e-5}\n", "4:20: '1e-5' has more than 4 decimals\n");
	assert_model_says(ONE_KPI "constants: {share: much}\n", "4:20: 'much' is not a number\n");
	assert_model_says(ONE_KPI "constants: {share: 1, m: 2}\n", "4:23: 'm' is the name of a measure already\n");
	assert_model_says(ONE_KPI "constants: {share: 1, k: 2}\n", "4:23: 'k' is the name of a KPI already\n");
	assert_model_says(ONE_KPI "constants: {share: 1, No: 2}\n",
		"4:23: 'No' cannot name a constant: lower-case letters, digits and _, at most 64\n");
	assert_model_says(ONE_KPI "constants: {shore: 1}\n", "3:25: unknown measure 'share'; did you mean 'shore'?\n");
}

/* A chain of doublings would be endless. */
static void test_limits(void **state)
{
	(void)state;
	struct config_text text;
	struct buf kpis;
	config_text_init(&text);
	buf_init(&kpis);
	buf_put_text(
		&kpis, "windows: [1h]\nmeasures: {m: {count: deal.created}}\nkpis:\n  k0: {formula: m, unit: count}\n");
	for (int i = 1; i < 40; i++)
		buf_printf(&kpis, "  k%d: {formula: k%d + k%d, unit: count}\n", i, i - 1, i - 1);
	config_text_load_model(&text, kpis.data);
	config_text_tell(&text);
	assert_non_null(strstr(text.said.data, "the formula is too long"));
	buf_release(&kpis);
	config_text_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_compiles),
		cmocka_unit_test(test_choices),
		cmocka_unit_test(test_company),
		cmocka_unit_test(test_roll_up),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_constants),
		cmocka_unit_test(test_units),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_cycles),
		cmocka_unit_test(test_last_values),
		cmocka_unit_test(test_lowest_and_highest_are_kept),
		cmocka_unit_test(test_other_kpis),
		cmocka_unit_test(test_limits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
