/* One JSON document to a flat list of nodes, strictly: UTF-8, RFC 8259 grammar to the last byte, numbers, depth.
 *
 * All of a document is checked; listed, in its order, is the root, and what stands at one of the places that are asked for. Below a
 * place that leads no further all members of objects are listed and the first JSON_ITEMS_LISTED items of arrays (without a name).
 * node.end is the index behind the node's members, so that members are walked by `for (i = parent + 1; i < nodes[parent].end; i =
 * nodes[i].end)`. Texts are unescaped; numbers are as written, so that nothing is lost to a double. A byte order mark is refused.
 * Numbers may be of any size, lone surrogates are refused. */
#ifndef PIPELINE_DECODE_JSON_H
#define PIPELINE_DECODE_JSON_H

#include "base/str.h"

struct places; /* pipeline/decode/places.h */

enum json_kind { JSON_NULL, JSON_FALSE, JSON_TRUE, JSON_NUMBER, JSON_TEXT, JSON_ARRAY, JSON_OBJECT };

#define JSON_ITEMS_LISTED 64

struct json_node {
	struct str name; /* of the member; empty for the root */
	struct str text; /* JSON_TEXT, JSON_NUMBER */
	enum json_kind kind;
	uint32_t end;
	uint32_t place;
};

enum json_error { JSON_OK, JSON_BLANK, JSON_NOT_UTF8, JSON_MALFORMED, JSON_TOO_DEEP };

struct json_document {
	const struct json_node *nodes;
	const uint32_t *found; /* of each place: its node, or 0 */
	struct shape *shape;   /* what it has in common with others (shapes.h); NULL: nothing */
};

struct json_parser;
/* `places` are borrowed; NULL: everything is listed. */
struct json_parser *json_parser_new(size_t depth_max, const struct places *places);
/* The document stays valid until the next call; `text` is copied. What is wrong in more than one way is first of all not
 * UTF-8. Documents of one family, a small number, are mostly like one another: what was found out about one makes the next ones faster (shapes.h). */
enum json_error json_parse(
	struct json_parser *parser, uint32_t family, struct str text, struct json_document *ret_document);
/* What stands at the place, or NULL. */
static inline const struct json_node *json_at(const struct json_document *document, uint32_t place)
{
	uint32_t node = document->found[place];
	return node ? &document->nodes[node] : NULL;
}
void json_parser_free(struct json_parser *parser);

#endif
