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

/* `record` with entries replaces what the shard said, one without lets go of it. */
static void keep_record(struct merged_key *key, uint32_t shard, struct str record, bool empty)
{
	struct shard_record *kept = find_shard(key, shard);
	if (empty) {
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
	if (kept->length != record.length)
		kept->bytes = mem_resize(kept->bytes, record.length, 1);
	kept->length = (uint32_t)record.length;
	memcpy(kept->bytes, record.data, record.length);
}

static struct partial_reader entries_of(struct str record, uint64_t *ret_count)
{
	struct partial_reader reader = partial_reader_of(record);
	struct partial_record head = {0};
	*ret_count = partial_next_record(&reader, &head) ? head.count : 0;
	return reader;
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

bool merged_key_replace(struct merged_key *key, uint32_t shard, struct str record, struct key_context *context)
{
	CHECK(record.length <= UINT32_MAX);
	struct shard_record *kept = find_shard(key, shard);
	struct str before = kept ? (struct str){kept->bytes, kept->length} : (struct str){0};
	if (str_equal(before, record))
		return false;
	uint64_t old_count, new_count;
	struct partial_reader old = entries_of(before, &old_count);
	struct partial_reader new = entries_of(record, &new_count);
	if (old_count == 0 && new_count == 0)
		return false;
	struct marking marking = {key, context};
	totals_replace(&key->totals, &old, &new, &context->scratch, mark_news, &marking);
	totals_copy(&key->totals, &context->scratch);
	keep_record(key, shard, record, new_count == 0);
	index_rows(key, context->window_views);
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

/* The first row whose cell is not below. */
static uint32_t row_from(const struct totals *totals, uint32_t cell)
{
	uint32_t low = 0, high = totals->row_count;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (totals->rows[middle].cell < cell)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* How many bits are set: without the machine's own instruction, which not every processor has, this is faster than a call. */
static inline uint32_t bit_count(uint64_t bits)
{
	bits -= bits >> 1 & UINT64_C(0x5555555555555555);
	bits = (bits & UINT64_C(0x3333333333333333)) + (bits >> 2 & UINT64_C(0x3333333333333333));
	bits = (bits + (bits >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
	return (uint32_t)(bits * UINT64_C(0x0101010101010101) >> 56);
}

static inline int64_t value_of(const struct totals *totals, const struct total_row *row, uint32_t view)
{
	uint64_t bit = UINT64_C(1) << view;
	if (!(row->views & bit))
		return 0;
	return totals->values[row->first + bit_count(row->views & (bit - 1))];
}

int64_t merged_key_total(const struct merged_key *key, uint32_t cell, uint32_t view)
{
	const struct totals *totals = &key->totals;
	if (cell < key->component_count) {
		uint16_t row = key->row_of[cell];
		return row ? value_of(totals, &totals->rows[row - 1], view) : 0;
	}
	uint32_t row = row_from(totals, cell);
	if (row == totals->row_count || totals->rows[row].cell != cell)
		return 0;
	return value_of(totals, &totals->rows[row], view);
}

/* *position is the row to look at next, + 1. */
bool merged_key_next(const struct merged_key *key, uint32_t first, uint32_t last, uint32_t view, size_t *position,
	uint32_t *ret_cell, int64_t *ret_total)
{
	const struct totals *totals = &key->totals;
	size_t row = *position ? *position - 1 : row_from(totals, first);
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
