#include "daemon/kafka/producer.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "daemon/kafka/client.h"

#include <stdio.h>

/* While the queue is full, deliveries are served in turns of this length. */
#define FULL_TURN_MS 50

/* For the reports on what was given up. */
#define PURGE_TIMEOUT_MS 1000

/* Topic, partition, key, value, timestamp, headers, flags and opaque. */
#define PARTS_MAX 8
#define ERROR_SIZE 256

struct producer {
	rd_kafka_t *handle;
	int under_way;
	uint64_t failed;
	uint64_t failed_told; /* as of the last flush */
	bool keeps_trying;
	bool quiet;
	rd_kafka_resp_err_t failure; /* of the newest record that failed */
	char error[ERROR_SIZE];
	uintptr_t awaited; /* the number of the record that somebody waits for, its opaque; 0: none */
	uintptr_t awaited_last;
	enum result awaited_result; /* once awaited is 0 again */
	struct kafka_receipt receipt;
};

static enum result result_of(rd_kafka_resp_err_t code)
{
	switch (code) {
	case RD_KAFKA_RESP_ERR_NO_ERROR:
		return RESULT_OK;
	case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
		return RESULT_RANGE;
	case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
	case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
		return RESULT_NOT_FOUND;
	case RD_KAFKA_RESP_ERR__MSG_TIMED_OUT:
	case RD_KAFKA_RESP_ERR__TIMED_OUT:
		return RESULT_TIMEOUT;
	default:
		return RESULT_REFUSED;
	}
}

static void error_note(struct producer *producer, rd_kafka_resp_err_t code)
{
	producer->failure = code;
	snprintf(producer->error, sizeof producer->error, "%s", rd_kafka_err2str(code));
}

/* A flood of failures is logged at 1, 2, 4, 8 ... of them. */
static void failure_note(struct producer *producer, const rd_kafka_message_t *message)
{
	producer->failed++;
	error_note(producer, message->err);
	if (!producer->quiet && (producer->failed & (producer->failed - 1)) == 0)
		log_error("record not delivered topic=%s partition=%d failed=%llu error=%s",
			rd_kafka_topic_name(message->rkt), (int)message->partition,
			(unsigned long long)producer->failed, rd_kafka_err2str(message->err));
}

static rd_kafka_vu_t part_of(rd_kafka_vtype_t type, struct str bytes)
{
	rd_kafka_vu_t part = {.vtype = type};

	part.u.mem.ptr = (void *)(uintptr_t)bytes.data; /* copied, never written to */
	part.u.mem.size = bytes.length;
	return part;
}

static rd_kafka_headers_t *headers_again(const rd_kafka_message_t *message, bool without_value)
{
	rd_kafka_headers_t *old, *headers;
	char size[24];

	if (rd_kafka_message_headers(message, &old) == RD_KAFKA_RESP_ERR_NO_ERROR)
		headers = rd_kafka_headers_copy(old);
	else
		headers = rd_kafka_headers_new(1);
	snprintf(size, sizeof size, "%zu", message->len);
	if (without_value)
		rd_kafka_header_add(headers, PRODUCER_OMITTED_HEADER, -1, size, -1);
	return headers;
}

/* Sends a record that was not delivered once more, without its value where that is larger than the topic takes. False: it cannot. */
static bool send_again(struct producer *producer, const rd_kafka_message_t *message)
{
	bool without_value = message->err == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE;
	struct str value = {without_value ? NULL : message->payload, without_value ? 0 : message->len};
	rd_kafka_headers_t *headers = headers_again(message, without_value);
	rd_kafka_vu_t parts[] = {{.vtype = RD_KAFKA_VTYPE_RKT, .u.rkt = message->rkt},
		part_of(RD_KAFKA_VTYPE_KEY, (struct str){message->key, message->key_len}),
		part_of(RD_KAFKA_VTYPE_VALUE, value), {.vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY},
		{.vtype = RD_KAFKA_VTYPE_HEADERS, .u.headers = headers}};
	rd_kafka_error_t *failure = NULL;

	if (without_value && !message->payload)
		goto fail;
	failure = rd_kafka_produceva(producer->handle, parts, sizeof parts / sizeof parts[0]);
	if (!failure)
		return true;
	rd_kafka_error_destroy(failure);
fail:
	rd_kafka_headers_destroy(headers);
	return false;
}

