#include "daemon/fleet.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "daemon/crew.h"
#include "daemon/fleet_inside.h"

#include <stdio.h>
#include <sys/random.h>
#include <unistd.h>

#define CREATE_TIMEOUT_MS 5000
#define WAIT_MAX_MS 50
/* The log is read by the members that are there: they need the last minutes. */
static const struct kafka_property topic_properties[] = {{"cleanup.policy", "delete"}, {"retention.ms", "3600000"},
	{"segment.ms", "600000"}, {"segment.bytes", "67108864"}};

bool fleet_fail(struct fleet *fleet, enum result result)
{
	int none = RESULT_OK;
	return atomic_compare_exchange_strong(&fleet->control->failure, &none, (int)result);
}

static void wake(void *context)
{
	struct fleet *fleet = context;
	consumer_wake(fleet->tail);
}

/* Batches wait for as long as the brokers are away, in their order. */
static enum result make_producer(struct fleet *fleet, const struct settings *settings)
{
	char error[256] = "";
	size_t count = settings->kafka_property_count;
	struct kafka_property *properties = NEW_ARRAY(struct kafka_property, count + 2);
	for (size_t i = 0; i < count; i++)
		properties[i] = (struct kafka_property){
			settings->kafka_properties[i].name, settings->kafka_properties[i].value};
	properties[count] = (struct kafka_property){"message.timeout.ms", "0"};
	properties[count + 1] = (struct kafka_property){"linger.ms", "1"};
	enum result result = producer_new(settings->kafka_brokers, "murmur2_random", properties, count + 2, error,
		sizeof error, &fleet->producer);
	mem_free(properties);
	if (result != RESULT_OK)
		log_error("cannot make a producer for %s: %s", fleet->topic, error);
	return result == RESULT_OK ? RESULT_OK : RESULT_CONFLICT;
}

static enum result make_topic(struct fleet *fleet)
{
	char error[256] = "";
	enum result result =
		producer_create_topic(fleet->producer, fleet->topic, (int)fleet->shard_count, -1, topic_properties,
			sizeof topic_properties / sizeof *topic_properties, CREATE_TIMEOUT_MS, error, sizeof error);
	if (result == RESULT_OK)
		log_notice("topic %s created", fleet->topic);
	else
		log_warning("topic %s does not exist and cannot be created: %s", fleet->topic, error);
	return RESULT_UNREACHABLE; /* until it is seen */
}

static enum result find_topic(struct fleet *fleet, struct consumer *metadata)
{
	char error[256] = "";
	const char *topic = fleet->topic;
	int32_t partitions = 0;
	enum result result =
		consumer_partitions(metadata, &topic, 1, CREATE_TIMEOUT_MS, &partitions, error, sizeof error);
	if (result == RESULT_NOT_FOUND)
		return make_topic(fleet);
	if (result != RESULT_OK) {
		log_warning("%s", error);
		return result;
	}
	if ((uint32_t)partitions == fleet->shard_count)
		return RESULT_OK;
	log_error("topic %s has %d partitions, but the events' topics have %u; end all members and delete it, so that "
		  "it is made anew",
		topic, (int)partitions, fleet->shard_count);
	return RESULT_CONFLICT;
}

static enum result follow(struct fleet *fleet, const struct settings *settings)
{
	char error[256] = "";
	const char *topic = fleet->topic;
	const size_t sharers = 4;
	struct consumer_position *positions = NEW_ARRAY(struct consumer_position, fleet->shard_count);
	for (uint32_t s = 0; s < fleet->shard_count; s++)
		positions[s] = (struct consumer_position){0, (int32_t)s, CONSUMER_LATEST};
	enum result result = crew_consumer(settings, sharers, fleet->shard_count, &fleet->tail);
	if (result == RESULT_OK)
		result = consumer_assign(fleet->tail, &topic, 1, positions, fleet->shard_count, error, sizeof error);
	if (result != RESULT_OK)
		log_error("cannot read %s: %s", topic, error);
	mem_free(positions);
	return result;
}

