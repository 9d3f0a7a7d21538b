#include "config/schema_find.h"
#include "tests/unit/config_text.h"
#include "tests/unit/unit.h"

static void assert_says(const char *events, const char *expected)
{
	struct config_text text;
	config_text_init(&text);
	config_text_load_schema(&text, events);
	config_text_tell(&text);
	assert_string_equal(text.said.data, expected);
	config_text_release(&text);
}

static void test_rules(void **state)
{
	(void)state;
	struct config_text text;
	config_text_init(&text);
	config_text_load_schema(&text, config_text_events);
	const struct schema *schema = &text.schema;
	const struct event_type *closed = &schema->types[schema_type(schema, STR("deal.closed"))];
	const struct field_rule *kind = schema_rule(closed, (uint16_t)schema_field(schema, STR("deal_type")));
	const struct field_rule *amount = schema_rule(closed, (uint16_t)schema_field(schema, STR("amount")));
	assert_int_equal(text.problems.count, 0);
	assert_int_equal(schema->type_count, 6);
	assert_true(kind->has_default && kind->default_number == 0 && kind->allowed == 7);
	assert_int_equal(amount->minimum, 0);
	assert_true(amount->maximum == INT64_MAX);
	assert_null(schema_rule(&schema->types[0], (uint16_t)schema_field(schema, STR("outcome"))));
	for (uint16_t i = 1; i < closed->rule_count; i++)
		assert_true(closed->rules[i - 1].field < closed->rules[i].field);
	assert_int_equal(schema->rep_field, 0);
	assert_int_equal(schema->team_field, -1);
	assert_false(schema->types[3].needs_customer);
	config_text_release(&text);
}

static void test_text_default(void **state)
{
	(void)state;
	struct config_text text;
	config_text_init(&text);
	config_text_load_schema(&text,
		"fields: {stage: {type: text}}\ntopics:\n- topic: t\n  key: customer\n  events: {e: {fields: {stage: "
		"{default: new}}}}\n");
	assert_int_equal(text.problems.count, 0);
	assert_true(text.schema.types[0].rules[0].has_default);
	assert_str(text.schema.types[0].rules[0].default_text, "new");
	config_text_release(&text);
}

#define HEAD "fields: {rep: {type: text}, at: {type: time}}\ntopics:\n  - topic: t\n    key: customer\n"

static void test_map(void **state)
{
	(void)state;
	struct config_text text;
	config_text_init(&text);
	config_text_load_schema(&text,
		HEAD "    type: e\n"
		     "    map: {id: /event/a~1b, time: meta.at, rep: owner.id}\n"
		     "    events: {e: {fields: {rep: {}}}}\n");
	const struct topic *topic = &text.schema.topics[0];
	assert_int_equal(text.problems.count, 0);
	assert_int_equal(topic->fixed_type, 0);
	assert_int_equal(topic->id.count, 2);
	assert_str(topic->id.steps[1], "a/b");
	assert_str(topic->time.steps[0], "meta");
	assert_int_equal(topic->customer.count, 1);
	assert_str(topic->customer.steps[0], "customer");
	assert_int_equal(topic->binding_count, 1);
	assert_str(topic->bindings[0].path.steps[1], "id");
	config_text_release(&text);
	assert_says(HEAD "    map: {rep: a..b, id: /, at: x}\n    events: {e: {fields: {rep: {}}}}\n",
		"5:16: 'a..b' is no path: /a/b or a.b, at most 16 levels\n"
		"5:26: '/' is no path: /a/b or a.b, at most 16 levels\n"
		"5:29: no event of this topic carries 'at'\n");
}

static void test_wrong(void **state)
{
	(void)state;
	assert_says("topics: []\n", "1:1: 'fields' is missing\n");
	assert_says("fields: {id: {type: text}, Rep: {type: text}}\ntopics: []\n",
		"1:10: 'id' cannot name a field: it has a meaning of its own\n"
		"1:28: 'Rep' cannot name a field: lower-case letters, digits and _, at most 64\n");
	assert_says(HEAD "    events: {e: {customer: optional}}\n",
		"5:14: events of a topic that is keyed by customer cannot have 'customer: optional'\n");
	assert_says(HEAD "    events: {e: {fields: {rep: {not_after_time: true}}}}\n",
		"5:49: only a time can have 'not_after_time'\n");
	assert_says(HEAD "    events: {e: {fields: {rep: {default: ''}}}}\n",
		"5:42: an empty text is no default: it counts as absent\n");
	assert_says(HEAD "    events: {e: {fields: {at: {default: '2026-01-01T00:00:00Z'}}}}\n",
		"5:41: field 'at' cannot have a default\n");
	assert_says(HEAD "    events: {e: {}}\n  - topic: u\n    key: id\n    events: {e: {}}\n",
		"8:14: event 'e' is defined already in line 5\n");
	assert_says(HEAD "    events: {e: {in_force: {per: rep}, fields: {rep: {}}}}\n",
		"5:34: 'rep' must be a required text of 'e'\n");
	assert_says("fields: {n: {type: integer, minimum: 3, maximum: 2}}\ntopics: []\n",
		"1:50: the maximum is below the minimum\n");
}

