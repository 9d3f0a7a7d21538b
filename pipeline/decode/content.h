/* The hash of an event's content, by which a true duplicate is told from a second event under the same id. */
#ifndef PIPELINE_DECODE_CONTENT_H
#define PIPELINE_DECODE_CONTENT_H

#include "base/arena.h"
#include "base/buf.h"
#include "pipeline/decode/event.h"

/* Names are hashed instead of their positions in the configuration, so that a content's hash outlives a change of
 * events.yaml. */
struct content_field {
	uint64_t name;
	enum field_kind kind;
	uint64_t *choices; /* of each choice its name */
};

struct content_plan {
	uint64_t *types;
	struct content_field *fields;
	uint64_t text_fields; /* those of FIELD_TEXT */
	size_t size;          /* of all that is hashed, in bytes, but for texts and credits: no event has more */
};

void content_plan_init(struct content_plan *plan, struct arena *arena, const struct schema *schema);
/* `scratch` is overwritten. */
uint64_t content_hash(const struct content_plan *plan, const struct event *event, struct buf *scratch);

#endif
