/* Inside publish: which figures the keys of a dimension have, in which order, and what else hangs on them. */
#ifndef PIPELINE_PUBLISH_LAYOUT_H
#define PIPELINE_PUBLISH_LAYOUT_H

#include "base/arena.h"
#include "pipeline/evaluate/goals.h"

#define LAYOUT_NO_BOARD UINT32_MAX

/* One figure of a key. */
struct slot {
	uint16_t kpi;
	uint8_t window;
	uint32_t board;            /* which score of the key it gives, or LAYOUT_NO_BOARD */
	struct wishes wishes;      /* the targets that it may have */
	struct str name;           /* "close_rate@30d" */
	const uint64_t *needs;     /* bit c: it is made of component c of its key, among others */
	const uint64_t *far_needs; /* the same of all keys of far_dimension, which is another one; NULL: no others */
	uint8_t far_dimension;
};

struct layout {
	uint32_t word_count; /* of a bitmap over components */
	struct slot *slots;
	uint32_t slot_count;
	uint32_t board_count;
	const struct alert_rule **rules;
	uint32_t rule_count;
	bool looks_far; /* some slot has far_needs */
};

static inline bool layout_overlap(const struct layout *layout, const uint64_t *needs, const uint64_t *news)
{
	for (uint32_t word = 0; word < layout->word_count; word++)
		if (needs[word] & news[word])
			return true;
	return false;
}

/* Everything lives in the arena. */
void layout_init(struct layout *layout, struct arena *arena, const struct model *model, const struct goals *goals,
	uint8_t dimension);

#endif
