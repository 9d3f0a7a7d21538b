#include "pipeline/decode/json_utf8.h"

#include <simdjson.h>

bool json_is_utf8(const char *bytes, size_t length)
{
	return simdjson::validate_utf8(bytes, length);
}
