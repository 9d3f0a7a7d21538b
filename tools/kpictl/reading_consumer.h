/* kpictl's own consumer by the settings: it reads beside kpid, locks nothing and commits nothing. */
#ifndef TOOLS_KPICTL_READING_CONSUMER_H
#define TOOLS_KPICTL_READING_CONSUMER_H

#include "config/settings.h"
#include "daemon/kafka/consumer.h"

/* For `slot_count` partitions, 0: to ask about topics only. NULL with a sentence in `error`. */
struct consumer *reading_consumer_new(
	const struct settings *settings, size_t slot_count, char *error, size_t error_size);

#endif
