#include "pipeline/merge/merge.h"

#include "base/check.h"
#include "base/map.h"
#include "base/mem.h"
#include "pipeline/merge/key.h"

/* A record of the batch that is being applied. */
struct batch_record {
	struct partial_record record;
	struct str entries;
	bool says; /* some entry has views */
};

struct key_list {
	struct merged_key *first, *last;
};

struct merge {
	const struct model *model;
	uint32_t cell_count;
	uint64_t views;
	struct key_context context;
	uint32_t shard_count;
	struct shard_status *shards; /* what each said last; `spoken` says whether it has */
	bool *spoken;
	struct map keys;                             /* dimension and name -> struct merged_key * */
	struct key_list lists[MODEL_DIMENSIONS_MAX]; /* by dimension */
	struct merged_key *first_changed, *last_changed;
	struct merged_key *leaving; /* was given as gone by the last merge_take_changed */
	struct buf name;
	struct batch_record *batch;
	size_t batch_count, batch_capacity;
	uint64_t batches; /* applied so far: the number of the last one */
};

static uint64_t low_bits(uint32_t count)
{
	return count >= 64 ? UINT64_MAX : (UINT64_C(1) << count) - 1;
}

static void context_init(struct key_context *context, const struct model *model)
{
	context->window_views = low_bits(model->window_count);
	context->histogram_components = NEW_ARRAY(uint32_t, model->histogram_count);
	for (uint16_t i = 0; i < model->measure_count; i++)
		if (model->measures[i].has_histogram)
			context->histogram_components[model->measures[i].histogram] = model->measures[i].component;
	buf_init(&context->now.bytes);
	buf_init(&context->before.bytes);
}

struct merge *merge_new(const struct model *model, uint32_t shard_count)
{
	CHECK(shard_count > 0 && model->window_count <= MODEL_WINDOWS_MAX && model->component_count < UINT16_MAX);
	struct merge *merge = NEW(struct merge);
	merge->model = model;
	merge->cell_count = model->component_count + model->histogram_count * HISTOGRAM_BUCKETS;
	merge->views = low_bits(2u * model->window_count);
	context_init(&merge->context, model);
	merge->shard_count = shard_count;
	merge->shards = NEW_ARRAY(struct shard_status, shard_count);
	merge->spoken = NEW_ARRAY(bool, shard_count);
	map_init(&merge->keys);
	buf_init(&merge->name);
	return merge;
}

void merge_free(struct merge *merge)
{
	if (!merge)
		return;
	for (unsigned d = 0; d < MODEL_DIMENSIONS_MAX; d++)
		for (struct merged_key *key = merge->lists[d].first, *next; key; key = next) {
			next = key->next;
			merged_key_free(key);
		}
	map_release(&merge->keys);
	mem_free(merge->context.histogram_components);
	totals_work_release(&merge->context.work);
	buf_release(&merge->context.now.bytes);
	buf_release(&merge->context.before.bytes);
	buf_release(&merge->name);
	mem_free(merge->batch);
	mem_free(merge->shards);
	mem_free(merge->spoken);
	mem_free(merge);
}

/* ---- keys ---- */

static struct str full_name(struct merge *merge, uint8_t dimension, struct str name)
{
	buf_clear(&merge->name);
	buf_put_byte(&merge->name, dimension);
	buf_put_str(&merge->name, name);
	return buf_str(&merge->name);
}

static void link_key(struct merge *merge, struct merged_key *key)
{
	struct key_list *list = &merge->lists[key->dimension];
	key->previous = list->last;
	*(list->last ? &list->last->next : &list->first) = key;
	list->last = key;
}

static void unlink_key(struct merge *merge, struct merged_key *key)
{
	struct key_list *list = &merge->lists[key->dimension];
	*(key->previous ? &key->previous->next : &list->first) = key->next;
	*(key->next ? &key->next->previous : &list->last) = key->previous;
}

static struct merged_key *find_key(struct merge *merge, uint8_t dimension, struct str name)
{
	uint64_t *value = map_get(&merge->keys, full_name(merge, dimension, name));
	return value ? (struct merged_key *)(uintptr_t)*value : NULL;
}

