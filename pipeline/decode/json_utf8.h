/* Whether a message is UTF-8: simdjson's check, behind a C interface. The only place that knows simdjson. */
#ifndef PIPELINE_DECODE_JSON_UTF8_H
#define PIPELINE_DECODE_JSON_UTF8_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

bool json_is_utf8(const char *bytes, size_t length);

#ifdef __cplusplus
}
#endif

#endif
