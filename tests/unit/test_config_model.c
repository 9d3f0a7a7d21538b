/* Windows, stocks, measures, boards and alerts of kpis.yaml. */
#include "config/model_load.h"
#include "tests/unit/config_text.h"
#include "tests/unit/unit.h"

#define TAIL "measures: {m: {count: deal.created}}\nkpis: {k: {formula: m, unit: count}}\n"

static void test_windows(void **state)
{
	(void)state;
	struct config_text text;
	config_text_init(&text);
	config_text_load_model(&text,
		"windows: [45m, 24h, {window: 30d, step: 6h}, {window: 30h, step: 1h}, 365d, week, month-1]\n" TAIL);
	const struct model *model = &text.model;
	assert_int_equal(text.problems.count, 0);
	assert_int_equal(model->windows[0].step, 60000);
	assert_int_equal(model->windows[1].step, 300000);
	assert_int_equal(model->windows[2].step, 21600000);
	assert_int_equal(model->windows[4].days, 365);
	assert_int_equal(model->windows[4].length, 0);
	assert_int_equal(model->windows[5].step, 900000);
	assert_int_equal(model->windows[6].back, 1);
	assert_int_equal(model->smallest_step, 60000);
	assert_int_equal(model->longest_window, 4);
	assert_int_equal(model->units_in_use, 1u << UNIT_WEEK | 1u << UNIT_MONTH);
	config_text_release(&text);
}

static void assert_looks_back(const char *windows, int64_t days)
{
	struct config_text text;
	struct buf kpis;
	config_text_init(&text);
	buf_init(&kpis);
	buf_printf(&kpis, "windows: %s\n" TAIL, windows);
	config_text_load_model(&text, kpis.data);
	assert_int_equal(text.problems.count, 0);
	assert_int_equal(model_looks_back(&text.model), days * 86400000);
	buf_release(&kpis);
	config_text_release(&text);
}

static void test_looks_back(void **state)
{
	(void)state;
	assert_looks_back("[12h]", 2);
	assert_looks_back("[1h, 30d]", 61);
	assert_looks_back("[365d]", 731);
	assert_looks_back("[day-1, day, 1h]", 4);
	assert_looks_back("[day, week]", 22);
	assert_looks_back("[30d, month-1]", 94);
	assert_looks_back("[quarter]", 277);
	assert_looks_back("[year-1, 365d, 1h]", 1099);
	assert_looks_back("[month-3]", 156);
}

static void assert_smallest_step(const char *windows, int64_t expected)
{
	struct config_text text;
	struct buf kpis;
	config_text_init(&text);
	buf_init(&kpis);
	buf_printf(&kpis, "windows: %s\n" TAIL, windows);
	config_text_load_model(&text, kpis.data);
	assert_int_equal(text.problems.count, 0);
	assert_int_equal(text.model.smallest_step, expected);
	buf_release(&kpis);
	config_text_release(&text);
}

static void test_steps(void **state)
{
	(void)state;
	assert_smallest_step("[30d]", 3600000);
	assert_smallest_step("[30d, month]", 900000);
	assert_smallest_step("[30d, 365d]", 900000);
	assert_smallest_step("[month-1]", 900000);
	assert_smallest_step("[{window: 1h, step: 10s}, year]", 10000);
	assert_model_says("windows: [{window: 2h, step: 40m}, {window: 3h, step: 1h}]\n" TAIL,
		"1:10: the smallest step, 2400 s, does not divide the steps of window '3h'\n");
	assert_model_says("windows: [{window: 2h, step: 10m}, year]\n" TAIL,
		"1:10: the smallest step, 600 s, does not divide the steps of window 'year'\n");
	assert_model_says("windows: [{window: 1h, step: 7m}]\n" TAIL, "1:30: a step must divide 1d\n");
	assert_model_says("windows: [{window: 90m, step: 1h}]\n" TAIL, "1:31: a window must be whole steps long\n");
	assert_model_says(
		"windows: [{window: month, step: 1h}]\n" TAIL, "1:33: the step of a calendar window must divide 15m\n");
	assert_model_says("windows: [{window: year-1, step: 1h}]\n" TAIL, "1:34: a whole period has no step\n");
	assert_model_says("windows: [{window: 365d, step: 1m}]\n" TAIL, "1:32: the window has too many steps\n");
	assert_model_says("windows: [0d]\n" TAIL,
		"1:11: '0d' is not a window: 45m, 24h, 30d, day, week, month, quarter, year, or month-1\n");
	assert_model_says("windows: [day-0]\n" TAIL,
		"1:11: 'day-0' is not a window: 45m, 24h, 30d, day, week, month, quarter, year, or month-1\n");
	assert_model_says("windows: [1h, 1h]\n" TAIL, "1:15: window '1h' stands here twice\n");
	assert_model_says("windows: []\n" TAIL, "1:10: there are no windows\n");
	assert_model_says(TAIL, "1:1: 'windows' is missing\n");
}

