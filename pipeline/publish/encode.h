/* Names of keys, made fit to stand between the colons of a Redis key. */
#ifndef PIPELINE_PUBLISH_ENCODE_H
#define PIPELINE_PUBLISH_ENCODE_H

#include "base/buf.h"

/* `:`, `@`, `%` and control characters become %XX (upper-case hex); all other bytes stay. */
void encode_put(struct buf *out, struct str name);
/* The name again. What encode_put would not have written stays as it is. */
void encode_undo(struct buf *out, struct str encoded);

#endif
