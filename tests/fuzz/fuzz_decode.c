/* Any bytes as a message: nothing breaks, and what is accepted keeps its promises. The first byte chooses topic and
 * mode.
 *
 *   make fuzz && build/fuzz/fuzz_decode -max_total_time=60 tests/data/json-test-suite */
#include "base/check.h"
#include "pipeline/decode/decode.h"
#include "tests/unit/fixture_schema.h"

enum { MESSAGE_BYTES = 1 << 16 };

static void check_event(const struct event *event)
{
	const struct schema *schema = fixture_schema();
	CHECK(event->type < TYPES);
	CHECK(event->id.length >= 1 && event->id.length <= DECODE_ID_MAX);
	CHECK(event->time >= 0 && event->time < INT64_C(253402300800000));
	CHECK(event->customer.length > 0 || !schema->types[event->type].needs_customer);
	CHECK(event->present >> FIELDS == 0);
	for (int f = 0; f < FIELDS; f++)
		if (event->present >> f & 1 && schema->fields[f].kind == FIELD_CHOICE)
			CHECK(event->values[f].number < schema->fields[f].choice_count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct decoder *decoder;
	if (!decoder)
		decoder = decoder_new(fixture_schema(), MESSAGE_BYTES);
	if (size == 0)
		return 0;
	const struct message_header headers[] = {{STR("ce_id"), STR("e")}, {STR("ce_type"), STR("deal.created")},
		{STR("ce_time"), {(const char *)data + 1, size > 21 ? 20 : size - 1}}};
	struct message message = {.body = {(const char *)data + 1, size - 1},
		.topic = data[0] % (TOPICS + 1) - 1,
		.headers = headers,
		.header_count = data[0] & 0x80 ? sizeof headers / sizeof *headers : 0};
	struct event event, again;
	enum refusal reason;
	struct str detail;
	int64_t ms;
	if (decode(decoder, &message, &event, &reason, &detail)) {
		CHECK(reason > REFUSAL_NONE && reason < REFUSAL_COUNT);
		return 0;
	}
	check_event(&event);
	(void)decode_wrong_partition(decoder);
	if (!decode_received_at(decoder, &ms))
		CHECK(ms >= 0);
	CHECK(decode(decoder, &message, &again, &reason, &detail) == RESULT_OK && again.content == event.content);
	return 0;
}
