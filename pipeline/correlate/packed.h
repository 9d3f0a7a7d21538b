/* A customer at rest: one block of memory, a fifth of what one takes that is worked on. Private to correlate.
 *
 * Invariant: unpacked again it is the same customer. The block begins with what a checkpoint holds of the customer, so that saving it is a
 * copy; behind that stands what would have to be worked out anew: how each record stands in the tail, and the head. */
#ifndef PIPELINE_CORRELATE_PACKED_H
#define PIPELINE_CORRELATE_PACKED_H

#include "pipeline/correlate/customer.h"

/* A longer tail stays as it is: (un)packing takes a walk over all of it. */
#define PACKED_RECORDS_MAX 64

struct packed {
	int64_t first;  /* the time of its first record, ms; INT64_MAX: there is none, INT64_MIN: nor anything else */
	uint32_t saved; /* bytes of the checkpoint: the name, counted, and customer_save */
	uint32_t size;  /* of all bytes */
	uint8_t bytes[];
};

/* The caller frees it. `work` is overwritten. */
struct packed *packed_new(struct str name, const struct customer *customer, struct buf *work);
struct str packed_name(const struct packed *packed);
/* Into a fresh or cleared customer. */
void packed_read(const struct packed *packed, struct customer *customer);
void packed_free(struct packed *packed);

static inline struct str packed_saved(const struct packed *packed)
{
	return (struct str){(const char *)packed->bytes, packed->saved};
}

#endif
