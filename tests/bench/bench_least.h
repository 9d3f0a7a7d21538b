/* The least that has to be done with each event of the small configuration, whatever else is done: to know that it is JSON, who and when it is about,
 * whether it came before, and to count it for its rep, team and company. kpid's own parts do it, which are the fastest that there are here;
 * left out is all that makes figures exact: the order of events, what they take back or pair with, windows, conflicts, checkpoints, publishing. */
#ifndef TESTS_BENCH_BENCH_LEAST_H
#define TESTS_BENCH_BENCH_LEAST_H

#include "base/str.h"

struct least;

struct least *least_new(void);
/* A message of a topic, a small number. */
void least_take(struct least *least, uint32_t topic, struct str message);
/* Messages that are not as the bench makes them. */
uint64_t least_unread(const struct least *least);
void least_free(struct least *least);

#endif
