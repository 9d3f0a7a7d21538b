#include "tests/unit/decode_fixture.h"

#include <stdio.h>

static void test_flat(void **state)
{
	(void)state;
	struct outcome o = decode_close("\"source\":\"crm\",\"rep\":\"r\\u00e9\"");
	assert_int_equal(o.result, RESULT_OK);
	assert_int_equal(o.event.type, TYPE_DEAL_CLOSED);
	assert_int_equal(o.event.time, TIME_MS);
	assert_str(o.event.id, "e1");
	assert_str(o.event.source, "crm");
	assert_str(o.event.customer, "c1");
	assert_str(o.event.values[FIELD_REP].text, "r\xc3\xa9");
	assert_str(o.event.values[FIELD_DEAL].text, "d1");
	assert_int_equal(o.event.values[FIELD_OUTCOME].number, OUTCOME_WON);
	assert_int_equal(o.event.present, 1 << FIELD_REP | 1 << FIELD_DEAL | 1 << FIELD_OUTCOME);
}

static void test_defaults(void **state)
{
	(void)state;
	struct outcome o = decode_text(TOPIC_DEALS,
		STR("{\"id\":\"e\",\"type\":\"deal.created\",\"time\":1795467600000,\"customer\":\"c\",\"deal\":"
		    "\"d\"}"));
	assert_int_equal(o.result, RESULT_OK);
	assert_int_equal(o.event.present, 1 << FIELD_DEAL | 1 << FIELD_DEAL_TYPE | 1 << FIELD_AUTO);
	assert_int_equal(o.event.values[FIELD_DEAL_TYPE].number, 1);
	assert_int_equal(o.event.values[FIELD_AUTO].number, 0);
	assert_int_equal(o.event.source.length, 0);
}

static void test_body_refusals(void **state)
{
	(void)state;
	char large[MESSAGE_BYTES + 1];
	memset(large, ' ', sizeof large);
	check_refused(decode_text(TOPIC_DEALS, STR("")), REFUSAL_EMPTY, "");
	check_refused(decode_text(TOPIC_DEALS, STR(" \n\t ")), REFUSAL_EMPTY, "");
	check_refused(decode_text(TOPIC_DEALS, (struct str){large, sizeof large}), REFUSAL_TOO_LARGE, "");
	check_refused(decode_text(TOPIC_DEALS, (struct str){large, sizeof large - 1}), REFUSAL_EMPTY, "");
	check_refused(decode_text(TOPIC_DEALS, STR("{\"a\":\"\xff\"")), REFUSAL_NOT_UTF8, "");
	check_refused(decode_text(TOPIC_DEALS, STR("{\"a\":1")), REFUSAL_MALFORMED, "");
	check_refused(decode_text(TOPIC_DEALS, STR("{} {}")), REFUSAL_MALFORMED, "");
	check_refused(decode_text(TOPIC_DEALS, STR("\xef\xbb\xbf{}")), REFUSAL_MALFORMED, "");
	check_refused(decode_text(TOPIC_DEALS, STR("[{}]")), REFUSAL_NOT_OBJECT, "");
	check_refused(decode_text(TOPIC_DEALS, STR("17")), REFUSAL_NOT_OBJECT, "");
}

static void test_depth(void **state)
{
	(void)state;
	for (int levels = DECODE_DEPTH_MAX; levels <= DECODE_DEPTH_MAX + 1; levels++) {
		char members[3 * DECODE_DEPTH_MAX] = "\"deep\":";
		for (int i = 1; i < levels; i++)
			strcat(members, "[");
		for (int i = 1; i < levels; i++)
			strcat(members, "]");
		enum refusal reason = levels > DECODE_DEPTH_MAX ? REFUSAL_TOO_DEEP : REFUSAL_NONE;
		assert_int_equal(decode_close(members).reason, reason);
	}
}

/* {"<name>":"xxx..."} with so many x. */
static struct outcome decode_long(const char *name, size_t length)
{
	char members[2 * DECODE_ID_MAX] = {0};
	size_t used = (size_t)snprintf(members, sizeof members, "\"%s\":\"", name);
	memset(members + used, 'x', length);
	members[used + length] = '"';
	return decode_close(members);
}

