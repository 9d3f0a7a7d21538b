#include "base/buf.h"
#include "base/decimal.h"
#include "base/text.h"
#include "config/node.h"

const char *node_kind_name(const struct node *node)
{
	switch (node->kind) {
	case NODE_NULL:
		return "nothing";
	case NODE_SCALAR:
		return "a text";
	case NODE_SEQUENCE:
		return "a list";
	case NODE_MAPPING:
		return "a mapping";
	default:
		return "something refused";
	}
}

struct node *node_scalar(struct arena *arena, struct mark mark, struct str text)
{
	struct node *node = ARENA_NEW(arena, struct node);
	node->kind = NODE_SCALAR;
	node->mark = mark;
	node->text = arena_str(arena, text);
	return node;
}

const struct node *node_get(const struct node *mapping, const char *key)
{
	if (!mapping || mapping->kind != NODE_MAPPING)
		return NULL;
	struct str wanted = str_of(key);
	for (size_t i = 0; i < mapping->count; i++)
		if (str_equal(mapping->entries[i].key, wanted))
			return mapping->entries[i].value->kind == NODE_NULL ? NULL : mapping->entries[i].value;
	return NULL;
}

const struct node *node_need(struct config_problems *problems, const struct node *mapping, const char *key)
{
	const struct node *node = node_get(mapping, key);
	if (!node && mapping && mapping->kind == NODE_MAPPING)
		problem_at(problems, mapping->mark, "'%s' is missing", key);
	return node;
}

static bool expect_kind(struct config_problems *problems, const struct node *node, enum node_kind kind,
	const char *name, const char *what)
{
	if (!node)
		return false;
	if (node->kind != kind && node->kind != NODE_REFUSED)
		problem_at(problems, node->mark, "%s must be %s, not %s", what, name, node_kind_name(node));
	return node->kind == kind;
}

bool expect_mapping(struct config_problems *problems, const struct node *node, const char *what)
{
	return expect_kind(problems, node, NODE_MAPPING, "a mapping", what);
}

bool expect_sequence(struct config_problems *problems, const struct node *node, const char *what)
{
	return expect_kind(problems, node, NODE_SEQUENCE, "a list", what);
}

bool expect_text(struct config_problems *problems, const struct node *node, const char *what, struct str *ret_text)
{
	if (!expect_kind(problems, node, NODE_SCALAR, "a text", what))
		return false;
	*ret_text = node->text;
	return true;
}

/* The text of a scalar that is going to be something else. */
static bool expect_scalar(
	struct config_problems *problems, const struct node *node, const char *needed, struct str *ret_text)
{
	if (!node)
		return false;
	if (node->kind != NODE_SCALAR && node->kind != NODE_REFUSED)
		problem_at(problems, node->mark, "%s is needed here, not %s", needed, node_kind_name(node));
	if (node->kind == NODE_SCALAR)
		*ret_text = node->text;
	return node->kind == NODE_SCALAR;
}

static bool is_known(struct str key, const char *const *known, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (str_equal(key, str_of(known[i])))
			return true;
	return false;
}

void expect_keys(struct config_problems *problems, const struct node *mapping, const char *const *known, size_t count)
{
	if (!mapping || mapping->kind != NODE_MAPPING)
		return;
	for (size_t i = 0; i < mapping->count; i++) {
		const struct node_entry *entry = &mapping->entries[i];
		if (!is_known(entry->key, known, count))
			problem_at(problems, entry->mark, "unknown key '%.*s'%s", STR_ARG(entry->key),
				did_you_mean(problems, entry->key, known, count));
	}
}

bool expect_integer(
	struct config_problems *problems, const struct node *node, int64_t minimum, int64_t maximum, int64_t *ret_value)
{
	struct str text;
	if (!expect_scalar(problems, node, "a whole number", &text))
		return false;
	int64_t value;
	enum result result = text_to_i64(text, &value);
	if (result == RESULT_INVALID) {
		problem_at(problems, node->mark, "'%.*s' is not a whole number", STR_ARG(text));
		return false;
	}
	if (result || value < minimum || value > maximum) {
		problem_at(problems, node->mark, "%.*s is out of range: %lld to %lld", STR_ARG(text),
			(long long)minimum, (long long)maximum);
		return false;
	}
	*ret_value = value;
	return true;
}

bool expect_duration(
	struct config_problems *problems, const struct node *node, int64_t minimum, int64_t maximum, int64_t *ret_ms)
{
	struct str text;
	if (!expect_scalar(problems, node, "a duration", &text))
		return false;
	int64_t value;
	enum result result = text_to_duration(text, &value);
	if (result == RESULT_INVALID) {
		problem_at(problems, node->mark, "'%.*s' is not a duration such as 30s, 5m, 24h or 7d", STR_ARG(text));
		return false;
	}
	if (result || value < minimum || value > maximum) {
		struct buf range;
		buf_init(&range);
		text_put_duration(&range, minimum);
		buf_put_text(&range, " to ");
		text_put_duration(&range, maximum);
		problem_at(problems, node->mark, "%.*s is out of range: %s", STR_ARG(text), range.data);
		buf_release(&range);
		return false;
	}
	*ret_ms = value;
	return true;
}

bool expect_decimal(struct config_problems *problems, const struct node *node, int64_t *ret_fixed)
{
	struct str text;
	if (!expect_scalar(problems, node, "a number", &text))
		return false;
	enum result result = decimal_from_text(text, ret_fixed);
	if (result)
		problem_at(problems, node->mark,
			result == RESULT_RANGE ? "%.*s is too large" : "'%.*s' is not a number", STR_ARG(text));
	return result == RESULT_OK;
}

bool expect_boolean(struct config_problems *problems, const struct node *node, bool *ret_value)
{
	struct str text;
	if (!expect_scalar(problems, node, "true or false", &text))
		return false;
	bool is_true = str_equal(text, STR("true"));
	if (!is_true && !str_equal(text, STR("false"))) {
		problem_at(problems, node->mark, "'%.*s' is neither true nor false", STR_ARG(text));
		return false;
	}
	*ret_value = is_true;
	return true;
}

static void put_names(struct buf *out, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count && i < 12; i++)
		buf_printf(out, "%s%s", i ? ", " : "", names[i]);
	if (count > 12)
		buf_put_text(out, ", ...");
}

bool expect_choice(struct config_problems *problems, const struct node *node, const char *what,
	const char *const *names, size_t count, size_t *ret_index)
{
	struct str text;
	if (!expect_text(problems, node, what, &text))
		return false;
	for (size_t i = 0; i < count; i++)
		if (str_equal(text, str_of(names[i]))) {
			*ret_index = i;
			return true;
		}
	struct buf list;
	buf_init(&list);
	put_names(&list, names, count);
	problem_at(problems, node->mark, "%s must be one of %s, not '%.*s'%s", what, list.data, STR_ARG(text),
		did_you_mean(problems, text, names, count));
	buf_release(&list);
	return false;
}

bool expect_name(struct config_problems *problems, struct mark mark, struct str name, const char *what)
{
	bool good = name.length > 0 && name.length <= 64 && name.data[0] >= 'a' && name.data[0] <= 'z';
	for (size_t i = 1; good && i < name.length; i++) {
		char c = name.data[i];
		good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
	}
	if (!good)
		problem_at(problems, mark, "'%.*s' cannot name %s: lower-case letters, digits and _, at most 64",
			STR_ARG(name), what);
	return good;
}
