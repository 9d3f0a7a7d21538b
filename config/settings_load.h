/* Reading kpid.yaml and --set into struct settings, and writing the table of keys out for people. */
#ifndef CONFIG_SETTINGS_LOAD_H
#define CONFIG_SETTINGS_LOAD_H

#include "config/node.h"
#include "config/settings.h"

enum setting_kind {
	SETTING_TEXT,
	SETTING_INTEGER,
	SETTING_DURATION,
	SETTING_BYTES,
	SETTING_BOOLEAN,
	SETTING_WEEKDAY,
	SETTING_PARTITIONER,
	SETTING_LOG_LEVEL,
	SETTING_CHECKPOINT_STORE
};

/* One row of the table SETTINGS. */
struct setting {
	const char *key;
	enum setting_kind kind;
	size_t offset; /* in struct settings */
	const char *default_text;
	int64_t minimum, maximum; /* of the value; of a text its length */
	bool reloadable;
	const char *sentence;
};

extern const struct setting setting_table[];
extern const size_t setting_count;

/* The words that a kind takes and the value of the first; NULL where it takes none. The list ends with NULL. */
const char *const *setting_words(enum setting_kind kind, int64_t *ret_first);

/* Reads one value; false with a problem at the node. */
bool setting_read(struct config_problems *problems, struct arena *arena, const struct setting *setting,
	const struct node *node, struct settings *settings);

/* Defaults, then the file, then "key=value" overrides. `root` is kpid.yaml. */
void settings_load(struct config_problems *problems, struct arena *arena, const struct node *root,
	const char *const *overrides, size_t override_count, struct settings *ret_settings);

/* docs/configuration.md, and a kpid.yaml with every key and its default. */
void settings_put_reference(struct buf *out);
void settings_put_sample(struct buf *out);
/* JSON Schema (draft 7) of kpid.yaml. */
void settings_put_schema(struct buf *out);

#endif
