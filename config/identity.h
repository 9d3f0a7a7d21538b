/* Hashes that say whether two definitions mean the same. */
#ifndef CONFIG_IDENTITY_H
#define CONFIG_IDENTITY_H

#include "base/buf.h"
#include "config/model.h"

/* Of what a measure does: its own name, the names of stocks, the order of triggers and all other measures do not matter. */
uint64_t measure_identity(const struct schema *schema, const struct model *model, const struct measure *measure);
/* A hash that is the same in every process. */
uint64_t identity_hash(struct str bytes);

#endif