static const char measures[] =
	"windows: [30d, month]\n"
	"dimensions: {kind: deal_type}\n"
	"stocks:\n"
	"  client:\n"
	"    opens: {event: deal.closed, where: \"outcome == 'won'\"}\n"
	"    holds: {per: deal, opens: deal.created, closes: deal.closed}\n"
	"measures:\n"
	"  pairs: {elapsed: deal.created, to: deal.closed, per: deal, within: 3d, histogram: true}\n"
	"  waiting: {level: pairs}\n"
	"  idle: {count: deal.created}\n"
	"  costs: {sum: amount, of: [deal.closed, {event: cost.recorded, sign: minus}]}\n"
	"  seen: {distinct: customer, of: email.sent, while: client}\n"
	"  gone: {count: client.closed, where: \"outcome == 'won'\"}\n"
	"kpis:\n"
	"  w: {formula: level(waiting), unit: count, by: [rep, kind]}\n"
	"  c: {formula: costs, unit: money, by: [], windows: [month]}\n"
	"  s: {formula: seen, unit: count}\n"
	"  g: {formula: gone, unit: count}\n";

static void test_measures(void **state)
{
	(void)state;
	struct config_text text;
	config_text_init(&text);
	config_text_load_model(&text, measures);
	config_text_tell(&text);
	assert_string_equal(text.said.data, "10:3: measure 'idle' is not used by any KPI\n");
	const struct measure *pairs = config_text_measure(&text, "pairs");
	const struct measure *waiting = config_text_measure(&text, "waiting");
	const struct measure *costs = config_text_measure(&text, "costs");
	const struct measure *events = &text.model.measures[text.model.measure_count - 1];
	assert_int_equal(text.model.measure_count, 6);
	assert_ptr_equal(&text.model.measures[waiting->pair], pairs);
	assert_int_equal(pairs->views, 0);
	assert_int_equal(waiting->views, 3);
	assert_int_equal(waiting->dimensions, 1 | 1u << DIMENSION_REP | 1u << 3);
	assert_int_equal(costs->views, 2);
	assert_int_equal(costs->dimensions, 1);
	assert_int_equal(costs->on.items[1].sign, -1);
	assert_int_equal(costs->seen_types[0], 1u << 1 | 1u << 3);
	assert_int_equal(config_text_measure(&text, "seen")->component_count, 2);
	assert_int_equal(config_text_measure(&text, "gone")->on.items[0].kind, TRIGGER_STOCK_CLOSED);
	assert_string_equal(events->name, "events");
	assert_int_equal(events->on.count, 6);
	assert_int_equal(events->views, 3);
	assert_int_equal(events->dimensions, 7);
	assert_int_equal(text.model.component_count, events->component + events->component_count);
	assert_int_equal(text.model.histogram_count, 1);
	config_text_release(&text);
}

#define DIMENSIONS(list)                          \
	"windows: [1h]\ndimensions: {" list "}\n" \
	"measures: {m: {count: deal.created}}\nkpis: {k: {formula: m, unit: count}}\n"

