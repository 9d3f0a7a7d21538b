/* Where `kpictl explain` has its numbers from. Each fills the engine (made here, released by the caller) with everything before `as_of`,
 * and publishes. INT64_MIN: as late as can be. False: what is wrong was said on standard error. */
#ifndef KPICTL_EXPLAIN_SOURCE_H
#define KPICTL_EXPLAIN_SOURCE_H

#include "tools/kpictl/engine.h"

/* The newest checkpoints of a directory, which may be in use. */
bool explain_from_state(struct engine *engine, const struct config *config, const char *directory, int64_t as_of);
bool explain_from_file(
	struct engine *engine, const struct config *config, const char *path, bool as_arrived, int64_t as_of);
/* All topics, from their beginning to their end. */
bool explain_from_kafka(struct engine *engine, const struct config *config, int64_t as_of);

#endif
