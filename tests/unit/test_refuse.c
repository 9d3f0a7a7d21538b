/* Conditions of events.yaml by which a decoded event is refused. */
#include "config/model.h"
#include "pipeline/decode/decode.h"
#include "tests/unit/config_text.h"
#include "tests/unit/unit.h"

static const char events[] = "fields:\n"
			     "  survey: {type: choice}\n"
			     "  score: {type: integer}\n"
			     "  rep: {type: text}\n"
			     "  deal: {type: text}\n"
			     "  amount: {type: decimal}\n"
			     "  closed: {type: boolean}\n"
			     "  start: {type: time}\n"
			     "topics:\n"
			     "  - topic: t\n"
			     "    key: customer\n"
			     "    events:\n"
			     "      answered:\n"
			     "        refuse: \"survey == 'csat' and (score < 1 or score > 5)\"\n"
			     "        fields:\n"
			     "          survey: {required: true, one_of: [nps, csat, enps]}\n"
			     "          score: {required: true, minimum: 0, maximum: 10}\n"
			     "      sold:\n"
			     "        refuse:\n"
			     "          - rep == 'r1' and amount >= 10.5\n"
			     "          - closed and deal != 'd1'\n"
			     "          - has amount and not has rep\n"
			     "          - \"start < '2026-01-01T00:00:00Z'\"\n"
			     "        fields:\n"
			     "          rep: {}\n"
			     "          deal: {default: d1}\n"
			     "          amount: {default: 10.5}\n"
			     "          closed: {}\n"
			     "          start: {not_after_time: true}\n";

static struct config_text text;
static struct decoder *decoder;

static int set_up(void **state)
{
	(void)state;
	config_text_init(&text);
	config_text_load_schema(&text, events);
	config_text_tell(&text);
	assert_string_equal(text.said.data, "");
	decoder = decoder_new(&text.schema, 4096);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	decoder_free(decoder);
	config_text_release(&text);
	return 0;
}

/* The event of 2026-11-23 with these members; what is said of it is "accepted" or "reason: detail". */
static void check(const char *members, const char *expected)
{
	struct buf body, said;
	struct event event;
	enum refusal reason;
	struct str detail;
	buf_init(&body);
	buf_init(&said);
	buf_printf(&body, "{\"id\":\"e\",\"time\":\"2026-11-23T21:00:00Z\",\"customer\":\"c\",%s}", members);
	struct message message = {.body = buf_str(&body)};
	if (decode(decoder, &message, &event, &reason, &detail) == RESULT_OK)
		buf_put_text(&said, "accepted");
	else
		buf_printf(&said, "%s: %.*s", refusal_name(reason), STR_ARG(detail));
	assert_string_equal(said.data, expected);
	buf_release(&body);
	buf_release(&said);
}

#define ANSWER(survey, score) "\"type\":\"answered\",\"survey\":\"" survey "\",\"score\":" score
#define CSAT "bad_value: survey == 'csat' and (score < 1 or score > 5)"

static void test_depends_on_another_field(void **state)
{
	(void)state;
	check(ANSWER("csat", "1"), "accepted");
	check(ANSWER("csat", "5"), "accepted");
	check(ANSWER("csat", "0"), CSAT);
	check(ANSWER("csat", "6"), CSAT);
	check(ANSWER("nps", "0"), "accepted");
	check(ANSWER("nps", "10"), "accepted");
	check(ANSWER("enps", "0"), "accepted");
	check(ANSWER("enps", "10"), "accepted");
	check(ANSWER("csat", "11"), "bad_value: score");
}

#define SALE "\"type\":\"sold\","

/* Texts are compared as texts, and a field that is absent is what predicates say it is. */
static void test_kinds(void **state)
{
	(void)state;
	check(SALE "\"rep\":\"r1\",\"amount\":10.4999", "accepted");
	check(SALE "\"rep\":\"r1\",\"amount\":10.5", "bad_value: rep == 'r1' and amount >= 10.5");
	check(SALE "\"rep\":\"r10\",\"amount\":10.5", "accepted");
	check(SALE "\"rep\":\"r2\",\"deal\":\"d1\",\"closed\":true", "accepted");
	check(SALE "\"rep\":\"r2\",\"deal\":\"d2\",\"closed\":true", "bad_value: closed and deal != 'd1'");
	check(SALE "\"rep\":\"r2\",\"deal\":\"d2\",\"closed\":false", "accepted");
	check(SALE "\"rep\":\"r2\",\"deal\":\"d2\"", "accepted");
	check(SALE "\"rep\":\"r2\",\"start\":\"2026-01-01T00:00:00Z\"", "accepted");
	check(SALE "\"rep\":\"r2\",\"start\":\"2025-12-31T23:59:59Z\"", "bad_value: start < '2026-01-01T00:00:00Z'");
}

/* Defaults are there when it is decided; a field by itself comes first, and the first condition in the file, then the time. */
static void test_order(void **state)
{
	(void)state;
	check(SALE "\"rep\":\"r1\"", "bad_value: rep == 'r1' and amount >= 10.5");
	check(SALE "\"rep\":\"r2\",\"closed\":true", "accepted");
	check(SALE "\"closed\":true", "bad_value: has amount and not has rep");
	check(SALE "\"closed\":true,\"deal\":\"d2\"", "bad_value: closed and deal != 'd1'");
	check(SALE "\"rep\":\"r1\",\"closed\":1", "bad_value: closed");
	check(SALE "\"rep\":\"r1\",\"start\":\"2027-01-01T00:00:00Z\"", "bad_value: rep == 'r1' and amount >= 10.5");
	check(SALE "\"rep\":\"r2\",\"start\":\"2027-01-01T00:00:00Z\"", "negative_cycle: start");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_depends_on_another_field),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_order),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
