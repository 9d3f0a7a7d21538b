#include "daemon/redis/keys.h"

#include "base/mem.h"

void keys_init(struct keys *keys)
{
	*keys = (struct keys){0};
	map_init(&keys->by_name);
	buf_init(&keys->name);
}

static uint32_t take_id(struct keys *keys)
{
	if (keys->unused_count)
		return keys->unused[--keys->unused_count];
	GROW(keys->items, keys->count, keys->capacity);
	keys->items[keys->count] = (struct key){0};
	return keys->count++;
}

static uint32_t add_key(struct keys *keys, size_t dimension_length)
{
	uint32_t id = take_id(keys);
	keys->items[id] = (struct key){
		.name = mem_copy(keys->name.data, keys->name.length + 1),
		.name_length = (uint32_t)keys->name.length,
		.dimension_length = (uint32_t)dimension_length,
		.queued = keys->items[id].queued,
	};
	*map_put(&keys->by_name, buf_str(&keys->name), NULL) = id;
	return id;
}

uint32_t keys_find_name(const struct keys *keys, struct str name)
{
	const uint64_t *id = map_get(&keys->by_name, name);
	return id ? (uint32_t)*id : KEYS_NONE;
}

uint32_t keys_find(struct keys *keys, struct str dimension, struct str key, bool add)
{
	buf_clear(&keys->name);
	buf_put_str(&keys->name, dimension);
	buf_put_byte(&keys->name, ':');
	buf_put_str(&keys->name, key);
	uint32_t id = keys_find_name(keys, buf_str(&keys->name));
	return id == KEYS_NONE && add ? add_key(keys, dimension.length) : id;
}

void keys_mark_removed(struct keys *keys, uint32_t id)
{
	struct key *key = &keys->items[id];
	if (key->removed)
		return;
	key->removed = true;
	key->epoch = 0;
	GROW(keys->gone, keys->gone_count, keys->gone_capacity);
	keys->gone[keys->gone_count++] = id;
}

static void forget(struct keys *keys, uint32_t id)
{
	struct key *key = &keys->items[id];
	map_remove(&keys->by_name, (struct str){key->name, key->name_length});
	mem_free(key->name);
	*key = (struct key){.queued = key->queued};
	GROW(keys->unused, keys->unused_count, keys->unused_capacity);
	keys->unused[keys->unused_count++] = id;
}

void keys_forget_gone(struct keys *keys)
{
	for (uint32_t i = 0; i < keys->gone_count; i++)
		if (keys->items[keys->gone[i]].removed)
			forget(keys, keys->gone[i]);
	keys->gone_count = 0;
}

bool keys_want(struct keys *keys, uint32_t id)
{
	struct key *key = &keys->items[id];
	key->epoch = 0;
	if (key->wanted || key->removed)
		return false;
	key->wanted = true;
	if (key->queued)
		return true;
	key->queued = true;
	GROW(keys->wanted, keys->wanted_count, keys->wanted_capacity);
	keys->wanted[keys->wanted_count++] = id;
	return true;
}

uint32_t keys_next_wanted(struct keys *keys)
{
	while (keys->wanted_count) {
		uint32_t id = keys->wanted[--keys->wanted_count];
		keys->items[id].queued = false;
		if (keys->items[id].wanted)
			return id;
	}
	return KEYS_NONE;
}

void keys_want_none(struct keys *keys, uint64_t before)
{
	for (uint32_t i = 0; i < keys->count; i++) {
		struct key *key = &keys->items[i];
		key->wanted = key->queued = false;
		key->epoch = key->epoch ? key->epoch : before;
	}
	keys->wanted_count = 0;
}

void keys_release(struct keys *keys)
{
	for (uint32_t i = 0; i < keys->count; i++)
		mem_free(keys->items[i].name);
	mem_free(keys->items);
	mem_free(keys->unused);
	mem_free(keys->gone);
	mem_free(keys->wanted);
	map_release(&keys->by_name);
	buf_release(&keys->name);
	*keys = (struct keys){0};
}
