/* The JSON layer against JSONTestSuite: y_ is accepted, n_ is refused, and i_ as docs/dead-letters.md lists it. */
#include "tests/unit/unit.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "pipeline/decode/json.h"
#include "pipeline/decode/places.h"

#define SUITE "tests/data/json-test-suite"
enum { DEPTH_MAX = 64, SUITE_FILES = 318 };

static const struct json_node *nodes;
static struct json_parser *parser;       /* lists everything */
static struct json_parser *place_parser; /* only what stands at `a`, `a.b`, `c.d` and `long name of a place` */
static struct json_document found;       /* by place_parser */
static struct arena arena;
static struct places places;
static uint32_t place_a, place_ab, place_cd, place_long;

static uint32_t add_place(struct str first, struct str second)
{
	struct str *steps = ARENA_ARRAY(&arena, struct str, 2);
	steps[0] = first;
	steps[1] = second;
	return places_add(&places, &arena, &(struct field_path){steps, second.length ? 2 : 1});
}

static int set_up(void **state)
{
	(void)state;
	arena_init(&arena);
	places_init(&places);
	place_ab = add_place(STR("a"), STR("b"));
	place_a = add_place(STR("a"), STR(""));
	place_cd = add_place(STR("c"), STR("d"));
	place_long = add_place(STR("long name of a place"), STR(""));
	places_settle(&places, &arena);
	parser = json_parser_new(DEPTH_MAX, NULL);
	place_parser = json_parser_new(DEPTH_MAX, &places);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	json_parser_free(parser);
	json_parser_free(place_parser);
	arena_release(&arena);
	return 0;
}

static void read_file(const char *path, struct buf *bytes)
{
	buf_clear(bytes);
	FILE *file = fopen(path, "rb");
	assert_non_null(file);
	char piece[4096];
	for (size_t length; (length = fread(piece, 1, sizeof piece, file)) > 0;)
		buf_put(bytes, piece, length);
	fclose(file);
}

/* Both parsers; what nobody asks for is checked all the same. */
static enum json_error parse_exact(struct str text)
{
	char *exact = mem_copy(text.data, text.length);
	struct json_document document;
	enum json_error error = json_parse(parser, 0, (struct str){exact, text.length}, &document);
	if (!error)
		nodes = document.nodes;
	assert_int_equal(json_parse(place_parser, 0, (struct str){exact, text.length}, &found), error);
	mem_free(exact);
	return error;
}

/* "| `i_number_huge_exp` | accepted |" stands in the page. */
static bool page_says(struct str page, const char *file, enum json_error error)
{
	static const char *const words[] = {[JSON_OK] = "accepted",
		[JSON_NOT_UTF8] = "`not_utf8`",
		[JSON_MALFORMED] = "`malformed_json`",
		[JSON_TOO_DEEP] = "`too_deep`"};
	char row[256];
	snprintf(row, sizeof row, "| `%.*s` | %s |", (int)(strlen(file) - strlen(".json")), file, words[error]);
	return memmem(page.data, page.length, row, strlen(row)) != NULL;
}

static void check_file(const char *name, struct str text, struct str page)
{
	enum json_error error = parse_exact(text);
	bool right = name[0] == 'y' ? !error : name[0] == 'n' ? error != JSON_OK : page_says(page, name, error);
	if (!right)
		print_error("%s: %d\n", name, error);
	assert_true(right);
}

static void test_suite(void **state)
{
	(void)state;
	struct buf page, text;
	buf_init(&page);
	buf_init(&text);
	read_file("docs/dead-letters.md", &page);
	DIR *directory = opendir(SUITE);
	assert_non_null(directory);
	int files = 0;
	for (struct dirent *entry; (entry = readdir(directory));) {
		char path[sizeof SUITE + sizeof entry->d_name];
		snprintf(path, sizeof path, SUITE "/%s", entry->d_name);
		if (entry->d_name[1] != '_')
			continue;
		files++;
		read_file(path, &text);
		check_file(entry->d_name, buf_str(&text), buf_str(&page));
	}
	closedir(directory);
	assert_int_equal(files, SUITE_FILES);
	buf_release(&page);
	buf_release(&text);
}