static void test_composite_dimensions(void **state)
{
	(void)state;
	struct config_text text;
	config_text_init(&text);
	config_text_load_model(&text, DIMENSIONS("kind: deal_type, both: [kind, rep]"));
	config_text_tell(&text);
	assert_string_equal(text.said.data, "");
	assert_int_equal(text.model.dimension_count, 5);
	const struct dimension *both = &text.model.dimensions[4];
	assert_int_equal(both->field, -1);
	assert_int_equal(both->part_count, 2);
	assert_int_equal(both->parts[0], 3);
	assert_int_equal(both->parts[1], DIMENSION_REP);
	config_text_release(&text);
	assert_model_says(
		DIMENSIONS("x: [rep]"), "2:17: a dimension has one field, or 2 to 4 dimensions as its parts\n");
	assert_model_says(DIMENSIONS("x: [rep, company]"), "2:23: 'company' cannot be a part\n");
	assert_model_says(DIMENSIONS("x: [rep, rep]"), "2:23: 'rep' is a part already\n");
	assert_model_says(DIMENSIONS("x: [rep, team], y: [team, x]"), "2:40: 'x' cannot be a part\n");
	assert_model_says(DIMENSIONS("x: [rep, reb]"), "2:23: unknown dimension 'reb'; did you mean 'rep'?\n");
	assert_model_says(DIMENSIONS("x: [rep, x]"), "2:23: unknown dimension 'x'\n");
}

static void test_wrong_measures(void **state)
{
	(void)state;
#define MEASURE(m) "windows: [1h]\nkpis: {}\nmeasures:\n  m: " m "\n"
	assert_model_says(MEASURE("{cnt: deal.created}"),
		"4:3: measure 'm' needs one of count, sum, elapsed, level, distinct, stayed, touches, last\n");
	assert_model_says(MEASURE("{count: deal.created, of: deal.closed}"), "4:28: unknown key 'of'\n");
	assert_model_says(
		MEASURE("{sum: outcome, of: deal.closed}"), "4:12: 'outcome' is not a number that can be added up\n");
	assert_model_says(
		MEASURE("{sum: amount, of: deal.created}"), "4:12: not all of these events carry the field 'amount'\n");
	assert_model_says(MEASURE("{sum: amount}"), "4:6: 'of' is missing\n");
	assert_model_says(MEASURE("{elapsed: deal.created, to: cost.recorded}"),
		"4:34: 'cost.recorded' may have no customer and cannot be followed\n");
	assert_model_says(MEASURE("{elapsed: deal.created, to: email.sent, per: deal}"),
		"4:51: 'email.sent' does not carry the field 'deal'\n");
	assert_model_says(MEASURE("{elapsed: deal.created, to: deal.closed, start_else: hours}"),
		"4:59: 'hours' is not a field of type time of the events in 'to'\n");
	assert_model_says(MEASURE("{elapsed: deal.created, to: deal.closed, dated: start, start_else: created_at}"),
		"4:73: a pair that is dated at its start cannot have 'start_else'\n");
	assert_model_says(MEASURE("{elapsed: deal.created, to: deal.closed, dated: start, dimensions_of: end}"),
		"4:76: a pair that is dated at its start has the start's dimensions\n");
	assert_model_says(MEASURE("{elapsed: {event: deal.created, sign: minus}, to: deal.closed}"),
		"4:44: only a sum or a count has signs\n");
	assert_model_says(MEASURE("{last: amount, of: cost.recorded}"),
		"4:25: 'cost.recorded' may have no customer, nor is it of a product, and cannot be followed\n");
	assert_model_says(MEASURE("{last: amount, of: price.asked}"),
		"4:25: 'price.asked' may have no customer, nor is it of a product, and cannot be followed\n");
	assert_model_says(
		MEASURE("{last: product, of: price.set}"), "4:13: 'product' is not a number that can be added up\n");
	assert_model_says(MEASURE("{last: amount, of: {event: price.set, sign: minus}}"),
		"4:50: only a sum or a count has signs\n");
	assert_model_says(MEASURE("{last: amount, of: [price.set, deal.closed], per: competitor}"),
		"4:56: 'deal.closed' does not carry the field 'competitor'\n");
	assert_model_says(
		MEASURE("{last: amount, of: price.set, max_age: 0s}"), "4:45: 0s is out of range: 1ms to 3700d\n");
	assert_model_says(MEASURE("{first: price.set}"),
		"4:3: measure 'm' needs one of count, sum, elapsed, level, distinct, stayed, touches, last\n");
	assert_model_says(MEASURE("{level: m}"), "4:14: 'm' is not an elapsed measure with match first or latest\n");
	assert_model_says(MEASURE("{count: []}"), "4:14: 1 to 64 events are needed here\n");
	assert_model_says(MEASURE("{count: deal.opened}"), "4:14: unknown event 'deal.opened'\n");
	assert_model_says(
		MEASURE("{distinct: deal, of: deal.closed}"), "4:17: 'distinct' must be one of customer, not 'deal'\n");
}