static bool given_up(rd_kafka_resp_err_t code)
{
	return code == RD_KAFKA_RESP_ERR__PURGE_QUEUE || code == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT;
}

/* Only a topic whose broker stamps its records says what the broker's clock was. */
static void answer_awaited(struct producer *producer, const rd_kafka_message_t *message)
{
	rd_kafka_timestamp_type_t type;
	int64_t time = rd_kafka_message_timestamp(message, &type);

	producer->awaited = 0;
	producer->awaited_result = result_of(message->err);
	producer->receipt =
		(struct kafka_receipt){message->offset, type == RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME ? time : -1};
}

static void on_delivery(rd_kafka_t *handle, const rd_kafka_message_t *message, void *opaque)
{
	struct producer *producer = opaque;

	(void)handle;
	if (message->err && producer->keeps_trying && !given_up(message->err) && send_again(producer, message)) {
		log_warning("record not delivered, sent again topic=%s error=%s", rd_kafka_topic_name(message->rkt),
			rd_kafka_err2str(message->err));
		return;
	}
	producer->under_way--;
	if (message->err)
		failure_note(producer, message);
	if (producer->awaited && message->_private == (void *)producer->awaited)
		answer_awaited(producer, message);
}

/* Users may override these. */
static const struct kafka_property tunable[] = {
	{"linger.ms", "5"},
	{"socket.keepalive.enable", "true"},
	{"message.max.bytes", "1000000000"},
};

/* A dead letter, a checkpoint, a claim is there once it is acknowledged. */
static const struct kafka_property fixed[] = {{"enable.idempotence", "true"}, {"acks", "all"}};

static enum result conf_fill(rd_kafka_conf_t *conf, const char *brokers, const char *partitioner,
	const struct kafka_property *properties, size_t property_count, char *error, size_t error_size)
{
	const struct kafka_property own[] = {{"bootstrap.servers", brokers}, {"partitioner", partitioner}};
	const size_t tunable_count = sizeof tunable / sizeof *tunable, fixed_count = sizeof fixed / sizeof *fixed;
	enum result result = client_check_fixed(properties, property_count, fixed, fixed_count, error, error_size);

	if (!result)
		result = client_set_all(conf, own, sizeof own / sizeof *own, error, error_size);
	if (!result)
		result = client_set_all(conf, tunable, tunable_count, error, error_size);
	if (!result)
		result = client_set_all(conf, fixed, fixed_count, error, error_size);
	if (!result)
		result = client_set_all(conf, properties, property_count, error, error_size);
	return result;
}

enum result producer_new(const char *brokers, const char *partitioner, const struct kafka_property *properties,
	size_t property_count, char *error, size_t error_size, struct producer **ret_producer)
{
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	struct producer *producer = NEW(struct producer);
	enum result result = conf_fill(conf, brokers, partitioner, properties, property_count, error, error_size);

	if (result != RESULT_OK)
		goto fail_conf;
	rd_kafka_conf_set_opaque(conf, producer);
	rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
	rd_kafka_conf_set_log_cb(conf, client_log);
	producer->handle = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, error_size);
	if (!producer->handle) {
		result = RESULT_INVALID;
		goto fail_conf;
	}
	*ret_producer = producer;
	return RESULT_OK;

fail_conf: /* only a handle takes the conf over */
	rd_kafka_conf_destroy(conf);
	mem_free(producer);
	return result;
}

static rd_kafka_headers_t *headers_new(const struct kafka_record *record)
{
	rd_kafka_headers_t *headers = record->header_count ? rd_kafka_headers_new(record->header_count) : NULL;

	for (size_t i = 0; i < record->header_count; i++)
		rd_kafka_header_add(headers, record->headers[i].name, -1, record->headers[i].value.data,
			(ssize_t)record->headers[i].value.length);
	return headers;
}

