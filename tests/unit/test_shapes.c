/* A reader that knows shapes against one that never saw a document before: whatever comes, they say the same. */
#include "tests/unit/decode_fixture.h"
#include "tests/unit/shard_fixture.h"

#include <stdio.h>

#include "base/mem.h"
#include "pipeline/decode/json.h"
#include "pipeline/decode/places.h"

/* A document that comes so often is learned. */
enum { TIMES = 3 };

enum { DEPTH_MAX = 16, FAMILIES = 2, MUTATIONS = 1500 };

/* ---- documents ---- */

static struct arena arena;
static struct places places;
static struct json_parser *warm[FAMILIES]; /* one lists everything, one what stands at the places */
static unsigned known;                     /* documents that were like one before */

static uint32_t add_place(struct str first, struct str second)
{
	struct str *steps = ARENA_ARRAY(&arena, struct str, 2);
	steps[0] = first;
	steps[1] = second;
	return places_add(&places, &arena, &(struct field_path){steps, second.length ? 2 : 1});
}

static const struct places *places_of(int which)
{
	return which ? &places : NULL;
}

static int set_up(void **state)
{
	(void)state;
	arena_init(&arena);
	places_init(&places);
	places_expect_few(&places, add_place(STR("type"), STR("")));
	add_place(STR("id"), STR(""));
	add_place(STR("data"), STR("note"));
	add_place(STR("data"), STR("n"));
	add_place(STR("list"), STR(""));
	places_expect_few(&places, add_place(STR("data"), STR("kind")));
	places_settle(&places, &arena);
	for (int i = 0; i < FAMILIES; i++)
		warm[i] = json_parser_new(DEPTH_MAX, places_of(i));
	known = 0;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	for (int i = 0; i < FAMILIES; i++)
		json_parser_free(warm[i]);
	arena_release(&arena);
	return 0;
}

static bool same_document(const struct json_document *a, const struct json_document *b, uint32_t place_count)
{
	uint32_t count = b->nodes[0].kind >= JSON_ARRAY ? b->nodes[0].end : 1;
	for (uint32_t i = 0; i < count; i++) {
		const struct json_node *x = &a->nodes[i], *y = &b->nodes[i];
		if (x->kind != y->kind || x->end != y->end || x->place != y->place || !str_equal(x->name, y->name) ||
			!str_equal(x->text, y->text))
			return false;
	}
	return memcmp(a->found, b->found, place_count * sizeof *a->found) == 0;
}

/* By a block of exactly its size, so that reading beyond it is seen. */
static void check_document(int which, uint32_t family, struct str text)
{
	struct json_parser *fresh = json_parser_new(DEPTH_MAX, places_of(which));
	struct json_document of_warm, of_fresh;
	char *exact = mem_copy(text.data, text.length + !text.length);
	struct str body = {exact, text.length};
	enum json_error error = json_parse(warm[which], family, body, &of_warm);
	bool same = error == json_parse(fresh, family, body, &of_fresh) &&
		(error || same_document(&of_warm, &of_fresh, which ? places.count : 1));
	if (!same)
		fail_msg("family %u: %.*s", family, (int)text.length, text.data);
	known += !error && of_warm.shape;
	mem_free(exact);
	json_parser_free(fresh);
}

static void check_text(struct str text)
{
	for (int which = 0; which < 2; which++)
		for (uint32_t family = 0; family < FAMILIES; family++)
			check_document(which, family, text);
}

static const char *const documents[] = {
	"{\"id\":\"1\",\"type\":\"call\",\"data\":{\"note\":\"a note that is longer than sixteen "
	"bytes\",\"n\":-12.5e3}}",
	"{\"id\":\"1\",\"type\":\"mail\",\"data\":{\"note\":\"\",\"n\":0}}",
	"{\"id\":\"1\",\"type\":\"mail\",\"data\":{\"note\":null,\"n\":true,\"kind\":\"x\"}}",
	"{\"id\":1,\"type\":7,\"data\":{\"note\":2,\"n\":\"3\",\"kind\":\"y\"}}",
	" { \"type\" : \"call\" , \"id\" : \"2\",\n\t\"data\" : { } } \r\n",
	"{\"type\":\"a\",\"type\":\"b\",\"id\":\"x\",\"id\":\"y\",\"data\":{\"n\":1,\"n\":2}}",
	"{\"type\":\"c\",\"list\":[1,\"two\",[3,[4]],{\"rep\":\"r\",\"share\":5}],\"id\":\"e\\u0041\\n\"}",
	"{\"type\":\"d\",\"list\":[],\"id\":\"\xc3\xa9\xe2\x82\xac\",\"unknown member with a long "
	"name\":{\"a\":{\"b\":[null,true]}}}",
	"{}",
	"[{\"id\":\"1\"}]",
	"{\"a long beginning without anything in it\":[[[]],{},null,false],\"id\":\"z\"}",
};

