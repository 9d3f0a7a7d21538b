/* The simulator and the decoder agree: by the shipped configuration every event is good, and every malformed message is refused. */
#include "config/config.h"
#include "pipeline/decode/decode.h"
#include "tests/unit/sim_capture.h"

#define MESSAGE_BYTES (1 << 20)

static struct config *config;
static struct decoder *decoder;

static int set_up(void **state)
{
	struct config_problems problems;
	enum result result = config_load("config", NULL, 0, &config, &problems);

	(void)state;
	config_problems_release(&problems);
	if (result != RESULT_OK)
		return 1;
	decoder = decoder_new(&config->schema, MESSAGE_BYTES);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	decoder_free(decoder);
	config_free(config);
	return 0;
}

static int32_t topic_index(const char *name)
{
	for (uint32_t i = 0; i < config->schema.topic_count; i++)
		if (strcmp(config->schema.topics[i].name, name) == 0)
			return (int32_t)i;
	fail_msg("no topic %s", name);
	return -1;
}

static enum refusal refusal_of(const char *topic, struct str body, struct event *event)
{
	struct message message = {.body = body, .topic = topic_index(topic)};
	enum refusal reason = REFUSAL_NONE;

	return decode(decoder, &message, event, &reason, NULL) == RESULT_OK ? REFUSAL_NONE : reason;
}

static void test_events_are_accepted(void **state)
{
	struct sim_capture capture;
	struct event event;

	(void)state;
	sim_capture_run(&capture, "--cloudevents 30");
	for (size_t i = 0; i < capture.count; i++) {
		const struct sim_record *record = &capture.records[i];
		enum refusal reason = refusal_of(record->topic, record->value, &event);

		if (reason != REFUSAL_NONE)
			fail_msg("%s: %.*s", refusal_name(reason), STR_ARG(record->value));
		assert_int_equal(event.time, record->time);
		assert_true(event.customer.length == 0 || str_equal(event.customer, record->key));
	}
	sim_capture_release(&capture);
}

static void test_malformed_are_refused(void **state)
{
	bool seen[REFUSAL_COUNT] = {false};
	struct event event;

	(void)state;
	for (uint32_t serial = 0; serial < 40 * sim_malformed_kinds(); serial++) {
		bool is_object;
		const char *topic;
		struct str text = sim_malformed(serial, &is_object, &topic);
		enum refusal reason = refusal_of(topic, text, &event);

		if (reason == REFUSAL_NONE)
			fail_msg("accepted: %.*s", STR_ARG(text));
		seen[reason] = true;
	}
	for (int reason = REFUSAL_NONE + 1; reason < REFUSAL_WRONG_PARTITION; reason++)
		if (reason != REFUSAL_TOO_LARGE && reason != REFUSAL_WRONG_TOPIC && !seen[reason])
			fail_msg("none is %s", refusal_name((enum refusal)reason));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_events_are_accepted),
		cmocka_unit_test(test_malformed_are_refused),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
