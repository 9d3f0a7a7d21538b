#include "tools/kpictl/engine.h"

#include "base/mem.h"
#include "base/text.h"
#include "pipeline/correlate/subject.h"
#include "pipeline/partition.h"

#include <stdio.h>

void engine_init(struct engine *engine, const struct config *config, uint32_t shard_count, int64_t end,
	const struct publication_sink *sink)
{
	const struct settings *settings = &config->settings;
	*engine = (struct engine){
		.config = config,
		.shards = NEW_ARRAY(struct shard *, shard_count),
		.shard_count = shard_count,
		.fold_at = INT64_MAX,
		.merge = merge_new(&config->model, shard_count),
		.calendar = {&config->zone, (int)settings->week_start, (int)settings->fiscal_year_start},
	};
	map_init(&engine->by_id);
	for (uint32_t s = 0; s < shard_count; s++)
		engine->shards[s] = shard_new(config, s, end);
	engine->publisher = publisher_new(&config->model, &config->roster, engine->merge, sink);
	window_spans_at(&config->model, &engine->calendar, end, &engine->spans);
	engine->evaluation = (struct evaluation){
		.model = &config->model, .roster = &config->roster, .spans = &engine->spans, .merge = engine->merge};
}

void engine_put_shard(struct engine *engine, uint32_t index, struct shard **shard)
{
	shard_free(engine->shards[index]);
	engine->shards[index] = *shard;
	*shard = NULL;
}

/* A retraction names no topic: it lies where what it takes back does. */
static struct str key_of(struct engine *engine, const struct event *event)
{
	const struct schema *schema = &engine->config->schema;
	struct str key = subject_key(schema, event);
	if (event->type == schema->retractions.type) {
		struct str named = event->values[schema->retractions.names].text;
		return map_get(&engine->by_id, named) ? named : key;
	}
	if (event->customer.length && schema->topics[schema->types[event->type].topic].key == TOPIC_KEY_ID)
		map_put(&engine->by_id, event->id, NULL);
	return key;
}

static struct shard *shard_of(struct engine *engine, const struct event *event)
{
	enum partitioner partitioner = (enum partitioner)engine->config->settings.kafka_partitioner;
	if (engine->shard_count == 1)
		return engine->shards[0];
	return engine->shards[partition_of_key(partitioner, key_of(engine, event), engine->shard_count)];
}

enum shard_outcome engine_event(
	struct engine *engine, struct event *event, int64_t kafka_time, enum refusal *ret_reason)
{
	struct shard *shard = shard_of(engine, event);
	enum shard_outcome outcome = shard_event(shard, event, kafka_time, ret_reason);
	shard_count_record(shard);
	if (!engine->keeps_events)
		shard_reached(shard, kafka_time < engine->fold_at ? kafka_time : engine->fold_at);
	return outcome;
}

void engine_roll(struct engine *engine, int64_t end)
{
	for (uint32_t s = 0; s < engine->shard_count; s++)
		shard_roll(engine->shards[s], end);
	if (end != engine->spans.end)
		window_spans_at(&engine->config->model, &engine->calendar, end, &engine->spans);
}

enum result engine_publish(struct engine *engine, int64_t as_of)
{
	struct buf records;
	buf_init(&records);
	enum result result = RESULT_OK;
	for (uint32_t s = 0; s < engine->shard_count && result == RESULT_OK; s++) {
		struct shard_status status;
		buf_clear(&records);
		shard_set_as_of(engine->shards[s], as_of);
		shard_partial(engine->shards[s], &records);
		shard_status(engine->shards[s], &status);
		result = merge_apply(engine->merge, &status, buf_str(&records));
	}
	buf_release(&records);
	if (result != RESULT_OK)
		return result;
	engine->evaluation.status = merge_status(engine->merge);
	publisher_turn(engine->publisher, &engine->evaluation);
	return RESULT_OK;
}

const struct merged_key *engine_key(const struct engine *engine, uint8_t dimension, struct str key)
{
	struct merged_key *found = merge_key(engine->merge, dimension, key, false);
	return found && *merged_key_slot(found) ? found : NULL;
}

struct key_names {
	uint8_t dimension;
	struct arena *arena;
	const char **items;
	size_t count, capacity;
};

static void note_key(
	void *context, uint8_t dimension, struct str key, const struct figure *figure, const struct aim *aim)
{
	struct key_names *names = context;
	(void)figure;
	(void)aim;
	if (dimension != names->dimension || (names->count && str_equal(key, str_of(names->items[names->count - 1]))))
		return;
	GROW(names->items, names->count, names->capacity);
	names->items[names->count++] = arena_text(names->arena, key);
}

const char *engine_nearest_key(const struct engine *engine, uint8_t dimension, struct str key, struct arena *arena)
{
	struct key_names names = {.dimension = dimension, .arena = arena};
	publisher_each(engine->publisher, &engine->evaluation, note_key, &names);
	const char *nearest = names.count ? text_nearest(key, names.items, names.count) : NULL;
	mem_free(names.items);
	return nearest;
}

void engine_release(struct engine *engine)
{
	publisher_free(engine->publisher);
	merge_free(engine->merge);
	for (uint32_t s = 0; engine->shards && s < engine->shard_count; s++)
		shard_free(engine->shards[s]);
	mem_free(engine->shards);
	map_release(&engine->by_id);
	*engine = (struct engine){0};
}

struct config *engine_config(const char *directory, const char *const *overrides, size_t override_count)
{
	struct config_problems problems;
	struct config *config;
	struct buf text;
	buf_init(&text);
	enum result result = config_load(directory, overrides, override_count, &config, &problems);
	config_problems_print(&problems, directory, &text);
	if (result != RESULT_OK)
		fwrite(text.data, 1, text.length, stderr);
	buf_release(&text);
	config_problems_release(&problems);
	return result == RESULT_OK ? config : NULL;
}