static void test_envelope_refusals(void **state)
{
	(void)state;
	assert_int_equal(decode_long("id", DECODE_ID_MAX).result, RESULT_OK);
	assert_int_equal(decode_long("customer", DECODE_ID_MAX).result, RESULT_OK);
	check_refused(decode_long("id", DECODE_ID_MAX + 1), REFUSAL_MISSING_ID, "id");
	check_refused(decode_long("customer", DECODE_ID_MAX + 1), REFUSAL_MISSING_CUSTOMER, "customer");
	check_close_refused("\"id\":null", REFUSAL_MISSING_ID, "id");
	check_close_refused("\"id\":\"\"", REFUSAL_MISSING_ID, "id");
	check_close_refused("\"id\":5", REFUSAL_MISSING_ID, "id");
}

static void test_type_refusals(void **state)
{
	(void)state;
	check_close_refused("\"type\":null", REFUSAL_MISSING_TYPE, "");
	check_close_refused("\"type\":7", REFUSAL_MISSING_TYPE, "");
	check_close_refused("\"type\":\"\"", REFUSAL_MISSING_TYPE, "");
	check_close_refused("\"type\":\"deal.lost\"", REFUSAL_UNKNOWN_TYPE, "deal.lost");
	check_close_refused("\"type\":\"cost.recorded\"", REFUSAL_WRONG_TOPIC, "cost.recorded");
}

static void test_time_refusals(void **state)
{
	(void)state;
	check_close_refused("\"time\":null", REFUSAL_BAD_TIME, "time");
	check_close_refused("\"time\":\"2026-11-23T21:00:00\"", REFUSAL_BAD_TIME, "time");
	check_close_refused("\"time\":\"1795467600000\"", REFUSAL_BAD_TIME, "time");
	check_close_refused("\"time\":1795467600000.5", REFUSAL_BAD_TIME, "time");
	check_close_refused("\"time\":-1", REFUSAL_BAD_TIME, "time");
	check_close_refused("\"time\":253402300800000", REFUSAL_BAD_TIME, "time");
	check_close_refused("\"time\":99999999999999999999", REFUSAL_BAD_TIME, "time");
	check_close_refused("\"time\":true", REFUSAL_BAD_TIME, "time");
	assert_int_equal(decode_close("\"time\":1795467600000").event.time, TIME_MS);
	assert_int_equal(decode_close("\"time\":\"2026-11-23T22:00:00.0019+01:00\"").event.time, TIME_MS + 1);
}

static void test_field_refusals(void **state)
{
	(void)state;
	check_close_refused("\"deal\":null", REFUSAL_MISSING_FIELD, "deal");
	check_close_refused("\"deal\":\"\"", REFUSAL_MISSING_FIELD, "deal");
	check_close_refused("\"deal\":1", REFUSAL_BAD_VALUE, "deal");
	check_close_refused("\"rep\":{}", REFUSAL_BAD_VALUE, "rep");
	check_close_refused("\"outcome\":\"held\"", REFUSAL_BAD_VALUE, "outcome"); /* a choice of other events */
	check_close_refused("\"outcome\":\"Won\"", REFUSAL_BAD_VALUE, "outcome");
	check_close_refused("\"amount\":-0.0001", REFUSAL_BAD_VALUE, "amount");
	check_close_refused("\"amount\":1000000000000.0001", REFUSAL_BAD_VALUE, "amount");
	check_close_refused("\"amount\":1e999", REFUSAL_BAD_VALUE, "amount");
	check_close_refused("\"amount\":[1]", REFUSAL_BAD_VALUE, "amount");
	check_close_refused("\"amount\":\" 1\"", REFUSAL_BAD_VALUE, "amount");
	check_close_refused("\"amount\":\"007\"", REFUSAL_BAD_VALUE, "amount");
	check_close_refused("\"amount\":\"1.\"", REFUSAL_BAD_VALUE, "amount");
	check_close_refused("\"score\":11", REFUSAL_BAD_VALUE, "score");
	check_close_refused("\"score\":9.5", REFUSAL_BAD_VALUE, "score");
	check_close_refused("\"score\":\"9.\"", REFUSAL_BAD_VALUE, "score");
	check_close_refused("\"created_at\":\"yesterday\"", REFUSAL_BAD_VALUE, "created_at");
	check_close_refused("\"currency\":\"GBP\"", REFUSAL_UNKNOWN_CURRENCY, "currency");
	check_close_refused("\"currency\":9", REFUSAL_BAD_VALUE, "currency");
	check_close_refused("\"source\":9", REFUSAL_BAD_VALUE, "source");
	check_close_refused("\"created_at\":1795467600001", REFUSAL_NEGATIVE_CYCLE, "created_at");
	check_refused(decode_text(TOPIC_DEALS,
			      STR("{\"id\":\"e\",\"type\":\"deal.created\",\"time\":1,\"customer\":\"c\","
				  "\"deal\":\"d\",\"auto\":\"true\"}")),
		REFUSAL_BAD_VALUE, "auto");
}

