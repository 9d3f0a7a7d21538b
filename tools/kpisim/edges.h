/* Events that lie exactly on the edges of the rules: midnights, month ends, clock changes, equal milliseconds, limits of pairs. */
#ifndef KPISIM_EDGES_H
#define KPISIM_EDGES_H

#include "tools/kpisim/world.h"

/* Plans all that the period covers. Their customers are called "edge-...", and they draw no random numbers. */
void edges_plan(struct world *world);

#endif
