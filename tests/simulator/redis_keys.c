#include "tests/simulator/redis_keys.h"

#include "base/mem.h"

static struct str copy_of(struct str text)
{
	return (struct str){mem_copy(text.data ? text.data : "", text.length), text.length};
}

static void free_key(struct sim_key *key)
{
	for (size_t i = 0; i < key->count; i++) {
		mem_free((char *)key->fields[i].name.data);
		mem_free((char *)key->fields[i].value.data);
	}
	mem_free(key->fields);
	mem_free((char *)key->name.data);
}

struct sim_key *keyspace_get(struct keyspace *keys, struct str name)
{
	for (size_t i = 0; i < keys->count; i++)
		if (str_equal(keys->items[i].name, name))
			return &keys->items[i];
	return NULL;
}

struct sim_key *keyspace_make(struct keyspace *keys, struct str name, enum key_type type)
{
	struct sim_key *found = keyspace_get(keys, name);
	if (found)
		return found;
	GROW(keys->items, keys->count, keys->capacity);
	keys->items[keys->count] = (struct sim_key){.name = copy_of(name), .type = type};
	return &keys->items[keys->count++];
}

bool keyspace_delete(struct keyspace *keys, struct str name)
{
	struct sim_key *found = keyspace_get(keys, name);
	if (!found)
		return false;
	free_key(found);
	*found = keys->items[--keys->count];
	return true;
}

void keyspace_rename(struct keyspace *keys, struct str name, struct str to)
{
	(void)keyspace_delete(keys, to);
	struct sim_key *key = keyspace_get(keys, name);
	mem_free((char *)key->name.data);
	key->name = copy_of(to);
}

void keyspace_clear(struct keyspace *keys)
{
	for (size_t i = 0; i < keys->count; i++)
		free_key(&keys->items[i]);
	mem_free(keys->items);
	*keys = (struct keyspace){0};
}

void keyspace_copy(struct keyspace *to, const struct keyspace *from)
{
	keyspace_clear(to);
	to->valid = true;
	for (size_t i = 0; i < from->count; i++) {
		const struct sim_key *key = &from->items[i];
		struct sim_key *made = keyspace_make(to, key->name, key->type);
		made->expires_us = key->expires_us;
		for (size_t f = 0; f < key->count; f++) {
			key_set(made, key->fields[f].name, key->fields[f].value);
			made->fields[f].score = key->fields[f].score;
		}
	}
}

/* Fields are mostly asked for in the order in which they stand. */
struct sim_field *key_field(struct sim_key *key, struct str name)
{
	for (size_t i = 0; i < key->count; i++) {
		size_t at = key->hint + 1 + i;
		at = at < key->count ? at : at - key->count;
		if (at < key->count && str_equal(key->fields[at].name, name)) {
			key->hint = at;
			return &key->fields[at];
		}
	}
	return NULL;
}

static struct sim_field *make_field(struct sim_key *key, struct str name)
{
	struct sim_field *found = key_field(key, name);
	if (found)
		return found;
	GROW(key->fields, key->count, key->capacity);
	key->fields[key->count] = (struct sim_field){.name = copy_of(name)};
	key->hint = key->count;
	return &key->fields[key->count++];
}

void key_set(struct sim_key *key, struct str name, struct str value)
{
	struct sim_field *field = make_field(key, name);
	if (field->value.data && field->value.length == value.length) { /* most of what changes is as long as before */
		memcpy((char *)field->value.data, value.data, value.length);
		return;
	}
	mem_free((char *)field->value.data);
	field->value = copy_of(value);
}

void key_set_score(struct sim_key *key, struct str name, double score)
{
	make_field(key, name)->score = score;
}

bool key_remove(struct sim_key *key, struct str name)
{
	struct sim_field *found = key_field(key, name);
	if (!found)
		return false;
	mem_free((char *)found->name.data);
	mem_free((char *)found->value.data);
	size_t index = (size_t)(found - key->fields);
	memmove(found, found + 1, (key->count - index - 1) * sizeof *found);
	key->count--;
	key->hint = 0;
	return true;
}

struct str key_text(const struct sim_key *key)
{
	return key && key->count ? key->fields[0].value : (struct str){0};
}
