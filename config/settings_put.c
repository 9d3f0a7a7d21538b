/* The table of keys for people: docs/configuration.md and a sample file. */
#include "base/text.h"
#include "config/settings_load.h"

static const char *kind_name(enum setting_kind kind)
{
	static const char *const names[] = {[SETTING_TEXT] = "text",
		[SETTING_INTEGER] = "whole number",
		[SETTING_DURATION] = "duration",
		[SETTING_BYTES] = "size",
		[SETTING_BOOLEAN] = "true or false",
		[SETTING_WEEKDAY] = "weekday",
		[SETTING_PARTITIONER] = "partitioner",
		[SETTING_LOG_LEVEL] = "level",
		[SETTING_CHECKPOINT_STORE] = "store"};
	return names[kind];
}

static void put_bytes(struct buf *out, int64_t bytes)
{
	static const char *const units[] = {"", "KiB", "MiB", "GiB"};
	int unit = 0;
	while (unit < 3 && bytes && bytes % 1024 == 0) {
		bytes /= 1024;
		unit++;
	}
	buf_printf(out, "%lld%s", (long long)bytes, units[unit]);
}

static void put_bound(struct buf *out, enum setting_kind kind, int64_t bound)
{
	if (kind == SETTING_DURATION)
		text_put_duration(out, bound);
	else if (kind == SETTING_BYTES)
		put_bytes(out, bound);
	else
		buf_printf(out, "%lld", (long long)bound);
}

static void put_range(struct buf *out, const struct setting *setting)
{
	int64_t first;
	const char *const *words = setting_words(setting->kind, &first);
	for (size_t i = 0; words && words[i]; i++)
		buf_printf(out, "%s%s", i ? ", " : "", words[i]);
	if (words || setting->kind == SETTING_BOOLEAN)
		return;
	if (setting->minimum < setting->maximum) {
		put_bound(out, setting->kind, setting->minimum);
		buf_put_text(out, " to ");
	}
	put_bound(out, setting->kind, setting->maximum);
	if (setting->kind == SETTING_TEXT)
		buf_put_text(out, " bytes");
}

void settings_put_reference(struct buf *out)
{
	buf_put_text(out,
		"# Configuration\n\n"
		"<!-- Written by `kpictl config --reference` from config/settings_table.h: change it there. -->\n\n"
		"The keys of `kpid.yaml`. A dot is a level: `kafka.brokers` is `brokers` under `kafka`. On the command "
		"line\n"
		"`--set key=value` replaces what the file says. A duration is a whole number with `ms`, `s`, `m`, `h`, "
		"`d` or\n"
		"`w`; a size is a number of bytes, or has `KiB`, `MiB` or `GiB`. `kpictl check DIR` checks all files "
		"of a\n"
		"configuration. events.yaml and kpis.yaml are described in [kpi-language.md](kpi-language.md).\n\n"
		"| key | kind | default | range | reload | what |\n"
		"|---|---|---|---|---|---|\n");
	for (size_t i = 0; i < setting_count; i++) {
		const struct setting *setting = &setting_table[i];
		buf_printf(out, "| `%s` | %s | ", setting->key, kind_name(setting->kind));
		buf_printf(out, *setting->default_text ? "`%s` | " : "empty | ", setting->default_text);
		put_range(out, setting);
		buf_printf(out, " | %s | %s |\n", setting->reloadable ? "yes" : "restart", setting->sentence);
	}
	buf_put_text(out,
		"\n`kafka.properties` is a mapping of librdkafka properties, passed on as they are. On the command "
		"line:\n"
		"`--set kafka.properties.NAME=VALUE`.\n\n"
		"```yaml\n"
		"kafka:\n"
		"  brokers: kafka-1:9092,kafka-2:9092\n"
		"  properties:\n"
		"    security.protocol: ssl\n"
		"    ssl.ca.location: /etc/ssl/certs/ca-certificates.crt\n"
		"```\n");
}

static size_t group_length(const char *key)
{
	const char *dot = strchr(key, '.');
	return dot ? (size_t)(dot - key) : 0;
}

/* Nothing would be null, and a colon at the end a mapping. */
static bool needs_quotes(const char *text)
{
	return !*text || text[strlen(text) - 1] == ':';
}

void settings_put_sample(struct buf *out)
{
	const char *group = "";
	size_t length = 0;
	buf_put_text(out, "# Every key of kpid.yaml with its default. Take away the # of what you change.\n");
	for (size_t i = 0; i < setting_count; i++) {
		const struct setting *setting = &setting_table[i];
		size_t own = group_length(setting->key);
		if (own != length || strncmp(setting->key, group, own) != 0) {
			group = setting->key;
			length = own;
			buf_printf(out, "\n%.*s:\n", (int)own, group);
		}
		const char *indent = own ? "  " : "";
		buf_printf(out, "%s# %s\n", indent, setting->sentence);
		const char *quote = needs_quotes(setting->default_text) ? "\"" : "";
		buf_printf(out, "%s# %s: %s%s%s\n", indent, setting->key + (own ? own + 1 : 0), quote,
			setting->default_text, quote);
	}
}
