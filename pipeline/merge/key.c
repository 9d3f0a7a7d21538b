#include "pipeline/merge/key.h"

#include "base/check.h"
#include "base/mem.h"

/* One piece of memory: the key, then what its pointers point at. There may be millions. */
struct merged_key *merged_key_new(struct merge *merge, const struct model *model, uint8_t dimension, struct str name)
{
	uint32_t words = (model->component_count + 63) / 64;
	struct merged_key *key = mem_new(sizeof *key + 2 * words * sizeof *key->news +
		model->component_count * sizeof *key->row_of + name.length);
	key->merge = merge;
	key->dimension = dimension;
	key->component_count = model->component_count;
	key->word_count = words;
	key->news = (uint64_t *)(key + 1);
	key->given = key->news + words;
	key->row_of = (uint16_t *)(key->given + words);
	key->name = (struct str){(char *)(key->row_of + model->component_count), name.length};
	memcpy((char *)key->name.data, name.data, name.length);
	merged_key_renew(key);
	return key;
}

void merged_key_free(struct merged_key *key)
{
	if (!key)
		return;
	for (uint32_t i = 0; i < key->shard_count; i++)
		mem_free(key->shards[i].bytes);
	mem_free(key->shards);
	totals_release(&key->totals);
	mem_free(key);
}

static struct shard_record *find_shard(struct merged_key *key, uint32_t shard)
{
	for (uint32_t i = 0; i < key->shard_count; i++)
		if (key->shards[i].shard == shard)
			return &key->shards[i];
	return NULL;
}

/* Of many keys only one shard ever speaks. */
static void make_room(struct merged_key *key)
{
	if (key->shard_count < key->shard_capacity)
		return;
	key->shard_capacity += key->shard_capacity / 2 + 1;
	key->shards = mem_resize(key->shards, key->shard_capacity, sizeof *key->shards);
}

/* All that the shard says now. */
static void keep(struct merged_key *key, uint32_t shard, const struct said *now)
{
	struct shard_record *kept = find_shard(key, shard);
	if (now->count == 0) {
		if (!kept)
			return;
		mem_free(kept->bytes);
		*kept = key->shards[--key->shard_count];
		return;
	}
	if (!kept) {
		make_room(key);
		kept = &key->shards[key->shard_count++];
		*kept = (struct shard_record){.shard = shard};
	}
	if (kept->length != now->entries.length)
		kept->bytes = mem_resize(kept->bytes, now->entries.length, 1);
	kept->count = (uint32_t)now->count;
	kept->length = (uint32_t)now->entries.length;
	memcpy(kept->bytes, now->entries.data, now->entries.length);
}

static void index_rows(struct merged_key *key, uint64_t window_views)
{
	const struct totals *totals = &key->totals;
	memset(key->row_of, 0, key->component_count * sizeof *key->row_of);
	key->counts = false;
	for (uint32_t row = 0; row < totals->row_count; row++) {
		key->counts |= (totals->rows[row].views & window_views) != 0;
		if (totals->rows[row].cell < key->component_count)
			key->row_of[totals->rows[row].cell] = (uint16_t)(row + 1);
	}
}

struct marking {
	struct merged_key *key;
	const struct key_context *context;
};

static void mark_news(void *context, uint32_t cell)
{
	const struct marking *marking = context;
	struct merged_key *key = marking->key;
	if (cell >= key->component_count)
		cell = marking->context->histogram_components[(cell - key->component_count) / HISTOGRAM_BUCKETS];
	key->news[cell / 64] |= UINT64_C(1) << cell % 64;
}

static void replace(
	struct merged_key *key, struct partial_reader old, struct partial_reader new, struct key_context *context)
{
	struct marking marking = {key, context};
	if (totals_replace(&key->totals, &old, &new, &context->work, mark_news, &marking))
		index_rows(key, context->window_views);
}

/* What was told so far. */
static struct said told_by(struct merged_key *key, uint32_t shard)
{
	const struct shard_record *kept = find_shard(key, shard);
	return kept ? (struct said){false, kept->count, {kept->bytes, kept->length}}
		    : (struct said){.entries = STR("")};
}

static struct partial_reader entries_of(const struct said *said)
{
	return partial_entries_of(said->entries, said->count);
}

bool merged_key_hear(struct merged_key *key, uint32_t shard, const struct said *said, struct key_context *context)
{
	struct said now = *said, before = told_by(key, shard);
	struct str told = before.entries;
	if (said->change) {
		partial_change(entries_of(&before), entries_of(said), &context->now, &context->before);
		now = (struct said){false, context->now.count, buf_str(&context->now.bytes)};
		before = (struct said){false, context->before.count, buf_str(&context->before.bytes)};
	}
	CHECK(now.entries.length <= UINT32_MAX);
	if (str_equal(told, now.entries))
		return false;
	replace(key, entries_of(&before), entries_of(said), context);
	keep(key, shard, &now);
	return true;
}

bool merged_key_told_by(struct merged_key *key, uint32_t shard)
{
	return find_shard(key, shard) != NULL;
}

void merged_key_renew(struct merged_key *key)
{
	memset(key->news, 0xff, key->word_count * sizeof *key->news);
}

void merged_key_give(struct merged_key *key)
{
	uint64_t *given = key->given;
	key->given = key->news;
	key->news = given;
	memset(key->news, 0, key->word_count * sizeof *key->news);
}

const uint64_t *merged_key_news(const struct merged_key *key)
{
	return key->given;
}

uint8_t merged_key_dimension(const struct merged_key *key)
{
	return key->dimension;
}

struct str merged_key_name(const struct merged_key *key)
{
	return key->name;
}

bool merged_key_gone(const struct merged_key *key)
{
	return !key->made && !key->counts;
}

void **merged_key_slot(struct merged_key *key)
{
	return &key->slot;
}

static inline int64_t value_of(const struct totals *totals, const struct total_row *row, uint32_t view)
{
	return row->views >> view & 1 ? totals->values[total_index(row, view)] : 0;
}

int64_t merged_key_total(const struct merged_key *key, uint32_t cell, uint32_t view)
{
	const struct totals *totals = &key->totals;
	if (cell < key->component_count) {
		uint16_t row = key->row_of[cell];
		return row ? value_of(totals, &totals->rows[row - 1], view) : 0;
	}
	uint32_t row = totals_row_from(totals, 0, cell);
	if (row == totals->row_count || totals->rows[row].cell != cell)
		return 0;
	return value_of(totals, &totals->rows[row], view);
}

/* *position is the row to look at next, + 1. */
bool merged_key_next(const struct merged_key *key, uint32_t first, uint32_t last, uint32_t view, size_t *position,
	uint32_t *ret_cell, int64_t *ret_total)
{
	const struct totals *totals = &key->totals;
	size_t row = *position ? *position - 1 : totals_row_from(totals, 0, first);
	uint64_t bit = UINT64_C(1) << view;
	while (row < totals->row_count && totals->rows[row].cell < last && !(totals->rows[row].views & bit))
		row++;
	*position = row + 1;
	if (row >= totals->row_count || totals->rows[row].cell >= last)
		return false;
	*position = row + 2;
	*ret_cell = totals->rows[row].cell;
	*ret_total = value_of(totals, &totals->rows[row], view);
	return true;
}
