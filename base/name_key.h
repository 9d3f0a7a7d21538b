/* A short form of a name, by which most are told apart, or known again, without looking at each byte. */
#ifndef BASE_NAME_KEY_H
#define BASE_NAME_KEY_H

#include "base/str.h"

/* Names of at most so many bytes are equal where their lengths and keys are. */
#define NAME_KEY_WHOLE 16

/* The first and the last bytes of a name; of one that is longer than both, mixed with what lies between them. */
struct name_key {
	uint64_t head, tail;
};

#define NAME_MIX UINT64_C(0x9e3779b97f4a7c15)

static inline uint64_t name_word(const char *at)
{
	uint64_t word;
	memcpy(&word, at, sizeof word);
	return word;
}

static inline struct name_key name_key(struct str name)
{
	const char *at = name.data;
	size_t length = name.length;
	if (length >= 8) {
		struct name_key key = {name_word(at), name_word(at + length - 8)};
		for (size_t i = 8; i + 8 < length && length > NAME_KEY_WHOLE; i += 8)
			key.tail = key.tail * NAME_MIX ^ name_word(at + i);
		return key;
	}
	if (length >= 4) {
		uint32_t head, tail;
		memcpy(&head, at, sizeof head);
		memcpy(&tail, at + length - 4, sizeof tail);
		return (struct name_key){head, tail};
	}
	if (length == 0)
		return (struct name_key){0, 0};
	return (struct name_key){(uint8_t)at[0], (uint64_t)(uint8_t)at[length / 2] << 8 | (uint8_t)at[length - 1]};
}

/* Its upper bits are the better ones. Not keyed: whoever wants to finds names that meet. */
static inline uint64_t name_key_hash(struct name_key key, size_t length, uint64_t seed)
{
	uint64_t hash = (key.head ^ seed) * NAME_MIX;
	return (hash ^ hash >> 32 ^ key.tail ^ length) * NAME_MIX;
}

#endif