/* Exactly as written, whatever a double would make of it. */
static void test_amounts(void **state)
{
	(void)state;
	check_number("\"amount\":0", FIELD_AMOUNT, 0);
	check_number("\"amount\":-0.0", FIELD_AMOUNT, 0);
	check_number("\"amount\":12", FIELD_AMOUNT, 120000);
	check_number("\"amount\":0.07", FIELD_AMOUNT, 700);
	check_number("\"amount\":1.23455", FIELD_AMOUNT, 12346);
	check_number("\"amount\":1.23445", FIELD_AMOUNT, 12344);
	check_number("\"amount\":1.234450000000000000000000000001", FIELD_AMOUNT, 12345);
	check_number("\"amount\":999999999999.99985", FIELD_AMOUNT, INT64_C(9999999999999998));
	check_number("\"amount\":999999999999.99995", FIELD_AMOUNT, INT64_C(10000000000000000));
	check_number("\"amount\":1.5e3", FIELD_AMOUNT, 15000000);
	check_number("\"amount\":\"12.50\"", FIELD_AMOUNT, 125000);
	check_number("\"score\":10", FIELD_SCORE, 10);
	check_number("\"score\":\"7\"", FIELD_SCORE, 7);
	check_number("\"score\":7.00", FIELD_SCORE, 7);
	check_number("\"currency\":\"EUR\"", FIELD_EUR, 0);
	check_number("\"created_at\":1795467600000", FIELD_CREATED, TIME_MS);
	check_absent("\"amount\":null", FIELD_AMOUNT);
	check_absent("\"amount\":\"\"", FIELD_AMOUNT);
	check_absent("\"currency\":\"\"", FIELD_EUR);
	check_absent("\"auto\":{}", FIELD_AUTO); /* not a field of this type */
}

static void test_first_member_wins(void **state)
{
	(void)state;
	check_number("\"amount\":1,\"amount\":2", FIELD_AMOUNT, 10000);
	check_absent("\"amount\":null,\"amount\":2", FIELD_AMOUNT);
	check_number("\"am\\u006funt\":3,\"amount\":2", FIELD_AMOUNT, 30000);
}

static void test_optional_customer(void **state)
{
	(void)state;
	struct outcome o = decode_text(TOPIC_COSTS, STR("{\"id\":\"e\",\"type\":\"cost.recorded\",\"time\":0}"));
	assert_int_equal(o.result, RESULT_OK);
	assert_int_equal(o.event.customer.length, 0);
	o = decode_text(TOPIC_COSTS, STR("{\"id\":\"e\",\"type\":\"cost.recorded\",\"time\":0,\"customer\":1}"));
	check_refused(o, REFUSAL_MISSING_CUSTOMER, "customer");
	check_close_refused("\"customer\":\"\"", REFUSAL_MISSING_CUSTOMER, "customer");
	check_close_refused("\"customer\":{}", REFUSAL_MISSING_CUSTOMER, "customer");
}

#define ATTRIBUTES                                                                                                     \
	"\"specversion\":\"1.0\",\"id\":\"e1\",\"type\":\"deal.closed\",\"time\":\"2026-11-23T21:00:00Z\",\"source\":" \
	"\"/crm\""

