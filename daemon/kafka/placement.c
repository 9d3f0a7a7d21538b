#include "daemon/kafka/placement.h"

#include "pipeline/partition.h"

/* What the key of the record has to be; empty: anything. A customer's events stand under the customer, and a retraction under what the
 * event stands under that it takes back. */
static struct str needed_key(
	const struct config *config, const struct consumer_record *record, const struct event *event)
{
	const struct schema *schema = &config->schema;
	enum topic_key key = schema->topics[record->topic].key;
	bool retraction = event->type == schema->retractions.type;
	if (key == TOPIC_KEY_CUSTOMER || (key == TOPIC_KEY_CUSTOMER_OR_ID && retraction && event->customer.length > 0))
		return event->customer;
	if (!retraction)
		return (struct str){0};
	return event->values[key == TOPIC_KEY_PRODUCT ? schema->product_field : schema->retractions.names].text;
}

/* One without a key went anywhere: it must belong here all the same, where it is known what its key would be. */
int32_t record_partition(const struct config *config, const struct consumer_record *record, const struct event *event,
	int32_t partitions)
{
	struct str key = record->key.data ? record->key : needed_key(config, record, event);
	enum partitioner partitioner = (enum partitioner)config->settings.kafka_partitioner;
	if (!key.data || partitions < 2 || partitioner == PARTITIONER_ANY)
		return record->partition;
	return (int32_t)partition_of_key(partitioner, key, (uint32_t)partitions);
}

static bool key_is_right(const struct config *config, const struct consumer_record *record, const struct event *event)
{
	struct str needed = needed_key(config, record, event);
	return !record->key.data || needed.length == 0 || str_equal(record->key, needed);
}

bool record_is_placed(const struct config *config, const struct consumer_record *record, const struct event *event,
	int32_t partitions)
{
	return record_partition(config, record, event, partitions) == record->partition &&
		key_is_right(config, record, event);
}
