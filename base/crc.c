/* The checksums of base/hash.h. */
#include "base/hash.h"

#include <endian.h>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

/* Both polynomials in the reflected form. */
#define CASTAGNOLI 0x82f63b78u
#define IEEE 0xedb88320u

static uint32_t castagnoli_table[256];
static uint32_t ieee_table[256];
static uint32_t (*crc32c_update)(uint32_t crc, const uint8_t *at, size_t left);

static uint32_t by_table(const uint32_t *table, uint32_t crc, const uint8_t *at, size_t left)
{
	for (; left; left--, at++)
		crc = table[(uint8_t)crc ^ *at] ^ crc >> 8;
	return crc;
}

static uint32_t crc32c_by_table(uint32_t crc, const uint8_t *at, size_t left)
{
	return by_table(castagnoli_table, crc, at, left);
}

#if defined(__x86_64__)
/* The processor can begin a step every cycle, and each takes three: so three stretches go side by side. `over_stretch` says what becomes of a
 * sum when a stretch of zeros follows; sums are linear, so that is all it takes to put them together. */
#define STRETCH 4096
static uint32_t over_stretch[4][256];

static uint32_t past_stretch(uint32_t crc)
{
	return over_stretch[0][crc & 0xff] ^ over_stretch[1][crc >> 8 & 0xff] ^ over_stretch[2][crc >> 16 & 0xff] ^
		over_stretch[3][crc >> 24];
}

__attribute__((target("sse4.2"))) static uint32_t three_stretches(uint32_t crc, const uint8_t *at)
{
	uint64_t sums[3] = {crc, 0, 0};
	for (size_t i = 0; i < STRETCH; i += 8) {
		uint64_t words[3];
		for (int s = 0; s < 3; s++)
			memcpy(&words[s], at + s * STRETCH + i, sizeof words[s]);
		for (int s = 0; s < 3; s++)
			sums[s] = _mm_crc32_u64(sums[s], words[s]);
	}
	return past_stretch(past_stretch((uint32_t)sums[0]) ^ (uint32_t)sums[1]) ^ (uint32_t)sums[2];
}

__attribute__((target("sse4.2"))) static uint32_t crc32c_by_processor(uint32_t crc, const uint8_t *at, size_t left)
{
	for (; left >= 3 * STRETCH; left -= 3 * STRETCH, at += 3 * STRETCH)
		crc = three_stretches(crc, at);
	uint64_t wide = crc;
	for (; left >= 8; left -= 8, at += 8) {
		uint64_t word;
		memcpy(&word, at, sizeof word);
		wide = _mm_crc32_u64(wide, word);
	}
	crc = (uint32_t)wide;
	for (; left; left--, at++)
		crc = _mm_crc32_u8(crc, *at);
	return crc;
}
#endif

static void fill(uint32_t *table, uint32_t polynomial)
{
	for (uint32_t byte = 0; byte < 256; byte++) {
		uint32_t crc = byte;
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? polynomial : 0);
		table[byte] = crc;
	}
}

#if defined(__x86_64__)
static void fill_over_stretch(void)
{
	static const uint8_t zeros[STRETCH];
	uint32_t bits[32];
	for (int bit = 0; bit < 32; bit++)
		bits[bit] = crc32c_by_processor(UINT32_C(1) << bit, zeros, sizeof zeros);
	for (uint32_t place = 0; place < 4; place++)
		for (uint32_t byte = 0; byte < 256; byte++)
			for (uint32_t bit = 0; bit < 8; bit++)
				over_stretch[place][byte] ^= byte >> bit & 1 ? bits[8 * place + bit] : 0;
}
#endif

/* Before main, so that no thread ever sees half a table. */
__attribute__((constructor)) static void crc_prepare(void)
{
	fill(castagnoli_table, CASTAGNOLI);
	fill(ieee_table, IEEE);
	crc32c_update = crc32c_by_table;
#if defined(__x86_64__)
	__builtin_cpu_init();
	if (__builtin_cpu_supports("sse4.2")) {
		fill_over_stretch();
		crc32c_update = crc32c_by_processor;
	}
#endif
}

uint32_t hash_crc32c(uint32_t crc, struct str bytes)
{
	return ~crc32c_update(~crc, (const uint8_t *)bytes.data, bytes.length);
}

void hash_sum_add(struct hash_sum *sum, struct str so_far)
{
	sum->crc = hash_crc32c(sum->crc, (struct str){so_far.data + sum->through, so_far.length - sum->through});
	sum->through = so_far.length;
}

uint32_t hash_crc32(struct str bytes)
{
	return ~by_table(ieee_table, ~0u, (const uint8_t *)bytes.data, bytes.length);
}
