/* A walk from the first byte to the last, in which strings are passed sixteen bytes at a time; nothing in a document goes unchecked.
 *
 * What takes a part of the document returns where it goes on behind it, or NULL: then p->error says what is wrong. Behind the text stand NULs,
 * which are right nowhere, so that nothing needs to look for the end. */
#include "pipeline/decode/json.h"

#include "base/mem.h"
#include "pipeline/decode/json_scalar.h"
#include "pipeline/decode/json_utf8.h"
#include "pipeline/decode/places.h"
#include "pipeline/decode/shapes.h"

struct json_parser {
	size_t depth_max;
	const struct places *places; /* NULL: none in particular */
	uint32_t *found;
	char *bytes; /* the text, with padding; strings are resolved in place */
	size_t bytes_capacity;
	struct json_node *nodes;
	size_t count, capacity;
	enum json_error error;
	struct shapes *shapes;
	/* Of what is parsed, for whoever learns its shape. */
	struct shape_value values[SHAPE_VALUES_MAX];
	uint32_t value_count; /* may be more than there is room for */
	bool resolved;        /* the bytes are not as they were */
};

/* Where a value goes: its node, and the places below it. */
struct target {
	struct json_node *node;     /* NULL: it is not listed, and nothing that stands in it */
	const struct branch *below; /* NULL: all that stands in it is listed */
	bool few;                   /* as places.h says */
};

static const struct target unlisted = {NULL, NULL, false};

struct json_parser *json_parser_new(size_t depth_max, const struct places *places)
{
	struct json_parser *p = NEW(struct json_parser);
	p->depth_max = depth_max;
	p->places = places;
	p->shapes = shapes_new();
	p->found = NEW_ARRAY(uint32_t, places ? places->count : 1);
	return p;
}

/* Valid until the next one is added. */
static inline struct json_node *add_node(struct json_parser *p, struct str name, uint32_t place)
{
	GROW(p->nodes, p->count, p->capacity);
	struct json_node *node = &p->nodes[p->count++];
	node->name = name;
	node->place = place;
	return node;
}

static inline struct target member_target(
	struct json_parser *p, bool listed, const struct branch *below, struct str name)
{
	if (!listed)
		return unlisted;
	if (!below)
		return (struct target){add_node(p, name, PLACE_NOWHERE), NULL, false};
	uint32_t index = name_table_find(&below->table, name);
	if (index == NAME_TABLE_NONE || p->found[below->places[index].number])
		return unlisted;
	const struct place *place = &below->places[index];
	p->found[place->number] = (uint32_t)p->count;
	return (struct target){add_node(p, name, place->number), place->below, place->few};
}

static inline bool is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* Mostly there is none. */
static inline char *skip_space(char *at)
{
	if ((unsigned char)*at > ' ')
		return at;
	while (is_space(*at))
		at++;
	return at;
}

static inline char *take_text(struct json_parser *p, char *at, struct str *ret_text)
{
	if (*at != '"')
		return NULL;
	char *start = at + 1;
	char *end = json_text_end(start);
	if (*end == '"') {
		*ret_text = (struct str){start, (size_t)(end - start)};
		return end + 1;
	}
	p->resolved = true;
	struct str resolved; /* so that the text itself can stay in registers */
	end = json_resolve(start, end, &resolved);
	*ret_text = resolved;
	return end;
}

static char *take_word(char *at, struct str word)
{
	return memcmp(at, word.data, word.length) == 0 ? at + word.length : NULL;
}

static inline void note_value(struct json_parser *p, const struct json_node *node, char *start, char *end)
{
	uint32_t i = p->value_count++;
	if (i < SHAPE_VALUES_MAX)
		p->values[i] = (struct shape_value){(uint32_t)(start - p->bytes), (uint32_t)(end - p->bytes),
			node ? (uint32_t)(node - p->nodes) : 0};
}

static inline char *take_scalar(struct json_parser *p, char *at, struct target target)
{
	struct json_node *node = target.node;
	enum json_kind kind = JSON_TEXT;
	struct str text;
	char *end;
	if (*at == '"') {
		end = take_text(p, at, &text);
		if (end && !target.few)
			note_value(p, node, at + 1, end - 1);
	} else {
		kind = *at == 'n' ? JSON_NULL : *at == 't' ? JSON_TRUE : *at == 'f' ? JSON_FALSE : JSON_NUMBER;
		end = kind == JSON_NUMBER ? (char *)json_number_end(at)
					  : take_word(at,
						    kind == JSON_NULL           ? STR("null")
							    : kind == JSON_TRUE ? STR("true")
										: STR("false"));
		text = (struct str){at, end ? (size_t)(end - at) : 0};
		if (end && kind == JSON_NUMBER)
			note_value(p, node, at, end);
	}
	if (node) {
		node->kind = kind;
		node->text = text;
	}
	return end;
}

/* By itself, so that the far more frequent scalars need no call. */
__attribute__((noinline)) static char *take_nested(struct json_parser *p, char *at, struct target target, size_t depth);

__attribute__((always_inline)) static inline char *take_value(
	struct json_parser *p, char *at, struct target target, size_t depth)
{
	if (target.node)
		target.node->end = (uint32_t)p->count;
	return *at == '{' || *at == '[' ? take_nested(p, at, target, depth) : take_scalar(p, at, target);
}

