/* `constants` of kpis.yaml: numbers that formulas call by name. */
#include "base/decimal.h"
#include "config/model_load.h"

enum { DECIMALS = 4 };

/* Nothing of it would be rounded off. */
static bool is_exact(struct str text)
{
	size_t point = 0;
	while (point < text.length && text.data[point] != '.')
		point++;
	bool exponent = memchr(text.data, 'e', text.length) || memchr(text.data, 'E', text.length);
	return !exponent && (point == text.length || text.length - point - 1 <= DECIMALS);
}

static bool read_value(struct model_loading *loading, const struct node *node, int64_t *ret_value)
{
	struct str text;
	if (!expect_text(loading->problems, node, "a constant", &text))
		return false;
	if (text.length && text.data[text.length - 1] == '%')
		return model_read_percent(loading, node, ret_value);
	if (!expect_decimal(loading->problems, node, ret_value))
		return false;
	if (!is_exact(text))
		problem_at(loading->problems, node->mark, "'%.*s' has more than %d decimals", STR_ARG(text), DECIMALS);
	return true;
}

static bool is_free(struct model_loading *loading, const struct node *root, const struct node_entry *entry)
{
	static const char *const others[][2] = {{"measures", "measure"}, {"kpis", "KPI"}};
	char name[65];
	if (!expect_name(loading->problems, entry->mark, entry->key, "a constant"))
		return false;
	memcpy(name, entry->key.data, entry->key.length);
	name[entry->key.length] = '\0';
	for (size_t i = 0; i < 2; i++)
		if (node_get(node_get(root, others[i][0]), name)) {
			problem_at(
				loading->problems, entry->mark, "'%s' is the name of a %s already", name, others[i][1]);
			return false;
		}
	return true;
}

void model_load_constants(struct model_loading *loading, const struct node *root)
{
	const struct node *constants = node_get(root, "constants");
	if (!constants || !expect_mapping(loading->problems, constants, "'constants'"))
		return;
	size_t count = constants->count;
	if (count > MODEL_CONSTANTS_MAX) {
		problem_at(loading->problems, constants->entries[MODEL_CONSTANTS_MAX].mark, "more than %d constants",
			MODEL_CONSTANTS_MAX);
		count = MODEL_CONSTANTS_MAX;
	}
	loading->constants = ARENA_ARRAY(loading->arena, struct constant, count);
	loading->constant_names = ARENA_ARRAY(loading->arena, const char *, count);
	for (size_t i = 0; i < count; i++) {
		const struct node_entry *entry = &constants->entries[i];
		struct constant *constant = &loading->constants[loading->constant_count];
		if (!is_free(loading, root, entry))
			continue;
		constant->mark = entry->mark;
		constant->broken = !read_value(loading, entry->value, &constant->value);
		loading->constant_names[loading->constant_count++] = arena_text(loading->arena, entry->key);
	}
}

void model_warn_unused_constants(struct model_loading *loading)
{
	for (uint16_t i = 0; i < loading->constant_count; i++)
		if (!loading->constants[i].used)
			warning_at(loading->problems, loading->constants[i].mark,
				"constant '%s' is not used by any KPI", loading->constant_names[i]);
}
