#include "daemon/kafka/membership.h"

#include "base/mem.h"
#include "daemon/kafka/client.h"

#include <stdio.h>
#include <stdlib.h>

struct membership {
	rd_kafka_t *handle;
	enum membership_news news; /* not yet told */
	bool releasing;            /* revoked or lost, and not yet released */
	bool closing;
	int32_t *partitions;
	size_t count;
	char error[256];
};

/* `range` is eager: all is revoked before anything is assigned anew. Cooperative assignment aborts the process in librdkafka 2.0.2. */
static enum result fill(rd_kafka_conf_t *conf, const struct membership_options *options, char *error, size_t error_size)
{
	char session[32], heartbeat[32], poll_max[32];
	snprintf(session, sizeof session, "%lld", (long long)options->session_ms);
	snprintf(heartbeat, sizeof heartbeat, "%lld", (long long)options->session_ms / 4);
	snprintf(poll_max, sizeof poll_max, "%d", MEMBERSHIP_POLL_MAX_MS);
	const struct kafka_property own[] = {
		{"bootstrap.servers", options->brokers},
		{"client.id", options->client_id},
		{"group.id", options->group},
		{"partition.assignment.strategy", "range"},
		{"session.timeout.ms", session},
		{"heartbeat.interval.ms", heartbeat},
		{"max.poll.interval.ms", poll_max},
		{"enable.auto.commit", "false"},
		{"enable.auto.offset.store", "false"},
		{"auto.offset.reset", "latest"},
		{"allow.auto.create.topics", "false"},
		{"reconnect.backoff.max.ms", "2000"},
		{"socket.keepalive.enable", "true"},
	};
	enum result result = client_set_all(conf, options->properties, options->property_count, error, error_size);
	return result ? result : client_set_all(conf, own, sizeof own / sizeof *own, error, error_size);
}

static int by_number(const void *a, const void *b)
{
	const int32_t *one = a, *other = b;
	return (*one > *other) - (*one < *other);
}

static void keep_partitions(struct membership *membership, const rd_kafka_topic_partition_list_t *list)
{
	mem_free(membership->partitions);
	membership->count = (size_t)list->cnt;
	membership->partitions = NEW_ARRAY(int32_t, membership->count);
	for (int i = 0; i < list->cnt; i++)
		membership->partitions[i] = list->elems[i].partition;
	if (membership->count)
		qsort(membership->partitions, membership->count, sizeof *membership->partitions, by_number);
}

/* Assigned to librdkafka as well, so that it keeps up its part of the group's protocol, but paused: nothing is fetched. */
static void take(struct membership *membership, rd_kafka_topic_partition_list_t *list)
{
	keep_partitions(membership, list);
	for (int i = 0; i < list->cnt; i++)
		list->elems[i].offset = RD_KAFKA_OFFSET_END;
	rd_kafka_assign(membership->handle, list);
	rd_kafka_pause_partitions(membership->handle, list);
	membership->news = MEMBERSHIP_ASSIGNED;
}

/* Called from within membership_poll. A revocation goes on only once rd_kafka_assign was called, whenever that is. */
static void on_rebalance(
	rd_kafka_t *handle, rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t *list, void *opaque)
{
	struct membership *membership = opaque;
	if (membership->closing) {
		rd_kafka_assign(handle, NULL);
		return;
	}
	if (code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
		take(membership, list);
		return;
	}
	if (code != RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS)
		snprintf(membership->error, sizeof membership->error, "%s", rd_kafka_err2str(code));
	membership->news = rd_kafka_assignment_lost(handle) ? MEMBERSHIP_LOST : MEMBERSHIP_REVOKED;
	membership->releasing = true;
}

static enum result subscribe(struct membership *membership, const char *topic, char *error, size_t error_size)
{
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
	rd_kafka_topic_partition_list_add(list, topic, RD_KAFKA_PARTITION_UA);
	rd_kafka_resp_err_t code = rd_kafka_poll_set_consumer(membership->handle);
	if (!code)
		code = rd_kafka_subscribe(membership->handle, list);
	rd_kafka_topic_partition_list_destroy(list);
	if (!code)
		return RESULT_OK;
	snprintf(error, error_size, "%s", rd_kafka_err2str(code));
	return RESULT_INVALID;
}

enum result membership_new(
	const struct membership_options *options, char *error, size_t error_size, struct membership **ret_membership)
{
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	struct membership *membership = NEW(struct membership);
	enum result result = fill(conf, options, error, error_size);
	if (result != RESULT_OK)
		goto fail_conf;
	rd_kafka_conf_set_opaque(conf, membership);
	rd_kafka_conf_set_log_cb(conf, client_log);
	rd_kafka_conf_set_rebalance_cb(conf, on_rebalance);
	membership->handle = rd_kafka_new(RD_KAFKA_CONSUMER, conf, error, error_size);
	if (!membership->handle) {
		result = RESULT_INVALID;
		goto fail_conf;
	}
	result = subscribe(membership, options->topic, error, error_size);
	if (result == RESULT_OK)
		*ret_membership = membership;
	else
		membership_free(membership);
	return result;

fail_conf: /* only a handle takes the conf over */
	rd_kafka_conf_destroy(conf);
	mem_free(membership);
	return result;
}

enum membership_news membership_poll(struct membership *membership, int timeout_ms)
{
	rd_kafka_message_t *message = rd_kafka_consumer_poll(membership->handle, timeout_ms);
	if (message && message->err && message->err != RD_KAFKA_RESP_ERR__PARTITION_EOF)
		snprintf(membership->error, sizeof membership->error, "%s", rd_kafka_message_errstr(message));
	if (message)
		rd_kafka_message_destroy(message);
	enum membership_news news = membership->news;
	membership->news = MEMBERSHIP_NOTHING;
	if (news != MEMBERSHIP_NOTHING)
		membership->error[0] = '\0';
	return news;
}

const int32_t *membership_partitions(const struct membership *membership, size_t *ret_count)
{
	*ret_count = membership->count;
	return membership->partitions;
}

void membership_release(struct membership *membership)
{
	if (!membership->releasing)
		return;
	membership->releasing = false;
	membership->count = 0;
	rd_kafka_assign(membership->handle, NULL);
}

const char *membership_error(const struct membership *membership)
{
	return membership->error;
}

/* The close revokes what there is, from within. */
void membership_free(struct membership *membership)
{
	if (!membership)
		return;
	membership->closing = true;
	membership_release(membership);
	rd_kafka_consumer_close(membership->handle);
	rd_kafka_destroy(membership->handle);
	mem_free(membership->partitions);
	mem_free(membership);
}
