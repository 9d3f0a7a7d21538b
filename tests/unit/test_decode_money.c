/* Amounts in other currencies, credits, and the content of events: which of them say the same. */
#include "tests/unit/decode_fixture.h"

#include <stdio.h>

#define DOLLARS "\"currency\":\"USD\",\"amount\":"

static void test_currencies(void **state)
{
	(void)state;
	check_number(DOLLARS "100", FIELD_AMOUNT, 851400);
	check_number("\"amount\":\"100\",\"currency\":\"USD\"", FIELD_AMOUNT, 851400);
	check_number(DOLLARS "0.00005", FIELD_AMOUNT, 0);
	check_number(DOLLARS "0.000059", FIELD_AMOUNT, 1); /* 0.0000502326: rounded once */
	check_number(DOLLARS "1174535000000", FIELD_AMOUNT, INT64_C(9999990990000000));
	check_number(DOLLARS "5,\"score\":5", FIELD_SCORE, 5);
	/* The date is the local one: 23:00 UTC is the next day. */
	check_number(DOLLARS "100,\"time\":\"2026-11-23T22:59:59Z\"", FIELD_AMOUNT, 851400);
	check_number(DOLLARS "100,\"time\":\"2026-11-23T23:00:00Z\"", FIELD_AMOUNT, 900000);
	check_close_refused(DOLLARS "1,\"time\":\"2026-11-22T22:59:59Z\"", REFUSAL_UNKNOWN_CURRENCY, "currency");
	check_close_refused("\"currency\":\"usd\"", REFUSAL_UNKNOWN_CURRENCY, "currency");
	check_close_refused("\"currency\":1", REFUSAL_BAD_VALUE, "currency");
	/* Bounds are for what comes out; what cannot be converted exactly is refused. */
	check_close_refused(DOLLARS "1174536058258", REFUSAL_BAD_VALUE, "amount");
	check_close_refused(DOLLARS "-1", REFUSAL_BAD_VALUE, "amount");
	check_close_refused(DOLLARS "1.00000000000000000000001", REFUSAL_BAD_VALUE, "amount");
	check_close_refused(DOLLARS "true", REFUSAL_BAD_VALUE, "amount");
}

/* Contents are those of the message, whatever the rate makes of them. */
static void test_content_of_currencies(void **state)
{
	(void)state;
	uint64_t dollars = decode_close(DOLLARS "1.5").event.content;
	assert_int_equal(decode_close(DOLLARS "\"1.500\"").event.content, dollars);
	assert_int_equal(decode_close(DOLLARS "15e-1").event.content, dollars);
	assert_int_equal(decode_close(DOLLARS "1.5,\"time\":1795467600000").event.content, dollars);
	static const char *const others[] = {"\"amount\":1.5", "\"currency\":\"EUR\",\"amount\":1.5", DOLLARS "15",
		DOLLARS "1.50001", "\"amount\":1.2771"};
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		assert_int_not_equal(decode_close(others[i]).event.content, dollars);
	assert_int_equal(dollars, UINT64_C(0x561f84c510ca2b72));
}

static void test_credits(void **state)
{
	(void)state;
	struct outcome o =
		decode_close("\"credits\":[{\"rep\":\"r1\",\"share\":2500},{\"share\":\"7500\",\"rep\":\"r\\u00e9\"}]");
	assert_int_equal(o.result, RESULT_OK);
	assert_true(o.event.present >> FIELD_SHARES & 1);
	assert_int_equal(o.event.credit_count, 2);
	assert_str(o.event.credits[0].rep, "r1");
	assert_int_equal(o.event.credits[0].share, 2500);
	assert_str(o.event.credits[1].rep, "r\xc3\xa9");
	assert_int_equal(o.event.credits[1].share, 7500);
	o = decode_close("\"credits\":null");
	assert_int_equal(o.result, RESULT_OK);
	assert_int_equal(o.event.credit_count, 0);
	assert_false(o.event.present >> FIELD_SHARES & 1);
}

