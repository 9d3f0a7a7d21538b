#include "daemon/kafka/topology.h"

#include "base/mem.h"

#include <stdio.h>

#define ASK_TIMEOUT_MS 2000

void topology_init(struct topology *topology, const struct config *config)
{
	size_t count = config->schema.topic_count;
	*topology = (struct topology){
		.topic_count = count,
		.names = NEW_ARRAY(char *, count),
		.partitions = NEW_ARRAY(int32_t, count),
	};
	for (size_t i = 0; i < count; i++) {
		struct buf name;
		buf_init(&name);
		buf_printf(&name, "%s%s", config->settings.kafka_topic_prefix, config->schema.topics[i].name);
		topology->names[i] = mem_text(name.data);
		buf_release(&name);
	}
}

static enum result unequal(const struct topology *topology, char *error, size_t error_size)
{
	struct buf text;
	buf_init(&text);
	buf_put_text(&text, "the topics must have the same number of partitions, but");
	for (size_t i = 0; i < topology->topic_count; i++)
		if (topology->partitions[i] > 0)
			buf_printf(&text, "%s %s has %d", text.length > 60 ? "," : "", topology->names[i],
				(int)topology->partitions[i]);
	buf_put_text(&text, "; give all of them the largest number");
	snprintf(error, error_size, "%s", text.data);
	buf_release(&text);
	return RESULT_CONFLICT;
}

static enum result compare(struct topology *topology, char *error, size_t error_size)
{
	topology->shard_count = 0;
	for (size_t i = 0; i < topology->topic_count; i++) {
		int32_t partitions = topology->partitions[i];
		if (partitions == 0)
			continue;
		if (topology->shard_count == 0)
			topology->shard_count = partitions;
		if (partitions != topology->shard_count)
			return unequal(topology, error, error_size);
	}
	if (topology->shard_count > 0)
		return RESULT_OK;
	snprintf(error, error_size, "none of the topics exists yet (%s, ...)", topology->names[0]);
	return RESULT_NOT_FOUND;
}

enum result topology_ask(struct topology *topology, struct consumer *metadata, char *error, size_t error_size)
{
	for (size_t i = 0; i < topology->topic_count; i++) {
		const char *name = topology->names[i];
		int32_t partitions = 0;
		enum result result =
			consumer_partitions(metadata, &name, 1, ASK_TIMEOUT_MS, &partitions, error, error_size);
		if (result != RESULT_OK && result != RESULT_NOT_FOUND)
			return result;
		topology->partitions[i] = result == RESULT_OK ? partitions : 0;
	}
	return compare(topology, error, error_size);
}

bool topology_equal(const struct topology *a, const struct topology *b)
{
	for (size_t i = 0; i < a->topic_count; i++)
		if (a->partitions[i] != b->partitions[i])
			return false;
	return true;
}

void topology_release(struct topology *topology)
{
	for (size_t i = 0; i < topology->topic_count; i++)
		mem_free(topology->names[i]);
	mem_free(topology->names);
	mem_free(topology->partitions);
	*topology = (struct topology){0};
}
