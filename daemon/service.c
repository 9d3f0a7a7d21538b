#include "daemon/service.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "daemon/checkpoint/store_settings.h"
#include "daemon/publishing.h"
#include "daemon/restore.h"
#include "daemon/saver.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define TOPOLOGY_EVERY_US 10000000
/* A thread that had no turn for so long hangs. Writing dead letters and checkpoints may take some seconds. */
#define ALIVE_US 30000000

struct service {
	const struct config *config;
	struct control control;
	struct store *store;
	struct deaths *deaths;
	struct consumer *metadata;
	struct topology topology;
	struct restored restored;
	struct writer *writer;
	struct worker *workers;
	size_t worker_count;
	struct publishing publishing;
	bool publishing_made;
	int64_t topology_at_us;
};

static enum result open_store(struct service *service)
{
	char error[512] = "";
	struct store_place place;
	store_place_init(&place, &service->config->settings);
	enum result result = store_open(&place.options, error, sizeof error, &service->store);
	if (result != RESULT_OK)
		log_error("%s", error);
	if (result == RESULT_OK)
		service->deaths = deaths_open(place.options.directory);
	return result == RESULT_OK ? RESULT_OK : RESULT_CONFLICT;
}

static enum result make_consumer(const struct service *service, size_t slot_count, struct consumer **ret_consumer)
{
	char error[512] = "";
	const struct settings *settings = &service->config->settings;
	struct consumer_options options = {
		.brokers = settings->kafka_brokers,
		.client_id = settings->name,
		.group = settings->name,
		.properties = (const struct kafka_property *)settings->kafka_properties,
		.property_count = settings->kafka_property_count,
		.queue_bytes =
			settings->kafka_queue_bytes / (int64_t)(service->worker_count ? service->worker_count : 1),
		.slot_count = slot_count,
	};
	enum result result = consumer_new(&options, error, sizeof error, ret_consumer);
	if (result != RESULT_OK)
		log_error("cannot make a Kafka consumer: %s", error);
	return result == RESULT_OK ? RESULT_OK : RESULT_CONFLICT;
}

/* Waits for the brokers and the topics; says every new reason once. */
static enum result find_topics(struct service *service, bool (*cancel)(void *), void *context)
{
	char error[512] = "", said[512] = "";
	topology_init(&service->topology, service->config);
	while (!cancel(context)) {
		enum result result = topology_ask(&service->topology, service->metadata, error, sizeof error);
		if (result == RESULT_OK)
			return RESULT_OK;
		if (result == RESULT_CONFLICT) {
			log_error("%s", error);
			return result;
		}
		if (strcmp(error, said) != 0)
			log_warning("waiting for Kafka at %s: %s", service->config->settings.kafka_brokers, error);
		memcpy(said, error, sizeof said);
		consumer_wait(service->metadata, 500);
	}
	return RESULT_CLOSED;
}

static void say_missing(const struct topology *topology)
{
	for (size_t t = 0; t < topology->topic_count; t++)
		if (topology->partitions[t] == 0)
			log_warning("topic %s does not exist yet; it is read as soon as it does", topology->names[t]);
}

static size_t topics_there(const struct topology *topology)
{
	size_t count = 0;
	for (size_t t = 0; t < topology->topic_count; t++)
		count += topology->partitions[t] > 0;
	return count;
}

static void give_shards(struct service *service, struct worker *worker, struct consumer_position *positions)
{
	uint32_t shard_count = (uint32_t)service->topology.shard_count;
	size_t slot = 0, topics = topics_there(&service->topology);
	worker->shards = NEW_ARRAY(struct worker_shard, shard_count);
	for (uint32_t s = worker->index; s < shard_count; s += (uint32_t)service->worker_count) {
		struct worker_shard *shard = &worker->shards[worker->shard_count++];
		struct restored_shard *from = &service->restored.shards[s];
		shard->index = s;
		shard->shard = from->shard;
		shard->posted_as_of = INT64_MIN;
		shard->dirty = true;
		restore_feed(
			from, &service->topology, service->config, slot, (int32_t)s, &shard->feed, positions + slot);
		shard_touch_all(shard->shard);
		from->shard = NULL;
		buf_release(&from->bytes);
		slot += topics;
	}
}

static enum result make_worker(struct service *service, uint32_t index)
{
	char error[512] = "";
	struct worker *worker = &service->workers[index];
	size_t max = topics_there(&service->topology) * (size_t)service->topology.shard_count;
	struct consumer_position *positions = NEW_ARRAY(struct consumer_position, max);
	worker->control = &service->control;
	worker->index = index;
	worker->partition_count = service->topology.shard_count;
	worker->topic_names = (const char **)service->topology.names;
	worker->decoder = decoder_new(&service->config->schema, (size_t)service->config->settings.message_bytes);
	worker->letters = dead_letters_new(&service->config->settings);
	worker->deaths = service->deaths;
	worker->note = deaths_note(service->deaths, index);
	worker->crash_on = getenv("KPID_TEST_CRASH_ID");
	give_shards(service, worker, positions);
	size_t slots = worker->shard_count * topics_there(&service->topology);
	enum result result = make_consumer(service, slots, &worker->consumer);
	if (result == RESULT_OK)
		result = consumer_assign(worker->consumer, worker->topic_names, service->topology.topic_count,
			positions, slots, error, sizeof error);
	if (result != RESULT_OK)
		log_error("cannot read the topics: %s", error);
	mem_free(positions);
	return result;
}