static void test_as_the_parser(void **state)
{
	(void)state;
	enum { ROUNDS = TIMES + 2, DOCUMENTS = sizeof documents / sizeof *documents, OBJECTS = DOCUMENTS - 2 };
	for (int round = 0; round < ROUNDS; round++)
		for (size_t i = 0; i < DOCUMENTS; i++)
			check_text(str_of(documents[i]));
	/* All but the one that is no object, and the one with escapes, which may be found but not learned. Who lists everything takes the second
	 * one for one like the first: it is known one and a half rounds earlier. */
	assert_int_equal(known, OBJECTS * 2 * FAMILIES * (ROUNDS - TIMES) + 3 * FAMILIES);
}

/* Bytes that mean something, mostly, in the place of others, between them, or none. */
static void mutate(struct buf *text, uint64_t *seed)
{
	static const char bytes[] = "\"\"\\\\{}[]:,,0019.-+eEntfu \n\t\x01\x7f\x80\xc3\xa9xyz";
	*seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	uint64_t random = *seed >> 16;
	size_t at = random % text->length;
	char byte = bytes[(random >> 16) % (sizeof bytes - 1)];
	size_t gone = (random >> 32) % 3, put = (random >> 36) % 3 ? 1 : 0;
	gone = at + gone > text->length ? 0 : gone;
	struct buf changed;
	buf_init(&changed);
	buf_put(&changed, text->data, at);
	if (put)
		buf_put_byte(&changed, (uint8_t)byte);
	buf_put(&changed, text->data + at + gone, text->length - at - gone);
	buf_release(text);
	*text = changed;
}

static void test_mutations(void **state)
{
	(void)state;
	enum { DOCUMENTS = sizeof documents / sizeof *documents };
	uint64_t seed = 1;
	unsigned alike = 0;
	for (unsigned i = 0; i < MUTATIONS * DOCUMENTS; i++) {
		struct buf text;
		buf_init(&text);
		buf_put_text(&text, documents[i % DOCUMENTS]);
		check_text(buf_str(&text));
		unsigned before = known;
		for (unsigned k = 0; k < 1 + i % 3 && text.length; k++)
			mutate(&text, &seed);
		check_text(buf_str(&text));
		alike += known - before;
		buf_release(&text);
	}
	assert_true(alike > MUTATIONS);
}

/* What is read next does not depend on what was found before. */
static void test_values(void **state)
{
	(void)state;
	static const char *const values[] = {"\"\"", "\"x\"", "\"\\n\"", "\"fifteen bytes..\"", "\"sixteen bytes...\"",
		"\"seventeen bytes..\"", "\"\\ud83d\\ude00\"", "\"\\ud83d\"", "\"\t\"", "\"a\\\"b\"", "\"a", "0", "-0",
		"00", "1e5", "1e", "1.", "12345678901234567890", "nul", "null", "true", "{}", "[]", "[1]", "", "\"x\"y",
		"1 2"};
	enum { VALUES = sizeof values / sizeof *values };
	for (int i = 0; i < VALUES * VALUES * 2; i++) {
		struct buf text;
		buf_init(&text);
		buf_printf(&text, "{\"id\":%s,\"type\":\"%s\",\"data\":{\"note\":%s}}", values[i % VALUES],
			i % 2 ? "call" : "mail", values[i / VALUES % VALUES]);
		check_text(buf_str(&text));
		buf_release(&text);
	}
	assert_true(known > VALUES * VALUES);
}

/* A text with an escape needs no parser either. */
static void test_escapes(void **state)
{
	(void)state;
	struct json_document document;
	for (int i = 0; i < TIMES; i++)
		assert_int_equal(json_parse(warm[1], 0, STR("{\"id\":\"1\",\"type\":\"a\"}"), &document), JSON_OK);
	assert_int_equal(json_parse(warm[1], 0, STR("{\"id\":\"\\n\\u0041\",\"type\":\"a\"}"), &document), JSON_OK);
	assert_non_null(document.shape);
	assert_str(document.nodes[1].text, "\nA");
}

