/* The second half of base/map.h: names to small numbers. */
#include "base/check.h"
#include "base/map.h"
#include "base/mem.h"

void names_init(struct names *names)
{
	*names = (struct names){0};
	map_init(&names->ids);
}

uint32_t names_add(struct names *names, struct str text)
{
	bool added;
	uint64_t *id = map_put(&names->ids, text, &added);
	if (!added)
		return (uint32_t)*id;
	CHECK(names->count < NAMES_NONE / 2);
	*id = names->count;
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
