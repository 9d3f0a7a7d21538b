/* An embedded broker for demonstrations: librdkafka's mock cluster, in memory, on loopback. Other processes can connect. Not durable. */
#ifndef DAEMON_KAFKA_EMBEDDED_H
#define DAEMON_KAFKA_EMBEDDED_H

#include "base/result.h"
#include <stddef.h>

struct embedded_broker;

MUST_CHECK enum result embedded_broker_new(
	int default_partitions, char *error, size_t error_size, struct embedded_broker **ret_broker);
/* "127.0.0.1:port"; owned by the broker. */
const char *embedded_broker_address(const struct embedded_broker *broker);
MUST_CHECK enum result embedded_broker_create_topic(struct embedded_broker *broker, const char *topic, int partitions);
/* The next `times` requests of this kind (a key of Kafka's protocol) are answered with the error (a code of Kafka's protocol). 0 times: no
 * more are. */
void embedded_broker_fail(struct embedded_broker *broker, int api_key, int error, int times);
void embedded_broker_free(struct embedded_broker *broker);

#endif
