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
	static const char *const words[] = {
		"", "", "prev:", "count:", "mean:", "q", "age:", "roster", "+", "-", "*", "/", "growth"};
	for (uint16_t i = 0; i < formula->count; i++) {
		const struct formula_step *step = &formula->steps[i];
		buf_printf(out, "%s%s", i ? " " : "", words[step->code]);
		if (step->previous && step->code != FORMULA_PREVIOUS)
			buf_put_text(out, "'");
		if (step->code == FORMULA_NUMBER || step->code == FORMULA_QUANTILE)
			buf_printf(out, "%lld", (long long)step->number);
		if (step->code == FORMULA_QUANTILE)
			buf_put_text(out, ":");
		if (step->code != FORMULA_NUMBER && step->code < FORMULA_ROSTER)
			buf_put_text(out, model->measures[step->measure].name);
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
	assert_compiles("age(open) / level(open)", "seconds", "age:open open /");
	assert_compiles("count(sold) / prev(roster())", "ratio", "count:sold roster' /");
	assert_compiles("1.5 * sold / won", "money", "15000 sold * won /");
	assert_compiles("worked / won", "ratio", "worked won /");
	assert_compiles("1 - won / made", "percent", "10000 won made / -");
	assert_compiles("100 * (won - made) / made", "ratio", "1000000 won made - * made /");
}

static void test_units(void **state)
{
	(void)state;
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
	assert_refused("prev()", "ratio", "13:17: 'prev' needs an argument\n");
	assert_refused("open", "count", "13:17: 'open' is a level: write level(open)\n");
	assert_refused("level(won)", "count", "13:23: 'won' is not a level: 'level' does not take it\n");
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
		cmocka_unit_test(test_units),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_cycles),
		cmocka_unit_test(test_other_kpis),
		cmocka_unit_test(test_limits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
