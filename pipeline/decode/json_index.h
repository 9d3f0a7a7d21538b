/* Where the structure of a JSON text is: simdjson's first stage, behind a C interface. The only place that knows
 * simdjson. */
#ifndef PIPELINE_DECODE_JSON_INDEX_H
#define PIPELINE_DECODE_JSON_INDEX_H

#include "pipeline/decode/json.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes that must be readable behind a text. */
#define JSON_INDEX_PADDING 64

struct json_index;
struct json_index *json_index_new(void);
/* The offsets of all braces, brackets, colons, commas, and of the first byte of every string and other scalar,
 * outside of strings. When it says JSON_OK, the text is UTF-8, every string ends, and none holds a control character;
 * nothing else is known. Behind the offsets stands the length. JSON_MALFORMED, JSON_BLANK. The offsets stay until the next call. */
enum json_error json_index_find(
	struct json_index *index, const char *bytes, size_t length, const uint32_t **ret_offsets, size_t *ret_count);
void json_index_free(struct json_index *index);

#ifdef __cplusplus
}
#endif

#endif
