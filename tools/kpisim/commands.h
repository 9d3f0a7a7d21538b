/* What kpisim can be told to do. Each returns the exit code. */
#ifndef KPISIM_COMMANDS_H
#define KPISIM_COMMANDS_H

#include "base/zone.h"
#include "tools/kpisim/options.h"

/* The history, and with --live what follows. */
int command_run(const struct options *options, const struct zone *zone);
int command_roster(const struct options *options, const struct zone *zone);
/* Creates all topics on a cluster. */
int command_topics(const struct options *options);
/* Runs the embedded broker until SIGTERM or SIGINT. */
int command_broker(const struct options *options);

#endif
