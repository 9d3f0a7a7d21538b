#include "daemon/clock_watch.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

#include <stdio.h>

#define EVERY_US INT64_C(60000000)
/* While the clock is wrong, and after a record that was not delivered. */
#define AGAIN_US INT64_C(2000000)
#define FIRST_TIMEOUT_MS 5000
#define CREATE_TIMEOUT_MS 5000
#define FIND_TIMEOUT_MS 1000
#define TURN_MS 20

static const struct kafka_property topic_properties[] = {
	{"message.timestamp.type", "LogAppendTime"},
	{"cleanup.policy", "delete"},
	{"retention.ms", "3600000"},
	{"segment.bytes", "1048576"},
};

/* 2001-09-09: a stamp from before is none. */
#define EARLIEST_STAMP INT64_C(1000000000000)

struct clock_watch {
	struct control *control;
	struct producer *producer; /* NULL: the clock is not compared */
	char topic[512];
	bool sent; /* and its receipt is awaited */
	int64_t send_at_us;
	bool wrong; /* and said so */
};

static enum result connect_producer(struct clock_watch *watch)
{
	const struct settings *settings = &watch->control->config->settings;
	char error[256] = "";
	size_t count = settings->kafka_property_count;
	struct kafka_property *properties = NEW_ARRAY(struct kafka_property, count + 1);
	for (size_t i = 0; i < count; i++)
		properties[i] = (struct kafka_property){
			settings->kafka_properties[i].name, settings->kafka_properties[i].value};
	properties[count] = (struct kafka_property){"message.timeout.ms", "10000"};
	enum result result = producer_new(settings->kafka_brokers, "consistent_random", properties, count + 1, error,
		sizeof error, &watch->producer);
	mem_free(properties);
	if (result != RESULT_OK)
		log_warning("cannot make a producer for %s: %s; the clock is not compared with Kafka's", watch->topic,
			error);
	else
		producer_be_quiet(watch->producer);
	return result;
}

static void stop_comparing(struct clock_watch *watch)
{
	producer_free(watch->producer);
	watch->producer = NULL;
}

static void make_topic(struct clock_watch *watch, struct consumer *metadata)
{
	char error[256] = "";
	const char *topic = watch->topic;
	int32_t partitions;
	if (consumer_partitions(metadata, &topic, 1, CREATE_TIMEOUT_MS, &partitions, error, sizeof error) == RESULT_OK)
		return;
	if (producer_create_topic(watch->producer, topic, 1, -1, topic_properties,
		    sizeof topic_properties / sizeof topic_properties[0], CREATE_TIMEOUT_MS, error,
		    sizeof error) == RESULT_OK) {
		log_notice("topic %s created", topic);
		return;
	}
	log_warning("topic %s does not exist and cannot be created: %s; the clock is not compared with Kafka's", topic,
		error);
	stop_comparing(watch);
}

static void send_record(struct clock_watch *watch, int64_t now_us)
{
	struct kafka_record record = {.topic = watch->topic, .partition = 0, .value = STR("clock")};
	watch->sent = producer_send_tracked(watch->producer, &record, 0) == RESULT_OK;
	watch->send_at_us = now_us + (watch->sent ? EVERY_US : AGAIN_US);
}

struct clock_watch *clock_watch_new(struct control *control, struct consumer *metadata)
{
	const struct settings *settings = &control->config->settings;
	struct clock_watch *watch = NEW(struct clock_watch);
	watch->control = control;
	snprintf(watch->topic, sizeof watch->topic, "%s%s.clock", settings->kafka_topic_prefix, settings->name);
	if (connect_producer(watch) == RESULT_OK)
		make_topic(watch, metadata);
	if (watch->producer) {
		producer_find_topic(watch->producer, watch->topic, FIND_TIMEOUT_MS);
		send_record(watch, clock_steady_us());
	}
	return watch;
}

static void take_receipt(struct clock_watch *watch, int64_t now_us)
{
	struct kafka_receipt receipt;
	if (!watch->sent || !producer_is_settled(watch->producer))
		return;
	watch->sent = false;
	/* A broker that is taken for an old one (it refused to say what it knows) acknowledges with any number for a stamp. */
	bool taken = producer_receipt(watch->producer, &receipt) == RESULT_OK;
	if (!taken || (receipt.append_time >= 0 && receipt.append_time < EARLIEST_STAMP)) {
		watch->send_at_us = now_us + AGAIN_US;
		return;
	}
	if (receipt.append_time >= 0) {
		atomic_store(&watch->control->clock_offset, clock_offset(receipt.append_time, now_us));
		return;
	}
	log_warning("the broker does not stamp the records of topic %s (message.timestamp.type=LogAppendTime): the "
		    "clock is not compared with Kafka's",
		watch->topic);
	stop_comparing(watch);
}

void clock_watch_first(struct clock_watch *watch)
{
	int64_t end_us = clock_steady_us() + (int64_t)FIRST_TIMEOUT_MS * 1000;
	/* An answer without a time does not become one by waiting. */
	while (watch->producer && watch->sent && clock_steady_us() < end_us) {
		producer_poll(watch->producer, TURN_MS);
		clock_watch_turn(watch);
	}
}

static void say(struct clock_watch *watch, int64_t skew)
{
	bool wrong = clock_is_wrong(skew, watch->control->config->settings.clock_skew);
	if (wrong && !watch->wrong)
		log_error("the clock of this machine is %lld s %s Kafka's: figures stand still until they agree; set "
			  "it right "
			  "(timedatectl shows whether it is synchronised), or the brokers'",
			(long long)(skew < 0 ? -skew : skew) / 1000, skew < 0 ? "behind" : "ahead of");
	if (!wrong && watch->wrong)
		log_notice("the clock of this machine agrees with Kafka's again");
	watch->wrong = wrong;
}

/* A clock that turns out wrong is compared again soon: it may be the comparison that is old, after a suspended machine. */
void clock_watch_turn(struct clock_watch *watch)
{
	int64_t wall_ms = clock_wall_ms(), now_us = clock_steady_us();
	if (!watch->producer)
		return;
	producer_poll(watch->producer, 0);
	take_receipt(watch, now_us);
	say(watch, clock_skew(atomic_load(&watch->control->clock_offset), wall_ms, now_us));
	bool due = now_us >= watch->send_at_us || (watch->wrong && now_us >= watch->send_at_us - EVERY_US + AGAIN_US);
	if (watch->producer && !watch->sent && due)
		send_record(watch, now_us);
}

void clock_watch_free(struct clock_watch *watch)
{
	if (!watch)
		return;
	producer_free(watch->producer);
	mem_free(watch);
}
