/* A record as the decoder takes it. */
#ifndef DAEMON_KAFKA_MESSAGE_H
#define DAEMON_KAFKA_MESSAGE_H

#include "daemon/kafka/consumer.h"
#include "pipeline/decode/decode.h"

enum { MESSAGE_HEADERS_MAX = 32 };

/* The message and room for its headers: it must not move while the message is in use. Views into the record. */
struct record_message {
	struct message message;
	struct message_header headers[MESSAGE_HEADERS_MAX];
};

void record_message_init(struct record_message *message, const struct consumer_record *record);

#endif
