/* The index says where the structure is; every part of it is walked, so that nothing in a document goes unchecked. */
#include "pipeline/decode/json.h"

#include "base/mem.h"
#include "base/text.h"
#include "pipeline/decode/json_index.h"
#include "pipeline/decode/json_scalar.h"

/* An item of an array beyond those that are listed, and all that stands in it. */
#define UNLISTED UINT32_MAX

struct json_parser {
	struct json_index *index;
	size_t depth_max;
	char *bytes; /* the text, with padding; strings are resolved in place */
	size_t length, bytes_capacity;
	struct json_node *nodes;
	size_t count, capacity;
	const uint32_t *at; /* the next offset */
	const uint32_t *end;
};

struct json_parser *json_parser_new(size_t depth_max)
{
	struct json_parser *p = NEW(struct json_parser);
	p->index = json_index_new();
	p->depth_max = depth_max;
	return p;
}

static uint32_t add_node(struct json_parser *p, struct str name)
{
	GROW(p->nodes, p->count, p->capacity);
	p->nodes[p->count].name = name;
	return (uint32_t)p->count++;
}

/* The byte at the next offset, or NUL behind the last one. */
static char peek(const struct json_parser *p)
{
	return p->at < p->end ? p->bytes[*p->at] : '\0';
}

static bool take(struct json_parser *p, char expected)
{
	if (peek(p) != expected)
		return false;
	p->at++;
	return true;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* A scalar that is not a string runs up to the next offset. */
static enum json_error take_plain(struct json_parser *p, struct json_node *node)
{
	size_t start = *p->at++;
	size_t end = p->at < p->end ? *p->at : p->length;
	while (end > start && is_space(p->bytes[end - 1]))
		end--;
	struct str text = {p->bytes + start, end - start};
	node->text = text;
	if (json_is_number(text))
		node->kind = JSON_NUMBER;
	else if (str_equal(text, STR("null")))
		node->kind = JSON_NULL;
	else if (str_equal(text, STR("true")))
		node->kind = JSON_TRUE;
	else if (str_equal(text, STR("false")))
		node->kind = JSON_FALSE;
	else
		return JSON_MALFORMED;
	return JSON_OK;
}

static bool take_text(struct json_parser *p, struct str *ret_text)
{
	return peek(p) == '"' && json_read_text(p->bytes + *p->at++ + 1, ret_text);
}

static enum json_error take_value(struct json_parser *p, uint32_t node, size_t depth);

static enum json_error take_members(struct json_parser *p, uint32_t node, size_t depth)
{
	if (take(p, '}'))
		return JSON_OK;
	do {
		struct str name;
		if (!take_text(p, &name) || !take(p, ':'))
			return JSON_MALFORMED;
		uint32_t child = node == UNLISTED ? UNLISTED : add_node(p, name);
		enum json_error error = take_value(p, child, depth);
		if (error)
			return error;
	} while (take(p, ','));
	return take(p, '}') ? JSON_OK : JSON_MALFORMED;
}

static enum json_error take_items(struct json_parser *p, uint32_t node, size_t depth)
{
	uint32_t listed = node == UNLISTED ? JSON_ITEMS_LISTED : 0;
	if (take(p, ']'))
		return JSON_OK;
	do {
		uint32_t child = listed < JSON_ITEMS_LISTED ? add_node(p, (struct str){"", 0}) : UNLISTED;
		listed += child != UNLISTED;
		enum json_error error = take_value(p, child, depth);
		if (error)
			return error;
	} while (take(p, ','));
	return take(p, ']') ? JSON_OK : JSON_MALFORMED;
}

static enum json_error take_value(struct json_parser *p, uint32_t node, size_t depth)
{
	struct json_node value = {.kind = JSON_TEXT};
	enum json_error error = JSON_OK;
	char first = peek(p);
	if (first == '"') {
		error = take_text(p, &value.text) ? JSON_OK : JSON_MALFORMED;
	} else if (first == '{' || first == '[') {
		if (depth >= p->depth_max)
			return JSON_TOO_DEEP;
		p->at++;
		value.kind = first == '{' ? JSON_OBJECT : JSON_ARRAY;
		error = first == '{' ? take_members(p, node, depth + 1) : take_items(p, node, depth + 1);
	} else {
		error = p->at < p->end ? take_plain(p, &value) : JSON_MALFORMED;
	}
	if (node != UNLISTED) {
		struct json_node *listed = &p->nodes[node];
		listed->kind = value.kind;
		listed->text = value.text;
		listed->end = (uint32_t)p->count;
	}
	return error;
}

static void copy_in(struct json_parser *p, struct str text)
{
	if (text.length + JSON_INDEX_PADDING > p->bytes_capacity) {
		p->bytes_capacity = (text.length + JSON_INDEX_PADDING) * 2;
		p->bytes = mem_resize(p->bytes, p->bytes_capacity, 1);
	}
	if (text.length)
		memcpy(p->bytes, text.data, text.length);
	memset(p->bytes + text.length, 0, JSON_INDEX_PADDING);
	p->length = text.length;
}

static enum json_error parse(struct json_parser *p)
{
	size_t count;
	enum json_error error = json_index_find(p->index, p->bytes, p->length, &p->at, &count);
	if (error)
		return error;
	p->end = p->at + count;
	p->count = 0;
	error = take_value(p, add_node(p, (struct str){"", 0}), 0);
	return error ? error : p->at == p->end ? JSON_OK : JSON_MALFORMED;
}

enum json_error json_parse(struct json_parser *p, struct str text, const struct json_node **ret_nodes)
{
	copy_in(p, text);
	enum json_error error = parse(p);
	if (error && !text_is_utf8(text))
		return JSON_NOT_UTF8;
	*ret_nodes = p->nodes;
	return error;
}

void json_parser_free(struct json_parser *p)
{
	if (!p)
		return;
	json_index_free(p->index);
	mem_free(p->bytes);
	mem_free(p->nodes);
	mem_free(p);
}
