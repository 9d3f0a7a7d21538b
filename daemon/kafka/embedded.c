#include "daemon/kafka/embedded.h"

#include "base/mem.h"
#include "daemon/kafka/client.h"

#include <librdkafka/rdkafka_mock.h>
#include <stdio.h>

struct embedded_broker {
	rd_kafka_t *handle; /* whose threads run the cluster */
	rd_kafka_mock_cluster_t *cluster;
	int default_partitions;
};

enum result embedded_broker_new(
	int default_partitions, char *error, size_t error_size, struct embedded_broker **ret_broker)
{
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	struct embedded_broker *broker = NEW(struct embedded_broker);

	rd_kafka_conf_set_log_cb(conf, client_log);
	/* The handle itself connects to nothing, which is not worth a line. */
	if (rd_kafka_conf_set(conf, "log_level", "4", error, error_size) != RD_KAFKA_CONF_OK)
		goto fail_conf;
	broker->default_partitions = default_partitions;
	broker->handle = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, error_size);
	if (!broker->handle)
		goto fail_conf;
	broker->cluster = rd_kafka_mock_cluster_new(broker->handle, 1);
	if (!broker->cluster) {
		snprintf(error, error_size, "the embedded broker cannot listen on loopback");
		goto fail_cluster;
	}
	*ret_broker = broker;
	return RESULT_OK;

fail_cluster:
	rd_kafka_destroy(broker->handle);
	mem_free(broker);
	return RESULT_IO;
fail_conf: /* only a handle takes the conf over */
	rd_kafka_conf_destroy(conf);
	mem_free(broker);
	return RESULT_IO;
}

const char *embedded_broker_address(const struct embedded_broker *broker)
{
	return rd_kafka_mock_cluster_bootstraps(broker->cluster);
}

enum result embedded_broker_create_topic(struct embedded_broker *broker, const char *topic, int partitions)
{
	int count = partitions > 0 ? partitions : broker->default_partitions;

	return rd_kafka_mock_topic_create(broker->cluster, topic, count, 1) ? RESULT_REFUSED : RESULT_OK;
}

void embedded_broker_fail(struct embedded_broker *broker, int api_key, int error, int times)
{
	if (times == 0)
		rd_kafka_mock_clear_request_errors(broker->cluster, (int16_t)api_key);
	for (int i = 0; i < times; i++)
		rd_kafka_mock_push_request_errors(broker->cluster, (int16_t)api_key, 1, (rd_kafka_resp_err_t)error);
}

void embedded_broker_free(struct embedded_broker *broker)
{
	if (!broker)
		return;
	rd_kafka_mock_cluster_destroy(broker->cluster);
	rd_kafka_destroy(broker->handle);
	mem_free(broker);
}
