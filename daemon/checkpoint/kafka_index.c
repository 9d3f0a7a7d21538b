#include "daemon/checkpoint/kafka_index.h"

#include "base/mem.h"

/* Above 0: the generation is newer than the pair. */
static int order(const struct kafka_generation *one, uint64_t epoch, uint64_t generation)
{
	if (one->epoch != epoch)
		return one->epoch > epoch ? 1 : -1;
	return one->generation > generation ? 1 : -(one->generation < generation);
}

struct kafka_generation *kafka_index_find(struct kafka_index *index, uint64_t epoch, uint64_t generation)
{
	size_t at = 0;
	while (at < index->count && order(&index->items[at], epoch, generation) > 0)
		at++;
	if (at < index->count && order(&index->items[at], epoch, generation) == 0)
		return &index->items[at];
	GROW(index->items, index->count, index->capacity);
	memmove(index->items + at + 1, index->items + at, (index->count - at) * sizeof *index->items);
	index->count++;
	index->items[at] =
		(struct kafka_generation){.epoch = epoch, .generation = generation, .first = INT64_MAX, .last = -1};
	return &index->items[at];
}

void kafka_index_drop(struct kafka_index *index, size_t at)
{
	mem_free(index->items[at].live);
	index->count--;
	memmove(index->items + at, index->items + at + 1, (index->count - at) * sizeof *index->items);
}

static bool is_empty(const struct kafka_generation *generation)
{
	for (uint32_t i = 0; i < generation->chunks; i++)
		if (generation->live[i])
			return false;
	return generation->last < 0;
}

static void note_chunk(struct kafka_generation *generation, uint32_t number, bool live, int64_t offset)
{
	if (number >= generation->chunks) {
		generation->live =
			mem_extend(generation->live, generation->chunks, number + (size_t)1, sizeof *generation->live);
		generation->chunks = number + 1;
	}
	generation->live[number] = live;
	if (live && offset < generation->first)
		generation->first = offset;
}

static void note_manifest(
	struct kafka_generation *generation, const struct kafka_key *key, struct str value, int64_t offset)
{
	generation->last = value.data ? offset : -1;
	if (value.data)
		generation->readable = manifest_read(value, key, &generation->manifest);
}

void kafka_index_note(struct kafka_index *index, uint32_t shard, struct str text, struct str value, int64_t offset)
{
	struct kafka_key key = kafka_key_read(text);
	if (key.kind == KEY_FOREIGN || key.shard != shard) {
		index->foreign++;
		return;
	}
	if (key.kind == KEY_CLAIM)
		return;
	struct kafka_generation *generation = kafka_index_find(index, key.epoch, key.generation);
	if (key.kind == KEY_CHUNK)
		note_chunk(generation, key.number, value.data != NULL, offset);
	else
		note_manifest(generation, &key, value, offset);
	if (is_empty(generation))
		kafka_index_drop(index, (size_t)(generation - index->items));
}

size_t kafka_index_next(const struct kafka_index *index, size_t from)
{
	while (from < index->count && index->items[from].last < 0)
		from++;
	return from;
}

size_t kafka_index_garbage(const struct kafka_index *index, size_t from, uint64_t epoch, size_t kept)
{
	for (size_t i = 0; i < index->count; i++) {
		const struct kafka_generation *one = &index->items[i];
		if (one->epoch > epoch)
			continue;
		bool stands = one->last >= 0 && one->readable == RESULT_OK && kept > 0;
		kept -= stands;
		if (!stands && i >= from)
			return i;
	}
	return index->count;
}

void kafka_index_clear(struct kafka_index *index)
{
	while (index->count)
		kafka_index_drop(index, index->count - 1);
	mem_free(index->items);
	*index = (struct kafka_index){0};
}
