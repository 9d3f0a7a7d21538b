/* Accepted events that lie beyond the current end, earliest first. Each is kept as its own copy.
 *
 * Invariant: of two that have one source and id in one history (pipeline/correlate/subject.h), neither takes the other one's
 * (correlate_conflicts). */
#ifndef PIPELINE_WAITING_H
#define PIPELINE_WAITING_H

#include "base/buf.h"
#include "base/map.h"
#include "pipeline/decode/event.h"

struct waiting_event;

struct waiting {
	const struct schema *schema;
	struct waiting_event **heap; /* a binary heap by time */
	uint32_t count, capacity;
	struct map by_id; /* history, source and id -> struct waiting_event *, the first of a chain */
	struct buf key;   /* of the event that is looked for */
	int64_t lateness; /* ms: limits.allowed_lateness */
	int64_t reach;    /* how far back the retractions among them reach; INT64_MAX: there are none */
};

enum waiting_outcome {
	WAITING_PUT,
	WAITING_DUPLICATE,
	WAITING_CONFLICT /* its id is taken by other content: of the two, the one that is first in order is kept */
};

/* `schema` is borrowed and must outlive it. */
void waiting_init(struct waiting *waiting, const struct schema *schema, int64_t lateness);
enum waiting_outcome waiting_put(struct waiting *waiting, const struct event *event);
/* The earliest event when it lies before `end`: its texts are valid until waiting_drop. NULL when there is none. */
const struct event *waiting_first(const struct waiting *waiting, int64_t end);
/* Whether what the retraction takes back is among them. */
bool waiting_finds(const struct waiting *waiting, const struct event *retraction);
/* Drops the earliest event, of which there is one. */
void waiting_drop(struct waiting *waiting);
/* The event comes before all of them: drops the one that has lost its id to it. False where there is none. */
bool waiting_drop_same(struct waiting *waiting, const struct event *event);
void waiting_save(const struct waiting *waiting, struct buf *out);
/* Into a fresh one, from a checkpoint of that format. False on damage. */
bool waiting_load(struct waiting *waiting, uint32_t format, struct reader *in);
void waiting_release(struct waiting *waiting);

#endif
