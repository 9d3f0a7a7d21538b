/* What an event does to the counters: correlate's output record, and all that accumulate sees of it.
 *
 * `amount` is added to `cell` at `time`, for the keys that `group` has in `dimensions`; the sum of a SUM measure is split among them where
 * the group is. A contribution is taken back by adding its negative. */
#ifndef PIPELINE_CORRELATE_CONTRIBUTION_H
#define PIPELINE_CORRELATE_CONTRIBUTION_H

#include "base/mem.h"
#include "pipeline/correlate/groups.h"

struct contribution {
	int64_t time;
	int64_t amount;
	uint32_t group;
	uint32_t cell; /* config/model.h says what a cell is */
	uint16_t measure;
	uint8_t dimensions;
};

struct contributions {
	struct contribution *items;
	uint32_t count;
	uint32_t capacity;
};

static inline void contributions_add(struct contributions *contributions, struct contribution item)
{
	GROW(contributions->items, contributions->count, contributions->capacity);
	contributions->items[contributions->count++] = item;
}

#endif
