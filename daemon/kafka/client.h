/* What all clients of librdkafka share. Only files of this folder include it, since it knows the library. */
#ifndef DAEMON_KAFKA_CLIENT_H
#define DAEMON_KAFKA_CLIENT_H

#include "daemon/kafka/producer.h"

#include <librdkafka/rdkafka.h>

/* librdkafka's log lines go into ours. Called from its threads. */
void client_log(const rd_kafka_t *handle, int level, const char *facility, const char *text);

/* What is promised depends on `fixed`: RESULT_INVALID, with a sentence in `error`, where a user sets one of them. */
MUST_CHECK enum result client_check_fixed(const struct kafka_property *properties, size_t count,
	const struct kafka_property *fixed, size_t fixed_count, char *error, size_t error_size);
/* RESULT_INVALID with librdkafka's sentence. */
MUST_CHECK enum result client_set_all(
	rd_kafka_conf_t *conf, const struct kafka_property *properties, size_t count, char *error, size_t error_size);

#endif