static struct merged_key *find_or_make_key(struct merge *merge, uint8_t dimension, struct str name)
{
	uint64_t *value = map_put(&merge->keys, full_name(merge, dimension, name), NULL);
	struct merged_key *key = (struct merged_key *)(uintptr_t)*value;
	if (!key) {
		key = merged_key_new(merge, merge->model, dimension, name);
		*value = (uint64_t)(uintptr_t)key;
		link_key(merge, key);
	}
	return key;
}

static void touch(struct merge *merge, struct merged_key *key)
{
	if (key->changed)
		return;
	key->changed = true;
	key->next_changed = NULL;
	*(merge->last_changed ? &merge->last_changed->next_changed : &merge->first_changed) = key;
	merge->last_changed = key;
}

static struct merged_key *take(struct merge *merge)
{
	struct merged_key *key = merge->first_changed;
	if (!key)
		return NULL;
	merge->first_changed = key->next_changed;
	if (!merge->first_changed)
		merge->last_changed = NULL;
	key->changed = false;
	return key;
}

/* A key that some shard still has a record of is kept, though it has no figures: the next record replaces that one. */
static void forget(struct merge *merge, struct merged_key *key)
{
	if (key->changed || !merged_key_gone(key) || key->shard_count)
		return;
	map_remove(&merge->keys, full_name(merge, key->dimension, key->name));
	unlink_key(merge, key);
	merged_key_free(key);
}

struct merged_key *merge_take_changed(struct merge *merge)
{
	if (merge->leaving)
		forget(merge, merge->leaving);
	merge->leaving = NULL;
	for (struct merged_key *key; (key = take(merge));) {
		merged_key_give(key);
		if (!merged_key_gone(key)) {
			key->shown = true;
			return key;
		}
		if (key->shown) {
			key->shown = false;
			merge->leaving = key;
			return key;
		}
		forget(merge, key);
	}
	return NULL;
}

void merge_touch(struct merge *merge, uint8_t dimension)
{
	for (struct merged_key *key = merge->lists[dimension].first; key; key = key->next)
		if (key->shown || !merged_key_gone(key))
			touch(merge, key);
}

void merge_touch_all(struct merge *merge)
{
	for (uint8_t d = 0; d < MODEL_DIMENSIONS_MAX; d++)
		merge_touch(merge, d);
	for (struct merged_key *key = merge->first_changed; key; key = key->next_changed)
		merged_key_renew(key);
}

void merge_news(const struct merge *merge, uint64_t *const news[MODEL_DIMENSIONS_MAX])
{
	for (const struct merged_key *key = merge->first_changed; key; key = key->next_changed)
		for (uint32_t word = 0; word < key->word_count; word++)
			news[key->dimension][word] |= key->news[word];
}

static const struct merged_key *this_or_next(const struct merged_key *key)
{
	while (key && merged_key_gone(key))
		key = key->next;
	return key;
}

const struct merged_key *merge_first(const struct merge *merge, uint8_t dimension)
{
	return this_or_next(merge->lists[dimension].first);
}

const struct merged_key *merged_key_after(const struct merged_key *key)
{
	return this_or_next(key->next);
}

struct merged_key *merge_key(struct merge *merge, uint8_t dimension, struct str name, bool make)
{
	if (!make) {
		struct merged_key *key = find_key(merge, dimension, name);
		return key && !merged_key_gone(key) ? key : NULL;
	}
	struct merged_key *key = find_or_make_key(merge, dimension, name);
	if (merged_key_gone(key))
		touch(merge, key);
	key->made = true;
	return key;
}

void merge_key_drop(struct merged_key *key)
{
	key->made = false;
	if (merged_key_gone(key))
		touch(key->merge, key);
}

/* ---- what the shards say ---- */

/* Passes its entries. Only of a change a cell can be gone. */
static bool pass_record(const struct merge *merge, struct partial_reader *reader, struct batch_record *record)
{
	const uint8_t *from = reader->bytes.at;
	uint32_t cell;
	uint64_t views;
	while (partial_pass_entry(reader, &cell, &views)) {
		if (cell >= merge->cell_count || views & ~merge->views || !(views || record->record.change))
			return false;
		record->says |= views != 0;
	}
	record->entries = (struct str){(const char *)from, (size_t)(reader->bytes.at - from)};
	return !reader->bytes.failed;
}