#define MOVED(moves)                                                                                                  \
	"windows: [1h]\ndimensions: {kind: deal_type, both: [kind, rep]}\nmeasures: {m: {level: s}, n: {level: t}}\n" \
	"kpis: {k: {formula: level(m) + level(n), unit: count, by: [kind]}}\nstocks:\n"                               \
	"  t: {opens: deal.created, closes: email.sent, moves: {event: deal.closed, dimension: kind, to: "            \
	"deal_type}}\n"                                                                                               \
	"  s: {opens: deal.created, closes: email.sent, moves: " moves "}\n"

static void test_wrong_moves(void **state)
{
	(void)state;
	assert_model_says(MOVED("{event: deal.closed, dimension: kind, to: deal_type}"), "");
	assert_model_says(MOVED("deal.closed"), "7:55: 'moves' must be a mapping, not a text\n");
	assert_model_says(MOVED("{event: deal.closed, to: deal_type}"), "7:55: 'dimension' is missing\n");
	assert_model_says(MOVED("{event: deal.closed, dimension: kind}"), "7:55: 'to' is missing\n");
	assert_model_says(MOVED("{event: [deal.closed], dimension: kind, to: deal_type}"),
		"7:63: an event must be a text, not a list\n");
	assert_model_says(MOVED("{event: deal.closed, dimension: team, to: deal_type}"),
		"7:87: a stock moves in a dimension of one field, one of 'dimensions': not by team\n");
	assert_model_says(MOVED("{event: deal.closed, dimension: both, to: deal_type}"),
		"7:87: a stock moves in a dimension of one field, one of 'dimensions': not by both\n");
	assert_model_says(MOVED("{event: deal.closed, dimension: knd, to: deal_type}"),
		"7:87: unknown dimension 'knd'; did you mean 'kind'?\n");
	assert_model_says(MOVED("{event: deal.closed, dimension: kind, to: amount}"),
		"7:97: 'amount' is not of type text or choice\n");
	assert_model_says(MOVED("{event: deal.created, dimension: kind, to: deal_type}"),
		"7:98: 'deal.created' does not carry the field 'deal_type'\n");
	assert_model_says(MOVED("{event: deal.closed, dimension: kind, to: outcome}"),
		"7:97: by this event 't' moves to 'deal_type': it must be the same here\n");
	assert_model_says(
		MOVED("{event: deal.closed, dimension: kind, to: deal_type, where: \"outcome == 'won'\"}, per: deal"),
		"7:141: 'email.sent' does not carry the field 'deal'\n");
}

/* The key must be known where a member moves. */
static void test_moves_by_key(void **state)
{
	(void)state;
#define KEYED(event)                                                                                               \
	"windows: [1h]\ndimensions: {about: about}\nmeasures: {m: {level: s}}\n"                                   \
	"kpis: {k: {formula: level(m), unit: count}}\nstocks:\n"                                                   \
	"  s: {per: deal, opens: deal.created, closes: deal.closed, moves: {event: email.sent, dimension: about, " \
	"to: " event "}}\n"
	assert_model_says(KEYED("about"), "6:12: 'email.sent' does not carry the field 'deal'\n");
}

static void test_holds(void **state)
{
	(void)state;
#define HELD(per, closes)                                                                                  \
	"windows: [1h]\nmeasures: {m: {level: s}}\nkpis: {k: {formula: level(m), unit: count}}\nstocks:\n" \
	"  s: {" per "opens: deal.created, " closes "holds: {per: deal, opens: deal.created, closes: deal.closed}}\n"
	assert_model_says(HELD("", ""), "");
	assert_model_says(HELD("", "closes: email.sent, "), "");
	assert_model_says(HELD("per: deal, ", ""),
		"5:12: a stock with 'holds' is one per customer: 'per' stands in 'holds' only\n");
}

static void test_distinct_while_moving(void **state)
{
	(void)state;
#define SEEN(by)                                                                                           \
	"windows: [1h]\ndimensions: {kind: deal_type, about: about}\n"                                     \
	"measures: {m: {distinct: customer, of: email.sent, while: s}}\nstocks:\n"                         \
	"  s: {opens: deal.created, closes: email.sent, moves: {event: deal.closed, dimension: kind, to: " \
	"deal_type}}\n"                                                                                    \
	"kpis:\n  k: {formula: m, unit: count, by: [" by "]}\n"
	assert_model_says(SEEN("rep, about"), "");
	assert_model_says(SEEN("rep, kind"),
		"7:16: 'm' has no figures by kind, in which 's' moves: give the KPI 'by' without it\n");
}

