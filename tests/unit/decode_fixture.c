#include "tests/unit/decode_fixture.h"

#include "base/mem.h"
#include "tests/unit/unit.h"

struct decoder *decoder;

int decode_set_up(void **state)
{
	(void)state;
	decoder = decoder_new(fixture_schema(), MESSAGE_BYTES);
	return 0;
}

int decode_tear_down(void **state)
{
	(void)state;
	decoder_free(decoder);
	return 0;
}

struct outcome decode_message(struct message message)
{
	struct outcome outcome = {.reason = REFUSAL_NONE};
	char *exact = message.body.length ? mem_copy(message.body.data, message.body.length) : NULL;
	message.body.data = exact;
	outcome.result = decode(decoder, &message, &outcome.event, &outcome.reason, &outcome.detail);
	mem_free(exact);
	return outcome;
}

struct outcome decode_text(int32_t topic, struct str body)
{
	return decode_message((struct message){.topic = topic, .body = body});
}

struct outcome decode_close(const char *members)
{
	static const char rest[] =
		"\"id\":\"e1\",\"type\":\"deal.closed\",\"time\":\"2026-11-23T21:00:00Z\",\"customer\":\"c1\","
		"\"deal\":\"d1\",\"outcome\":\"won\"}";
	struct buf body;
	buf_init(&body);
	buf_printf(&body, "{%s%s%s", members, *members ? "," : "", rest);
	struct outcome outcome = decode_text(TOPIC_DEALS, buf_str(&body));
	buf_release(&body);
	return outcome;
}

void check_refused(struct outcome outcome, enum refusal reason, const char *detail)
{
	assert_int_equal(outcome.result, RESULT_REFUSED);
	assert_string_equal(refusal_name(outcome.reason), refusal_name(reason));
	assert_str(outcome.detail, detail);
}

void check_close_refused(const char *members, enum refusal reason, const char *detail)
{
	check_refused(decode_close(members), reason, detail);
}

void check_number(const char *members, int field, int64_t number)
{
	struct outcome outcome = decode_close(members);
	assert_int_equal(outcome.result, RESULT_OK);
	assert_true(outcome.event.present >> field & 1);
	assert_int_equal(outcome.event.values[field].number, number);
}

void check_absent(const char *members, int field)
{
	struct outcome outcome = decode_close(members);
	assert_int_equal(outcome.result, RESULT_OK);
	assert_false(outcome.event.present >> field & 1);
}
