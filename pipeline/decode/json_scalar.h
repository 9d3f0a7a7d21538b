/* The scalars of JSON, as RFC 8259 has them. */
#ifndef PIPELINE_DECODE_JSON_SCALAR_H
#define PIPELINE_DECODE_JSON_SCALAR_H

#include "pipeline/decode/json.h"

/* Whether the whole of it is one number. No double is made, so any size is one. */
bool json_is_number(struct str text);
/* At least so many bytes behind a string's closing quote can be read. */
#define JSON_PADDING 16
/* The content of the string behind the opening quote at `start`; its closing quote is known to be there. Escapes are resolved in place. False for an escape that is none, or half a surrogate
 * pair. */
bool json_read_text(char *start, struct str *ret_text);

#endif
