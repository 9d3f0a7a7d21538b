/* The grammar as JSON Schema. Scalars are checked as YAML readers give them: what is a text to us may be a number to them. */
#include "base/check.h"
#include "config/grammar.h"

struct scalar {
	const char *name;
	const char *schema;
};

static const struct scalar scalars[] = {
	{"text", "{\"type\": [\"string\", \"number\", \"boolean\"]}"},
	{"name", "{\"type\": \"string\", \"pattern\": \"^[a-z][a-z0-9_]{0,63}$\"}"},
	{"integer", "{\"type\": \"integer\"}"},
	{"number", "{\"type\": [\"number\", \"string\"], \"pattern\": \"^-?[0-9]+([.][0-9]+)?$\"}"},
	{"percent", "{\"type\": \"string\", \"pattern\": \"^-?[0-9]+([.][0-9]+)? ?%$\"}"},
	{"boolean", "{\"type\": \"boolean\"}"},
	{"duration", "{\"type\": [\"string\", \"integer\"], \"pattern\": \"^[0-9]+(ms|s|m|h|d|w)$\"}"},
	{"date", "{\"type\": \"string\", \"pattern\": \"^[0-9]{4}-[0-9]{2}-[0-9]{2}$\"}"},
	{"time", "{\"type\": [\"string\", \"integer\"]}"},
	{"formula", "{\"type\": [\"string\", \"number\"]}"},
	{"condition", "{\"type\": \"string\"}"},
	{"event", "{\"type\": \"string\", \"pattern\": \"^[A-Za-z0-9._-]+$\"}"},
	{"topic", "{\"type\": \"string\", \"pattern\": \"^[A-Za-z0-9._-]+$\"}"},
	{"path", "{\"type\": \"string\"}"},
	{"any", "{}"},
	{"null", "{\"type\": \"null\"}"},
};

static void put_string(struct buf *out, const char *text)
{
	buf_put_byte(out, '"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			buf_put_byte(out, '\\');
		buf_put_byte(out, (uint8_t)*text);
	}
	buf_put_byte(out, '"');
}

static void put_type(struct buf *out, struct str type);

static void put_scalar(struct buf *out, struct str name)
{
	size_t i = 0;
	while (i < sizeof scalars / sizeof *scalars && !str_equal(name, str_of(scalars[i].name)))
		i++;
	CHECK(i < sizeof scalars / sizeof *scalars);
	buf_put_text(out, scalars[i].schema);
}

static struct str inside(struct str text)
{
	return (struct str){text.data + 1, text.length - 2};
}

static void put_choice(struct buf *out, struct str type)
{
	switch (type.data[0]) {
	case '\'':
		buf_printf(out, "{\"const\": \"%.*s\"}", STR_ARG(inside(type)));
		break;
	case '[':
		buf_put_text(out, "{\"type\": \"array\", \"items\": ");
		put_type(out, inside(type));
		buf_put_byte(out, '}');
		break;
	case '{':
		buf_put_text(out, "{\"type\": \"object\", \"additionalProperties\": ");
		put_type(out, inside(type));
		buf_put_byte(out, '}');
		break;
	case '@':
		buf_printf(out, "{\"$ref\": \"#/definitions/%.*s\"}", (int)type.length - 1, type.data + 1);
		break;
	default:
		put_scalar(out, type);
	}
}

/* The first choice of `type`, which loses it; false at the end. Brackets and quotes hold their own. */
static bool next_choice(struct str *type, struct str *ret_choice)
{
	size_t depth = 0, end = 0;
	bool quoted = false;
	if (type->length == 0)
		return false;
	while (end < type->length && (quoted || depth > 0 || type->data[end] != ' ')) {
		quoted ^= type->data[end] == '\'';
		depth += type->data[end] == '[' || type->data[end] == '{';
		depth -= type->data[end] == ']' || type->data[end] == '}';
		end++;
	}
	*ret_choice = (struct str){type->data, end};
	size_t skip = end < type->length ? end + strlen(" | ") : end;
	*type = (struct str){type->data + skip, type->length - skip};
	return true;
}

static void put_type(struct buf *out, struct str type)
{
	struct str choice, rest = type;
	next_choice(&rest, &choice);
	if (rest.length == 0) {
		put_choice(out, choice);
		return;
	}
	const char *comma = "";
	buf_put_text(out, "{\"anyOf\": [");
	while (next_choice(&type, &choice)) {
		buf_put_text(out, comma);
		put_choice(out, choice);
		comma = ", ";
	}
	buf_put_text(out, "]}");
}

static void put_property(struct buf *out, const struct grammar_key *key)
{
	buf_put_text(out, "        ");
	put_string(out, key->name);
	buf_put_text(out, ": {\"description\": ");
	put_string(out, key->text);
	buf_put_text(out, ", \"allOf\": [");
	put_type(out, str_of(key->type));
	buf_put_text(out, "]}");
}

/* The members of a mapping's schema, without the braces around them. */
static void put_mapping(struct buf *out, const struct grammar_mapping *mapping)
{
	const char *comma = "";
	buf_put_text(out, "      \"description\": ");
	put_string(out, mapping->text);
	buf_put_text(
		out, ",\n      \"type\": \"object\",\n      \"additionalProperties\": false,\n      \"required\": [");
	for (size_t i = 0; i < grammar_key_count(mapping); i++) {
		if (!mapping->keys[i].required)
			continue;
		buf_put_text(out, comma);
		put_string(out, mapping->keys[i].name);
		comma = ", ";
	}
	buf_put_text(out, "],\n      \"properties\": {\n");
	for (size_t i = 0; i < grammar_key_count(mapping); i++) {
		put_property(out, &mapping->keys[i]);
		buf_put_text(out, i + 1 < grammar_key_count(mapping) ? ",\n" : "\n");
	}
	buf_put_text(out, "      }\n");
}

static bool is_file(const struct grammar_mapping *mapping)
{
	return strstr(mapping->text, ".yaml: ") != NULL;
}

bool grammar_put_schema(struct buf *out, struct str name)
{
	const struct grammar_mapping *mapping;
	size_t i = 0;
	while ((mapping = grammar_at(i)) && !(is_file(mapping) && str_equal(name, str_of(mapping->name))))
		i++;
	if (!mapping)
		return false;
	buf_put_text(out, "{\n  \"$schema\": \"http://json-schema.org/draft-07/schema#\",\n");
	buf_printf(out, "  \"$ref\": \"#/definitions/%s\",\n  \"definitions\": {\n", mapping->name);
	do {
		buf_printf(out, "    \"%s\": {\n", mapping->name);
		put_mapping(out, mapping);
		mapping = grammar_at(++i);
		buf_put_text(out, mapping && !is_file(mapping) ? "    },\n" : "    }\n");
	} while (mapping && !is_file(mapping));
	buf_put_text(out, "  }\n}\n");
	return true;
}
