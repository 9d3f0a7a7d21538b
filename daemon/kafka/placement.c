#include "daemon/kafka/placement.h"

#include "base/hash.h"

/* One without a key went anywhere: its customer must belong here all the same. */
static bool in_partition(const struct config *config, const struct consumer_record *record, const struct event *event,
	int32_t partitions)
{
	struct str key = record->key;
	if (!key.data && config->schema.topics[record->topic].key == TOPIC_KEY_CUSTOMER)
		key = event->customer;
	if (!key.data || partitions < 2)
		return true;
	switch ((enum partitioner)config->settings.kafka_partitioner) {
	case PARTITIONER_MURMUR2:
		return (int32_t)((hash_murmur2(key) & 0x7fffffff) % (uint32_t)partitions) == record->partition;
	case PARTITIONER_CRC32:
		return (int32_t)(hash_crc32(key) % (uint32_t)partitions) == record->partition;
	case PARTITIONER_ANY:
		break;
	}
	return true;
}

static bool key_is_customer(
	const struct config *config, const struct consumer_record *record, const struct event *event)
{
	if (config->schema.topics[record->topic].key != TOPIC_KEY_CUSTOMER || !record->key.data ||
		event->customer.length == 0)
		return true;
	return str_equal(record->key, event->customer);
}

bool record_is_placed(const struct config *config, const struct consumer_record *record, const struct event *event,
	int32_t partitions)
{
	return in_partition(config, record, event, partitions) && key_is_customer(config, record, event);
}
