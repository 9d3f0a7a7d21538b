/* Whether a record lies in the partition of its key, and its key is its customer (of a retraction: what the event is
 * keyed by that it takes back): else a customer's events would be spread over shards. */
#ifndef DAEMON_KAFKA_PLACEMENT_H
#define DAEMON_KAFKA_PLACEMENT_H

#include "config/config.h"
#include "daemon/kafka/consumer.h"
#include "pipeline/decode/event.h"

/* `partitions` of each topic. The first: where its key belongs; where that is not known, where it is. */
int32_t record_partition(const struct config *config, const struct consumer_record *record, const struct event *event,
	int32_t partitions);
bool record_is_placed(const struct config *config, const struct consumer_record *record, const struct event *event,
	int32_t partitions);

#endif