/* Reads the whole batch before anything is taken over, and notes where its records lie. */
static bool read_batch(struct merge *merge, struct str records)
{
	struct partial_reader reader = partial_reader_of(records);
	struct batch_record record = {0};
	merge->batch_count = 0;
	for (; partial_next_record(&reader, &record.record); record.says = false) {
		if (record.record.dimension >= merge->model->dimension_count || !pass_record(merge, &reader, &record))
			return false;
		GROW(merge->batch, merge->batch_count, merge->batch_capacity);
		merge->batch[merge->batch_count++] = record;
	}
	return !reader.bytes.failed;
}

static void apply_record(struct merge *merge, uint32_t shard, const struct batch_record *batch)
{
	const struct partial_record *record = &batch->record;
	const struct said said = {record->change, record->count, batch->entries};
	struct merged_key *key = batch->says ? find_or_make_key(merge, record->dimension, record->key)
					     : find_key(merge, record->dimension, record->key);
	if (!key)
		return;
	key->told_in = merge->batches;
	if (merged_key_hear(key, shard, &said, &merge->context))
		touch(merge, key);
}

/* Keys that the batch was silent of. */
static void take_back_others(struct merge *merge, uint32_t shard)
{
	static const struct said nothing = {.entries = {"", 0}};
	for (uint8_t d = 0; d < MODEL_DIMENSIONS_MAX; d++)
		for (struct merged_key *key = merge->lists[d].first; key; key = key->next)
			if (key->told_in != merge->batches && merged_key_told_by(key, shard) &&
				merged_key_hear(key, shard, &nothing, &merge->context))
				touch(merge, key);
}

enum result merge_apply(struct merge *merge, const struct shard_status *status, struct str records)
{
	if (status->shard >= merge->shard_count || !read_batch(merge, records))
		return RESULT_CORRUPT;
	merge->batches++;
	for (size_t i = 0; i < merge->batch_count; i++)
		apply_record(merge, status->shard, &merge->batch[i]);
	merge->shards[status->shard] = *status;
	merge->spoken[status->shard] = true;
	return RESULT_OK;
}

enum result merge_apply_whole(struct merge *merge, const struct shard_status *status, struct str records)
{
	enum result result = merge_apply(merge, status, records);
	if (result == RESULT_OK)
		take_back_others(merge, status->shard);
	return result;
}

int64_t merge_end(const struct merge *merge)
{
	for (uint32_t i = 0; i < merge->shard_count; i++)
		if (!merge->spoken[i] || merge->shards[i].end != merge->shards[0].end)
			return INT64_MIN;
	return merge->shards[0].end;
}

static void add_counts(struct shard_counts *sum, const struct shard_counts *counts)
{
	sum->applied += counts->applied;
	sum->duplicates += counts->duplicates;
	sum->missed += counts->missed;
	sum->late += counts->late;
	sum->waiting += counts->waiting;
	sum->refused += counts->refused;
	sum->seeded += counts->seeded;
	sum->records += counts->records;
}

struct merge_status merge_status(const struct merge *merge)
{
	struct merge_status sum = {.as_of = INT64_MAX, .since = INT64_MAX, .gap = INT64_MIN};
	for (uint32_t i = 0; i < merge->shard_count; i++) {
		const struct shard_status *shard = &merge->shards[i];
		if (!merge->spoken[i]) {
			sum.as_of = INT64_MIN;
			continue;
		}
		sum.as_of = shard->as_of < sum.as_of ? shard->as_of : sum.as_of;
		sum.since = shard->since < sum.since ? shard->since : sum.since;
		sum.gap = shard->gap > sum.gap ? shard->gap : sum.gap;
		for (size_t word = 0; word < SCHEMA_TYPES_MAX / 64; word++)
			sum.seen_types[word] |= shard->seen_types[word];
		add_counts(&sum.counts, &shard->counts);
	}
	return sum;
}
