/* The conditions by which events.yaml refuses an event of which each field is right by itself. */
#ifndef PIPELINE_DECODE_REFUSE_H
#define PIPELINE_DECODE_REFUSE_H

#include "pipeline/decode/event.h"

/* The first condition of the event's type that holds; NULL where none does. All fields and defaults of the event are there. */
const struct refuse_rule *refuse_find(const struct schema *schema, const struct event *event);

#endif