static void test_credits(void **state)
{
	(void)state;
	assert_says("fields: {a: {type: credits}, b: {type: credits}}\ntopics: []\n",
		"1:30: only one field can be of type credits: 'a' is one already\n");
	assert_says("fields: {a: {type: currency}, b: {type: currency}}\ntopics: []\n",
		"1:31: only one field can be of type currency: 'a' is one already\n");
	assert_says("fields: {a: {type: credits, minimum: 1}}\ntopics: []\n",
		"1:38: field 'a' is of type credits and has no bounds\n");
	assert_says("fields: {a: {type: credits, one_of: [x]}}\ntopics: []\n",
		"1:37: field 'a' is of type credits: only a choice has 'one_of'\n");
}

#define REFUSING                                                                \
	"fields: {a: {type: choice}, n: {type: integer}, m: {type: integer}}\n" \
	"topics: [{topic: t, key: customer, events: {d: {fields: {m: {}}}, e: {fields: {a: {one_of: [x]}, n: {}},\n"

static void test_refuse(void **state)
{
	(void)state;
	struct config_text text;
	config_text_init(&text);
	config_text_load_schema(&text, REFUSING " refuse: [n < 1, \"a == 'x' and n > 5\"]}}}]\n");
	config_text_tell(&text);
	assert_string_equal(text.said.data, "");
	assert_int_equal(text.schema.types[0].refuse_count, 0);
	assert_int_equal(text.schema.types[1].refuse_count, 2);
	assert_str(text.schema.types[1].refuses[0].text, "n < 1");
	assert_str(text.schema.types[1].refuses[1].text, "a == 'x' and n > 5");
	assert_int_equal(text.schema.types[1].refuses[1].where->count, 3);
	config_text_release(&text);
	assert_says(REFUSING " refuse: [n < 1, n > y, k == 1]}}}]\n",
		"3:22: a whole number is expected, not 'y'\n"
		"3:25: unknown field 'k'; did you mean 'a'?\n");
	assert_says(REFUSING " refuse: \"a == 'y' or n < 1\"}}}]\n",
		"3:16: 'y' is not a choice of 'a' (x); did you mean 'x'?\n");
	assert_says(REFUSING " refuse: n < 1 and m > 5}}}]\n", "3:20: 'e' does not carry the field 'm'\n");
	assert_says(REFUSING " refuse: {n: 1}}}}]\n", "3:10: 'refuse' must be a text, not a mapping\n");
	assert_says(REFUSING " refuse: []}}}]\n", "3:10: 1 to 64 conditions are needed here\n");
}

#define RETRACTED "  names: {type: text}\n  n: {type: integer}\ncommon: []\n"
#define PLAIN_TOPIC "topics: [{topic: t, key: customer, events: {e: }}]\n"
#define ONE_TOPIC "topics: [{topic: t, key: customer, map: {names: a.b}, events: {e: }}]\n"

static void test_retractions(void **state)
{
	(void)state;
	struct config_text text;
	config_text_init(&text);
	config_text_load_schema(&text, "fields:\n" RETRACTED ONE_TOPIC "retractions: {event: gone, names: names}\n");
	const struct schema *schema = &text.schema;
	assert_int_equal(text.problems.count, 0);
	assert_int_equal(schema->retractions.type, 1);
	assert_int_equal(schema->types[1].topic, SCHEMA_EVERY_TOPIC);
	assert_true(schema_rule(&schema->types[1], 0)->required);
	assert_int_equal(schema->fields[schema->retractions.reach].kind, FIELD_TIME);
	assert_int_equal(schema->topics[0].bindings[0].path.count, 2);
	config_text_release(&text);
	assert_says("fields:\n" RETRACTED PLAIN_TOPIC "retractions: {event: gone, names: n}\n",
		"6:35: 'n' must be of type text: it holds the id of an event\n");
	assert_says("fields:\n" RETRACTED PLAIN_TOPIC "retractions: {event: e, names: names}\n",
		"6:22: event 'e' is defined already in line 5\n");
	assert_says("fields:\n" RETRACTED PLAIN_TOPIC "retractions: {event: gone, name: names}\n",
		"6:14: 'names' is missing\n"
		"6:28: unknown key 'name'; did you mean 'names'?\n");
}

static void test_limits(void **state)
{
	(void)state;
	struct buf events;
	buf_init(&events);
	buf_put_text(&events, "topics: [{topic: t, key: customer, events: {e: }}]\nfields:\n");
	for (int i = 0; i <= SCHEMA_FIELDS_MAX; i++)
		buf_printf(&events, "  f%d: {type: text}\n", i);
	assert_says(events.data, "67:3: more than 64 fields\n");
	buf_clear(&events);
	buf_put_text(&events, HEAD "    events:\n");
	for (int i = 0; i <= SCHEMA_TYPES_MAX; i++)
		buf_printf(&events, "      e%d:\n", i);
	assert_says(events.data, "262:7: more than 256 events\n");
	buf_clear(&events);
	buf_put_text(&events, "topics: []\nfields: {c: {type: choice, one_of: [");
	for (int i = 0; i <= SCHEMA_CHOICES_MAX; i++)
		buf_printf(&events, "%s%s%d", i ? "," : "", i % 10 ? "" : "\n ", i);
	buf_put_text(&events, "]}}\n");
	assert_says(events.data, "9:14: field 'c' has more than 64 choices\n");
	buf_release(&events);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_text_default),
		cmocka_unit_test(test_map),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_credits),
		cmocka_unit_test(test_refuse),
		cmocka_unit_test(test_retractions),
		cmocka_unit_test(test_limits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