static enum result make_workers(struct service *service)
{
	int64_t wanted = service->config->settings.worker_threads;
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	if (wanted == 0)
		wanted = processors > 0 ? processors : 1;
	service->worker_count =
		(size_t)(wanted < service->topology.shard_count ? wanted : service->topology.shard_count);
	service->workers = NEW_ARRAY(struct worker, service->worker_count);
	for (uint32_t w = 0; w < service->worker_count; w++) {
		enum result result = make_worker(service, w);
		if (result != RESULT_OK)
			return result;
	}
	return restore_probe(service->metadata, store_setting(&service->config->settings), &service->topology,
		service->workers, service->worker_count);
}

static enum result make_writer(struct service *service)
{
	char error[512] = "";
	const struct settings *settings = &service->config->settings;
	struct writer_options options = {
		.url = settings->redis_url, .prefix = settings->redis_prefix, .sweep_ms = settings->redis_refresh};
	enum result result = writer_new(&options, error, sizeof error, &service->writer);
	if (result != RESULT_OK)
		log_error("redis.url: %s", error);
	service->control.writer = service->writer;
	return result == RESULT_OK ? RESULT_OK : RESULT_CONFLICT;
}

static enum result start_threads(struct service *service)
{
	uint32_t shard_count = (uint32_t)service->topology.shard_count;
	enum result result = saver_start(service->store, shard_count, &service->control.saver);
	if (result != RESULT_OK)
		return result;
	publishing_init(&service->publishing, &service->control, service->writer, shard_count, service->restored.token,
		service->restored.end);
	service->publishing_made = true;
	atomic_store(&service->control.token, (int64_t)service->restored.token);
	for (size_t w = 0; w < service->worker_count && result == RESULT_OK; w++)
		result = worker_start(&service->workers[w]);
	return result == RESULT_OK ? publishing_start(&service->publishing) : result;
}

enum result service_start(
	const struct config *config, bool (*cancel)(void *), void *context, struct service **ret_service)
{
	struct service *service = NEW(struct service);
	service->config = config;
	service->control.config = config;
	mailbox_init(&service->control.mailbox);
	enum result result = open_store(service);
	if (result == RESULT_OK)
		result = make_writer(service);
	if (result == RESULT_OK)
		result = make_consumer(service, 0, &service->metadata);
	if (result == RESULT_OK)
		result = find_topics(service, cancel, context);
	if (result == RESULT_OK)
		result = restore_load(
			&service->restored, service->store, config, (uint32_t)service->topology.shard_count);
	if (result == RESULT_OK)
		result = make_workers(service);
	if (result == RESULT_OK)
		result = start_threads(service);
	if (result != RESULT_OK) {
		service_stop(service, NULL);
		return result;
	}
	say_missing(&service->topology);
	dead_letters_create_topics(&config->settings, service->metadata, service->topology.shard_count);
	service->topology_at_us = clock_steady_us() + TOPOLOGY_EVERY_US;
	*ret_service = service;
	return RESULT_OK;
}

/* New topics are taken in by starting again; another number of partitions would spread customers anew. */
static enum result watch_topology(struct service *service)
{
	char error[512] = "";
	struct topology now;
	topology_init(&now, service->config);
	enum result result = topology_ask(&now, service->metadata, error, sizeof error), answer = RESULT_OK;
	if (result == RESULT_CONFLICT || (result == RESULT_OK && now.shard_count != service->topology.shard_count)) {
		log_error("the number of partitions has changed while running: %s",
			result == RESULT_CONFLICT ? error : "all topics have more now");
		answer = RESULT_CONFLICT;
	} else if (result == RESULT_OK && !topology_equal(&now, &service->topology)) {
		log_notice("the topics have changed: starting again from the checkpoint");
		answer = RESULT_CLOSED;
	}
	topology_release(&now);
	return answer;
}

enum result service_watch(struct service *service)
{
	enum result failure = (enum result)atomic_load(&service->control.failure);
	if (failure != RESULT_OK)
		return failure;
	if (clock_steady_us() < service->topology_at_us)
		return RESULT_OK;
	enum result result = watch_topology(service);
	service->topology_at_us = clock_steady_us() + TOPOLOGY_EVERY_US;
	return result;
}

bool service_alive(const struct service *service)
{
	int64_t oldest = atomic_load(&service->publishing.beat_us);
	for (size_t w = 0; w < service->worker_count; w++) {
		int64_t beat = atomic_load(&service->workers[w].beat_us);
		oldest = beat < oldest ? beat : oldest;
	}
	return clock_steady_us() - oldest < ALIVE_US;
}

void service_status(const struct service *service, char *text, size_t size)
{
	int64_t end = atomic_load(&service->control.end);
	bool live = end >= clock_wall_ms() - 120000;
	snprintf(text, size, "%s; %d shards, %zu workers", live ? "caught up" : "catching up",
		(int)service->topology.shard_count, service->worker_count);
}

int64_t service_end(const struct service *service)
{
	return atomic_load(&service->control.end);
}

bool service_stop(struct service *service, int64_t *ret_end)
{
	if (!service)
		return true;
	atomic_store(&service->control.stop, true);
	for (size_t w = 0; w < service->worker_count; w++)
		worker_wake(&service->workers[w]);
	for (size_t w = 0; w < service->worker_count; w++)
		worker_join(&service->workers[w]);
	if (service->publishing_made)
		publishing_join(&service->publishing);
	if (ret_end)
		*ret_end = service_end(service);
	bool whole = saver_stop(service->control.saver);
	for (size_t w = 0; w < service->worker_count; w++)
		worker_release(&service->workers[w]);
	mem_free(service->workers);
	if (service->publishing_made)
		publishing_release(&service->publishing);
	writer_free(service->writer);
	restore_release(&service->restored);
	consumer_free(service->metadata);
	topology_release(&service->topology);
	deaths_close(service->deaths);
	store_close(service->store);
	mailbox_release(&service->control.mailbox);
	mem_free(service);
	return whole;
}
