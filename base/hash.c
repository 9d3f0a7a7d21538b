#include "base/hash.h"

#include "base/check.h"

#include <endian.h>
#include <pthread.h>
#include <sys/random.h>

static struct hash_key process_key;

static void process_key_draw(void)
{
	ssize_t length = getrandom(&process_key, sizeof process_key, 0);
	CHECK(length == (ssize_t)sizeof process_key);
}

struct hash_key hash_process_key(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, process_key_draw);
	return process_key;
}

static inline uint64_t rotate(uint64_t value, int bits)
{
	return value << bits | value >> (64 - bits);
}

struct sip {
	uint64_t v0, v1, v2, v3;
};

static inline __attribute__((always_inline)) void sip_round(struct sip *s)
{
	s->v0 += s->v1;
	s->v2 += s->v3;
	s->v1 = rotate(s->v1, 13) ^ s->v0;
	s->v3 = rotate(s->v3, 16) ^ s->v2;
	s->v0 = rotate(s->v0, 32);
	s->v2 += s->v1;
	s->v0 += s->v3;
	s->v1 = rotate(s->v1, 17) ^ s->v2;
	s->v3 = rotate(s->v3, 21) ^ s->v0;
	s->v2 = rotate(s->v2, 32);
}

static inline __attribute__((always_inline)) void sip_word(struct sip *s, uint64_t word)
{
	s->v3 ^= word;
	sip_round(s);
	s->v0 ^= word;
}

/* The bytes after the last whole word, below the length's low byte. Behind a whole word they are read with some of its bytes. */
static inline uint64_t sip_tail(const char *at, size_t left, size_t length)
{
	uint64_t word = 0;
	if (left && length >= 8) {
		memcpy(&word, at + left - 8, sizeof word);
		word = le64toh(word) >> (64 - 8 * left);
	} else {
		for (size_t i = 0; i < left; i++)
			word |= (uint64_t)(uint8_t)at[i] << (8 * i);
	}
	return word | (uint64_t)length << 56;
}

uint64_t hash_sip(struct hash_key key, struct str bytes)
{
	struct sip s = {key.k0 ^ 0x736f6d6570736575, key.k1 ^ 0x646f72616e646f6d, key.k0 ^ 0x6c7967656e657261,
		key.k1 ^ 0x7465646279746573};
	const char *at = bytes.data;
	size_t left = bytes.length;
	for (; left >= 8; left -= 8, at += 8) {
		uint64_t word;
		memcpy(&word, at, sizeof word);
		sip_word(&s, le64toh(word));
	}
	sip_word(&s, sip_tail(at, left, bytes.length));
	s.v2 ^= 0xff;
	sip_round(&s);
	sip_round(&s);
	sip_round(&s);
	return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

/* As org.apache.kafka.common.utils.Utils.murmur2: 32 bits, its seed, the tail's bytes in little-endian order. */
uint32_t hash_murmur2(struct str bytes)
{
	const uint32_t m = 0x5bd1e995;
	const uint8_t *at = (const uint8_t *)bytes.data;
	size_t left = bytes.length;
	uint32_t h = 0x9747b28c ^ (uint32_t)bytes.length;
	for (; left >= 4; left -= 4, at += 4) {
		uint32_t k;
		memcpy(&k, at, sizeof k);
		k = le32toh(k) * m;
		h = h * m ^ (k ^ k >> 24) * m;
	}
	if (left) {
		for (size_t i = 0; i < left; i++)
			h ^= (uint32_t)at[i] << (8 * i);
		h *= m;
	}
	h = (h ^ h >> 13) * m;
	return h ^ h >> 15;
}
