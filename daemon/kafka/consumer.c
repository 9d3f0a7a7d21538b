#include "daemon/kafka/consumer_internal.h"

#include "base/check.h"
#include "base/mem.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define FIRST_PATIENCE_MS 50

enum result consumer_new(
	const struct consumer_options *options, char *error, size_t error_size, struct consumer **ret_consumer)
{
	struct consumer *consumer = NEW(struct consumer);
	consumer->event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (consumer->event_fd < 0) {
		snprintf(error, error_size, "eventfd: %s", strerror(errno));
		goto fail_event_fd;
	}
	consumer->handle = consumer_handle_new(consumer, options, error, error_size);
	if (!consumer->handle)
		goto fail_handle;
	consumer->group = mem_text(options->group);
	consumer->commits = rd_kafka_queue_new(consumer->handle);
	consumer->ends = ends_new(consumer->handle, consumer->event_fd);
	*ret_consumer = consumer;
	return RESULT_OK;

fail_handle:
	close(consumer->event_fd);
fail_event_fd:
	mem_free(consumer);
	return RESULT_INVALID;
}

static bool is_no_answer(rd_kafka_resp_err_t code)
{
	return code == RD_KAFKA_RESP_ERR__TIMED_OUT || code == RD_KAFKA_RESP_ERR__TRANSPORT;
}

/* A request that is made while the connection is being made may lie there for a second (librdkafka 2.0.2), until another one comes: so the
 * first ones wait shortly. No connection yet is no answer yet. */
static rd_kafka_resp_err_t ask_metadata(
	rd_kafka_t *handle, rd_kafka_topic_t *topic, int timeout_ms, const struct rd_kafka_metadata **ret_metadata)
{
	rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR__TIMED_OUT;
	for (int patience = FIRST_PATIENCE_MS; timeout_ms > 0 && is_no_answer(code); patience *= 3) {
		int turn = patience < timeout_ms ? patience : timeout_ms;
		code = rd_kafka_metadata(handle, 0, topic, ret_metadata, turn);
		timeout_ms -= turn;
	}
	return code;
}

static enum result ask_partitions(struct consumer *consumer, const char *topic, int timeout_ms, int32_t *ret_count,
	char *error, size_t error_size)
{
	const struct rd_kafka_metadata *metadata;
	rd_kafka_topic_t *handle = rd_kafka_topic_new(consumer->handle, topic, NULL);
	if (!handle) {
		snprintf(error, error_size, "topic %s: %s", topic, rd_kafka_err2str(rd_kafka_last_error()));
		return RESULT_INVALID;
	}
	rd_kafka_resp_err_t code = ask_metadata(consumer->handle, handle, timeout_ms, &metadata);
	rd_kafka_topic_destroy(handle);
	if (code) {
		snprintf(error, error_size, "topic %s: %s", topic, rd_kafka_err2str(code));
		return RESULT_UNREACHABLE;
	}
	enum result result = RESULT_OK;
	const struct rd_kafka_metadata_topic *found = metadata->topic_cnt == 1 ? &metadata->topics[0] : NULL;
	if (!found || found->err || found->partition_cnt == 0) {
		bool known = found && found->err && found->err != RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
		snprintf(error, error_size, "topic %s: %s", topic,
			known ? rd_kafka_err2str(found->err) : "does not exist");
		result = known ? RESULT_UNREACHABLE : RESULT_NOT_FOUND;
	} else {
		*ret_count = found->partition_cnt;
	}
	rd_kafka_metadata_destroy(metadata);
	return result;
}

enum result consumer_partitions(struct consumer *consumer, const char *const *topics, size_t topic_count,
	int timeout_ms, int32_t *ret_counts, char *error, size_t error_size)
{
	for (size_t i = 0; i < topic_count; i++) {
		enum result result = ask_partitions(consumer, topics[i], timeout_ms, &ret_counts[i], error, error_size);
		if (result)
			return result;
	}
	return RESULT_OK;
}

static void release_slots(struct consumer *consumer)
{
	ends_drain(consumer->ends); /* its rows point to the topics' names */
	for (size_t i = 0; i < consumer->slot_count; i++)
		slot_release(&consumer->slots[i]);
	for (size_t i = 0; i < consumer->topic_count; i++)
		mem_free(consumer->topics[i]);
	mem_free(consumer->slots);
	mem_free(consumer->topics);
	consumer->slots = NULL;
	consumer->topics = NULL;
	consumer->slot_count = consumer->topic_count = 0;
}

