/* How librdkafka is set up for us, and why. */
#include "daemon/kafka/consumer_internal.h"

#include <stdio.h>

#define BACKOFF_SINCE 0x02020000 /* librdkafka 2.2 */
#define SLOT_KBYTES_MIN 16
#define SLOT_KBYTES_MAX 1048576
#define FETCH_KBYTES_MAX 1024

/* Users may override these. */
static const struct kafka_property tunable[] = {
	{"fetch.wait.max.ms", "50"}, /* the default of 500 delays partitions that have just drained */
	{"socket.keepalive.enable", "true"},
	{"reconnect.backoff.max.ms", "2000"},
	{"topic.metadata.refresh.interval.ms", "30000"},
};

/* What is promised depends on these. */
static const struct kafka_property fixed[] = {
	{"enable.auto.commit", "false"}, /* true also makes the end hang on a dead network */
	{"enable.auto.offset.store", "false"},
	{"auto.offset.reset", "error"}, /* an offset that is gone is a declared gap, never a silent jump */
	{"enable.partition.eof", "true"},
	{"isolation.level", "read_committed"},
	{"check.crcs", "true"},
	{"allow.auto.create.topics", "false"},
};

static enum result set_users(
	rd_kafka_conf_t *conf, const struct consumer_options *options, char *error, size_t error_size)
{
	enum result result = client_check_fixed(
		options->properties, options->property_count, fixed, sizeof fixed / sizeof *fixed, error, error_size);
	return result ? result : client_set_all(conf, options->properties, options->property_count, error, error_size);
}

/* librdkafka's limit holds for each queue, and every partition has its own here. A single fetch may not be larger
 * than that. */
static enum result set_sizes(
	rd_kafka_conf_t *conf, const struct consumer_options *options, char *error, size_t error_size)
{
	int64_t kbytes = options->queue_bytes / 1024 / (int64_t)(options->slot_count ? options->slot_count : 1);
	kbytes = kbytes < SLOT_KBYTES_MIN ? SLOT_KBYTES_MIN : kbytes > SLOT_KBYTES_MAX ? SLOT_KBYTES_MAX : kbytes;
	int64_t fetch = kbytes > FETCH_KBYTES_MAX ? FETCH_KBYTES_MAX : kbytes;
	char queue_text[32], fetch_text[32];
	snprintf(queue_text, sizeof queue_text, "%lld", (long long)kbytes);
	snprintf(fetch_text, sizeof fetch_text, "%lld", (long long)fetch * 1024);
	struct kafka_property sizes[] = {
		{"queued.max.messages.kbytes", queue_text}, {"max.partition.fetch.bytes", fetch_text},
		{"fetch.queue.backoff.ms", "10"}, /* before 2.2 there is none; consumer_check_end helps */
	};
	return client_set_all(conf, sizes, rd_kafka_version() >= BACKOFF_SINCE ? 3 : 2, error, error_size);
}

static enum result fill(rd_kafka_conf_t *conf, const struct consumer_options *options, char *error, size_t error_size)
{
	struct kafka_property own[] = {
		{"bootstrap.servers", options->brokers},
		{"client.id", options->client_id},
		{"group.id", options->group},
	};
	enum result result = client_set_all(conf, own, sizeof own / sizeof *own, error, error_size);
	if (!result)
		result = client_set_all(conf, tunable, sizeof tunable / sizeof *tunable, error, error_size);
	if (!result)
		result = set_sizes(conf, options, error, error_size);
	if (!result)
		result = set_users(conf, options, error, error_size);
	if (!result)
		result = client_set_all(conf, fixed, sizeof fixed / sizeof *fixed, error, error_size);
	return result;
}

/* Served by rd_kafka_poll, so on the consumer's own thread. */
static void on_error(rd_kafka_t *handle, int code, const char *reason, void *opaque)
{
	struct consumer *consumer = opaque;
	(void)handle;
	snprintf(
		consumer->error, sizeof consumer->error, "%s: %s", rd_kafka_err2str((rd_kafka_resp_err_t)code), reason);
}

rd_kafka_t *consumer_handle_new(
	struct consumer *consumer, const struct consumer_options *options, char *error, size_t error_size)
{
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	if (fill(conf, options, error, error_size))
		goto fail_conf;
	rd_kafka_conf_set_opaque(conf, consumer);
	rd_kafka_conf_set_log_cb(conf, client_log);
	rd_kafka_conf_set_error_cb(conf, on_error);
	rd_kafka_t *handle = rd_kafka_new(RD_KAFKA_CONSUMER, conf, error, error_size);
	if (handle)
		return handle;

fail_conf: /* only a handle takes the conf over */
	rd_kafka_conf_destroy(conf);
	return NULL;
}
