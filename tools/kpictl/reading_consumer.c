#include "tools/kpictl/reading_consumer.h"

struct consumer *reading_consumer_new(
	const struct settings *settings, size_t slot_count, char *error, size_t error_size)
{
	struct consumer_options options = {
		.brokers = settings->kafka_brokers,
		.client_id = "kpictl",
		.group = "kpictl",
		.properties = (const struct kafka_property *)settings->kafka_properties,
		.property_count = settings->kafka_property_count,
		.queue_bytes = settings->kafka_queue_bytes,
		.slot_count = slot_count,
	};
	struct consumer *consumer;
	bool made = consumer_new(&options, error, error_size, &consumer) == RESULT_OK;
	return made ? consumer : NULL;
}
