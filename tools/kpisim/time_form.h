/* The many ways to write one instant. */
#ifndef KPISIM_TIME_FORM_H
#define KPISIM_TIME_FORM_H

#include "base/buf.h"
#include "base/zone.h"

/* A JSON value: RFC 3339 with some offset (`zone` is one of them) and fraction; and, if `number_allowed`, sometimes epoch
 * milliseconds. The low 8 bits of `noise` choose. */
void time_form_put(struct buf *buf, int64_t ms, const struct zone *zone, uint32_t noise, bool number_allowed);

#endif