/* The headers belong to librdkafka only when it takes the record. `number` comes back with the report. */
static rd_kafka_resp_err_t record_try(struct producer *producer, const struct kafka_record *record, uintptr_t number)
{
	rd_kafka_vu_t parts[PARTS_MAX] = {{.vtype = RD_KAFKA_VTYPE_TOPIC, .u.cstr = record->topic},
		{.vtype = RD_KAFKA_VTYPE_PARTITION, .u.i32 = record->partition},
		part_of(RD_KAFKA_VTYPE_KEY, record->key), part_of(RD_KAFKA_VTYPE_VALUE, record->value),
		{.vtype = RD_KAFKA_VTYPE_TIMESTAMP, .u.i64 = record->timestamp},
		{.vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY},
		{.vtype = RD_KAFKA_VTYPE_OPAQUE, .u.ptr = (void *)number}};
	size_t count = PARTS_MAX - 1;
	rd_kafka_headers_t *headers = headers_new(record);
	rd_kafka_error_t *failure;
	rd_kafka_resp_err_t code;

	if (headers)
		parts[count++] = (rd_kafka_vu_t){.vtype = RD_KAFKA_VTYPE_HEADERS, .u.headers = headers};
	failure = rd_kafka_produceva(producer->handle, parts, count);
	if (!failure)
		return RD_KAFKA_RESP_ERR_NO_ERROR;
	code = rd_kafka_error_code(failure);
	rd_kafka_error_destroy(failure);
	if (headers)
		rd_kafka_headers_destroy(headers);
	return code;
}

static enum result send_until(
	struct producer *producer, const struct kafka_record *record, uintptr_t number, int64_t deadline)
{
	rd_kafka_resp_err_t code = record_try(producer, record, number);

	while (code == RD_KAFKA_RESP_ERR__QUEUE_FULL) {
		if (clock_steady_us() >= deadline)
			return RESULT_TIMEOUT;
		rd_kafka_poll(producer->handle, FULL_TURN_MS);
		code = record_try(producer, record, number);
	}
	if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
		producer->under_way++;
		return RESULT_OK;
	}
	error_note(producer, code);
	if (!producer->quiet)
		log_error("record refused topic=%s error=%s", record->topic, rd_kafka_err2str(code));
	return result_of(code);
}

static int64_t deadline_in(int timeout_ms)
{
	return clock_steady_us() + (int64_t)timeout_ms * 1000;
}

enum result producer_send(struct producer *producer, const struct kafka_record *record, int timeout_ms)
{
	return send_until(producer, record, 0, deadline_in(timeout_ms));
}

/* A report that comes when nobody waits for it any more finds another number, or none. */
static enum result send_awaited(struct producer *producer, const struct kafka_record *record, int64_t deadline)
{
	uintptr_t number = ++producer->awaited_last;
	enum result result = send_until(producer, record, number, deadline);

	if (result == RESULT_OK)
		producer->awaited = number;
	return result;
}

enum result producer_send_tracked(struct producer *producer, const struct kafka_record *record, int timeout_ms)
{
	return send_awaited(producer, record, deadline_in(timeout_ms));
}

bool producer_is_settled(const struct producer *producer)
{
	return !producer->awaited;
}

enum result producer_receipt(const struct producer *producer, struct kafka_receipt *ret_receipt)
{
	if (producer->awaited_result == RESULT_OK)
		*ret_receipt = producer->receipt;
	return producer->awaited_result;
}

enum result producer_send_wait(
	struct producer *producer, const struct kafka_record *record, int timeout_ms, struct kafka_receipt *ret_receipt)
{
	int64_t deadline = deadline_in(timeout_ms);
	enum result result = send_awaited(producer, record, deadline);

	if (result != RESULT_OK)
		return result;
	while (producer->awaited && clock_steady_us() < deadline)
		rd_kafka_poll(producer->handle, FULL_TURN_MS);
	if (producer->awaited) {
		producer->awaited = 0;
		error_note(producer, RD_KAFKA_RESP_ERR__TIMED_OUT);
		return RESULT_TIMEOUT;
	}
	return producer_receipt(producer, ret_receipt);
}

const char *producer_error(const struct producer *producer)
{
	return producer->error;
}

enum result producer_failure(const struct producer *producer)
{
	return result_of(producer->failure);
}

void producer_be_quiet(struct producer *producer)
{
	producer->quiet = true;
}

void producer_keep_trying(struct producer *producer)
{
	producer->keeps_trying = true;
}

int producer_poll(struct producer *producer, int timeout_ms)
{
	rd_kafka_poll(producer->handle, timeout_ms);
	return producer->under_way;
}

