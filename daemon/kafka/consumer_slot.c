/* One partition: its queue, the batch taken from it, and what is known of its bounds. */
#include "daemon/kafka/consumer_internal.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/hash.h"

#include <endian.h>
#include <stdio.h>
#include <unistd.h>

/* Called by the library's threads when the queue is no longer empty, under the queue's lock. */
static void on_queue(rd_kafka_t *handle, void *opaque)
{
	struct slot *slot = opaque;
	(void)handle;
	atomic_store_explicit(&slot->ready, true, memory_order_release);
	consumer_wake(slot->consumer);
}

void slot_init(
	struct slot *slot, struct consumer *consumer, const char *topic, const struct consumer_position *position)
{
	slot->consumer = consumer;
	slot->topic = topic;
	slot->position = *position;
	slot->view = (struct consumer_slot){
		.next = position->offset, .end = CONSUMER_UNKNOWN, .earliest = CONSUMER_UNKNOWN, .error = ""};
	atomic_init(&slot->ready, true);
	slot->queue = rd_kafka_queue_get_partition(consumer->handle, topic, position->partition);
	CHECK(slot->queue);
	rd_kafka_queue_forward(slot->queue, NULL);
	rd_kafka_queue_cb_event_enable(slot->queue, on_queue, slot);
}

void slot_drop_batch(struct slot *slot)
{
	for (; slot->at < slot->count; slot->at++)
		rd_kafka_message_destroy(slot->batch[slot->at]);
	slot->at = slot->count = 0;
	slot->view.record = NULL;
}

void slot_release(struct slot *slot)
{
	slot_drop_batch(slot);
	rd_kafka_queue_cb_event_enable(slot->queue, NULL, NULL);
	rd_kafka_queue_destroy(slot->queue);
}

static bool take_record(struct slot *slot, const rd_kafka_message_t *message)
{
	if (slot->view.next >= 0 && message->offset < slot->view.next)
		return false;
	slot->record = (struct consumer_record){
		.topic = slot->position.topic,
		.partition = message->partition,
		.offset = message->offset,
		.timestamp = rd_kafka_message_timestamp(message, NULL),
		.key = {message->key, message->key ? message->key_len : 0},
		.value = {message->payload, message->payload ? message->len : 0},
		.message = slot->batch[slot->at],
	};
	slot->view.record = &slot->record;
	slot->view.state = CONSUMER_RECORD;
	slot->view.next = message->offset;
	slot->view.error = "";
	slot->consumer->error[0] = '\0';
	return true;
}

/* The end may lie beyond the last record: markers of transactions have offsets, too. */
static void take_end(struct slot *slot, int64_t offset)
{
	if (offset > slot->view.next)
		slot->view.next = offset;
	slot->view.state = CONSUMER_END;
	slot->view.error = "";
}

static bool is_truncation(rd_kafka_resp_err_t code)
{
#if RD_KAFKA_VERSION >= 0x02010000
	return code == RD_KAFKA_RESP_ERR__LOG_TRUNCATION;
#else
	(void)code;
	return false;
#endif
}

/* Out of range is not a state yet: the log's bounds say what it is. Until then the slot is EMPTY. */
static void take_error(struct slot *slot, const rd_kafka_message_t *message)
{
	bool truncated = is_truncation(message->err);
	if (truncated || message->err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET ||
		message->err == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE) {
		if (!slot->out_of_range)
			slot->out_of_range_us = clock_steady_us();
		slot->out_of_range = true;
		slot->truncated |= truncated;
		slot->view.state = CONSUMER_EMPTY;
		return;
	}
	snprintf(slot->error, sizeof slot->error, "partition %d: %s", (int)slot->position.partition,
		rd_kafka_message_errstr(message));
	slot->view.error = slot->error;
	slot->view.state = CONSUMER_ERROR;
}

/* Looks at the batch's front until a record comes. */
static void settle(struct slot *slot)
{
	for (; slot->at < slot->count; slot->at++) {
		const rd_kafka_message_t *message = slot->batch[slot->at];
		if (!message->err) {
			if (take_record(slot, message))
				return;
		} else if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
			take_end(slot, message->offset);
		} else {
			take_error(slot, message);
		}
		rd_kafka_message_destroy(slot->batch[slot->at]);
	}
}

/* `ready` is cleared before the queue is read, so that what comes meanwhile sets it again. */
static void fill(struct slot *slot)
{
	do {
		if (!atomic_exchange_explicit(&slot->ready, false, memory_order_acquire))
			return;
		ssize_t count = rd_kafka_consume_batch_queue(slot->queue, 0, slot->batch, BATCH);
		if (count <= 0)
			return;
		atomic_store_explicit(&slot->ready, true, memory_order_release);
		slot->at = 0;
		slot->count = (size_t)count;
		settle(slot);
	} while (slot->view.state != CONSUMER_RECORD);
}

const struct consumer_slot *consumer_peek(struct consumer *consumer, size_t index)
{
	CHECK(index < consumer->slot_count);
	struct slot *slot = &consumer->slots[index];
	if (slot->view.state != CONSUMER_RECORD && slot->view.state != CONSUMER_GAP &&
		atomic_load_explicit(&slot->ready, memory_order_relaxed))
		fill(slot);
	return &slot->view;
}

void consumer_advance(struct consumer *consumer, size_t index)
{
	CHECK(index < consumer->slot_count);
	struct slot *slot = &consumer->slots[index];
	CHECK(slot->view.state == CONSUMER_RECORD);
	slot->view.next = slot->record.offset + 1;
	slot->view.record = NULL;
	slot->view.state = CONSUMER_EMPTY;
	rd_kafka_message_destroy(slot->batch[slot->at++]);
	settle(slot);
}

size_t consumer_headers(const struct consumer_record *record, struct kafka_header *headers, size_t max)
{
	rd_kafka_headers_t *all;
	if (rd_kafka_message_headers(record->message, &all))
		return 0;
	size_t count = rd_kafka_header_cnt(all);
	for (size_t i = 0; i < count && i < max; i++) {
		const void *value = NULL;
		size_t length = 0;
		if (rd_kafka_header_get_all(all, i, &headers[i].name, &value, &length))
			return i;
		headers[i].value = (struct str){value, length};
	}
	return count;
}

uint32_t consumer_fingerprint(const struct consumer_record *record)
{
	uint64_t head[] = {
		htole64((uint64_t)record->timestamp), htole64(record->key.length), htole64(record->value.length)};
	uint32_t crc = hash_crc32c(0, (struct str){(const char *)head, sizeof head});
	crc = hash_crc32c(crc, record->key);
	return hash_crc32c(crc, record->value);
}
