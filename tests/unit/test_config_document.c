#include "base/mem.h"
#include "tests/unit/config_text.h"
#include "tests/unit/unit.h"

static void assert_says(const char *content, const char *expected)
{
	struct config_text text;
	config_text_init(&text);
	config_text_parse(&text, "x.yaml", content);
	config_text_tell(&text);
	assert_string_equal(text.said.data, expected);
	config_text_release(&text);
}

static void test_places(void **state)
{
	(void)state;
	struct config_text text;
	config_text_init(&text);
	const struct node *root = config_text_parse(&text, "x.yaml", "a: 1\nb:\n  - x\n  - {c: 'zwölf', d: }\n");
	const struct node *list = node_get(root, "b"), *inner = list->items[1];
	assert_int_equal(root->count, 2);
	assert_int_equal(root->entries[1].mark.line, 2);
	assert_int_equal(list->items[0]->mark.line, 3);
	assert_int_equal(list->items[0]->mark.column, 5);
	assert_str(node_get(inner, "c")->text, "zwölf");
	assert_int_equal(inner->entries[1].mark.column, 18);
	assert_null(node_get(inner, "d"));
	assert_null(node_get(inner, "e"));
	assert_int_equal(text.problems.count, 0);
	config_text_release(&text);
}

static void test_refused(void **state)
{
	(void)state;
	assert_says("", "");
	assert_says("# nothing\n", "");
	assert_says("a: &x 1\n", "1:4: anchors are not allowed\n");
	assert_says("a: 1\nb: *x\n", "2:4: aliases are not allowed\n");
	assert_says("a: !!int 1\n", "1:4: tags are not allowed\n");
	assert_says("a: 1\nb: 2\n'a': 3\n", "3:1: key 'a' was given already in line 1\n");
	assert_says("a: 1\n---\nb: 1\n", "2:1: a file holds one document; this starts another\n");
	assert_says("[a]: 1\n", "1:1: a key must be a plain text\n");
	assert_says("- a\n", "1:1: the file must be a mapping, not a list\n");
	assert_says("word", "1:1: the file must be a mapping, not a text\n");
	assert_says("a: \"\\0\"\n", "1:4: a text must not hold a NUL character\n");
}

static void test_not_yaml(void **state)
{
	(void)state;
	assert_says("a: [1\nb: 2\n",
		"2:2: not valid YAML: did not find expected ',' or ']' while parsing a flow sequence\n");
	assert_says("a: 1\nb: \xff\n", "2:4: not valid YAML: invalid leading UTF-8 octet\n");
	assert_says("a: 1\nb: \x01\n", "2:4: not valid YAML: control characters are not allowed\n");
}

static void nest(struct buf *out, int levels)
{
	buf_clear(out);
	buf_put_text(out, "a: ");
	for (int i = 0; i < levels; i++)
		buf_put_byte(out, '[');
	for (int i = 0; i < levels; i++)
		buf_put_byte(out, ']');
}

static void test_limits(void **state)
{
	(void)state;
	struct buf content;
	buf_init(&content);
	nest(&content, DOCUMENT_DEPTH_MAX - 1);
	assert_says(content.data, "");
	nest(&content, DOCUMENT_DEPTH_MAX);
	assert_says(content.data, "1:67: nested deeper than 64 levels\n");
	nest(&content, 100000);
	assert_says(content.data, "1:67: nested deeper than 64 levels\n");
	buf_clear(&content);
	while (content.length <= DOCUMENT_BYTES_MAX)
		buf_put_text(&content, "# 0123456789012345678901234567890123456789012345678901234567890\n");
	assert_says(content.data, "1:1: the file is larger than 4 MiB\n");
	buf_release(&content);
}

/* Where the n-th byte of the text stands, for every way to write it. */
static void assert_within(const char *content, size_t offset, int line, int column)
{
	struct config_text text;
	config_text_init(&text);
	const struct node *root = config_text_parse(&text, "x.yaml", content);
	struct mark mark = node_mark_within(node_get(root, "a"), offset);
	if (mark.line != line || mark.column != column)
		fail_msg("%s: %d:%d, not %d:%d", content, mark.line, mark.column, line, column);
	config_text_release(&text);
}

static void test_places_within(void **state)
{
	(void)state;
	assert_within("a: one two\n", 4, 1, 8);
	assert_within("a: 'one two'\n", 4, 1, 9);
	assert_within("a: 'o''e two'\n", 4, 1, 10);
	assert_within("a: \"o\\x41e two\"\n", 4, 1, 12);
	assert_within("a: \"o\\\"e two\"\n", 4, 1, 10);
	assert_within("a: öne two\n", 5, 1, 8);
	assert_within("a: one\n  two\n", 4, 2, 3);
	assert_within("a: 'one\n\n    two'\n", 4, 3, 5);
	assert_within("a: |\n  one\n  two\n", 5, 1, 4);
}

static void test_many_problems(void **state)
{
	(void)state;
	struct config_text text;
	struct buf content;
	config_text_init(&text);
	buf_init(&content);
	for (int i = 0; i < 5000; i++)
		buf_printf(&content, "k%d: *x\n", i);
	config_text_parse(&text, "x.yaml", content.data);
	assert_int_equal(text.problems.error_count, 5000);
	assert_int_equal(text.problems.count, PROBLEMS_KEPT_MAX);
	buf_release(&content);
	config_text_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_not_yaml),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_places_within),
		cmocka_unit_test(test_many_problems),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
