/* Buckets for durations: edges b0 = 0, b(i+1) = max(b(i) + 1, floor(1.02 b(i))); a duration d in ms lies in bucket i when
 * b(i) <= d < b(i+1). The representative of a bucket, floor((b(i) + b(i+1)) / 2), is at most 1 % off. */
#ifndef PIPELINE_HISTOGRAM_H
#define PIPELINE_HISTOGRAM_H

#include "config/model.h"

/* 0 to HISTOGRAM_BUCKETS - 1; durations beyond the last edge (over 10^17 ms) lie in the last one. d >= 0. */
uint32_t histogram_bucket(int64_t duration);
int64_t histogram_representative(uint32_t bucket);

#endif
