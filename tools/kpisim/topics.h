/* The names of all topics, with a prefix. */
#ifndef KPISIM_TOPICS_H
#define KPISIM_TOPICS_H

#include "base/buf.h"
#include "tools/kpisim/vocabulary.h"

/* The topics of events, and the two that the daemon writes. */
#define TOPIC_ALL_COUNT (TOPIC_COUNT + 2)

/* `index` below TOPIC_ALL_COUNT; the first TOPIC_COUNT are enum topic. Replaces what stands in `buf`. */
const char *topics_name(struct buf *buf, const char *prefix, int index);

#endif
