/* Offsets for lag tools. Sent as an administrator would: an ordinary commit under way would hold up the end of the
 * consumer until the broker answers or the socket's timeout of a minute is over (librdkafka 2.0.2). Only at the end of a run: when the
 * coordinator falls silent under such a request, an assertion of the library ends the process (seen with 2.0.2 and a connection that swallows
 * everything for two minutes; librdkafka #4605). */
#include "daemon/kafka/consumer_internal.h"

#include "base/log.h"

#define ANSWER_TIMEOUT_MS 5000

static rd_kafka_topic_partition_list_t *positions(const struct consumer *consumer, const int64_t *offsets)
{
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)consumer->slot_count + 1);
	for (size_t i = 0; i < consumer->slot_count; i++) {
		const struct slot *slot = &consumer->slots[i];
		int64_t offset = offsets && offsets[i] >= 0 ? offsets[i] : slot->view.next;
		if (offset >= 0)
			rd_kafka_topic_partition_list_add(list, slot->topic, slot->position.partition)->offset = offset;
	}
	return list;
}

static void send_offsets(struct consumer *consumer, const rd_kafka_topic_partition_list_t *list)
{
	char error[ERROR_SIZE];
	rd_kafka_AdminOptions_t *options =
		rd_kafka_AdminOptions_new(consumer->handle, RD_KAFKA_ADMIN_OP_ALTERCONSUMERGROUPOFFSETS);
	rd_kafka_AlterConsumerGroupOffsets_t *request = rd_kafka_AlterConsumerGroupOffsets_new(consumer->group, list);
	if (rd_kafka_AdminOptions_set_request_timeout(options, ANSWER_TIMEOUT_MS, error, sizeof error))
		log_debug("offsets are committed without a timeout: %s", error);
	rd_kafka_AlterConsumerGroupOffsets(consumer->handle, &request, 1, options, consumer->commits);
	rd_kafka_AlterConsumerGroupOffsets_destroy(request);
	rd_kafka_AdminOptions_destroy(options);
	consumer->committing = true;
}

void consumer_commit(struct consumer *consumer, const int64_t *offsets)
{
	if (consumer->committing)
		return;
	rd_kafka_topic_partition_list_t *list = positions(consumer, offsets);
	if (list->cnt)
		send_offsets(consumer, list);
	rd_kafka_topic_partition_list_destroy(list);
}

void consumer_collect_commit(struct consumer *consumer)
{
	if (!consumer->committing)
		return;
	rd_kafka_event_t *event = rd_kafka_queue_poll(consumer->commits, 0);
	if (!event)
		return;
	if (rd_kafka_event_error(event))
		log_debug("offsets not committed: %s", rd_kafka_event_error_string(event));
	rd_kafka_event_destroy(event);
	consumer->committing = false;
}
