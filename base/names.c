/* The second half of base/map.h: names to small numbers. */
#include "base/check.h"
#include "base/map.h"
#include "base/mem.h"

/* Where to remember a text: not keyed, for who finds texts that meet only makes them be looked up. */
static inline uint8_t recent_place(struct str text)
{
	const uint64_t mix = UINT64_C(0x9e3779b97f4a7c15);
	uint64_t hash = text.length * mix, word = 0;
	const char *at = text.data;
	size_t left = text.length;
	for (; left >= sizeof word; left -= sizeof word, at += sizeof word) {
		memcpy(&word, at, sizeof word);
		hash = (hash ^ hash >> 29 ^ word) * mix;
	}
	for (word = 0; left > 0; left--)
		word = word << 8 | (uint8_t)*at++;
	return (uint8_t)((hash ^ hash >> 29 ^ word) * mix >> 56);
}

void names_init(struct names *names)
{
	*names = (struct names){0};
	map_init(&names->ids);
}

uint32_t names_add(struct names *names, struct str text)
{
	bool added;
	uint32_t *recent = &names->recent[recent_place(text)];
	if (*recent < names->count && str_equal(names->texts[*recent], text))
		return *recent;
	uint64_t *id = map_put(&names->ids, text, &added);
	if (!added)
		return *recent = (uint32_t)*id;
	CHECK(names->count < NAMES_NONE / 2);
	*id = *recent = names->count;
	GROW(names->texts, names->count, names->capacity);
	names->texts[names->count] = (struct str){mem_copy(text.data, text.length), text.length};
	return names->count++;
}

uint32_t names_find(const struct names *names, struct str text)
{
	const uint64_t *id = map_get(&names->ids, text);
	return id ? (uint32_t)*id : NAMES_NONE;
}

struct str names_text(const struct names *names, uint32_t id)
{
	CHECK(id < names->count);
	return names->texts[id];
}

void names_release(struct names *names)
{
	if (!names)
		return;
	for (uint32_t i = 0; i < names->count; i++)
		mem_free((char *)names->texts[i].data);
	mem_free(names->texts);
	map_release(&names->ids);
	names_init(names);
}
