#include "config/config.h"

#include "base/mem.h"
#include "config/identity.h"
#include "config/model_load.h"
#include "config/rates_load.h"
#include "config/roster_load.h"
#include "config/schema_load.h"
#include "config/settings_load.h"

struct files {
	const struct node *settings, *events, *kpis, *roster, *rates;
};

/* ---- the hash ---- */

/* Keys that are only shown, or that say what is done with figures rather than what they are. */
static bool is_shown_only(struct str key, int depth)
{
	if (depth == 0)
		return str_equal(key, STR("boards")) || str_equal(key, STR("alerts")) ||
			str_equal(key, STR("targets")) || str_equal(key, STR("activities"));
	return str_equal(key, STR("title"));
}

/* Depth is bounded by the reader. */
static void put_node(const struct node *node, int depth, struct buf *out)
{
	buf_put_byte(out, (uint8_t)node->kind);
	buf_put_counted(out, node->kind == NODE_SCALAR ? node->text : STR(""));
	for (size_t i = 0; i < node->count; i++) {
		if (node->kind == NODE_SEQUENCE) {
			put_node(node->items[i], depth + 1, out);
		} else if (!is_shown_only(node->entries[i].key, depth)) {
			buf_put_counted(out, node->entries[i].key);
			put_node(node->entries[i].value, depth + 1, out);
		}
	}
	buf_put_byte(out, 0xff);
}

/* Words of kpis.yaml and its companions as they stand, so rather too different than too equal: two processes of one name
 * must agree on every figure. */
static uint64_t hash_of(const struct settings *settings, const struct files *files)
{
	struct buf out;
	buf_init(&out);
	buf_printf(&out, "%s|%s|%lld|%lld|%lld|%lld|%lld|%lld|%s|%lld|", settings->time_zone, settings->currency,
		(long long)settings->week_start, (long long)settings->fiscal_year_start,
		(long long)settings->allowed_lateness, (long long)settings->max_future,
		(long long)settings->message_bytes, (long long)settings->limit_keys, settings->kafka_topic_prefix,
		(long long)settings->kafka_partitioner);
	put_node(files->events, 0, &out);
	put_node(files->kpis, 0, &out);
	put_node(files->roster, 0, &out);
	put_node(files->rates, 0, &out);
	uint64_t hash = identity_hash(buf_str(&out));
	buf_release(&out);
	return hash;
}

/* ---- loading ---- */

static struct mark place_of(const struct node *root, const char *key)
{
	const struct node *node = node_get(root, key);
	return node ? node->mark : (struct mark){"kpid.yaml", 1, 1};
}

/* Without its zone the rest is read as if in UTC, so that its problems are found, too. */
static void load_zone(struct config *config, struct config_problems *problems, const struct node *root)
{
	if (zone_load(&config->zone, config->settings.time_zone) == RESULT_OK)
		return;
	problem_at(problems, place_of(root, "time_zone"), "the system knows no time zone '%s'",
		config->settings.time_zone);
	if (zone_load(&config->zone, "UTC"))
		problem_at(problems, place_of(root, "time_zone"), "the system knows no time zones at all");
}

/* The file of a setting; nothing where the setting is empty. */
static const struct node *load_optional(struct config *config, struct config_problems *problems, const char *directory,
	const char *file, const char *name)
{
	if (*file)
		return document_load(&config->arena, problems, directory, file, true);
	return document_parse(&config->arena, problems, name, STR(""));
}

static void load(struct config *config, struct config_problems *problems, const char *directory,
	const char *const *overrides, size_t override_count)
{
	struct arena *arena = &config->arena;
	const struct settings *settings = &config->settings;
	struct files files;
	files.settings = document_load(arena, problems, directory, "kpid.yaml", true);
	settings_load(problems, arena, files.settings, overrides, override_count, &config->settings);
	load_zone(config, problems, files.settings);
	if (settings->cluster && settings->checkpoint_store != CHECKPOINT_STORE_KAFKA)
		problem_at(problems, place_of(files.settings, "cluster"),
			"a fleet (cluster: true) hands its shards' state on: it needs checkpoint.store: kafka");
	struct calendar calendar = {&config->zone, (int)settings->week_start, (int)settings->fiscal_year_start};
	files.events = document_load(arena, problems, directory, "events.yaml", true);
	schema_load(problems, arena, files.events, config->settings.currency, &config->schema);
	files.kpis = document_load(arena, problems, directory, "kpis.yaml", true);
	if (config->schema.type_count) /* else every event in it would be unknown */
		model_load(problems, arena, &config->schema, &calendar, files.kpis, &config->model);
	config->schema.in_force_reach = model_looks_back(&config->model);
	files.roster = load_optional(config, problems, directory, config->settings.roster_file, "roster");
	if (config->zone.count)
		roster_load(problems, arena, &config->zone, files.roster, &config->roster);
	files.rates = load_optional(config, problems, directory, config->settings.rates_file, "rates");
	rates_load(problems, arena, files.rates, config->settings.currency, &config->rates);
	config->schema.rates = &config->rates;
	config->schema.zone = &config->zone;
	if (!problems->error_count)
		config->hash = hash_of(&config->settings, &files);
}

enum result config_load(const char *directory, const char *const *overrides, size_t override_count,
	struct config **ret_config, struct config_problems *ret_problems)
{
	problems_init(ret_problems);
	*ret_config = NULL;
	struct config *config = NEW(struct config);
	arena_init(&config->arena);
	map_init(&config->roster.reps_by_id);
	load(config, ret_problems, directory, overrides, override_count);
	problems_sort(ret_problems);
	if (ret_problems->error_count) {
		config_free(config);
		return RESULT_INVALID;
	}
	*ret_config = config;
	return RESULT_OK;
}

void config_free(struct config *config)
{
	if (!config)
		return;
	map_release(&config->roster.reps_by_id);
	zone_release(&config->zone);
	arena_release(&config->arena);
	mem_free(config);
}
