/* Which of the configured topics exist, and with how many partitions: the same number for all, or kpid does not start. */
#ifndef DAEMON_KAFKA_TOPOLOGY_H
#define DAEMON_KAFKA_TOPOLOGY_H

#include "config/config.h"
#include "daemon/kafka/consumer.h"

struct topology {
	size_t topic_count;  /* of the schema */
	char **names;        /* with prefix, by topic of the schema */
	int32_t *partitions; /* by topic; 0: it does not exist */
	int32_t shard_count; /* partitions of each topic that exists */
};

void topology_init(struct topology *topology, const struct config *config);
/* Asks the brokers. RESULT_UNREACHABLE, RESULT_NOT_FOUND (no topic exists yet), RESULT_CONFLICT (unequal numbers of partitions); the
 * sentence in `error`. */
MUST_CHECK enum result topology_ask(
	struct topology *topology, struct consumer *metadata, char *error, size_t error_size);
bool topology_equal(const struct topology *a, const struct topology *b);
void topology_release(struct topology *topology);

#endif
