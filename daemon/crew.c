#include "daemon/crew.h"

#include "base/log.h"
#include "base/mem.h"
#include "daemon/checkpoint/store_settings.h"

#include <stdlib.h>
#include <unistd.h>

enum result crew_consumer(
	const struct settings *settings, size_t sharers, size_t slot_count, struct consumer **ret_consumer)
{
	char error[512] = "";
	struct consumer_options options = {
		.brokers = settings->kafka_brokers,
		.client_id = settings->name,
		.group = settings->name,
		.properties = (const struct kafka_property *)settings->kafka_properties,
		.property_count = settings->kafka_property_count,
		.queue_bytes = settings->kafka_queue_bytes / (int64_t)(sharers ? sharers : 1),
		.slot_count = slot_count,
	};
	enum result result = consumer_new(&options, error, sizeof error, ret_consumer);
	if (result != RESULT_OK)
		log_error("cannot make a Kafka consumer: %s", error);
	return result == RESULT_OK ? RESULT_OK : RESULT_CONFLICT;
}

static size_t topics_there(const struct topology *topology)
{
	size_t count = 0;
	for (size_t t = 0; t < topology->topic_count; t++)
		count += topology->partitions[t] > 0;
	return count;
}

static void give_shard(struct crew *crew, struct worker *worker, struct restored_shard *from, uint32_t index,
	struct consumer_position *positions)
{
	struct worker_shard *shard = &worker->shards[worker->shard_count];
	size_t slot = worker->shard_count * topics_there(crew->topology);
	shard->index = index;
	shard->shard = from->shard;
	shard->posted_as_of = INT64_MIN;
	shard->dirty = true;
	restore_feed(from, crew->topology, crew->control->config, slot, (int32_t)index, &shard->feed, positions + slot);
	memcpy(shard->refused, from->refused, sizeof shard->refused);
	shard_touch_all(shard->shard);
	from->shard = NULL;
	restored_shard_clear(from);
	worker->shard_count++;
}

/* Every n-th of the shards that are there. */
static void give_shards(
	struct crew *crew, struct worker *worker, struct restored *restored, struct consumer_position *positions)
{
	worker->shards = NEW_ARRAY(struct worker_shard, restored->count);
	size_t seen = 0;
	for (uint32_t s = 0; s < restored->count; s++)
		if (restored->shards[s].wanted && seen++ % crew->count == worker->index)
			give_shard(crew, worker, &restored->shards[s], s, positions);
}

static enum result assign(const struct crew *crew, struct worker *worker, const struct consumer_position *positions)
{
	char error[512] = "";
	size_t slots = worker->shard_count * topics_there(crew->topology);
	enum result result = crew_consumer(&crew->control->config->settings, crew->count, slots, &worker->consumer);
	if (result == RESULT_OK)
		result = consumer_assign(worker->consumer, worker->topic_names, crew->topology->topic_count, positions,
			slots, error, sizeof error);
	if (result != RESULT_OK)
		log_error("cannot read the topics: %s", error);
	return result;
}

static enum result make_worker(struct crew *crew, uint32_t index, struct restored *restored)
{
	const struct config *config = crew->control->config;
	struct worker *worker = &crew->workers[index];
	size_t max = topics_there(crew->topology) * restored->count;
	struct consumer_position *positions = NEW_ARRAY(struct consumer_position, max);
	worker->control = crew->control;
	worker->index = index;
	worker->partition_count = crew->topology->shard_count;
	worker->topic_names = (const char **)crew->topology->names;
	worker->decoder = decoder_new(&config->schema, (size_t)config->settings.message_bytes);
	worker->letters = dead_letters_new(&config->settings);
	worker->deaths = crew->control->deaths;
	worker->note = deaths_note(worker->deaths, index);
	worker->crash_on = getenv("KPID_TEST_CRASH_ID");
	give_shards(crew, worker, restored, positions);
	enum result result = assign(crew, worker, positions);
	mem_free(positions);
	return result;
}

static size_t worker_count(const struct settings *settings, const struct restored *restored)
{
	size_t shards = 0;
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	size_t wanted = (size_t)settings->worker_threads;
	for (uint32_t s = 0; s < restored->count; s++)
		shards += restored->shards[s].wanted;
	if (wanted == 0)
		wanted = processors > 0 ? (size_t)processors : 1;
	return wanted < shards ? wanted : shards;
}

enum result crew_make(struct crew *crew, struct control *control, const struct topology *topology,
	struct restored *restored, struct consumer *metadata)
{
	const struct settings *settings = &control->config->settings;
	*crew = (struct crew){.control = control, .topology = topology, .count = worker_count(settings, restored)};
	crew->workers = NEW_ARRAY(struct worker, crew->count);
	size_t count = crew->count;
	for (uint32_t w = 0; w < count; w++) {
		enum result result = make_worker(crew, w, restored);
		if (result != RESULT_OK)
			return result;
	}
	return restore_probe(metadata, store_setting(settings), topology, crew->workers, crew->count);
}

enum result crew_start(struct crew *crew)
{
	enum result result = RESULT_OK;
	for (size_t w = 0; w < crew->count && result == RESULT_OK; w++)
		result = worker_start(&crew->workers[w]);
	return result;
}

void crew_join(struct crew *crew)
{
	for (size_t w = 0; w < crew->count; w++)
		worker_wake(&crew->workers[w]);
	for (size_t w = 0; w < crew->count; w++)
		worker_join(&crew->workers[w]);
}

void crew_give_back(struct crew *crew, struct restored *restored)
{
	const struct schema *schema = &crew->control->config->schema;
	for (size_t w = 0; w < crew->count; w++) {
		struct worker *worker = &crew->workers[w];
		for (size_t i = 0; i < worker->shard_count && !worker->lost_letter; i++) {
			struct worker_shard *from = &worker->shards[i];
			struct restored_shard *to = &restored->shards[from->index];
			restored_shard_clear(to);
			feed_save(&from->feed, worker->consumer, schema, &to->bytes);
			to->input = buf_str(&to->bytes);
			memcpy(to->refused, from->refused, sizeof to->refused);
			to->shard = from->shard;
			from->shard = NULL;
		}
	}
}

int64_t crew_beat(const struct crew *crew)
{
	int64_t oldest = INT64_MAX;
	for (size_t w = 0; w < crew->count; w++) {
		int64_t beat = atomic_load(&crew->workers[w].beat_us);
		oldest = beat < oldest ? beat : oldest;
	}
	return oldest;
}

void crew_release(struct crew *crew)
{
	for (size_t w = 0; w < crew->count; w++)
		worker_release(&crew->workers[w]);
	mem_free(crew->workers);
	*crew = (struct crew){0};
}
