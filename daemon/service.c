#include "daemon/service.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "daemon/checkpoint/store_settings.h"
#include "daemon/clock_watch.h"
#include "daemon/crew.h"
#include "daemon/member.h"
#include "daemon/publishing.h"
#include "daemon/saver.h"
#include "daemon/standby.h"

#include <stdio.h>

#define TOPOLOGY_EVERY_US 10000000
/* A thread that had no turn for so long hangs. Writing dead letters and checkpoints may take some seconds. */
#define ALIVE_US 30000000

/* How often the main thread looks. */
#define TURN_MS 200
#define BUSY_TURN_MS 20

struct service {
	const struct config *config;
	struct service_past *past;
	struct standby standby;
	struct control control;
	struct store *store;
	struct consumer *metadata;
	struct clock_watch *clock;
	struct topology topology;
	struct restored restored;
	struct writer *writer;
	struct crew crew;
	struct fleet *fleet; /* cluster: true, as is `member`; else NULL */
	struct member member;
	struct publishing publishing;
	bool publishing_made;
	int64_t topology_at_us;
};

static enum result open_store(void *context, char *problem, size_t problem_size)
{
	struct service *service = context;
	struct store_place place;
	store_place_init(&place, &service->config->settings);
	enum result result = store_open(&place.options, problem, problem_size, &service->store);
	if (result == RESULT_OK)
		service->control.deaths = deaths_open(place.options.directory);
	return result;
}

/* Whoever of a fleet has the lease publishes; the others' work does not wait for it. */
static enum result join_publishers(struct service *service)
{
	char problem[512] = "";
	const struct config *config = service->config;
	writer_want_lease(service->writer,
		&(struct writer_lease){service->past->instance, config->hash, config->settings.redis_lease});
	if (open_store(service, problem, sizeof problem) == RESULT_OK)
		return RESULT_OK;
	log_error("%s", problem);
	return RESULT_CONFLICT;
}

static enum result become_active(struct service *service, const struct service_waits *waits)
{
	struct store_place place;
	char lock[4200];
	store_place_init(&place, &service->config->settings);
	snprintf(lock, sizeof lock, "%s/lock", place.options.directory);
	struct standby_needs needs = {
		.config = service->config,
		.instance = service->past->instance,
		.interrupted = waits->interrupted,
		.interrupted_context = waits->context,
		.lock = place.options.kind == STORE_DIRECTORY ? lock : NULL,
		.open = open_store,
		.open_context = service,
	};
	if (service->config->settings.cluster)
		return join_publishers(service);
	enum result result = standby_wait(&service->standby, service->writer, &needs);
	return result == RESULT_OK || result == RESULT_CLOSED ? result : RESULT_CONFLICT;
}

