/* Instants in the configuration's time zone, for people. */
#ifndef KPICTL_LOCAL_H
#define KPICTL_LOCAL_H

#include "base/buf.h"
#include "base/zone.h"

/* "2026-03-02 10:00:00 +01:00" */
void local_put(struct buf *out, const struct zone *zone, int64_t ms);
/* The same, and in UTC: "2026-03-02 10:00:00 +01:00 (2026-03-02T09:00:00Z)". */
void local_put_both(struct buf *out, const struct zone *zone, int64_t ms);

#endif
