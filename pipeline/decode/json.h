/* One JSON document to a flat list of nodes, strictly: UTF-8, RFC 8259 grammar to the last byte, numbers, depth.
 *
 * The list holds the root and, in the order of the document, all members of objects and the first JSON_ITEMS_LISTED items of
 * arrays (without a name); further items are checked but not listed. node.end is the index behind the node's members, so
 * that members are walked by `for (i = parent + 1; i < nodes[parent].end; i = nodes[i].end)`. Texts are unescaped;
 * numbers are as written, so that nothing is lost to a double. A byte order mark is refused. Numbers may be of any
 * size, lone surrogates are refused. */
#ifndef PIPELINE_DECODE_JSON_H
#define PIPELINE_DECODE_JSON_H

#include "base/str.h"

enum json_kind { JSON_NULL, JSON_FALSE, JSON_TRUE, JSON_NUMBER, JSON_TEXT, JSON_ARRAY, JSON_OBJECT };

#define JSON_ITEMS_LISTED 64

/* At least JSON_PADDING bytes behind a name or text can be read. */
#define JSON_PADDING 16

struct json_node {
	struct str name; /* of the member; empty for the root */
	struct str text; /* JSON_TEXT, JSON_NUMBER */
	enum json_kind kind;
	uint32_t end;
};

enum json_error { JSON_OK, JSON_BLANK, JSON_NOT_UTF8, JSON_MALFORMED, JSON_TOO_DEEP };

struct json_parser;
struct json_parser *json_parser_new(size_t depth_max);
/* The nodes stay valid until the next call; `text` is copied. What is wrong in more than one way is first of all not
 * UTF-8. */
enum json_error json_parse(struct json_parser *parser, struct str text, const struct json_node **ret_nodes);
void json_parser_free(struct json_parser *parser);

#endif
