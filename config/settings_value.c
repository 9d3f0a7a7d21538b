/* One setting: from its text to its member of struct settings. */
#include "base/log.h"
#include "base/text.h"
#include "config/settings_load.h"
#include <stddef.h>

#define SETTING_ROW(key, member, kind, default_text, minimum, maximum, reloadable, sentence) \
	{key, SETTING_##kind, offsetof(struct settings, member), default_text, minimum, maximum, reloadable, sentence},
const struct setting setting_table[] = {SETTINGS(SETTING_ROW)};
const size_t setting_count = sizeof setting_table / sizeof *setting_table;

static const char *const weekdays[] = {
	"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", NULL};
static const char *const partitioners[] = {"murmur2", "crc32", "any", NULL};
static const char *const checkpoint_stores[] = {"directory", "kafka", NULL};
static const char *const log_levels[] = {"error", "warning", "notice", "info", "debug", NULL};

const char *const *setting_words(enum setting_kind kind, int64_t *ret_first)
{
	switch (kind) {
	case SETTING_WEEKDAY:
		*ret_first = 0;
		return weekdays;
	case SETTING_PARTITIONER:
		*ret_first = PARTITIONER_MURMUR2;
		return partitioners;
	case SETTING_CHECKPOINT_STORE:
		*ret_first = CHECKPOINT_STORE_DIRECTORY;
		return checkpoint_stores;
	case SETTING_LOG_LEVEL:
		*ret_first = LOG_LEVEL_ERROR;
		return log_levels;
	default:
		return NULL;
	}
}

static bool read_text(struct config_problems *problems, struct arena *arena, const struct setting *setting,
	const struct node *node, const char **ret_text)
{
	struct str text = {"", 0};
	if (node->kind != NODE_NULL && !expect_text(problems, node, setting->key, &text))
		return false;
	if ((int64_t)text.length < setting->minimum || (int64_t)text.length > setting->maximum) {
		problem_at(problems, node->mark, "'%s' must have %lld to %lld bytes, not %zu", setting->key,
			(long long)setting->minimum, (long long)setting->maximum, text.length);
		return false;
	}
	*ret_text = arena_text(arena, text);
	return true;
}

static bool read_bytes(
	struct config_problems *problems, const struct setting *setting, const struct node *node, int64_t *ret_value)
{
	struct str text;
	if (!expect_text(problems, node, "a size", &text))
		return false;
	int64_t value;
	enum result result = text_to_bytes(text, &value);
	if (result == RESULT_INVALID) {
		problem_at(problems, node->mark, "'%.*s' is not a size such as 65536, 64KiB or 1MiB", STR_ARG(text));
		return false;
	}
	if (result || value < setting->minimum || value > setting->maximum) {
		problem_at(problems, node->mark, "%.*s is out of range: %lld to %lld bytes", STR_ARG(text),
			(long long)setting->minimum, (long long)setting->maximum);
		return false;
	}
	*ret_value = value;
	return true;
}

static bool read_word(
	struct config_problems *problems, const struct setting *setting, const struct node *node, int64_t *ret_value)
{
	int64_t first = 0;
	const char *const *words = setting_words(setting->kind, &first);
	size_t count = 0, index;
	while (words[count])
		count++;
	if (!expect_choice(problems, node, setting->key, words, count, &index))
		return false;
	*ret_value = first + (int64_t)index;
	return true;
}

bool setting_read(struct config_problems *problems, struct arena *arena, const struct setting *setting,
	const struct node *node, struct settings *settings)
{
	void *member = (char *)settings + setting->offset;
	switch (setting->kind) {
	case SETTING_TEXT:
		return read_text(problems, arena, setting, node, member);
	case SETTING_INTEGER:
		return expect_integer(problems, node, setting->minimum, setting->maximum, member);
	case SETTING_DURATION:
		return expect_duration(problems, node, setting->minimum, setting->maximum, member);
	case SETTING_BYTES:
		return read_bytes(problems, setting, node, member);
	case SETTING_BOOLEAN:
		return expect_boolean(problems, node, member);
	default:
		return read_word(problems, setting, node, member);
	}
}
