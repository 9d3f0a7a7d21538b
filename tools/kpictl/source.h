/* Where `kpictl explain` and `kpictl plan` have their numbers from. */
#ifndef KPICTL_SOURCE_H
#define KPICTL_SOURCE_H

#include "tools/kpictl/engine.h"

struct source {
	const char *verb;   /* that says what is wrong */
	const char *events; /* a file of JSON lines, "-": standard input, "kafka": all topics; NULL: checkpoints */
	const char *state;  /* the directory of the checkpoints; NULL: the one that is configured */
	bool as_arrived;    /* received_at of the file's lines is Kafka's time */
	int64_t as_of;      /* INT64_MIN: as late as can be */
};

/* Fills the engine (made here, released by the caller) with everything before as_of, and publishes. The checkpoints may be in use. False:
 * what is wrong was said on standard error. */
bool source_fill(const struct source *source, struct engine *engine, const struct config *config);

/* Inside: all topics, from their beginning to their end. */
bool source_fill_from_kafka(const struct source *source, struct engine *engine, const struct config *config);

#endif
