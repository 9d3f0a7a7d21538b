/* The scalars of JSON, as RFC 8259 has them. Behind the document JSON_PADDING NULs can be read. */
#ifndef PIPELINE_DECODE_JSON_SCALAR_H
#define PIPELINE_DECODE_JSON_SCALAR_H

#include "base/str.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#else
#include <endian.h>
#endif

#define JSON_PADDING 64

/* Behind the number that begins here; NULL where none does. No double is made, so any size is one. */
const char *json_number_end(const char *at);
/* The string that begins at `start`, behind its quote: nothing up to `end` needs to be changed, and there stands an escape. Escapes are
 * resolved in place. Returns what stands behind the closing quote; NULL for a control character, an escape that is none, or half a surrogate
 * pair. */
char *json_resolve(char *start, char *end, struct str *ret_text);

/* The first quote, backslash or control character from here on. */
static inline char *json_text_end(char *at)
{
#if defined(__SSE2__)
	const __m128i quotes = _mm_set1_epi8('"'), backslashes = _mm_set1_epi8('\\'), controls = _mm_set1_epi8(0x1f);
	for (;; at += sizeof(__m128i)) {
		__m128i bytes = _mm_loadu_si128((const __m128i *)at);
		__m128i ends = _mm_or_si128(_mm_cmpeq_epi8(bytes, quotes), _mm_cmpeq_epi8(bytes, backslashes));
		ends = _mm_or_si128(ends, _mm_cmpeq_epi8(_mm_min_epu8(bytes, controls), bytes));
		int mask = _mm_movemask_epi8(ends);
		if (mask)
			return at + __builtin_ctz((unsigned)mask);
	}
#else
	/* In a difference with each, the top bit of the lowest byte that was smaller is set. */
	const uint64_t each = UINT64_C(0x0101010101010101);
	for (;; at += sizeof(uint64_t)) {
		uint64_t bytes;
		memcpy(&bytes, at, sizeof bytes);
		bytes = le64toh(bytes);
		uint64_t quotes = bytes ^ each * '"', backslashes = bytes ^ each * '\\';
		uint64_t ends = ((quotes - each) & ~quotes) | ((backslashes - each) & ~backslashes) |
			((bytes - each * ' ') & ~bytes);
		ends &= each * 0x80;
		if (ends)
			return at + __builtin_ctzll(ends) / 8;
	}
#endif
}

#endif
