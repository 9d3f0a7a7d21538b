/* A customer at rest: some bytes on a shelf, a fifth of what one takes that is worked on. Private to correlate.
 *
 * Invariant: unpacked again it is the same customer. The bytes begin with what a checkpoint holds of the customer, so that saving it is a
 * copy; behind that stands what would have to be worked out anew: how each record stands in the tail, and the head. */
#ifndef PIPELINE_CORRELATE_PACKED_H
#define PIPELINE_CORRELATE_PACKED_H

#include "pipeline/correlate/customer.h"
#include "pipeline/correlate/shelf.h"

/* A longer tail stays as it is: (un)packing takes a walk over all of it. */
#define PACKED_RECORDS_MAX 64

/* A struct packed with its bytes; `out` is cleared first. */
void packed_put(struct str name, uint32_t hash, const struct customer *customer, struct buf *out);
struct str packed_name(const struct packed *packed);
/* Into a fresh or cleared customer. */
void packed_read(const struct packed *packed, struct customer *customer);

static inline struct str packed_saved(const struct packed *packed)
{
	return (struct str){(const char *)packed->bytes, packed->saved};
}

#endif
