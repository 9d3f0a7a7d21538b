/* Where records go, in order of arrival. */
#ifndef KPISIM_SINK_H
#define KPISIM_SINK_H

#include "base/result.h"
#include "tools/kpisim/options.h"
#include "tools/kpisim/record.h"

struct sink {
	enum result (*put)(struct sink *sink, const struct record *record);
	/* What was put so far has arrived. */
	enum result (*flush)(struct sink *sink);
	/* Serves what goes on in the background, without waiting; may be NULL. */
	void (*poll)(struct sink *sink);
	void (*free)(struct sink *sink);
};

/* JSON lines in a file, or stdout for "-". Failures are logged. */
MUST_CHECK enum result sink_file_new(const char *path, struct sink **ret_sink);
/* Topics of a Kafka cluster. */
MUST_CHECK enum result sink_kafka_new(const struct options *options, struct sink **ret_sink);

#endif