/* Waits for the brokers and the topics; says every new reason once. */
static enum result find_topics(struct service *service, const struct service_waits *waits)
{
	char error[512] = "", said[512] = "";
	topology_init(&service->topology, service->config);
	while (!waits->cancelled(waits->context)) {
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
	service->publishing.goes_on = service->fleet != NULL;
	service->publishing_made = true;
	clock_watch_first(service->clock);
	atomic_store(&service->control.token, (int64_t)service->restored.token);
	if (result == RESULT_OK)
		result = service->fleet ? fleet_start(service->fleet) : crew_start(&service->crew);
	standby_end(&service->standby);
	return result == RESULT_OK ? publishing_start(&service->publishing) : result;
}

/* In a fleet shards come with the group's assignments, once all threads work. */
static enum result join_fleet(struct service *service)
{
	service->member = (struct member){.control = &service->control,
		.store = service->store,
		.metadata = service->metadata,
		.topology = &service->topology,
		.restored = &service->restored,
		.crew = &service->crew,
		.fleet = service->fleet};
	return member_join(&service->member);
}

static enum result find_fleet(struct service *service, const struct service_waits *waits)
{
	uint32_t shard_count = (uint32_t)service->topology.shard_count;
	while (!service->fleet && !waits->cancelled(waits->context)) {
		enum result result =
			fleet_new(service->config, &service->control, service->metadata, shard_count, &service->fleet);
		if (result == RESULT_CONFLICT)
			return result;
		if (result != RESULT_OK)
			consumer_wait(service->metadata, 200);
	}
	while (!waits->cancelled(waits->context) && !fleet_ready(service->fleet))
		fleet_turn(service->fleet, 50);
	return waits->cancelled(waits->context) ? RESULT_CLOSED : RESULT_OK;
}

/* The states of all shards and workers for them; in a fleet only what is needed to get some. */
static enum result take_shards(struct service *service, const struct service_waits *waits)
{
	uint32_t shard_count = (uint32_t)service->topology.shard_count;
	if (!service->config->settings.cluster) {
		enum result result = restore_load(&service->restored, service->store, service->config, shard_count);
		return result != RESULT_OK ? result
					   : crew_make(&service->crew, &service->control, &service->topology,
						     &service->restored, service->metadata);
	}
	enum result result = restore_prepare(&service->restored, service->store, service->config, shard_count);
	return result == RESULT_OK ? find_fleet(service, waits) : result;
}

enum result service_start(const struct config *config, const struct service_waits *waits, struct service_past *past,
	struct service **ret_service)
{
	struct service *service = NEW(struct service);
	service->config = config;
	service->past = past;
	service->control.config = config;
	service->control.earlier = &past->counts;
	atomic_store(&service->control.checkpoint_ms, INT64_MIN);
	mailbox_init(&service->control.mailbox);
	enum result result = make_writer(service);
	if (result == RESULT_OK)
		result = become_active(service, waits);
	if (result == RESULT_OK)
		result = crew_consumer(&config->settings, 1, 0, &service->metadata);
	if (result == RESULT_OK)
		result = find_topics(service, waits);
	if (result == RESULT_OK)
		service->clock = clock_watch_new(&service->control, service->metadata);
	if (result == RESULT_OK)
		result = take_shards(service, waits);
	if (result == RESULT_OK)
		result = start_threads(service);
	if (result == RESULT_OK && service->fleet)
		result = join_fleet(service);
	if (result != RESULT_OK) {
		service_stop(service, false, NULL);
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
		log_error(
			"the number of partitions has changed while running: %s; once all topics have as many and all "
			"producers know, 'kpictl checkpoint reshard' moves the state over",
			result == RESULT_CONFLICT ? error : "all topics have more now");
		answer = RESULT_CONFLICT;
	} else if (result == RESULT_OK && !topology_equal(&now, &service->topology)) {
		log_notice("the topics have changed: starting again from the checkpoint");
		answer = RESULT_CLOSED;
	}
	topology_release(&now);
	return answer;
}

/* For those who tell of it: the saver is the main thread's. */
static void note_checkpoints(struct service *service)
{
	struct saver_status status;
	saver_status(service->control.saver, &status);
	atomic_store(&service->control.checkpoints_failing, status.failing);
	atomic_store(&service->control.checkpoint_ms, status.oldest);
}

enum result service_watch(struct service *service)
{
	note_checkpoints(service);
	clock_watch_turn(service->clock);
	enum result failure = (enum result)atomic_load(&service->control.failure);
	if (failure == RESULT_OK && service->fleet)
		failure = member_turn(&service->member);
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
	int64_t oldest = atomic_load(&service->publishing.beat_us), workers = crew_beat(&service->crew);
	oldest = workers < oldest ? workers : oldest;
	oldest = fleet_beat(service->fleet) < oldest ? fleet_beat(service->fleet) : oldest;
	return clock_steady_us() - oldest < ALIVE_US;
}

void service_status(const struct service *service, char *text, size_t size)
{
	int64_t end = atomic_load(&service->control.end);
	bool live = end >= clock_wall_ms() - 120000;
	uint32_t failing = atomic_load(&service->control.checkpoints_failing);
	int length = snprintf(text, size, "%s; %d shards, %zu workers", live ? "caught up" : "catching up",
		(int)service->topology.shard_count, service->crew.count);
	if (failing && length > 0 && (size_t)length < size)
		length += snprintf(
			text + length, size - (size_t)length, "; checkpoints of %u shards cannot be written", failing);
	if (control_clock_is_wrong(&service->control, clock_wall_ms(), clock_steady_us()) && length > 0 &&
		(size_t)length < size)
		snprintf(text + length, size - (size_t)length, "; the clock is not Kafka's: figures stand still");
}

int service_turn_ms(const struct service *service)
{
	return service->fleet && member_busy(&service->member) ? BUSY_TURN_MS : TURN_MS;
}

int64_t service_end(const struct service *service)
{
	return atomic_load(&service->control.end);
}

static void stop_threads(struct service *service)
{
	standby_end(&service->standby);
	atomic_store(&service->control.stop, true);
	crew_join(&service->crew);
	if (service->publishing_made)
		publishing_join(&service->publishing);
	/* The others have all that it takes to publish. */
	if (service->fleet && writer_release_lease(service->writer) != RESULT_OK)
		log_info("the lease in Redis runs out by itself");
}

/* Last of all, so that a standby finds everything written. */
static void end_writer(struct service *service, bool goes_on)
{
	standby_end(&service->standby);
	if (!service->writer)
		return;
	if (!goes_on && !service->fleet && writer_release_lease(service->writer) != RESULT_OK)
		log_info("the lease in Redis runs out by itself");
	writer_stats_add(&service->past->counts, writer_stats(service->writer));
	writer_free(service->writer);
}

bool service_stop(struct service *service, bool goes_on, int64_t *ret_end)
{
	if (!service)
		return true;
	stop_threads(service);
	/* The lock goes for a moment, but not this process. */
	if (goes_on && writer_hide_place(service->writer) != RESULT_OK)
		log_info("Redis is away: a standby may take over");
	if (!service->fleet)
		standby_keep(&service->standby);
	if (ret_end)
		*ret_end = service_end(service);
	bool whole = saver_stop(service->control.saver);
	member_leave(&service->member);
	fleet_join(service->fleet);
	crew_release(&service->crew);
	if (service->publishing_made)
		publishing_release(&service->publishing);
	restore_release(&service->restored);
	clock_watch_free(service->clock);
	consumer_free(service->metadata);
	topology_release(&service->topology);
	deaths_close(service->control.deaths);
	store_close(service->store);
	mailbox_release(&service->control.mailbox);
	end_writer(service, goes_on);
	fleet_free(service->fleet);
	mem_free(service);
	return whole;
}
