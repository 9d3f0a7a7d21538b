/* Split credit: a list of {rep, share}. */
#ifndef PIPELINE_DECODE_CREDITS_H
#define PIPELINE_DECODE_CREDITS_H

#include "pipeline/decode/event.h"
#include "pipeline/decode/json.h"
#include "pipeline/refusal.h"

/* Reads the list at `list`, one of `nodes`, into event->credits. REFUSAL_NONE, or REFUSAL_BAD_VALUE where it is anything else than 1 to
 * EVENT_CREDITS_MAX objects that have just a rep (a text, no one twice) and a share (whole, in 10^-4), the shares adding up to the
 * whole. */
enum refusal credits_read(const struct json_node *nodes, const struct json_node *list, struct event *event);

#endif
