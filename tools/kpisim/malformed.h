/* Messages that every reader has to refuse, by the rules of docs/figures.md. */
#ifndef KPISIM_MALFORMED_H
#define KPISIM_MALFORMED_H

#include "tools/kpisim/event.h"
#include "tools/kpisim/rng.h"

/* Appends one with the customer and time of `event` and an id of its own, numbered by `serial`; all kinds come in turn. Says where
 * it is sent and whether it is a JSON object all the same. Never holds a newline. */
void malformed_put(struct buf *buf, struct rng *rng, const struct event *event, uint32_t serial, enum topic *ret_topic,
	bool *ret_is_object);
/* One that is longer than 1 MiB, of a type that nobody knows. */
void malformed_put_oversized(struct buf *buf, const struct event *event, uint32_t serial);
uint32_t malformed_kinds(void);

#endif
