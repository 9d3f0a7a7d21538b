#include "base/zone.h"

#include "base/mem.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum { DAY_SECONDS = 86400 };
#define DAY_MS (INT64_C(1000) * DAY_SECONDS)
#define TABLE_END ((int64_t)date_to_day(2106, 1, 1) * DAY_SECONDS)

/* ---- loading --------------------------------------------------------------------------------------------------------- */

static int32_t offset_at(int64_t second)
{
	time_t instant = (time_t)second;
	struct tm local;
	localtime_r(&instant, &local);
	return (int32_t)local.tm_gmtoff;
}

/* The first second in (before, after] whose offset is not that of `before`. */
static int64_t find_change(int64_t before, int64_t after)
{
	int32_t offset = offset_at(before);
	while (after - before > 1) {
		int64_t middle = before + (after - before) / 2;
		if (offset_at(middle) == offset)
			before = middle;
		else
			after = middle;
	}
	return after;
}

static void add_change(struct zone *zone, uint32_t *capacity, int64_t start_ms, int32_t offset)
{
	if (zone->count == *capacity) {
		*capacity = *capacity ? *capacity * 2 : 16;
		zone->starts = mem_resize(zone->starts, *capacity, sizeof *zone->starts);
		zone->offsets = mem_resize(zone->offsets, *capacity, sizeof *zone->offsets);
	}
	zone->starts[zone->count] = start_ms;
	zone->offsets[zone->count++] = offset;
}

/* Looks once a day: no zone has ever changed twice within one. */
static void fill(struct zone *zone)
{
	uint32_t capacity = 0;
	int32_t offset = offset_at(0);
	add_change(zone, &capacity, INT64_MIN, offset);
	for (int64_t day = DAY_SECONDS; day <= TABLE_END; day += DAY_SECONDS) {
		if (offset_at(day) == offset)
			continue;
		int64_t change = find_change(day - DAY_SECONDS, day);
		offset = offset_at(change);
		add_change(zone, &capacity, change * 1000, offset);
	}
}

/* What lies before the first stretch begins with the first span. */
static void note_stretches(struct zone *zone)
{
	uint32_t span = 0;
	for (uint32_t i = 1; i < ZONE_STRETCHES; i++) {
		while (span + 1 < zone->count && zone->starts[span + 1] <= (int64_t)i << ZONE_STRETCH_BITS)
			span++;
		zone->first[i] = span;
	}
}

static void use_zone(const char *setting)
{
	if (setting)
		setenv("TZ", setting, 1);
	else
		unsetenv("TZ");
	tzset();
}

/* The C library takes an unknown zone for UTC without a word, hence the look at the file. UTC itself needs no file. */
static enum result zone_setting(const char *name, char *setting, size_t size)
{
	const char *folder = getenv("TZDIR");
	int length = snprintf(setting, size, ":%s/%s", folder ? folder : "/usr/share/zoneinfo", name);
	if (length < 0 || (size_t)length >= size)
		return RESULT_NOT_FOUND;
	struct stat file;
	if (stat(setting + 1, &file) == 0 && S_ISREG(file.st_mode))
		return RESULT_OK;
	if (strcmp(name, "UTC") != 0)
		return RESULT_NOT_FOUND;
	strcpy(setting, "UTC0");
	return RESULT_OK;
}

static bool plausible(const char *name)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";
	return name[0] >= 'A' && name[0] <= 'Z' && strspn(name, allowed) == strlen(name) &&
		strlen(name) < sizeof((struct zone *)0)->name;
}

enum result zone_load(struct zone *zone, const char *name)
{
	char setting[512];
	if (!plausible(name))
		return RESULT_NOT_FOUND;
	enum result result = zone_setting(name, setting, sizeof setting);
	if (result)
		return result;
	*zone = (struct zone){0};
	strcpy(zone->name, name);
	const char *current = getenv("TZ");
	char *before = current ? mem_text(current) : NULL;
	use_zone(setting);
	fill(zone);
	note_stretches(zone);
	use_zone(before);
	mem_free(before);
	return RESULT_OK;
}

void zone_release(struct zone *zone)
{
	if (!zone)
		return;
	mem_free(zone->starts);
	mem_free(zone->offsets);
	*zone = (struct zone){0};
}

/* ---- using ----------------------------------------------------------------------------------------------------------- */

static uint32_t stretch_of(int64_t ms)
{
	int64_t stretch = ms < 0 ? 0 : ms >> ZONE_STRETCH_BITS;
	return (uint32_t)(stretch < ZONE_STRETCHES ? stretch : ZONE_STRETCHES - 1);
}

/* The first i in [0, count) for which the instant of local time `local` by offset i comes before start i + 1. With local = the
 * instant and no offsets this finds the span of an instant. No offset is as much as a day. */
static uint32_t find_span(const struct zone *zone, int64_t ms, bool local)
{
	uint32_t i = zone->first[stretch_of(local ? ms - DAY_MS : ms)];
	while (i + 1 < zone->count && (local ? ms - (int64_t)zone->offsets[i] * 1000 : ms) >= zone->starts[i + 1])
		i++;
	return i;
}

struct civil zone_civil(const struct zone *zone, int64_t ms)
{
	int64_t local = ms + (int64_t)zone->offsets[find_span(zone, ms, false)] * 1000;
	int64_t day = local / DAY_MS - (local % DAY_MS < 0);
	int64_t rest = local - day * DAY_MS;
	return (struct civil){(int32_t)day, (int32_t)(rest / 1000), (int32_t)(rest % 1000)};
}

int64_t zone_instant(const struct zone *zone, int32_t day, int32_t second)
{
	int64_t local = ((int64_t)day * DAY_SECONDS + second) * 1000;
	uint32_t span = find_span(zone, local, true);
	int64_t instant = local - (int64_t)zone->offsets[span] * 1000;
	/* Before its own span: the clock jumped over it. */
	return instant < zone->starts[span] ? zone->starts[span] : instant;
}