static inline char *take_members(struct json_parser *p, char *at, bool listed, const struct branch *below, size_t depth)
{
	at = skip_space(at);
	if (*at == '}')
		return at + 1;
	for (;;) {
		struct str name;
		at = take_text(p, at, &name);
		if (!at)
			return NULL;
		at = skip_space(at);
		if (*at++ != ':')
			return NULL;
		at = take_value(p, skip_space(at), member_target(p, listed, below, name), depth);
		if (!at)
			return NULL;
		at = skip_space(at);
		if (*at == '}')
			return at + 1;
		if (*at != ',')
			return NULL;
		at = skip_space(at + 1);
	}
}

static inline char *take_items(struct json_parser *p, char *at, bool listed, size_t depth)
{
	uint32_t count = listed ? 0 : JSON_ITEMS_LISTED;
	at = skip_space(at);
	if (*at == ']')
		return at + 1;
	for (;;) {
		struct target item = unlisted;
		if (count++ < JSON_ITEMS_LISTED)
			item.node = add_node(p, (struct str){"", 0}, PLACE_NOWHERE);
		at = take_value(p, at, item, depth);
		if (!at)
			return NULL;
		at = skip_space(at);
		if (*at == ']')
			return at + 1;
		if (*at != ',')
			return NULL;
		at = skip_space(at + 1);
	}
}

static char *take_nested(struct json_parser *p, char *at, struct target target, size_t depth)
{
	if (depth >= p->depth_max) {
		p->error = JSON_TOO_DEEP;
		return NULL;
	}
	bool listed = target.node, object = *at == '{';
	ptrdiff_t index = listed ? target.node - p->nodes : 0;
	at = object ? take_members(p, at + 1, listed, target.below, depth + 1)
		    : take_items(p, at + 1, listed, depth + 1);
	if (listed) {
		struct json_node *node = &p->nodes[index];
		node->kind = object ? JSON_OBJECT : JSON_ARRAY;
		node->text = (struct str){"", 0};
		node->end = (uint32_t)p->count;
	}
	return at;
}

static void copy_in(struct json_parser *p, struct str text)
{
	if (text.length + JSON_PADDING > p->bytes_capacity) {
		p->bytes_capacity = (text.length + JSON_PADDING) * 2;
		p->bytes = mem_resize(p->bytes, p->bytes_capacity, 1);
	}
	if (text.length)
		memcpy(p->bytes, text.data, text.length);
	memset(p->bytes + text.length, 0, JSON_PADDING);
}

/* Most messages have nothing else. What is read behind the text is NULs. */
static bool is_ascii(const char *at, size_t length)
{
	uint64_t all = 0;
	for (const char *end = at + length; at < end; at += 32) {
		uint64_t words[4];
		memcpy(words, at, sizeof words);
		all |= words[0] | words[1] | words[2] | words[3];
	}
	return !(all & UINT64_C(0x8080808080808080));
}

/* What the last document had listed. */
static void clear(struct json_parser *p)
{
	for (size_t i = 0; i < p->count; i++)
		p->found[p->nodes[i].place] = 0;
	p->count = 0;
	p->value_count = 0;
	p->resolved = false;
}

static enum json_error parse(struct json_parser *p, size_t length)
{
	char *at = skip_space(p->bytes), *end = p->bytes + length;
	if (at == end)
		return JSON_BLANK;
	p->error = JSON_MALFORMED;
	struct json_node *root = add_node(p, (struct str){"", 0}, PLACE_NOWHERE);
	at = take_value(p, at, (struct target){root, p->places ? &p->places->root : NULL, false}, 0);
	if (!at)
		return p->error;
	return skip_space(at) == end ? JSON_OK : JSON_MALFORMED;
}

static void learn(struct json_parser *p, uint32_t family, size_t length)
{
	if (p->resolved || p->value_count > SHAPE_VALUES_MAX || p->nodes[0].kind != JSON_OBJECT)
		return;
	shapes_learn(p->shapes, family,
		&(struct shape_sample){
			.text = {p->bytes, length},
			.values = p->values,
			.value_count = p->value_count,
			.document = {p->nodes, p->found, NULL},
			.node_count = (uint32_t)p->count,
			.place_count = p->places ? p->places->count : 1,
		});
}

enum json_error json_parse(struct json_parser *p, uint32_t family, struct str text, struct json_document *ret_document)
{
	bool changed;
	copy_in(p, text);
	if (!is_ascii(p->bytes, text.length) && !json_is_utf8(p->bytes, text.length))
		return JSON_NOT_UTF8;
	if (shapes_find(p->shapes, family, (struct str){p->bytes, text.length}, ret_document, &changed))
		return JSON_OK;
	if (changed)
		copy_in(p, text);
	clear(p);
	enum json_error error = parse(p, text.length);
	if (!error)
		learn(p, family, text.length);
	*ret_document = (struct json_document){p->nodes, p->found, NULL};
	return error;
}

void json_parser_free(struct json_parser *p)
{
	if (!p)
		return;
	shapes_free(p->shapes);
	mem_free(p->found);
	mem_free(p->bytes);
	mem_free(p->nodes);
	mem_free(p);
}