static enum result assign_slots(struct consumer *consumer, char *error, size_t error_size)
{
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)consumer->slot_count + 1);
	for (size_t i = 0; i < consumer->slot_count; i++) {
		const struct slot *slot = &consumer->slots[i];
		bool known = slot->view.next == CONSUMER_EARLIEST && slot->view.earliest >= 0;
		rd_kafka_topic_partition_list_add(list, slot->topic, slot->position.partition)->offset =
			known ? slot->view.earliest : slot->view.next;
	}
	rd_kafka_resp_err_t code = rd_kafka_assign(consumer->handle, list->cnt ? list : NULL);
	rd_kafka_topic_partition_list_destroy(list);
	if (!code)
		return RESULT_OK;
	snprintf(error, error_size, "cannot assign partitions: %s", rd_kafka_err2str(code));
	return RESULT_REFUSED;
}

enum result consumer_set_slots(struct consumer *consumer, const char *const *topics, size_t topic_count,
	const struct consumer_position *positions, size_t count, char *error, size_t error_size)
{
	release_slots(consumer);
	consumer->topics = NEW_ARRAY(char *, topic_count);
	consumer->topic_count = topic_count;
	for (size_t i = 0; i < topic_count; i++)
		consumer->topics[i] = mem_text(topics[i]);
	consumer->slots = NEW_ARRAY(struct slot, count);
	consumer->slot_count = count;
	for (size_t i = 0; i < count; i++) {
		CHECK(positions[i].topic >= 0 && (size_t)positions[i].topic < topic_count);
		slot_init(&consumer->slots[i], consumer, consumer->topics[positions[i].topic], &positions[i]);
	}
	consumer_find_beginnings(consumer);
	return assign_slots(consumer, error, error_size);
}

enum result consumer_assign(struct consumer *consumer, const char *const *topics, size_t topic_count,
	const struct consumer_position *positions, size_t count, char *error, size_t error_size)
{
	CHECK(consumer->slot_count == 0);
	return consumer_set_slots(consumer, topics, topic_count, positions, count, error, error_size);
}

/* Only this slot is touched: what was fetched for the others must neither be lost nor come twice. Its own queue holds
 * nothing behind the error, for with it the library has stopped fetching. */
enum result slot_restart(struct slot *slot)
{
	rd_kafka_t *handle = slot->consumer->handle;
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
	rd_kafka_topic_partition_list_add(list, slot->topic, slot->position.partition)->offset = slot->view.next;
	slot_drop_batch(slot);
	slot->view.state = CONSUMER_EMPTY;
	slot->out_of_range = slot->truncated = false;
	atomic_store(&slot->ready, true);
	rd_kafka_error_t *failure = rd_kafka_incremental_unassign(handle, list);
	if (!failure)
		failure = rd_kafka_incremental_assign(handle, list);
	rd_kafka_topic_partition_list_destroy(list);
	if (!failure)
		return RESULT_OK;
	snprintf(slot->error, sizeof slot->error, "partition %d cannot be assigned: %s", (int)slot->position.partition,
		rd_kafka_error_string(failure));
	rd_kafka_error_destroy(failure);
	slot->view.state = CONSUMER_ERROR;
	slot->view.error = slot->error;
	return RESULT_REFUSED;
}

enum result consumer_resume_at(struct consumer *consumer, size_t index, int64_t offset)
{
	CHECK(index < consumer->slot_count);
	struct slot *slot = &consumer->slots[index];
	CHECK(slot->view.state == CONSUMER_GAP);
	slot->view.next = offset;
	slot->view.error = "";
	return slot_restart(slot);
}

void consumer_wake(struct consumer *consumer)
{
	uint64_t one = 1;
	ssize_t written = write(consumer->event_fd, &one, sizeof one);
	(void)written; /* fails only when the counter is full, and then it is readable */
}

/* A record that was seen and not taken does not end the wait: the worker has its reasons. After a quiet time the
 * queues are looked at all the same, in case the library has told us nothing. */
void consumer_wait(struct consumer *consumer, int timeout_ms)
{
	struct pollfd fd = {.fd = consumer->event_fd, .events = POLLIN};
	uint64_t events;
	if (poll(&fd, 1, timeout_ms) == 0)
		for (size_t i = 0; i < consumer->slot_count; i++)
			atomic_store(&consumer->slots[i].ready, true);
	ssize_t drained = read(consumer->event_fd, &events, sizeof events);
	(void)drained; /* nothing to read is fine */
	consumer_collect(consumer);
}

const char *consumer_error(const struct consumer *consumer)
{
	return consumer->error;
}

/* Not closed as a member of a group would be: there is nothing to leave, and nothing to wait for. */
void consumer_free(struct consumer *consumer)
{
	if (!consumer)
		return;
	release_slots(consumer);
	ends_free(consumer->ends);
	rd_kafka_queue_destroy(consumer->commits);
	rd_kafka_destroy_flags(consumer->handle, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
	close(consumer->event_fd);
	mem_free(consumer->group);
	mem_free(consumer);
}
