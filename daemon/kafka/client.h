/* What all clients of librdkafka share. Only files of this folder include it, since it knows the library. */
#ifndef DAEMON_KAFKA_CLIENT_H
#define DAEMON_KAFKA_CLIENT_H

#include <librdkafka/rdkafka.h>

/* librdkafka's log lines go into ours. Called from its threads. */
void client_log(const rd_kafka_t *handle, int level, const char *facility, const char *text);

#endif
