/* The index says where the structure is; every part of it is walked, so that nothing in a document goes unchecked. */
#include "pipeline/decode/json.h"

#include "base/mem.h"
#include "base/text.h"
#include "pipeline/decode/json_index.h"
#include "pipeline/decode/json_scalar.h"
#include "pipeline/decode/places.h"

/* What nobody asks for, and all that stands in it. */
#define UNLISTED UINT32_MAX

struct json_parser {
	struct json_index *index;
	size_t depth_max;
	const struct places *places; /* NULL: none in particular */
	uint32_t *found;
	char *bytes; /* the text, with padding; strings are resolved in place */
	size_t length, bytes_capacity;
	bool escapes; /* there is a backslash in the text */
	struct json_node *nodes;
	size_t count, capacity;
	const uint32_t *at; /* the next offset; the text's length behind the last one, where a NUL stands */
	const uint32_t *end;
};

/* Where a value goes: its node, and the places below it. */
struct target {
	uint32_t node;              /* or UNLISTED */
	const struct branch *below; /* NULL: all that stands in it is listed */
};

static const struct target unlisted = {UNLISTED, NULL};

struct json_parser *json_parser_new(size_t depth_max, const struct places *places)
{
	struct json_parser *p = NEW(struct json_parser);
	p->index = json_index_new();
	p->depth_max = depth_max;
	p->places = places;
	p->found = NEW_ARRAY(uint32_t, places ? places->count : 1);
	return p;
}

static inline uint32_t add_node(struct json_parser *p, struct str name, uint32_t place)
{
	GROW(p->nodes, p->count, p->capacity);
	p->nodes[p->count].name = name;
	p->nodes[p->count].place = place;
	return (uint32_t)p->count++;
}

static inline struct target member_target(struct json_parser *p, struct target object, struct str name)
{
	if (object.node == UNLISTED)
		return unlisted;
	if (!object.below)
		return (struct target){add_node(p, name, PLACE_NOWHERE), NULL};
	const struct place *place = branch_find(object.below, name);
	if (!place || p->found[place->number])
		return unlisted;
	uint32_t node = p->found[place->number] = add_node(p, name, place->number);
	return (struct target){node, place->below};
}

/* The byte at the next offset, or NUL behind the last one. */
static inline char peek(const struct json_parser *p)
{
	return p->bytes[*p->at];
}

/* `expected` is not NUL. */
static inline bool take(struct json_parser *p, char expected)
{
	if (peek(p) != expected)
		return false;
	p->at++;
	return true;
}

