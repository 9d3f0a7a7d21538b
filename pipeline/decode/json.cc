/* simdjson finds the structure (On-Demand); every value is walked, so that no part of a document goes unchecked. What it would
 * turn into a double is kept as text, and its strings without escapes are taken where they stand. */
#include "pipeline/decode/json.h"

extern "C" {
#include "base/check.h"
#include "base/mem.h"
}

#include <new>
#include <simdjson.h>

using namespace simdjson;

struct json_parser {
	ondemand::parser parser;
	char *bytes;
	size_t bytes_capacity;
	struct json_node *nodes;
	size_t count, capacity;
	size_t depth_max;
};

namespace
{

enum { ARRAY_ITEM = -1 };

bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The grammar of RFC 8259; the double that simdjson would make of it is of no interest. */
bool is_number(const char *at, const char *end)
{
	at += at < end && *at == '-';
	const char *whole = at;
	while (at < end && is_digit(*at))
		at++;
	if (at == whole || (*whole == '0' && at - whole > 1))
		return false;
	if (at < end && *at == '.') {
		const char *fraction = ++at;
		while (at < end && is_digit(*at))
			at++;
		if (at == fraction)
			return false;
	}
	if (at < end && (*at == 'e' || *at == 'E')) {
		at++;
		at += at < end && (*at == '-' || *at == '+');
		const char *exponent = at;
		while (at < end && is_digit(*at))
			at++;
		if (at == exponent)
			return false;
	}
	return at == end;
}

bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* A scalar that is not a string runs up to the next structural character. */
json_error take_plain(std::string_view token, json_node *node)
{
	while (!token.empty() && is_space(token.back()))
		token.remove_suffix(1);
	node->text = {token.data(), token.size()};
	if (token == "null")
		node->kind = JSON_NULL;
	else if (token == "true")
		node->kind = JSON_TRUE;
	else if (token == "false")
		node->kind = JSON_FALSE;
	else if (is_number(token.data(), token.data() + token.size()))
		node->kind = JSON_NUMBER;
	else
		return JSON_MALFORMED;
	return JSON_OK;
}

constexpr uint64_t each_byte(uint8_t byte)
{
	return UINT64_C(0x0101010101010101) * byte;
}

/* The high bit of every byte that is 0; bytes above the first such one may be marked wrongly. */
uint64_t zero_bytes(uint64_t word)
{
	return (word - each_byte(1)) & ~word & each_byte(0x80);
}

/* The string behind an opening quote, if it has no escapes. Its closing quote is known to be there. */
bool take_verbatim(const char *start, struct str *ret_text)
{
	for (const char *at = start;; at += 8) {
		uint64_t word;
		memcpy(&word, at, sizeof word);
		uint64_t found = zero_bytes(word ^ each_byte('"')) | zero_bytes(word ^ each_byte('\\'));
		if (!found)
			continue;
		while (*at != '"' && *at != '\\')
			at++;
		*ret_text = {start, (size_t)(at - start)};
		return *at == '"';
	}
}

json_error take_text(ondemand::value value, std::string_view token, struct str *ret_text)
{
	if (take_verbatim(token.data() + 1, ret_text))
		return JSON_OK;
	std::string_view text;
	if (value.get_string().get(text))
		return JSON_MALFORMED;
	*ret_text = {text.data(), text.size()};
	return JSON_OK;
}

json_error take_name(ondemand::field &field, struct str *ret_name)
{
	if (take_verbatim(field.key().raw(), ret_name))
		return JSON_OK;
	std::string_view name;
	if (field.unescaped_key().get(name))
		return JSON_MALFORMED;
	*ret_name = {name.data(), name.size()};
	return JSON_OK;
}

size_t add_node(json_parser *p)
{
	if (p->count == p->capacity) {
		p->capacity = p->capacity ? p->capacity * 2 : 64;
		p->nodes = (json_node *)mem_resize(p->nodes, p->capacity, sizeof *p->nodes);
	}
	p->nodes[p->count] = {};
	return p->count++;
}

json_error walk_value(json_parser *p, ondemand::value value, long node, size_t depth);

/* `node` is the object's, or ARRAY_ITEM: then its members are checked, but not listed. */
json_error walk_object(json_parser *p, ondemand::object object, long node, size_t depth)
{
	for (auto member : object) {
		ondemand::field field;
		if (std::move(member).get(field))
			return JSON_MALFORMED;
		struct str name;
		if (json_error error = take_name(field, &name))
			return error;
		long child = ARRAY_ITEM;
		if (node != ARRAY_ITEM) {
			child = (long)add_node(p);
			p->nodes[child].name = name;
		}
		if (json_error error = walk_value(p, field.value(), child, depth))
			return error;
	}
	return JSON_OK;
}

json_error walk_array(json_parser *p, ondemand::array array, size_t depth)
{
	for (auto item : array) {
		ondemand::value value;
		if (std::move(item).get(value))
			return JSON_MALFORMED;
		if (json_error error = walk_value(p, value, ARRAY_ITEM, depth))
			return error;
	}
	return JSON_OK;
}

json_error walk_container(json_parser *p, ondemand::value value, bool is_array, long node, size_t depth)
{
	if (depth >= p->depth_max)
		return JSON_TOO_DEEP;
	if (is_array) {
		ondemand::array array;
		return value.get_array().get(array) ? JSON_MALFORMED : walk_array(p, array, depth + 1);
	}
	ondemand::object object;
	return value.get_object().get(object) ? JSON_MALFORMED : walk_object(p, object, node, depth + 1);
}

json_error walk_value(json_parser *p, ondemand::value value, long node, size_t depth)
{
	std::string_view token = value.raw_json_token();
	json_node unlisted = {};
	json_error error;
	if (token[0] == '{' || token[0] == '[') {
		bool is_array = token[0] == '[';
		error = walk_container(p, value, is_array, node, depth);
		unlisted.kind = is_array ? JSON_ARRAY : JSON_OBJECT;
	} else if (token[0] == '"') {
		error = take_text(value, token, &unlisted.text);
		unlisted.kind = JSON_TEXT;
	} else {
		error = take_plain(token, &unlisted);
	}
	if (node != ARRAY_ITEM) {
		p->nodes[node].kind = unlisted.kind;
		p->nodes[node].text = unlisted.text;
		p->nodes[node].end = (uint32_t)p->count;
	}
	return error;
}

/* Whether something stands behind what was walked. */
json_error check_end(ondemand::document &document)
{
	const char *rest;
	return document.current_location().get(rest) ? JSON_OK : JSON_MALFORMED;
}

/* A document that is one scalar. One that is not a string must be the whole text. */
json_error walk_scalar(ondemand::document &document, std::string_view text, json_node *node)
{
	while (!text.empty() && is_space(text.front()))
		text.remove_prefix(1);
	if (text.front() != '"')
		return take_plain(text, node);
	std::string_view content;
	if (document.get_string().get(content))
		return JSON_MALFORMED;
	node->kind = JSON_TEXT;
	node->text = {content.data(), content.size()};
	return check_end(document);
}

json_error walk_document(json_parser *p, ondemand::document &document, size_t length)
{
	size_t root = add_node(p);
	ondemand::value value;
	error_code code = document.get_value().get(value);
	json_error error = JSON_MALFORMED;
	if (code == SCALAR_DOCUMENT_AS_VALUE) {
		error = walk_scalar(document, {p->bytes, length}, &p->nodes[root]);
	} else if (!code) {
		error = walk_value(p, value, (long)root, 0);
		error = error ? error : check_end(document);
	}
	p->nodes[root].end = (uint32_t)p->count;
	return error;
}

json_error parse(json_parser *p, struct str text)
{
	static const char mark[] = "\xef\xbb\xbf";
	ondemand::document document;
	error_code code = p->parser.iterate(p->bytes, text.length, p->bytes_capacity).get(document);
	CHECK(code != MEMALLOC && code != CAPACITY && code != INSUFFICIENT_PADDING);
	if (code == EMPTY)
		return JSON_BLANK;
	if (code || (text.length >= 3 && !memcmp(p->bytes, mark, 3)))
		return JSON_MALFORMED;
	return walk_document(p, document, text.length);
}

} // namespace

struct json_parser *json_parser_new(size_t depth_max)
{
	json_parser *p = new (mem_new(sizeof(json_parser))) json_parser();
	p->depth_max = depth_max;
	return p;
}

enum json_error json_parse(struct json_parser *p, struct str text, const struct json_node **ret_nodes)
{
	if (text.length + SIMDJSON_PADDING > p->bytes_capacity) {
		p->bytes_capacity = (text.length + SIMDJSON_PADDING) * 2;
		p->bytes = (char *)mem_resize(p->bytes, p->bytes_capacity, 1);
	}
	if (text.length)
		memcpy(p->bytes, text.data, text.length);
	memset(p->bytes + text.length, 0, SIMDJSON_PADDING);
	p->count = 0;
	json_error error = parse(p, text);
	if (error && !validate_utf8(p->bytes, text.length))
		error = JSON_NOT_UTF8;
	*ret_nodes = p->nodes;
	return error;
}

void json_parser_free(struct json_parser *p)
{
	if (!p)
		return;
	mem_free(p->bytes);
	mem_free(p->nodes);
	p->~json_parser();
	mem_free(p);
}