static void name_member(struct fleet *fleet)
{
	char host[65] = "";
	uint32_t number = 0;
	if (gethostname(host, sizeof host - 1) != 0)
		snprintf(host, sizeof host, "host");
	if (getrandom(&number, sizeof number, 0) != (ssize_t)sizeof number)
		number = (uint32_t)clock_steady_us();
	snprintf(fleet->member, sizeof fleet->member, "%s:%ld:%08x", host, (long)getpid(), number);
}

enum result fleet_new(const struct config *config, struct control *control, struct consumer *metadata,
	uint32_t shard_count, struct fleet **ret_fleet)
{
	const struct settings *settings = &config->settings;
	struct fleet *fleet = NEW(struct fleet);
	fleet->control = control;
	fleet->shard_count = shard_count;
	fleet->config_hash = config->hash;
	fleet->joined_ms = clock_wall_ms();
	fleet->own = NEW_ARRAY(struct fleet_own, shard_count);
	fleet->fences = NEW_ARRAY(struct fence, shard_count);
	for (uint32_t s = 0; s < shard_count; s++) {
		fence_init(&fleet->fences[s], config->hash);
		fleet->own[s].token = FENCE_NONE;
	}
	fleet->sent_end = INT64_MIN;
	buf_init(&fleet->bytes);
	mailbox_init(&fleet->outbox);
	pthread_mutex_init(&fleet->lock, NULL);
	atomic_store(&fleet->beat_us, clock_steady_us());
	snprintf(fleet->topic, sizeof fleet->topic, "%s%s.partials", settings->kafka_topic_prefix, settings->name);
	name_member(fleet);
	enum result result = make_producer(fleet, settings);
	if (result == RESULT_OK)
		result = find_topic(fleet, metadata);
	if (result == RESULT_OK)
		result = follow(fleet, settings);
	if (result != RESULT_OK) {
		fleet_free(fleet);
		return result;
	}
	control->outbox = &fleet->outbox;
	control->put_fleet = fleet_put;
	fleet->outbox.wake = wake;
	fleet->outbox.context = fleet;
	*ret_fleet = fleet;
	return RESULT_OK;
}

bool fleet_ready(struct fleet *fleet)
{
	for (uint32_t s = 0; s < fleet->shard_count; s++)
		if (consumer_peek(fleet->tail, s)->next < 0)
			return false;
	return true;
}

void fleet_turn(struct fleet *fleet, int wait_ms)
{
	atomic_store(&fleet->beat_us, clock_steady_us());
	pthread_mutex_lock(&fleet->lock);
	fleet_send(fleet);
	fleet_read(fleet);
	fleet_check_claims(fleet);
	pthread_mutex_unlock(&fleet->lock);
	consumer_wait(fleet->tail, wait_ms);
}

static void *fleet_main(void *context)
{
	struct fleet *fleet = context;
	while (!atomic_load(&fleet->control->stop))
		fleet_turn(fleet, WAIT_MAX_MS);
	return NULL;
}

enum result fleet_start(struct fleet *fleet)
{
	if (pthread_create(&fleet->thread, NULL, fleet_main, fleet) != 0)
		return RESULT_IO;
	fleet->started = true;
	return RESULT_OK;
}

void fleet_join(struct fleet *fleet)
{
	if (!fleet || !fleet->started)
		return;
	consumer_wake(fleet->tail);
	pthread_join(fleet->thread, NULL);
	fleet->started = false;
}

int64_t fleet_beat(const struct fleet *fleet)
{
	return fleet ? atomic_load(&fleet->beat_us) : INT64_MAX;
}

const char *fleet_topic(const struct fleet *fleet)
{
	return fleet->topic;
}

void fleet_free(struct fleet *fleet)
{
	if (!fleet)
		return;
	consumer_free(fleet->tail);
	producer_free(fleet->producer);
	mailbox_release(&fleet->outbox);
	for (uint32_t s = 0; s < fleet->shard_count; s++)
		fence_release(&fleet->fences[s]);
	mem_free(fleet->fences);
	mem_free(fleet->own);
	buf_release(&fleet->bytes);
	pthread_mutex_destroy(&fleet->lock);
	mem_free(fleet);
}
