#include "tools/kpisim/rng.h"

#include "base/check.h"

static uint64_t splitmix(uint64_t *state)
{
	uint64_t mixed = *state += 0x9e3779b97f4a7c15u;

	mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;
	mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
	return mixed ^ (mixed >> 31);
}

void rng_init(struct rng *rng, uint64_t seed, uint64_t stream)
{
	uint64_t state = seed;

	state = splitmix(&state) ^ (stream * 0xd1342543de82ef95u);
	for (int i = 0; i < 4; i++)
		rng->state[i] = splitmix(&state);
}

static uint64_t rotate(uint64_t value, int by)
{
	return (value << by) | (value >> (64 - by));
}

uint64_t rng_next(struct rng *rng)
{
	uint64_t *s = rng->state;
	uint64_t result = rotate(s[1] * 5, 7) * 9;
	uint64_t shifted = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= shifted;
	s[3] = rotate(s[3], 45);
	return result;
}

uint32_t rng_below(struct rng *rng, uint32_t bound)
{
	CHECK(bound > 0);
	return (uint32_t)(((rng_next(rng) >> 32) * bound) >> 32);
}

int64_t rng_between(struct rng *rng, int64_t low, int64_t high)
{
	unsigned __int128 width;

	CHECK(low <= high);
	width = (unsigned __int128)(uint64_t)(high - low) + 1;
	return low + (int64_t)(uint64_t)((width * rng_next(rng)) >> 64);
}

bool rng_percent(struct rng *rng, uint32_t percent)
{
	return rng_below(rng, 100) < percent;
}

bool rng_ppm(struct rng *rng, uint32_t ppm)
{
	return rng_below(rng, RNG_PPM) < ppm;
}

uint32_t rng_pick(struct rng *rng, const uint16_t *weights, uint32_t count)
{
	uint32_t total = 0;
	uint32_t drawn;

	for (uint32_t i = 0; i < count; i++)
		total += weights[i];
	drawn = rng_below(rng, total);
	for (uint32_t i = 0; i < count; i++) {
		if (drawn < weights[i])
			return i;
		drawn -= weights[i];
	}
	return count - 1;
}

int64_t rng_spread(struct rng *rng, int64_t median)
{
	/* Upper ends of sixteen equally likely parts, in 16ths of the median. */
	static const uint8_t ends[] = {1, 3, 5, 7, 9, 11, 13, 15, 17, 20, 24, 30, 38, 52, 84, 192};
	uint32_t part = rng_below(rng, 16);
	int64_t low = part ? ends[part - 1] : 0;

	return rng_between(rng, median * low / 16, median * ends[part] / 16);
}
