/* Random numbers that are the same on every machine: xoshiro256** seeded by splitmix64, integers only.
 *
 * Streams are independent: what one of them draws never changes what another one gives. */
#ifndef KPISIM_RNG_H
#define KPISIM_RNG_H

#include <stdbool.h>
#include <stdint.h>

struct rng {
	uint64_t state[4];
};

#define RNG_PPM 1000000

void rng_init(struct rng *rng, uint64_t seed, uint64_t stream);
uint64_t rng_next(struct rng *rng);
/* 0 to bound - 1; bound > 0. */
uint32_t rng_below(struct rng *rng, uint32_t bound);
/* low to high, both included. */
int64_t rng_between(struct rng *rng, int64_t low, int64_t high);
bool rng_percent(struct rng *rng, uint32_t percent);
/* True in `ppm` of a million draws. */
bool rng_ppm(struct rng *rng, uint32_t ppm);
/* An index into `weights`, by their share. */
uint32_t rng_pick(struct rng *rng, const uint16_t *weights, uint32_t count);
/* A duration with this median and a long tail (a 16th to 12 times of it). */
int64_t rng_spread(struct rng *rng, int64_t median);

#endif
