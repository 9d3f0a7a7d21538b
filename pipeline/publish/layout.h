/* Inside publish: which figures the keys of a dimension have, in which order, and what else hangs on them. */
#ifndef PIPELINE_PUBLISH_LAYOUT_H
#define PIPELINE_PUBLISH_LAYOUT_H

#include "base/arena.h"
#include "config/model.h"

#define LAYOUT_NO_BOARD UINT32_MAX

/* One figure of a key. */
struct slot {
	uint16_t kpi;
	uint8_t window;
	uint32_t board;              /* which score of the key it gives, or LAYOUT_NO_BOARD */
	const struct target *target; /* or NULL */
	struct str name;             /* "close_rate@30d" */
	const uint64_t *needs;       /* bit c: it is made of component c, among others */
};

struct layout {
	uint32_t word_count; /* of a bitmap over components */
	struct slot *slots;
	uint32_t slot_count;
	uint32_t board_count;
	const struct alert_rule **rules;
	uint32_t rule_count;
};

/* Everything lives in the arena. */
void layout_init(struct layout *layout, struct arena *arena, const struct model *model, uint8_t dimension);

#endif
