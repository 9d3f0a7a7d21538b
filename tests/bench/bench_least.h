/* The least that has to be done with each event, whatever else is done: to know that it is JSON, who and when it is about, whether it came before,
 * and to count it. kpid's own parts do it, which are the fastest that there are here; left out is all that makes figures exact: the order of
 * events, what they take back or pair with, windows, conflicts, checkpoints, publishing.
 *
 * Small configuration: once for its rep, team and company, by the minute. Shipped one: in 5 measures for these, and in one each for its product and its
 * segment, as slices of a year: at most 17 additions, where kpid makes 19 (on average of kpisim's events). */
#ifndef TESTS_BENCH_BENCH_LEAST_H
#define TESTS_BENCH_BENCH_LEAST_H

#include "base/str.h"

enum least_kind { LEAST_SMALL, LEAST_SHIPPED };

struct least;

struct least *least_new(enum least_kind kind);
/* A message of a topic, a small number. */
void least_take(struct least *least, uint32_t topic, struct str message);
/* Messages that are not as the bench or kpisim makes them. */
uint64_t least_unread(const struct least *least);
void least_free(struct least *least);

#endif
