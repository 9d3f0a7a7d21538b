/* What follows a deal that was won. */
#ifndef KPISIM_FLOW_AFTER_H
#define KPISIM_FLOW_AFTER_H

#include "tools/kpisim/world.h"

void after_win(struct world *world, const struct action *action);

#endif
