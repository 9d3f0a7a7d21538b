/* Accepted events that lie beyond the current end, earliest first. Each is kept as its own copy. */
#ifndef PIPELINE_WAITING_H
#define PIPELINE_WAITING_H

#include "base/buf.h"
#include "pipeline/decode/event.h"

struct waiting_event;

struct waiting {
	struct waiting_event **heap; /* a binary heap by time */
	uint32_t count, capacity;
	int64_t reach; /* how far back the retractions among them reach; INT64_MAX: there are none */
};

void waiting_init(struct waiting *waiting);

void waiting_put(struct waiting *waiting, const struct event *event, const struct schema *schema);
/* The earliest event when it lies before `end`: its texts are valid until waiting_drop. NULL when there is none. */
const struct event *waiting_first(const struct waiting *waiting, int64_t end);
/* Whether what the retraction takes back is among them. */
bool waiting_finds(const struct waiting *waiting, const struct schema *schema, const struct event *retraction);
void waiting_drop(struct waiting *waiting);
void waiting_save(const struct waiting *waiting, struct buf *out);
bool waiting_load(struct waiting *waiting, const struct schema *schema, struct reader *in);
void waiting_release(struct waiting *waiting);

#endif
