/* The histories of some shards spread anew over more of them: each goes where the records of its key go from now on.
 *
 * Invariant: what all correlators together have handed out, and what stands in `contributions` here, adds up to one run over each history
 * that there is afterwards. A history is moved as a whole and hands out nothing new. Where a topic is keyed by id, a customer's events
 * lie wherever their ids do, beside those of its other topics or in a history of their own: they are taken out of it one by one and put into
 * the one where they belong, which takes back and adds what they gave. (What of them was folded away stays: nothing that comes can concern it.) */
#ifndef PIPELINE_CORRELATE_SPREAD_H
#define PIPELINE_CORRELATE_SPREAD_H

#include "config/settings.h"
#include "pipeline/correlate/correlate.h"

/* What the spreading changed for one correlator. */
struct spread_change {
	struct contributions contributions; /* by its own groups; the caller frees the items */
	int64_t events[SCHEMA_TYPES_MAX];   /* of its tails, by type: those that came less those that went */
};

/* `correlators` had partitions 0 to before - 1; there are `count` now, the last of them fresh. All have the same fold. */
void correlators_spread(struct correlator *const *correlators, uint32_t before, uint32_t count,
	enum partitioner partitioner, struct spread_change *changes);

#endif
