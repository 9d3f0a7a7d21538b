#include "tools/kpictl/source.h"

#include "base/mem.h"
#include "daemon/checkpoint/input.h"
#include "daemon/checkpoint/store_settings.h"
#include "tools/kpictl/replay_input.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static const struct publication_sink nobody;

static bool say(const struct source *source, const char *what, const char *detail)
{
	fprintf(stderr, "kpictl %s: %s%s%s\n", source->verb, what, *detail ? ": " : "", detail);
	return false;
}

static bool publish(const struct source *source, struct engine *engine, int64_t as_of)
{
	return engine_publish(engine, as_of) == RESULT_OK || say(source, "the state is damaged", "");
}

/* ---- checkpoints ---- */

enum { SHARDS_MAX = 4096, TRIES = 3 };

struct checkpoints {
	const struct source *source;
	struct store *store;
	const struct config *config;
	uint32_t count; /* of shards, as they say themselves */
	int64_t end, as_of;
};

static enum result note_shard(struct checkpoints *checkpoints, const struct shard *shard, struct str bytes)
{
	struct shard_status status;
	struct checkpoint_input input;
	if (input_read(bytes, &input) != RESULT_OK)
		return RESULT_CORRUPT;
	shard_status(shard, &status);
	checkpoints->count = input.partitions > checkpoints->count ? input.partitions : checkpoints->count;
	checkpoints->end = status.end > checkpoints->end ? status.end : checkpoints->end;
	checkpoints->as_of = status.as_of < checkpoints->as_of ? status.as_of : checkpoints->as_of;
	return RESULT_OK;
}

/* A running kpid may have removed what was there a moment ago. */
static bool load_shard(struct checkpoints *checkpoints, uint32_t index, struct shard **ret_shard)
{
	struct buf bytes;
	struct str input;
	buf_init(&bytes);
	enum result result = RESULT_IO;
	for (int i = 0; i < TRIES && (result == RESULT_IO || result == RESULT_NOT_FOUND); i++)
		result = store_load(checkpoints->store, index, &bytes);
	if (result == RESULT_OK)
		result = shard_load(checkpoints->config, index, buf_str(&bytes), ret_shard, &input);
	if (result == RESULT_OK)
		result = note_shard(checkpoints, *ret_shard, input);
	if (result == RESULT_CONFLICT)
		say(checkpoints->source,
			"the checkpoint was written with other measures, windows or events than the configuration has",
			"");
	else if (result != RESULT_OK)
		say(checkpoints->source, "the checkpoint cannot be used",
			*store_error(checkpoints->store) ? store_error(checkpoints->store) : result_text(result));
	buf_release(&bytes);
	return result == RESULT_OK;
}

static bool load_shards(struct checkpoints *checkpoints, const uint32_t *indices, size_t count, struct shard **shards)
{
	for (size_t i = 0; i < count; i++)
		if (indices[i] >= SHARDS_MAX || !load_shard(checkpoints, indices[i], &shards[indices[i]]))
			return false;
	return checkpoints->count <= SHARDS_MAX || say(checkpoints->source, "the checkpoints are damaged", "");
}

static bool fill(struct engine *engine, const struct checkpoints *checkpoints, struct shard **shards)
{
	const struct config *config = checkpoints->config;
	int64_t as_of = checkpoints->source->as_of;
	int64_t end = checkpoints->end;
	as_of = as_of == INT64_MIN ? checkpoints->as_of : as_of;
	if (window_end(&config->model, as_of) > end)
		end = window_end(&config->model, as_of);
	else if (as_of != checkpoints->as_of && window_end(&config->model, as_of) < end)
		return say(checkpoints->source,
			"the state is of a later time than --as-of; with --events any time will do", "");
	engine_init(engine, config, checkpoints->count, checkpoints->end, &nobody);
	for (uint32_t i = 0; i < checkpoints->count; i++)
		if (shards[i])
			engine_put_shard(engine, i, &shards[i]);
	for (uint32_t i = 0; i < checkpoints->count; i++)
		shard_touch_all(engine->shards[i]);
	engine_roll(engine, end);
	return publish(checkpoints->source, engine, as_of);
}

/* --state names a directory, whatever is configured. */
static void choose_place(struct store_place *place, const struct source *source, const struct config *config)
{
	store_place_init(place, &config->settings);
	place->options.reading = true;
	if (!source->state)
		return;
	place->options.kind = STORE_DIRECTORY;
	place->options.directory = source->state;
}

static bool fill_from_state(const struct source *source, struct engine *engine, const struct config *config)
{
	struct store_place place;
	char error[512] = "";
	uint32_t indices[SHARDS_MAX];
	size_t count = 0;
	struct checkpoints checkpoints = {.source = source, .config = config, .end = INT64_MIN, .as_of = INT64_MAX};
	choose_place(&place, source, config);
	if (store_open(&place.options, error, sizeof error, &checkpoints.store) != RESULT_OK)
		return say(source, "there is no state", error);
	struct shard **shards = NEW_ARRAY(struct shard *, SHARDS_MAX);
	bool found = store_shards(checkpoints.store, indices, SHARDS_MAX, &count) == RESULT_OK && count > 0;
	bool good = found ? load_shards(&checkpoints, indices, count < SHARDS_MAX ? count : SHARDS_MAX, shards)
			  : say(source, "there is no checkpoint in", store_place(checkpoints.store));
	good = good && fill(engine, &checkpoints, shards);
	for (size_t i = 0; i < SHARDS_MAX; i++)
		shard_free(shards[i]);
	mem_free(shards);
	store_close(checkpoints.store);
	return good;
}

/* ---- a file ---- */

static void feed(struct engine *engine, struct decoder *decoder, const struct replay_input *input, int64_t as_of)
{
	for (size_t i = 0; i < input->count; i++) {
		const struct replay_line *line = &input->lines[i];
		struct message message = {.body = line->text, .topic = -1};
		struct event event;
		enum refusal reason;
		if (line->time < as_of && decode(decoder, &message, &event, &reason, NULL) == RESULT_OK)
			engine_event(engine, &event, line->kafka_time, &reason);
	}
}

static bool fill_from_file(const struct source *source, struct engine *engine, const struct config *config)
{
	const char *path = source->events;
	int64_t as_of = source->as_of;
	struct replay_input input;
	struct decoder *decoder = decoder_new(&config->schema, (size_t)config->settings.message_bytes);
	bool good = replay_input_read(&input, path, decoder, source->as_arrived) == RESULT_OK ||
		say(source, path, strerror(errno));
	if (good && as_of == INT64_MIN)
		as_of = replay_input_after_last(&input, &config->settings, source->as_arrived);
	if (good && as_of == INT64_MIN)
		good = say(source, "there is no event in", path);
	if (good) {
		engine_init(engine, config, 1, window_end(&config->model, as_of), &nobody);
		engine->keeps_events = true;
		feed(engine, decoder, &input, as_of);
		good = publish(source, engine, as_of);
	}
	replay_input_release(&input);
	decoder_free(decoder);
	return good;
}

bool source_fill(const struct source *source, struct engine *engine, const struct config *config)
{
	if (!source->events)
		return fill_from_state(source, engine, config);
	if (strcmp(source->events, "kafka") == 0)
		return source_fill_from_kafka(source, engine, config);
	return fill_from_file(source, engine, config);
}