/* A stranger is not learned before it has come a few times. */
static void test_strangers(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 400; i++) {
		struct buf text;
		struct json_document document;
		buf_init(&text);
		buf_printf(&text, "{\"a%u\":1,\"b%u\":2,\"c%u\":3}", i % 16, i / 16 % 16, i / 256);
		for (unsigned k = 0; k <= i % (TIMES + 1); k++) {
			assert_int_equal(json_parse(warm[1], 0, buf_str(&text), &document), JSON_OK);
			assert_int_equal(document.shape != NULL, k >= TIMES);
		}
		buf_release(&text);
	}
}

/* Documents of a hundred kinds, and how many of a thousand are known by the end. */
static unsigned known_of(unsigned first, unsigned rounds)
{
	enum { KINDS = 100 };
	unsigned found = 0;
	for (unsigned i = 0; i < rounds * KINDS; i++) {
		struct buf text;
		struct json_document document;
		unsigned kind = first + i % KINDS;
		buf_init(&text);
		buf_printf(&text, "{\"a%u\":%u,\"b%u\":\"%01500d\",\"type\":\"%u\"}", kind % 16, i, kind / 16 % 16, 0,
			kind);
		assert_int_equal(json_parse(warm[1], 0, buf_str(&text), &document), JSON_OK);
		found += document.shape && i + 10 * KINDS >= rounds * KINDS;
		buf_release(&text);
	}
	return found;
}

/* When there is no room, others are not learned as long as those that are known come, and then all anew. */
static void test_too_many(void **state)
{
	(void)state;
	assert_int_equal(known_of(0, 20), 1000);
	assert_in_range(known_of(100, 20), 10, 990);
	for (unsigned i = 0; i < 150; i++) {
		assert_int_equal(known_of(200, 1), 0);
		assert_int_equal(known_of(0, 1), 100);
	}
	assert_int_equal(known_of(200, 130), 1000);
	known_of(100, 200);
	assert_int_equal(known_of(200, 1), 100);
	check_text(str_of(documents[0]));
}

/* A shape of another family is none. */
static void test_families(void **state)
{
	(void)state;
	struct json_document document;
	struct str text = str_of(documents[0]);
	for (uint32_t family = 0; family < 4; family++) {
		for (int i = 0; i < TIMES; i++) {
			assert_int_equal(json_parse(warm[1], family, text, &document), JSON_OK);
			assert_null(document.shape);
		}
		assert_int_equal(json_parse(warm[1], family, text, &document), JSON_OK);
		assert_non_null(document.shape);
	}
}

/* ---- events ---- */

static const char *const messages[] = {
	"{\"id\":\"e1\",\"type\":\"deal.closed\",\"time\":\"2026-11-23T21:00:00Z\",\"customer\":\"c1\",\"deal\":\"d1\","
	"\"outcome\":\"won\","
	"\"amount\":12.5,\"rep\":\"r\"}",
	"{\"id\":\"e1\",\"type\":\"deal.created\",\"time\":1795467600000,\"customer\":\"c1\",\"deal\":\"d1\","
	"\"source\":\"crm\"}",
	"{\"id\":\"e2\",\"type\":\"cost\",\"time\":\"2026-11-23T21:00:00.5+01:00\",\"amount\":\"7\",\"currency\":"
	"\"EUR\",\"rep\":\"\"}",
	"{\"specversion\":\"1.0\",\"id\":\"e\",\"type\":\"deal.closed\",\"time\":\"2026-11-23T21:00:00Z\",\"subject\":"
	"\"c2\",\"source\":\"s\","
	"\"data\":{\"customer\":\"c1\",\"deal\":\"d\",\"outcome\":\"lost\",\"credits\":[{\"rep\":\"a\",\"share\":4000},"
	"{\"rep\":\"b\",\"share\":6000}]}}",
	"{\"specversion\":\"1.0\",\"id\":\"e\",\"type\":\"deal.created\",\"time\":\"2026-11-23T21:00:00Z\",\"subject\":"
	"\"c2\",\"data\":{\"customer\":\"\","
	"\"deal\":\"d\"}}",
	"{\"id\":\"e1\",\"type\":\"who knows\",\"time\":\"2026-11-23T21:00:00Z\",\"customer\":\"c1\"}",
	"{\"id\":\"e1\",\"type\":\"\",\"time\":\"2026-11-23T21:00:00Z\",\"customer\":\"c1\",\"received_at\":5,\"wrong_"
	"partition\":true}",
};

