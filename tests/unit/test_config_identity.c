/* When two measures are the same one to a checkpoint: what they mean counts, not how it was written. */
#include "config/model_load.h"
#include "tests/unit/config_text.h"
#include "tests/unit/unit.h"

static uint64_t identity(const char *measure)
{
	struct config_text text;
	struct buf kpis;
	config_text_init(&text);
	buf_init(&kpis);
	buf_printf(&kpis,
		"windows: [1h]\nmeasures:\n  a: {count: email.sent}\n  m: %s\nkpis:\n  k: {formula: a, unit: count}\n"
		"  l: {formula: m, unit: count}\n",
		measure);
	config_text_load_model(&text, kpis.data);
	assert_int_equal(text.problems.count, 0);
	uint64_t hash = config_text_measure(&text, "m")->identity;
	assert_int_not_equal(hash, config_text_measure(&text, "a")->identity);
	buf_release(&kpis);
	config_text_release(&text);
	return hash;
}

static void test_identity(void **state)
{
	(void)state;
	uint64_t plain = identity("{count: [deal.created, deal.closed]}");
	assert_int_equal(plain, identity("{count: [deal.closed, {event: deal.created}]}"));
	assert_int_not_equal(plain, identity("{count: deal.created}"));
	assert_int_not_equal(plain, identity("{count: [deal.created, deal.closed], first: customer}"));
	assert_int_not_equal(plain, identity("{count: [deal.created, deal.closed], first: deal}"));
	uint64_t pair = identity("{elapsed: deal.created, to: deal.closed, within: 1d}");
	assert_int_equal(pair, identity("{elapsed: deal.created, to: deal.closed, within: 24h}"));
	assert_int_not_equal(pair, identity("{elapsed: deal.created, to: deal.closed, within: 2d}"));
	assert_int_not_equal(pair, identity("{elapsed: deal.created, to: deal.closed, within: 1d, match: every}"));
}

/* Of a level of a stock with these moves, and of a stage at its opening that is absent. */
static uint64_t identity_of_stock(const char *moves, const char *stage)
{
	struct config_text text;
	struct buf events, kpis;
	config_text_init(&text);
	buf_init(&events);
	buf_init(&kpis);
	buf_printf(&events,
		"fields: {stage: {type: text}, other: {type: text}}\ntopics:\n- topic: t\n  key: customer\n  events:\n"
		"    a: {fields: {stage: %s}}\n    b: {fields: {stage: {}, other: {}}}\n    c:\n",
		stage);
	buf_printf(&kpis,
		"windows: [1h]\ndimensions: {stage: stage, other: other}\nmeasures: {m: {level: s}}\n"
		"kpis: {k: {formula: level(m), unit: count}}\nstocks: {s: {opens: a, closes: c%s}}\n",
		moves);
	config_text_load(&text, events.data, kpis.data);
	config_text_tell(&text);
	assert_string_equal(text.said.data, "");
	uint64_t hash = config_text_measure(&text, "m")->identity;
	buf_release(&kpis);
	buf_release(&events);
	config_text_release(&text);
	return hash;
}

/* A level that also keeps the members at a window's beginning has more numbers. */
static void test_identity_of_an_opening(void **state)
{
	(void)state;
	static const char *const formulas[] = {"level(m)", "level(m) - opening(m)", "opening(m)"};
	uint64_t hashes[3];
	for (int i = 0; i < 3; i++) {
		struct config_text text;
		struct buf kpis;
		config_text_init(&text);
		buf_init(&kpis);
		buf_printf(&kpis,
			"windows: [1h]\nstocks: {s: {opens: deal.created, closes: deal.closed}}\n"
			"measures: {m: {level: s}}\nkpis: {k: {formula: %s, unit: count}}\n",
			formulas[i]);
		config_text_load_model(&text, kpis.data);
		assert_int_equal(text.problems.count, 0);
		hashes[i] = config_text_measure(&text, "m")->identity;
		assert_int_equal(config_text_measure(&text, "m")->component_count, i ? 3 : 2);
		buf_release(&kpis);
		config_text_release(&text);
	}
	assert_int_not_equal(hashes[0], hashes[1]);
	assert_int_equal(hashes[1], hashes[2]);
}

static void test_identity_of_stocks(void **state)
{
	(void)state;
#define MOVES(dimension, to) ", moves: {event: b, dimension: " dimension ", to: " to "}"
	uint64_t plain = identity_of_stock("", "{}"), moving = identity_of_stock(MOVES("stage", "stage"), "{}");
	assert_int_not_equal(plain, identity_of_stock("", "{default: x}"));
	assert_int_not_equal(identity_of_stock("", "{default: y}"), identity_of_stock("", "{default: x}"));
	assert_int_not_equal(plain, moving);
	assert_int_equal(moving, identity_of_stock(MOVES("stage", "stage"), "{}"));
	assert_int_not_equal(moving, identity_of_stock(MOVES("stage", "stage, where: has other"), "{}"));
	assert_int_not_equal(moving, identity_of_stock(MOVES("stage", "other"), "{}"));
	assert_int_not_equal(moving, identity_of_stock(MOVES("other", "stage"), "{}"));
}

/* Which stocks, in which order, and what they mean. */
static void test_identity_of_touches(void **state)
{
	(void)state;
	uint64_t hashes[5];
	static const char *const since[] = {"[s, t]", "[t, s]", "[s]", "[u, t]", "[v, t]"};
	for (int i = 0; i < 5; i++) {
		struct config_text text;
		struct buf kpis;
		config_text_init(&text);
		buf_init(&kpis);
		buf_printf(&kpis,
			"windows: [1h]\nmeasures: {m: {touches: email.sent, to: deal.closed, since: %s}}\nstocks:\n"
			"  s: {opens: deal.created, closes: email.sent}\n"
			"  t: {per: deal, opens: deal.created, closes: deal.closed}\n"
			"  u: {opens: email.sent, closes: email.sent}\n"
			"  v: {opens: deal.created, closes: email.sent}\n"
			"kpis: {k: {formula: mean(m), unit: ratio}}\n",
			since[i]);
		config_text_load_model(&text, kpis.data);
		assert_int_equal(text.problems.count, 0);
		hashes[i] = config_text_measure(&text, "m")->identity;
		buf_release(&kpis);
		config_text_release(&text);
	}
	assert_int_not_equal(hashes[0], hashes[1]);
	assert_int_not_equal(hashes[0], hashes[2]);
	assert_int_not_equal(hashes[0], hashes[3]);
	assert_int_equal(hashes[0], hashes[4]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_identity),
		cmocka_unit_test(test_identity_of_an_opening),
		cmocka_unit_test(test_identity_of_stocks),
		cmocka_unit_test(test_identity_of_touches),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
