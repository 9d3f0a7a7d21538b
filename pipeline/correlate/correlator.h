/* The inside of a correlator, for correlate.c and spread.c. */
#ifndef PIPELINE_CORRELATE_CORRELATOR_H
#define PIPELINE_CORRELATE_CORRELATOR_H

#include "base/map.h"
#include "pipeline/correlate/correlate.h"
#include "pipeline/correlate/customer.h"

struct correlator {
	struct machine machine;
	const struct schema *schema;
	struct groups *groups;
	uint64_t fields;
	int64_t fold, lateness;
	struct map customers; /* name -> struct customer * */
	struct map products;  /* of topics that are keyed by product: product -> struct customer * */
	struct map anonymous; /* source, 0, id of any other event without a customer -> struct customer * of its own */
	uint32_t customers_sweep_at, products_sweep_at, anonymous_sweep_at;
	struct buf name;
	uint32_t limit; /* events of one history; 0: any number */
};

static inline struct customer *correlator_customer(uint64_t value)
{
	return (struct customer *)(uintptr_t)value;
}

/* The history of that name, made where there is none. */
static inline struct customer *correlator_make(struct map *map, struct str name)
{
	bool is_new;
	uint64_t *value = map_put(map, name, &is_new);
	if (is_new)
		*value = (uint64_t)(uintptr_t)customer_new();
	return correlator_customer(*value);
}

#endif