static void check_same_event(const struct schema *schema, const struct event *a, const struct event *b)
{
	assert_int_equal(a->time, b->time);
	assert_int_equal(a->type, b->type);
	assert_true(str_equal(a->source, b->source));
	assert_true(str_equal(a->id, b->id));
	assert_true(str_equal(a->customer, b->customer));
	assert_int_equal(a->present, b->present);
	assert_int_equal(a->content, b->content);
	assert_int_equal(a->credit_count, b->credit_count);
	for (uint32_t i = 0; i < a->credit_count; i++) {
		assert_true(str_equal(a->credits[i].rep, b->credits[i].rep));
		assert_int_equal(a->credits[i].share, b->credits[i].share);
	}
	for (uint64_t left = a->present; left; left &= left - 1) {
		int f = __builtin_ctzll(left);
		assert_int_equal(a->values[f].number, b->values[f].number);
		if (schema->fields[f].kind == FIELD_TEXT)
			assert_true(str_equal(a->values[f].text, b->values[f].text));
	}
}

/* True when it was accepted. */
static bool check_message(const struct schema *schema, struct str body, int32_t topic, bool headers)
{
	static const struct message_header ce[] = {{STR("ce_id"), STR("e")}, {STR("ce_type"), STR("deal.created")},
		{STR("ce_time"), STR("2026-11-23T21:00:00Z")}};
	const struct message message = {body, topic, ce, headers ? sizeof ce / sizeof *ce : 0};
	struct decoder *fresh = decoder_new(schema, MESSAGE_BYTES);
	struct event a, b;
	enum refusal reason_a = REFUSAL_NONE, reason_b = REFUSAL_NONE;
	struct str detail_a = {0}, detail_b = {0};
	int64_t at_a = 0, at_b = 0;
	enum result result = decode(decoder, &message, &a, &reason_a, &detail_a);
	assert_int_equal(result, decode(fresh, &message, &b, &reason_b, &detail_b));
	assert_int_equal(reason_a, reason_b);
	assert_true(str_equal(detail_a, detail_b));
	if (result == RESULT_OK)
		check_same_event(schema, &a, &b);
	assert_int_equal(decode_received_at(decoder, &at_a), decode_received_at(fresh, &at_b));
	assert_int_equal(at_a, at_b);
	assert_int_equal(decode_wrong_partition(decoder), decode_wrong_partition(fresh));
	decoder_free(fresh);
	return result == RESULT_OK;
}

static void test_events(void **state)
{
	(void)state;
	uint64_t seed = 7;
	unsigned accepted = 0;
	for (unsigned i = 0; i < 12000; i++) {
		struct buf text;
		buf_init(&text);
		buf_put_text(&text, messages[i / 4 % (sizeof messages / sizeof *messages)]);
		for (unsigned k = 0; k < i % 4; k++)
			mutate(&text, &seed);
		for (int32_t topic = -1; topic < TOPICS; topic++)
			accepted += check_message(fixture_schema(), buf_str(&text), topic, i % 5 == 0);
		buf_release(&text);
	}
	assert_true(accepted > 5000);
}

/* Whose a retraction is depends on what it says, and not only on what it looks like. */
static void test_retractions(void **state)
{
	(void)state;
	static struct fixture fixture;
	static const char kpis[] = "windows: [1h]\nmeasures:\n  asks: {count: ask}\nkpis:\n"
				   "  a: {title: A, formula: asks, unit: count}\n";
	static const char *const customers[] = {"c", "c", "", "c"};
	fixture_init(&fixture, NULL, kpis, "2026-06-30T00:00:00Z");
	decoder = fixture.decoder;
	unsigned accepted = 0;
	for (size_t i = 0; i < 4 * sizeof customers / sizeof *customers; i++) {
		struct buf text;
		buf_init(&text);
		buf_printf(&text,
			"{\"id\":\"e\",\"type\":\"retracted\",\"time\":\"2026-06-01T10:00:00Z\",\"retracts\":\"x\","
			"\"customer\":\"%s\"}",
			customers[i % 4]);
		for (int32_t topic = -1; topic < fixture.config->schema.topic_count; topic++)
			accepted += check_message(&fixture.config->schema, buf_str(&text), topic, false);
		buf_release(&text);
	}
	assert_true(accepted > 0);
	fixture_release(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_as_the_parser, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_mutations, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_values, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_escapes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_strangers, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_too_many, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_families, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_events, decode_set_up, decode_tear_down),
		cmocka_unit_test(test_retractions),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
