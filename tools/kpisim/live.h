/* Live events, at a steady rate, by the wall clock. */
#ifndef KPISIM_LIVE_H
#define KPISIM_LIVE_H

#include "tools/kpisim/run.h"

/* Signals that end the program arrive at the descriptor; blocks them everywhere else. -1 on failure. */
int signals_open(void);
/* Whether one has come; waits for it at most `timeout_ms` (-1: for ever). */
bool signals_wait(int signals, int timeout_ms);
/* Goes on until a signal arrives, the limit is reached, or a sink fails. */
MUST_CHECK enum result live_run(struct run *run, int64_t rate, int signals);

#endif
