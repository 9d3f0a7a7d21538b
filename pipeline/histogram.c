#include "pipeline/histogram.h"

#include "base/check.h"

/* The edges are the same for every histogram of every process; they are constants that a machine computes more safely than a hand. */
static int64_t edges[HISTOGRAM_BUCKETS + 1];

__attribute__((constructor)) static void edges_fill(void)
{
	edges[0] = 0;
	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
		int64_t wider = edges[i] + edges[i] / 50;
		edges[i + 1] = wider > edges[i] ? wider : edges[i] + 1;
	}
}

uint32_t histogram_bucket(int64_t duration)
{
	CHECK(duration >= 0);
	uint32_t low = 0, high = HISTOGRAM_BUCKETS;
	while (high - low > 1) {
		uint32_t middle = (low + high) / 2;
		if (edges[middle] <= duration)
			low = middle;
		else
			high = middle;
	}
	return low;
}

int64_t histogram_representative(uint32_t bucket)
{
	CHECK(bucket < HISTOGRAM_BUCKETS);
	return (edges[bucket] + edges[bucket + 1]) / 2;
}
