#include "config/settings_load.h"

#include "base/check.h"
#include "base/mem.h"
#include <stdio.h>

enum { KEYS_MAX = 256, KEY_LENGTH_MAX = 200, PROPERTIES_MAX = 256 };

struct loading {
	struct config_problems *problems;
	struct arena *arena;
	struct settings *settings;
	struct mark given[KEYS_MAX]; /* where a key stands in the file; line 0: nowhere */
};

static const struct setting *find(struct str key)
{
	for (size_t i = 0; i < setting_count; i++)
		if (str_equal(key, str_of(setting_table[i].key)))
			return &setting_table[i];
	return NULL;
}

static bool is_group(struct str key)
{
	for (size_t i = 0; i < setting_count; i++)
		if (strncmp(setting_table[i].key, key.data, key.length) == 0 && setting_table[i].key[key.length] == '.')
			return true;
	return false;
}

static void unknown_key(struct loading *loading, struct mark mark, struct str key)
{
	const char *names[KEYS_MAX];
	for (size_t i = 0; i < setting_count; i++)
		names[i] = setting_table[i].key;
	names[setting_count] = "kafka.properties";
	problem_at(loading->problems, mark, "unknown key '%.*s'%s", STR_ARG(key),
		did_you_mean(loading->problems, key, names, setting_count + 1));
}

/* A later value of the same name replaces the earlier one. */
static void set_property(struct loading *loading, struct mark mark, struct str name, struct str value)
{
	struct settings *settings = loading->settings;
	if (!name.length) {
		problem_at(loading->problems, mark, "a property needs a name");
		return;
	}
	size_t i = 0;
	while (i < settings->kafka_property_count && !str_equal(name, str_of(settings->kafka_properties[i].name)))
		i++;
	if (i == PROPERTIES_MAX) {
		problem_at(loading->problems, mark, "more than %d properties", PROPERTIES_MAX);
		return;
	}
	if (i == settings->kafka_property_count)
		settings->kafka_properties[settings->kafka_property_count++].name = arena_text(loading->arena, name);
	settings->kafka_properties[i].value = arena_text(loading->arena, value);
}

static void read_properties(struct loading *loading, const struct node *node)
{
	if (node->kind == NODE_NULL || !expect_mapping(loading->problems, node, "'kafka.properties'"))
		return;
	for (size_t i = 0; i < node->count; i++) {
		struct str value;
		if (expect_text(loading->problems, node->entries[i].value, "a property", &value))
			set_property(loading, node->entries[i].mark, node->entries[i].key, value);
	}
}

static void read_setting(struct loading *loading, const struct setting *setting, const struct node_entry *entry)
{
	struct mark *given = &loading->given[setting - setting_table];
	if (given->line)
		problem_at(
			loading->problems, entry->mark, "'%s' was given already in line %d", setting->key, given->line);
	*given = entry->mark;
	setting_read(loading->problems, loading->arena, setting, entry->value, loading->settings);
}

/* `prefix` is "" or ends with a dot; every level of the table's keys is one of the file's mappings. */
static void read_group(struct loading *loading, const struct node *mapping, const char *prefix)
{
	for (size_t i = 0; i < mapping->count; i++) {
		const struct node_entry *entry = &mapping->entries[i];
		char key[KEY_LENGTH_MAX];
		int length = snprintf(key, sizeof key, "%s%.*s", prefix, STR_ARG(entry->key));
		const struct setting *setting = NULL;
		if (length >= KEY_LENGTH_MAX - 1)
			problem_at(loading->problems, entry->mark, "unknown key '%.40s...'", key);
		else if (strcmp(key, "kafka.properties") == 0)
			read_properties(loading, entry->value);
		else if ((setting = find(str_of(key))))
			read_setting(loading, setting, entry);
		else if (!is_group(str_of(key)))
			unknown_key(loading, entry->mark, str_of(key));
		else if (entry->value->kind != NODE_NULL && expect_mapping(loading->problems, entry->value, key)) {
			key[length] = '.';
			key[length + 1] = '\0';
			read_group(loading, entry->value, key);
		}
	}
}

static void read_override(struct loading *loading, const char *text, int ordinal)
{
	struct mark mark = {"--set", ordinal, 1};
	static const char properties[] = "kafka.properties.";
	const char *equals = strchr(text, '=');
	if (!equals) {
		problem_at(loading->problems, mark, "'%s' is not of the form key=value", text);
		return;
	}
	struct str key = {text, (size_t)(equals - text)};
	const struct setting *setting = find(key);
	if (key.length >= sizeof properties - 1 && memcmp(text, properties, sizeof properties - 1) == 0) {
		key = (struct str){text + sizeof properties - 1, key.length - (sizeof properties - 1)};
		set_property(loading, mark, key, str_of(equals + 1));
	} else if (setting) {
		const struct node *node = node_scalar(loading->arena, mark, str_of(equals + 1));
		setting_read(loading->problems, loading->arena, setting, node, loading->settings);
	} else {
		unknown_key(loading, mark, key);
	}
}

static void read_defaults(struct loading *loading)
{
	size_t errors = loading->problems->error_count;
	for (size_t i = 0; i < setting_count; i++) {
		struct mark mark = {"default", (int)i, 1};
		const struct node *node = node_scalar(loading->arena, mark, str_of(setting_table[i].default_text));
		setting_read(loading->problems, loading->arena, &setting_table[i], node, loading->settings);
	}
	CHECK(loading->problems->error_count == errors);
}

static void check_values(struct loading *loading)
{
	const struct settings *settings = loading->settings;
	struct mark nowhere = {"kpid.yaml", 1, 1};
	const struct mark *currency = &loading->given[find(STR("currency")) - setting_table];
	for (const char *at = settings->currency; *at; at++)
		if (*at < 'A' || *at > 'Z') {
			problem_at(loading->problems, currency->line ? *currency : nowhere,
				"'%s' is not an ISO 4217 code such as EUR", settings->currency);
			break;
		}
}

void settings_load(struct config_problems *problems, struct arena *arena, const struct node *root,
	const char *const *overrides, size_t override_count, struct settings *ret_settings)
{
	CHECK(setting_count < KEYS_MAX);
	struct loading loading = {.problems = problems, .arena = arena, .settings = ret_settings};
	*ret_settings = (struct settings){0};
	ret_settings->kafka_properties = ARENA_ARRAY(arena, struct setting_property, PROPERTIES_MAX);
	read_defaults(&loading);
	if (root->kind == NODE_MAPPING)
		read_group(&loading, root, "");
	for (size_t i = 0; i < override_count; i++)
		read_override(&loading, overrides[i], (int)i + 1);
	check_values(&loading);
}