static void test_structured(void **state)
{
	(void)state;
	uint64_t content = decode_close("").event.content;
	struct outcome o = decode_text(TOPIC_DEALS,
		STR("{" ATTRIBUTES ",\"data\":{\"id\":\"x\",\"customer\":\"c1\",\"deal\":\"d1\",\"outcome\":\"won\"},"
		    "\"rep\":\"top\"}"));
	assert_int_equal(o.result, RESULT_OK);
	assert_str(o.event.id, "e1");
	assert_str(o.event.source, "/crm");
	assert_str(o.event.customer, "c1");
	assert_false(o.event.present >> FIELD_REP & 1);
	assert_int_equal(o.event.content, content);
	o = decode_text(TOPIC_DEALS,
		STR("{\"data\":{\"deal\":\"d1\",\"outcome\":\"won\",\"customer\":\"\"},\"subject\":\"c1\"," ATTRIBUTES
		    "}"));
	assert_int_equal(o.result, RESULT_OK);
	assert_str(o.event.customer, "c1");
	assert_int_equal(o.event.content, content);
	/* Null is absent: the message is flat. */
	o = decode_text(TOPIC_DEALS,
		STR("{\"specversion\":null,\"data\":{},\"id\":\"e1\",\"type\":\"deal.closed\",\"time\":1000,"
		    "\"customer\":\"c1\","
		    "\"deal\":\"d1\",\"outcome\":\"won\"}"));
	assert_int_equal(o.result, RESULT_OK);
	check_refused(
		decode_text(TOPIC_DEALS, STR("{" ATTRIBUTES ",\"subject\":\"c\"}")), REFUSAL_MISSING_FIELD, "deal");
	check_refused(
		decode_text(TOPIC_DEALS, STR("{" ATTRIBUTES ",\"data\":[]}")), REFUSAL_MISSING_CUSTOMER, "customer");
}

static void test_binary(void **state)
{
	(void)state;
	struct message_header headers[] = {
		{STR("content-type"), STR("application/json")},
		{STR("ce_specversion"), STR("1.0")},
		{STR("ce_id"), STR("e1")},
		{STR("ce_type"), STR("deal.closed")},
		{STR("ce_source"), STR("/crm")},
		{STR("ce_time"), STR("2026-11-23T21:00:00Z")},
		{STR("ce_subject"), STR("c1")},
	};
	struct message message = {.body = STR("{\"id\":\"inner\",\"deal\":\"d1\",\"outcome\":\"won\"}"),
		.topic = TOPIC_DEALS,
		.headers = headers,
		.header_count = sizeof headers / sizeof *headers};
	struct outcome o = decode_message(message);
	assert_int_equal(o.result, RESULT_OK);
	assert_str(o.event.id, "e1");
	assert_str(o.event.source, "/crm");
	assert_str(o.event.customer, "c1");
	assert_int_equal(o.event.content, decode_close("").event.content);
	headers[2].value = STR("");
	check_refused(decode_message(message), REFUSAL_MISSING_ID, "id");
	headers[2].value = STR("\xc3");
	check_refused(decode_message(message), REFUSAL_NOT_UTF8, "headers");
}

static void test_mapped(void **state)
{
	(void)state;
	struct str body =
		STR("{\"event\":{\"id\":\"e9\",\"kind\":\"crm.event\",\"at\":1000,\"x\":{\"id\":1}},\"event\":{\"id\":"
		    "\"no\"},"
		    "\"account\":\"acme\",\"owner\":{\"id\":\"r1\"},\"a\":{\"b\":{\"c\":\"1.5\"}},\"rep\":\"no\"}");
	for (int32_t topic = -1; topic <= TOPIC_MAPPED; topic += TOPIC_MAPPED + 1) {
		struct outcome o = decode_text(topic, body);
		assert_int_equal(o.result, RESULT_OK);
		assert_int_equal(o.event.type, TYPE_MAPPED);
		assert_int_equal(o.event.time, 1000);
		assert_str(o.event.id, "e9");
		assert_str(o.event.values[FIELD_DEAL].text, "e9");
		assert_str(o.event.values[FIELD_REP].text, "r1");
		assert_str(o.event.customer, "acme");
		assert_int_equal(o.event.values[FIELD_AMOUNT].number, 15000);
	}
}

static void test_any_topic(void **state)
{
	(void)state;
	assert_int_equal(
		decode_text(-1, STR("{\"id\":\"e\",\"type\":\"cost.recorded\",\"time\":0}")).event.type, TYPE_COST);
	check_refused(decode_text(-1, STR("{\"id\":\"e\",\"type\":\"x\",\"time\":0}")), REFUSAL_UNKNOWN_TYPE, "x");
	check_refused(decode_text(-1, STR("{\"id\":\"e\",\"time\":0}")), REFUSAL_MISSING_TYPE, "");
	assert_int_equal(decode_text(TOPIC_FIXED, STR("{\"id\":\"e\",\"time\":0}")).event.type, TYPE_FIXED);
}

