/* The table of keys as JSON Schema. */
#include "config/settings_load.h"

static size_t group_length(const char *key)
{
	const char *dot = strchr(key, '.');
	return dot ? (size_t)(dot - key) : 0;
}

static void put_kind(struct buf *out, const struct setting *setting)
{
	int64_t first;
	const char *const *words = setting_words(setting->kind, &first);
	if (words) {
		buf_put_text(out, "\"enum\": [");
		for (size_t i = 0; words[i]; i++)
			buf_printf(out, "%s\"%s\"", i ? ", " : "", words[i]);
		buf_put_byte(out, ']');
	} else if (setting->kind == SETTING_BOOLEAN) {
		buf_put_text(out, "\"type\": \"boolean\"");
	} else if (setting->kind == SETTING_INTEGER) {
		buf_printf(out, "\"type\": \"integer\", \"minimum\": %lld, \"maximum\": %lld",
			(long long)setting->minimum, (long long)setting->maximum);
	} else if (setting->kind == SETTING_DURATION) {
		buf_put_text(out, "\"type\": [\"string\", \"integer\"], \"pattern\": \"^([0-9]+(ms|s|m|h|d|w)|0)$\"");
	} else if (setting->kind == SETTING_BYTES) {
		buf_put_text(out, "\"type\": [\"string\", \"integer\"], \"pattern\": \"^[0-9]+(B|KiB|MiB|GiB)?$\"");
	} else {
		buf_printf(out, "\"type\": [\"string\", \"number\", \"null\"], \"maxLength\": %lld",
			(long long)setting->maximum);
	}
}

static void put_setting(struct buf *out, const struct setting *setting, size_t skip)
{
	buf_printf(out, "\"%s\": {\"description\": \"%s\", ", setting->key + skip, setting->sentence);
	put_kind(out, setting);
	buf_put_byte(out, '}');
}

static bool same_group(const struct setting *a, const struct setting *b)
{
	size_t length = group_length(a->key);
	return length && length == group_length(b->key) && strncmp(a->key, b->key, length) == 0;
}

/* The settings from `index` on that share its group; returns the one behind them. */
static size_t put_group(struct buf *out, size_t index)
{
	const struct setting *first = &setting_table[index];
	size_t length = group_length(first->key);
	buf_printf(out,
		"    \"%.*s\": {\n      \"type\": [\"object\", \"null\"],\n      \"additionalProperties\": false,\n"
		"      \"properties\": {\n",
		(int)length, first->key);
	if (strncmp(first->key, "kafka.", strlen("kafka.")) == 0)
		buf_put_text(out,
			"        \"properties\": {\"description\": \"Properties of librdkafka, passed on as they "
			"are.\", "
			"\"type\": \"object\"},\n");
	do {
		buf_put_text(out, "        ");
		put_setting(out, &setting_table[index], length + 1);
		index++;
		buf_put_text(out, index < setting_count && same_group(first, &setting_table[index]) ? ",\n" : "\n");
	} while (index < setting_count && same_group(first, &setting_table[index]));
	buf_put_text(out, "      }\n    }");
	return index;
}

void settings_put_schema(struct buf *out)
{
	size_t index = 0;
	buf_put_text(out,
		"{\n  \"$schema\": \"http://json-schema.org/draft-07/schema#\",\n"
		"  \"description\": \"kpid.yaml: settings of the daemon\",\n  \"type\": \"object\",\n"
		"  \"additionalProperties\": false,\n  \"properties\": {\n");
	while (index < setting_count) {
		if (group_length(setting_table[index].key)) {
			index = put_group(out, index);
		} else {
			buf_put_text(out, "    ");
			put_setting(out, &setting_table[index++], 0);
		}
		buf_put_text(out, index < setting_count ? ",\n" : "\n");
	}
	buf_put_text(out, "  }\n}\n");
}
