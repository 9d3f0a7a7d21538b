#include "tests/simulator/oracle.h"

#include "base/check.h"
#include "tests/simulator/log.h"
#include "tests/simulator/redis.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SCRIPT "tests/simulator/oracle.py"
#define PATH 300

static FILE *create(const char *folder, const char *name)
{
	char path[PATH];
	CHECK(snprintf(path, sizeof path, "%s/%s", folder, name) < PATH);
	return fopen(path, "w");
}

/* In the order of arrival: Kafka timestamp, partition, key, value. */
static bool write_records(const char *folder, const bool *read)
{
	FILE *file = create(folder, "records");
	if (!file)
		return false;
	for (size_t i = 0; i < world->plan->record_count; i++) {
		const struct log_record *record = log_record_of(i);
		const struct sim_event *event = &record->plan->event;
		if (read[i])
			fprintf(file, "%lld\t%u\t%.*s\t%.*s\n", (long long)event->kafka_time, event->partition,
				STR_ARG(record->key), STR_ARG(record->value));
	}
	return fclose(file) == 0;
}

/* The fields of all hashes: key, field, value. */
static bool write_redis(const char *folder)
{
	const struct keyspace *keys = &world->redis->keys;
	FILE *file = create(folder, "redis");
	if (!file)
		return false;
	for (size_t i = 0; i < keys->count; i++) {
		const struct sim_key *key = &keys->items[i];
		for (size_t f = 0; key->type == KEY_HASH && f < key->count; f++)
			fprintf(file, "%.*s\t%.*s\t%.*s\n", STR_ARG(key->name), STR_ARG(key->fields[f].name),
				STR_ARG(key->fields[f].value));
	}
	return fclose(file) == 0;
}

/* What the script says of the differences, on one line. */
static void take_words(FILE *said, char *text, size_t size)
{
	char rest[4096];
	size_t length = fread(text, 1, size - 1, said);
	while (fread(rest, 1, sizeof rest, said) > 0)
		;
	while (length > 0 && text[length - 1] == '\n')
		length--;
	for (size_t i = 0; i < length; i++)
		if (text[i] == '\n')
			text[i] = ';';
	text[length] = '\0';
}

static void run_script(const char *folder, int64_t end, bool gap)
{
	char command[2 * PATH], text[450];
	snprintf(command, sizeof command, "exec python3 " SCRIPT " %s --seed %llu --as-of %lld --partitions %u %s 2>&1",
		folder, (unsigned long long)world->plan->seed, (long long)end, world->plan->shard_count,
		gap ? "--gap" : "");
	FILE *said = popen(command, "r");
	if (!said) {
		world_fail("by the oracle: " SCRIPT " cannot be started");
		return;
	}
	take_words(said, text, sizeof text);
	if (pclose(said) != 0)
		world_fail("by the oracle: %s", text);
}

void oracle_compare(const bool read[PLAN_RECORDS_MAX], int64_t end, bool gap)
{
	const char *temporary = getenv("TMPDIR");
	char folder[PATH];
	if (*world->failure)
		return;
	CHECK(snprintf(folder, sizeof folder, "%s/kpid-oracle-XXXXXX", temporary ? temporary : "/tmp") < PATH);
	world_rare(RARE_ORACLE);
	if (!mkdtemp(folder) || !write_records(folder, read) || !write_redis(folder))
		world_fail("by the oracle: %s cannot be written", folder);
	else
		run_script(folder, end, gap);
}
