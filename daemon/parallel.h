/* The same work for each of some numbers, on all processors. */
#ifndef DAEMON_PARALLEL_H
#define DAEMON_PARALLEL_H

#include <stdint.h>

/* Calls work(context, i) once for each i below `count`, in any order, some at the same time, and returns when all are done. Where no thread
 * can be made the caller's does it alone. */
void parallel_run(uint32_t count, void (*work)(void *context, uint32_t i), void *context);

#endif