static void test_nodes(void **state)
{
	(void)state;
	assert_int_equal(
		parse_exact(
			STR("{\"a\":{\"b\":1e2,\"c\":{}},\"d\":[{\"e\":1},[\"x\"]],\"\\u0066\":\"\\n\",\"\":null}")),
		JSON_OK);
	static const struct {
		const char *name;
		enum json_kind kind;
		const char *text;
		uint32_t end;
	} expected[] = {
		{"", JSON_OBJECT, "", 11},
		{"a", JSON_OBJECT, "", 4},
		{"b", JSON_NUMBER, "1e2", 3},
		{"c", JSON_OBJECT, "", 4},
		{"d", JSON_ARRAY, "", 9},
		{"", JSON_OBJECT, "", 7},
		{"e", JSON_NUMBER, "1", 7},
		{"", JSON_ARRAY, "", 9},
		{"", JSON_TEXT, "x", 9},
		{"f", JSON_TEXT, "\n", 10},
		{"", JSON_NULL, "null", 11},
	};
	for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
		assert_str(nodes[i].name, expected[i].name);
		assert_int_equal(nodes[i].kind, expected[i].kind);
		assert_int_equal(nodes[i].end, expected[i].end);
		if (expected[i].kind != JSON_NULL)
			assert_str(nodes[i].text, expected[i].text);
	}
}

/* Of a long array only the first items are listed; all are checked. */
static void test_long_array(void **state)
{
	(void)state;
	struct buf text;
	buf_init(&text);
	buf_put_text(&text, "{\"a\":[");
	for (int i = 0; i < JSON_ITEMS_LISTED + 5; i++)
		buf_printf(&text, "%s[{\"b\":%d}]", i ? "," : "", i);
	buf_put_text(&text, "],\"c\":1}");
	assert_int_equal(parse_exact(buf_str(&text)), JSON_OK);
	assert_int_equal(nodes[1].end, 2 + 3 * JSON_ITEMS_LISTED);
	assert_str(nodes[nodes[1].end].name, "c");
	memcpy(strstr(text.data, ":68}"), ":6x}", 4);
	assert_int_equal(parse_exact(buf_str(&text)), JSON_MALFORMED);
	buf_release(&text);
}

static void assert_found(uint32_t place, const char *expected)
{
	const struct json_node *node = json_at(&found, place);
	assert_int_equal(node != NULL, expected != NULL);
	if (node)
		assert_str(node->text, expected);
}

/* Of members with the same name the first counts, at every level; and what one document had, the next one need not have. */
static void test_places(void **state)
{
	(void)state;
	assert_int_equal(
		parse_exact(STR("{\"x\":{\"a\":\"no\",\"b\":\"no\"},\"c\":{\"d\":\"d\",\"d\":\"no\"}, \"\\u0061\" : "
				"{\"c\":1,\"b\" : \"b\" },\"a\":{\"b\":\"no\"},\"long name of a place\":12 ,"
				"\"long name at a place\":13,\"c\":{\"d\":\"no\"}}")),
		JSON_OK);
	assert_found(place_ab, "b");
	assert_found(place_cd, "d");
	assert_found(place_long, "12");
	assert_int_equal(json_at(&found, place_a)->kind, JSON_OBJECT);
	assert_null(json_at(&found, PLACE_NOWHERE));
	assert_int_equal(parse_exact(STR("{\"c\":[{\"d\":1}],\"c\":{\"d\":2},\"d\":3,\"a\":null}")), JSON_OK);
	assert_int_equal(json_at(&found, place_a)->kind, JSON_NULL);
	assert_found(place_ab, NULL);
	assert_found(place_cd, NULL);
	assert_found(place_long, NULL);
	assert_int_equal(parse_exact(STR("{\"c\":{\"d\":\"again\"},\"a\":\"\"}")), JSON_OK);
	assert_found(place_a, "");
	assert_found(place_cd, "again");
}