static void test_stayed(void **state)
{
	(void)state;
#define STAYED(stock, formula, by, windows)                                                                         \
	"windows: [30d, week, month]\ndimensions: {kind: deal_type}\nmeasures: {m: {stayed: " stock "}}\nstocks:\n" \
	"  s: {opens: deal.created, closes: email.sent, moves: {event: deal.closed, dimension: kind, to: "          \
	"deal_type}}\n"                                                                                             \
	"  t: {per: deal, opens: deal.created, closes: deal.closed}\n"                                              \
	"kpis:\n  k: {formula: " formula ", unit: count, by: [" by "], windows: [" windows "]}\n"
	struct config_text text;
	config_text_init(&text);
	config_text_load_model(&text, STAYED("t", "m - prev(m)", "kind", "week, month"));
	assert_int_equal(text.problems.count, 0);
	const struct measure *stayed = config_text_measure(&text, "m");
	assert_int_equal(stayed->kind, MEASURE_STAYED);
	assert_int_equal(stayed->component_count, 4);
	assert_int_equal(stayed->seen_types[0], 1);
	config_text_release(&text);
	assert_model_says(STAYED("s", "m", "rep", "30d, month"), "");
	assert_model_says(STAYED("u", "m", "rep", "30d"), "3:24: unknown stock 'u'; did you mean 's'?\n");
	assert_model_says(
		STAYED("s", "level(m)", "rep", "30d"), "8:22: 'm' is not a level: 'level' does not take it\n");
	assert_model_says(STAYED("t", "prev(m)", "rep", "month, 30d"),
		"8:21: the stayed measure 'm' has no prev in the rolling window '30d': give the KPI 'windows' without "
		"it\n");
	assert_model_says(STAYED("s", "m", "rep, kind", "month"),
		"8:16: 'm' has no figures by kind, in which 's' moves: give the KPI 'by' without it\n");
}

static void test_touches(void **state)
{
	(void)state;
#define TOUCHES(touches)                                                   \
	"windows: [1h]\nmeasures:\n  m: {touches: " touches "}\nstocks:\n" \
	"  s: {opens: deal.created, closes: email.sent}\n"                 \
	"  t: {per: deal, opens: deal.created, closes: deal.closed}\n"     \
	"kpis:\n  k: {formula: mean(m), unit: ratio}\n  n: {formula: m + count(m), unit: count}\n"
	struct config_text text;
	config_text_init(&text);
	config_text_load_model(&text, TOUCHES("[email.sent], to: deal.closed, since: [t, s]"));
	assert_int_equal(text.problems.count, 0);
	const struct measure *touches = config_text_measure(&text, "m");
	assert_int_equal(touches->component_count, 2);
	assert_int_equal(touches->since_count, 2);
	assert_int_equal(touches->since[0], 1);
	assert_int_equal(touches->seen_types[0], 1u << 1);
	assert_int_equal(text.model.since_slots, 2);
	assert_string_equal(config_text_measure(&text, "m")->name, "m");
	config_text_release(&text);
	assert_model_says(TOUCHES("email.sent, to: deal.closed"), "3:6: 'since' is missing\n");
	assert_model_says(TOUCHES("email.sent, since: [s]"), "3:6: 'to' is missing\n");
	assert_model_says(
		TOUCHES("email.sent, to: deal.closed, since: s"), "3:52: 'since' must be a list, not a text\n");
	assert_model_says(TOUCHES("email.sent, to: deal.closed, since: []"), "3:52: 1 to 8 stocks are needed here\n");
	assert_model_says(TOUCHES("email.sent, to: deal.closed, since: [s, s, s, s, s, s, s, s, s]"),
		"3:52: 1 to 8 stocks are needed here\n");
	assert_model_says(
		TOUCHES("email.sent, to: deal.closed, since: [s, t, s]"), "3:59: stock 's' stands here twice\n");
	assert_model_says(
		TOUCHES("email.sent, to: deal.closed, since: [u]"), "3:53: unknown stock 'u'; did you mean 's'?\n");
	assert_model_says(TOUCHES("deal.created, to: email.sent, since: [s, t]"),
		"3:57: 'email.sent' does not carry 'deal', which says which 't' is meant\n");
	assert_model_says(TOUCHES("s.opened, to: deal.closed, since: [s]"), "3:16: unknown event 's.opened'\n");
	assert_model_says(TOUCHES("email.sent, to: s.closed, since: [s]"), "3:32: unknown event 's.closed'\n");
	assert_model_says(TOUCHES("cost.recorded, to: deal.closed, since: [s]"),
		"3:16: 'cost.recorded' may have no customer and cannot be followed\n");
}

