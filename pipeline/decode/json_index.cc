#include "pipeline/decode/json_index.h"

extern "C" {
#include "base/check.h"
#include "base/mem.h"
}

#include <new>
#include <simdjson.h>

using simdjson::internal::dom_parser_implementation;

struct json_index {
	std::unique_ptr<dom_parser_implementation> stage;
};

static_assert(JSON_INDEX_PADDING >= simdjson::SIMDJSON_PADDING, "simdjson reads further than we say");

struct json_index *json_index_new(void)
{
	return new (mem_new(sizeof(json_index))) json_index();
}

/* By doubling, so that texts that grow byte by byte do not make it anew each time. */
static void make_room(json_index *index, size_t length)
{
	if (index->stage && index->stage->capacity() >= length)
		return;
	const size_t minimum = 4096;
	size_t capacity = length * 2 < minimum ? minimum : length * 2;
	index->stage.reset();
	simdjson::error_code code = simdjson::get_active_implementation()->create_dom_parser_implementation(
		capacity, simdjson::DEFAULT_MAX_DEPTH, index->stage);
	if (code == simdjson::MEMALLOC)
		mem_exhausted();
	CHECK(code == simdjson::SUCCESS);
}

enum json_error json_index_find(
	struct json_index *index, const char *bytes, size_t length, const uint32_t **ret_offsets, size_t *ret_count)
{
	make_room(index, length);
	simdjson::error_code code =
		index->stage->stage1((const uint8_t *)bytes, length, simdjson::stage1_mode::regular);
	if (code == simdjson::EMPTY || (!code && index->stage->n_structural_indexes == 0))
		return JSON_BLANK;
	if (code)
		return JSON_MALFORMED;
	size_t count = index->stage->n_structural_indexes;
	index->stage->structural_indexes[count] =
		(uint32_t)length; /* there is room: the first stage ends its list like that, too */
	*ret_offsets = index->stage->structural_indexes.get();
	*ret_count = count;
	return JSON_OK;
}

void json_index_free(struct json_index *index)
{
	if (!index)
		return;
	index->~json_index();
	mem_free(index);
}