enum result producer_flush(struct producer *producer, int timeout_ms)
{
	uint64_t told = producer->failed_told;

	rd_kafka_flush(producer->handle, timeout_ms);
	if (producer->under_way > 0)
		return RESULT_TIMEOUT;
	producer->failed_told = producer->failed;
	return producer->failed == told ? RESULT_OK : RESULT_REFUSED;
}

uint64_t producer_failed(const struct producer *producer)
{
	return producer->failed;
}

static enum result created(rd_kafka_event_t *event, char *error, size_t error_size)
{
	size_t count = 0;
	const rd_kafka_topic_result_t **topics;
	const rd_kafka_CreateTopics_result_t *answer;

	if (!event) {
		snprintf(error, error_size, "no answer");
		return RESULT_TIMEOUT;
	}
	if (rd_kafka_event_error(event)) {
		snprintf(error, error_size, "%s", rd_kafka_event_error_string(event));
		return RESULT_UNREACHABLE;
	}
	answer = rd_kafka_event_CreateTopics_result(event);
	topics = rd_kafka_CreateTopics_result_topics(answer, &count);
	for (size_t i = 0; i < count; i++) {
		rd_kafka_resp_err_t code = rd_kafka_topic_result_error(topics[i]);

		if (code && code != RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) {
			snprintf(error, error_size, "%s", rd_kafka_topic_result_error_string(topics[i]));
			return RESULT_REFUSED;
		}
	}
	return RESULT_OK;
}

static enum result create_and_wait(
	struct producer *producer, rd_kafka_NewTopic_t *topic, int timeout_ms, char *error, size_t error_size)
{
	rd_kafka_queue_t *answers = rd_kafka_queue_new(producer->handle);
	rd_kafka_AdminOptions_t *options = rd_kafka_AdminOptions_new(producer->handle, RD_KAFKA_ADMIN_OP_CREATETOPICS);
	rd_kafka_event_t *event;
	enum result result = RESULT_INVALID;

	if (rd_kafka_AdminOptions_set_request_timeout(options, timeout_ms, error, error_size) == 0) {
		rd_kafka_CreateTopics(producer->handle, &topic, 1, options, answers);
		event = rd_kafka_queue_poll(answers, timeout_ms + FULL_TURN_MS);
		result = created(event, error, error_size);
		if (event)
			rd_kafka_event_destroy(event);
	}
	rd_kafka_AdminOptions_destroy(options);
	rd_kafka_queue_destroy(answers);
	return result;
}

enum result producer_create_topic(struct producer *producer, const char *topic, int partitions, int replicas,
	const struct kafka_property *config, size_t config_count, int timeout_ms, char *error, size_t error_size)
{
	rd_kafka_NewTopic_t *wanted = rd_kafka_NewTopic_new(topic, partitions, replicas, error, error_size);
	enum result result = RESULT_OK;

	if (!wanted)
		return RESULT_INVALID;
	for (size_t i = 0; i < config_count && result == RESULT_OK; i++) {
		if (rd_kafka_NewTopic_set_config(wanted, config[i].name, config[i].value)) {
			snprintf(error, error_size, "%s: not a topic property", config[i].name);
			result = RESULT_INVALID;
		}
	}
	if (result == RESULT_OK)
		result = create_and_wait(producer, wanted, timeout_ms, error, error_size);
	rd_kafka_NewTopic_destroy(wanted);
	return result;
}

void producer_find_topic(struct producer *producer, const char *topic, int timeout_ms)
{
	const struct rd_kafka_metadata *metadata;
	rd_kafka_topic_t *wanted = rd_kafka_topic_new(producer->handle, topic, NULL);

	if (wanted && !rd_kafka_metadata(producer->handle, 0, wanted, &metadata, timeout_ms))
		rd_kafka_metadata_destroy(metadata);
	if (wanted)
		rd_kafka_topic_destroy(wanted);
}

void producer_free(struct producer *producer)
{
	if (!producer)
		return;
	if (producer->under_way > 0) {
		log_warning("records given up records=%d", producer->under_way);
		rd_kafka_purge(producer->handle, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
		rd_kafka_flush(producer->handle, PURGE_TIMEOUT_MS);
	}
	rd_kafka_destroy(producer->handle);
	mem_free(producer);
}