/* Between a string's closing quote and the next offset stands nothing but space. */
static inline bool take_text(struct json_parser *p, struct str *ret_text)
{
	char *start = p->bytes + *p->at;
	if (*start++ != '"')
		return false;
	p->at++;
	if (p->escapes)
		return json_read_text(start, ret_text);
	const char *end = p->bytes + *p->at - 1;
	while (end >= start && *end != '"')
		end--;
	*ret_text = (struct str){start, (size_t)(end - start)};
	return end >= start;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* What stands from the offset up to the next one, without the space at its end. */
static struct str take_word(struct json_parser *p)
{
	size_t start = *p->at++, end = *p->at;
	while (end > start && is_space(p->bytes[end - 1]))
		end--;
	return (struct str){p->bytes + start, end - start};
}

/* A scalar that is not a string. */
static bool take_plain(struct json_parser *p, enum json_kind *ret_kind, struct str *ret_text)
{
	struct str text = take_word(p);
	*ret_text = text;
	if (json_is_number(text))
		*ret_kind = JSON_NUMBER;
	else if (str_equal(text, STR("null")))
		*ret_kind = JSON_NULL;
	else if (str_equal(text, STR("true")))
		*ret_kind = JSON_TRUE;
	else if (str_equal(text, STR("false")))
		*ret_kind = JSON_FALSE;
	else
		return false;
	return true;
}

static inline void put(struct json_parser *p, uint32_t node, enum json_kind kind, struct str text)
{
	if (node == UNLISTED)
		return;
	struct json_node *listed = &p->nodes[node];
	listed->kind = kind;
	listed->text = text;
	listed->end = (uint32_t)p->count;
}

/* By itself, so that the far more frequent scalars need no call. */
__attribute__((noinline)) static enum json_error take_nested(struct json_parser *p, struct target target, size_t depth);

__attribute__((always_inline)) static inline enum json_error take_value(
	struct json_parser *p, struct target target, size_t depth)
{
	enum json_kind kind = JSON_TEXT;
	struct str text;
	char first = peek(p);
	if (first == '{' || first == '[')
		return take_nested(p, target, depth);
	bool good = first == '"' ? take_text(p, &text) : p->at < p->end && take_plain(p, &kind, &text);
	if (!good)
		return JSON_MALFORMED;
	put(p, target.node, kind, text);
	return JSON_OK;
}

static enum json_error take_members(struct json_parser *p, struct target object, size_t depth)
{
	if (take(p, '}'))
		return JSON_OK;
	do {
		struct str name;
		if (!take_text(p, &name) || !take(p, ':'))
			return JSON_MALFORMED;
		enum json_error error = take_value(p, member_target(p, object, name), depth);
		if (error)
			return error;
	} while (take(p, ','));
	return take(p, '}') ? JSON_OK : JSON_MALFORMED;
}

static enum json_error take_items(struct json_parser *p, struct target array, size_t depth)
{
	uint32_t listed = array.node == UNLISTED ? JSON_ITEMS_LISTED : 0;
	if (take(p, ']'))
		return JSON_OK;
	do {
		struct target item = unlisted;
		if (listed++ < JSON_ITEMS_LISTED)
			item.node = add_node(p, (struct str){"", 0}, PLACE_NOWHERE);
		enum json_error error = take_value(p, item, depth);
		if (error)
			return error;
	} while (take(p, ','));
	return take(p, ']') ? JSON_OK : JSON_MALFORMED;
}

static enum json_error take_nested(struct json_parser *p, struct target target, size_t depth)
{
	if (depth >= p->depth_max)
		return JSON_TOO_DEEP;
	enum json_kind kind = peek(p) == '{' ? JSON_OBJECT : JSON_ARRAY;
	p->at++;
	enum json_error error =
		kind == JSON_OBJECT ? take_members(p, target, depth + 1) : take_items(p, target, depth + 1);
	put(p, target.node, kind, (struct str){"", 0});
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
	p->escapes = memchr(p->bytes, '\\', text.length) != NULL;
}

/* What the last document had listed. */
static void clear(struct json_parser *p)
{
	for (size_t i = 0; i < p->count; i++)
		p->found[p->nodes[i].place] = 0;
	p->count = 0;
}

static enum json_error parse(struct json_parser *p)
{
	size_t count;
	enum json_error error = json_index_find(p->index, p->bytes, p->length, &p->at, &count);
	if (error)
		return error;
	p->end = p->at + count;
	uint32_t root = add_node(p, (struct str){"", 0}, PLACE_NOWHERE);
	error = take_value(p, (struct target){root, p->places ? &p->places->root : NULL}, 0);
	return error ? error : p->at == p->end ? JSON_OK : JSON_MALFORMED;
}

enum json_error json_parse(struct json_parser *p, struct str text, struct json_document *ret_document)
{
	copy_in(p, text);
	clear(p);
	enum json_error error = parse(p);
	if (error && !text_is_utf8(text))
		return JSON_NOT_UTF8;
	*ret_document = (struct json_document){p->nodes, p->found};
	return error;
}

void json_parser_free(struct json_parser *p)
{
	if (!p)
		return;
	json_index_free(p->index);
	mem_free(p->found);
	mem_free(p->bytes);
	mem_free(p->nodes);
	mem_free(p);
}