static void assert_rules(const char *rules, const char *expected)
{
	struct buf kpis;
	buf_init(&kpis);
	buf_printf(&kpis,
		"windows: [1h, 30d]\nmeasures: {m: {count: deal.created}, e: {elapsed: deal.created, to: "
		"deal.closed}}\n"
		"kpis: {k: {formula: m, unit: count, by: [rep], windows: [1h]}, r: {formula: m / m, unit: percent}, s: "
		"{formula: "
		"mean(e), unit: seconds}}\n%s\n",
		rules);
	assert_model_says(kpis.data, expected);
	buf_release(&kpis);
}

static void test_rules(void **state)
{
	(void)state;
	assert_rules("boards: [{kpis: [k], by: team}]", "4:18: 'k' is not kept by team: add it to the KPI's 'by'\n");
	assert_rules("boards: [{kpis: [r, r], by: team}]", "4:21: 'r' has a board by team already\n");
	assert_rules("alerts: {a: {kpi: k, window: 30d, above: 1}}", "4:30: 'k' does not have this window\n");
	assert_rules("alerts: {a: {kpi: k, window: 1h, by: team, above: 1}}", "4:38: 'k' is not kept by team\n");
	assert_rules("alerts: {a: {kpi: r, window: 1h}}", "4:10: an alert has one limit, 'below' or 'above'\n");
	assert_rules("alerts: {a: {kpi: r, window: 1h, below: 5%, above: 6%}}",
		"4:52: an alert has one limit, 'below' or 'above'\n");
	assert_rules("alerts: {a: {kpi: r, window: 1h, below: 5%, clear: 4%}}",
		"4:52: the alert would clear while it fires: 'clear' must not be below the limit\n");
	assert_rules(
		"alerts: {a: {kpi: r, window: 1h, below: 5.001%}}", "4:41: a percentage has at most two decimals\n");
	assert_rules("alerts: {a: {kpi: r, window: 1h, below: x%}}", "4:41: 'x%' is not a percentage\n");
	assert_rules("alerts: {a: {kpi: s, window: 1h, above: 4h, for: 2y}}",
		"4:50: '2y' is not a duration such as 30s, 5m, 24h or 7d\n");
}

static void test_figures(void **state)
{
	(void)state;
	struct config_text text;
	config_text_init(&text);
	config_text_load_model(&text,
		"windows: [1h]\nmeasures: {m: {count: deal.created}, e: {elapsed: deal.created, to: deal.closed}}\n"
		"kpis: {r: {formula: m / m, unit: percent}, s: {formula: mean(e), unit: seconds, better: lower}}\n"
		"alerts: {a: {kpi: s, window: 1h, above: 4h, clear: 1.5, for: 5m}}\n");
	assert_int_equal(text.problems.count, 0);
	const struct alert_rule *alert = &text.model.alerts[0];
	assert_int_equal(alert->direction, ALERT_ABOVE);
	assert_int_equal(alert->limit, 144000000);
	assert_int_equal(alert->clear, 15000);
	assert_int_equal(alert->hold, 300000);
	assert_int_equal(alert->dimension, DIMENSION_COMPANY);
	config_text_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_windows),
		cmocka_unit_test(test_steps),
		cmocka_unit_test(test_measures),
		cmocka_unit_test(test_composite_dimensions),
		cmocka_unit_test(test_wrong_measures),
		cmocka_unit_test(test_wrong_moves),
		cmocka_unit_test(test_moves_by_key),
		cmocka_unit_test(test_holds),
		cmocka_unit_test(test_distinct_while_moving),
		cmocka_unit_test(test_stayed),
		cmocka_unit_test(test_touches),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_figures),
		cmocka_unit_test(test_looks_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
