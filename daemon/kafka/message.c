#include "daemon/kafka/message.h"

void record_message_init(struct record_message *message, const struct consumer_record *record)
{
	struct kafka_header found[MESSAGE_HEADERS_MAX];
	size_t count = consumer_headers(record, found, MESSAGE_HEADERS_MAX);
	count = count < MESSAGE_HEADERS_MAX ? count : MESSAGE_HEADERS_MAX;
	for (size_t i = 0; i < count; i++)
		message->headers[i] = (struct message_header){str_of(found[i].name), found[i].value};
	message->message = (struct message){
		.body = record->value, .topic = record->topic, .headers = message->headers, .header_count = count};
}
