/* A seed: the state of events from elsewhere, as the checkpoints that kpid goes on from. Its end is a cut-over: all that is dated before it
 * is in the seed, and kpid drops what Kafka brings of it. */
#ifndef KPICTL_SEED_H
#define KPICTL_SEED_H

#include "tools/kpictl/engine.h"

/* Whether it is known which partition a key lies in. False: said why not on standard error. */
bool seed_possible(const struct config *config, uint32_t partitions);
/* The latest Kafka time by which the seed may be folded: that of the first record that kpid may take. */
int64_t seed_fold_at(const struct config *config, int64_t end);
/* Writes the engine's shards into the directory, which must hold no checkpoint. False: said why not. */
bool seed_save(struct engine *engine, const char *directory, int64_t end);

#endif