static void test_wrong_credits(void **state)
{
	(void)state;
	static const char *const wrong[] = {"{}", "\"r1\"", "[]", "[1]", "[[]]", "[null]", "[{}]", "[{\"rep\":\"r\"}]",
		"[{\"share\":10000}]", "[{\"rep\":\"r\",\"share\":9999}]", "[{\"rep\":\"r\",\"share\":10001}]",
		"[{\"rep\":\"r\",\"share\":1e4}]", "[{\"rep\":\"r\",\"share\":10000.5}]",
		"[{\"rep\":\"r\",\"share\":null}]", "[{\"rep\":\"\",\"share\":10000}]", "[{\"rep\":1,\"share\":10000}]",
		"[{\"rep\":\"r\",\"share\":10000,\"x\":1}]", "[{\"rep\":\"r\",\"rep\":\"r\",\"share\":10000}]",
		"[{\"rep\":\"r\",\"share\":5000},{\"rep\":\"r\",\"share\":5000}]",
		"[{\"rep\":\"r\",\"share\":10000},{\"rep\":\"s\",\"share\":0}]",
		"[{\"rep\":\"r\",\"share\":10001},{\"rep\":\"s\",\"share\":-1}]",
		"[{\"rep\":\"r\",\"share\":10000},1]"};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		char members[256];
		snprintf(members, sizeof members, "\"credits\":%s", wrong[i]);
		check_close_refused(members, REFUSAL_BAD_VALUE, "credits");
	}
}

/* `count` reps, the first of them with all that is left over. */
static struct outcome decode_shared(int count)
{
	struct buf members;
	buf_init(&members);
	buf_printf(&members, "\"credits\":[{\"rep\":\"r0\",\"share\":%d}", 10000 - count + 1);
	for (int i = 1; i < count; i++)
		buf_printf(&members, ",{\"rep\":\"r%d\",\"share\":1}", i);
	buf_put_text(&members, "]");
	struct outcome outcome = decode_close(members.data);
	buf_release(&members);
	return outcome;
}

static void test_many_credits(void **state)
{
	(void)state;
	assert_int_equal(decode_shared(EVENT_CREDITS_MAX).result, RESULT_OK);
	check_refused(decode_shared(EVENT_CREDITS_MAX + 1), REFUSAL_BAD_VALUE, "credits");
	check_refused(decode_shared(100), REFUSAL_BAD_VALUE, "credits");
}

/* Equal content whatever the form; other content wherever one value differs. */
static void test_content(void **state)
{
	(void)state;
	uint64_t base = decode_close("\"amount\":1.5").event.content;
	assert_int_equal(decode_close("\"amount\":\"1.50\",\"unknown\":[1,{\"a\":2}]").event.content, base);
	assert_int_equal(decode_close("\"amount\":15e-1,\"id\":\"other\",\"source\":\"s\"").event.content, base);
	assert_int_equal(decode_close("\"amount\":1.5,\"time\":1795467600000").event.content, base);
	static const char *const others[] = {"\"amount\":1.6", "\"amount\":1.5,\"rep\":\"r\"",
		"\"amount\":1.5,\"deal\":\"d\"", "", "\"amount\":1.5,\"time\":1795467600001",
		"\"amount\":1.5,\"customer\":\"c\"", "\"amount\":1.5,\"outcome\":\"lost\""};
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		assert_int_not_equal(decode_close(others[i]).event.content, base);
	/* Part of the format of checkpoints. */
	assert_int_equal(decode_close("").event.content, UINT64_C(0x3bb0353933500b3));
	static const char *const credits[] = {"[{\"rep\":\"r\",\"share\":10000}]", "[{\"rep\":\"s\",\"share\":10000}]",
		"[{\"rep\":\"r\",\"share\":9000},{\"rep\":\"s\",\"share\":1000}]",
		"[{\"rep\":\"s\",\"share\":1000},{\"rep\":\"r\",\"share\":9000}]",
		"[{\"rep\":\"r\",\"share\":1000},{\"rep\":\"s\",\"share\":9000}]"};
	uint64_t seen[sizeof credits / sizeof *credits];
	for (size_t i = 0; i < sizeof credits / sizeof *credits; i++) {
		char members[128];
		snprintf(members, sizeof members, "\"amount\":1.5,\"credits\":%s", credits[i]);
		seen[i] = decode_close(members).event.content;
		assert_int_not_equal(seen[i], base);
		for (size_t k = 0; k < i; k++)
			assert_int_not_equal(seen[i], seen[k]);
	}
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, decode_set_up, decode_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_currencies),
		CASE(test_content_of_currencies),
		CASE(test_credits),
		CASE(test_wrong_credits),
		CASE(test_many_credits),
		CASE(test_content),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