/* Below a place that leads no further everything is listed. */
static void test_below_a_place(void **state)
{
	(void)state;
	assert_int_equal(parse_exact(STR("{\"y\":[1],\"long name of a place\":[{\"r\":1,\"s\":\"t\"},2]}")), JSON_OK);
	const struct json_node *list = json_at(&found, place_long);
	assert_ptr_equal(list, found.nodes + 1);
	assert_int_equal(list->end, 6);
	assert_str(found.nodes[3].name, "r");
	assert_str(found.nodes[4].text, "t");
	assert_str(found.nodes[5].text, "2");
}

/* What a lazy parser could overlook, because nobody asks for it. */
static void test_strict(void **state)
{
	(void)state;
	static const char *const wrong[] = {"{\"a\":[1,]}", "{\"a\":{\"b\":01}}", "{\"a\":[tru]}", "{\"a\":nul}",
		"{\"a\":1 2}", "{\"a\":\"\\x\"}", "{\"\\x\":1}", "{\"a\":[\"\\ud800\"]}", "{\"a\":\"b\"c}",
		"{\"a\":1}]", "{\"a\":1,}", "{\"a\"}", "{\"a\":}", "{,}", "[1}", "{\"a\":[1}", "1 2", "\"a\" \"b\"",
		"truee", "- 1", "{\"a\":+1}", "{\"a\":.5}", "{\"a\":5.}", "{\"a\":1e}", "{\"a\":\"\t\"}",
		"{\"a\":1}\n{\"a\":2}", "{\"a\" 1}", "{1:2}", "{\"a\":1 \"b\":2}", "[1 2]", "\"", "{\"a", "[\"a"};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		if (parse_exact(str_of(wrong[i])) != JSON_MALFORMED)
			fail_msg("%s", wrong[i]);
	static const char *const right[] = {" { } ", "[]", "\"\"", " 0 ", "-0.0e-0", "\n null\t", "[[],{\"a\":[{}]}]",
		"{\"a\":123456789012345678901234567890.5e999}", "\"\\ud83d\\ude00\\u0000\\/\""};
	for (size_t i = 0; i < sizeof right / sizeof *right; i++)
		if (parse_exact(str_of(right[i])) != JSON_OK)
			fail_msg("%s", right[i]);
	assert_int_equal(parse_exact(STR(" ")), JSON_BLANK);
}

/* Long strings with an escape at every place, so that the fast way and the slow one meet everywhere. */
static void test_escapes(void **state)
{
	(void)state;
	enum { LENGTH = 70 };
	for (size_t at = 0; at <= LENGTH; at++) {
		char text[LENGTH + 8], expected[LENGTH + 2];
		memset(expected, 'x', LENGTH);
		snprintf(text, sizeof text, "[\"%.*s\\n%.*s\"]", (int)at, expected, (int)(LENGTH - at), expected);
		assert_int_equal(parse_exact(str_of(text)), JSON_OK);
		text[0] = ' ';
		text[strlen(text) - 1] = ' ';
		assert_int_equal(parse_exact(str_of(text)), JSON_OK);
		snprintf(expected, sizeof expected, "%.*s", LENGTH, nodes[0].text.data);
		assert_int_equal(nodes[0].text.length, LENGTH + 1);
		assert_int_equal(nodes[0].text.data[at], '\n');
	}
}

static void test_large(void **state)
{
	(void)state;
	struct buf text;
	buf_init(&text);
	buf_put_text(&text, "{");
	for (int i = 0; i < 20000; i++)
		buf_printf(&text, "%s\"m%d\":{\"n\":[%d]}", i ? "," : "", i, i);
	buf_put_text(&text, "}");
	assert_int_equal(parse_exact(buf_str(&text)), JSON_OK);
	assert_int_equal(nodes[0].end, 60001);
	assert_str(nodes[59998].name, "m19999");
	assert_int_equal(parse_exact((struct str){text.data, text.length - 1}), JSON_MALFORMED);
	buf_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_suite, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_nodes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_long_array, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_places, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_below_a_place, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_strict, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_escapes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_large, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