static void test_replay_marks(void **state)
{
	(void)state;
	int64_t ms = 7;
	(void)decode_close("\"x\":{\"received_at\":1}");
	assert_int_equal(decode_received_at(decoder, &ms), RESULT_NOT_FOUND);
	assert_false(decode_wrong_partition(decoder));
	(void)decode_close("\"received_at\":\"1970-01-01T00:00:01Z\",\"wrong_partition\":true");
	assert_int_equal(decode_received_at(decoder, &ms), RESULT_OK);
	assert_int_equal(ms, 1000);
	assert_true(decode_wrong_partition(decoder));
	(void)decode_close("\"received_at\":\"soon\",\"wrong_partition\":false,\"amount\":\"x\"");
	assert_int_equal(decode_received_at(decoder, &ms), RESULT_INVALID);
	assert_false(decode_wrong_partition(decoder));
	(void)decode_text(TOPIC_DEALS, STR("{"));
	assert_int_equal(decode_received_at(decoder, &ms), RESULT_NOT_FOUND);
	assert_int_equal(ms, 1000);
}

/* Every byte of a message changed in turn: whatever comes of it, nothing breaks, and the decoder goes on. */
static void test_flipped_bytes(void **state)
{
	(void)state;
	static const char body[] =
		"{" ATTRIBUTES ",\"data\":{\"deal\":\"d\\u00e9\",\"amount\":12.5,\"auto\":true,\"x\":[1,null]}}";
	for (size_t i = 0; i < sizeof body - 1; i++) {
		for (int bit = 0; bit < 8; bit++) {
			char changed[sizeof body];
			memcpy(changed, body, sizeof body);
			changed[i] ^= (char)(1 << bit);
			(void)decode_text(-1, (struct str){changed, sizeof body - 1});
		}
		assert_int_equal(decode_text(TOPIC_DEALS, (struct str){body, i}).result, RESULT_REFUSED);
	}
	assert_int_equal(decode_close("").result, RESULT_OK);
}

/* The names are the contract with readers of the dead letters. */
static void test_names(void **state)
{
	(void)state;
	for (int i = REFUSAL_NONE; i < REFUSAL_COUNT; i++) {
		assert_non_null(refusal_name((enum refusal)i));
		assert_true(strlen(refusal_sentence((enum refusal)i)) > 10);
	}
	assert_string_equal(refusal_name(REFUSAL_MALFORMED), "malformed_json");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_flat, decode_set_up, decode_tear_down),
		cmocka_unit_test_setup_teardown(test_defaults, decode_set_up, decode_tear_down),
		cmocka_unit_test_setup_teardown(test_body_refusals, decode_set_up, decode_tear_down),
		cmocka_unit_test_setup_teardown(test_depth, decode_set_up, decode_tear_down),
		cmocka_unit_test_setup_teardown(test_envelope_refusals, decode_set_up, decode_tear_down),
		cmocka_unit_test_setup_teardown(test_type_refusals, decode_set_up, decode_tear_down),
		cmocka_unit_test_setup_teardown(test_time_refusals, decode_set_up, decode_tear_down),
		cmocka_unit_test_setup_teardown(test_field_refusals, decode_set_up, decode_tear_down),
		cmocka_unit_test_setup_teardown(test_amounts, decode_set_up, decode_tear_down),
		cmocka_unit_test_setup_teardown(test_first_member_wins, decode_set_up, decode_tear_down),
		cmocka_unit_test_setup_teardown(test_optional_customer, decode_set_up, decode_tear_down),
		cmocka_unit_test_setup_teardown(test_structured, decode_set_up, decode_tear_down),
		cmocka_unit_test_setup_teardown(test_binary, decode_set_up, decode_tear_down),
		cmocka_unit_test_setup_teardown(test_mapped, decode_set_up, decode_tear_down),
		cmocka_unit_test_setup_teardown(test_any_topic, decode_set_up, decode_tear_down),
		cmocka_unit_test_setup_teardown(test_replay_marks, decode_set_up, decode_tear_down),
		cmocka_unit_test_setup_teardown(test_flipped_bytes, decode_set_up, decode_tear_down),
		cmocka_unit_test(test_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
