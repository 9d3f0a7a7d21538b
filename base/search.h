/* Looking through a few hundred numbers, which is faster than keeping them in order. */
#ifndef BASE_SEARCH_H
#define BASE_SEARCH_H

#include <stdint.h>
#include <string.h>

/* The first of `count` numbers, from `at` on, that is the wanted one; `count` where there is none. */
static inline uint32_t search_u32(const uint32_t *numbers, uint32_t at, uint32_t count, uint32_t wanted)
{
	typedef uint32_t four __attribute__((vector_size(16)));
	const four all = {wanted, wanted, wanted, wanted};
	for (; at + 8 <= count; at += 8) {
		four first, second;
		memcpy(&first, numbers + at, sizeof first);
		memcpy(&second, numbers + at + 4, sizeof second);
		four same = (four)(first == all) | (four)(second == all);
		uint64_t halves[2];
		memcpy(halves, &same, sizeof halves);
		if (halves[0] | halves[1])
			break;
	}
	while (at < count && numbers[at] != wanted)
		at++;
	return at;
}

#endif
