/* The inside of a correlator, for correlate.c and spread.c. */
#ifndef PIPELINE_CORRELATE_CORRELATOR_H
#define PIPELINE_CORRELATE_CORRELATOR_H

#include "pipeline/correlate/correlate.h"
#include "pipeline/correlate/histories.h"

struct correlator {
	struct machine machine;
	const struct schema *schema;
	struct groups *groups;
	uint64_t fields;
	int64_t fold, lateness;
	struct histories customers;
	struct histories products;  /* of topics that are keyed by product */
	struct histories anonymous; /* of any other event without a customer one of its own; name: source, 0, id */
	uint32_t customers_sweep_at, products_sweep_at, anonymous_sweep_at;
	struct buf name;
	uint32_t limit; /* events of one history; 0: any number */
};

#endif
