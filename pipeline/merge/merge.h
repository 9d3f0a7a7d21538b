/* Adds the shards' totals. One merge serves one thread.
 *
 * Invariant: a key's total is the sum of the last totals that every shard has said of it. Totals of different ends are never read
 * together: merge_end says for which end all shards have spoken. */
#ifndef PIPELINE_MERGE_MERGE_H
#define PIPELINE_MERGE_MERGE_H

#include "base/result.h"
#include "pipeline/accumulate/partial.h"

struct merge;

/* A key with its totals: what evaluate sees. */
struct merged_key;

/* What the shards say together. */
struct merge_status {
	int64_t as_of; /* the smallest; INT64_MIN until every shard has spoken */
	int64_t since; /* the smallest; INT64_MAX: no event yet */
	int64_t gap;   /* the latest; INT64_MIN: none */
	uint64_t seen_types[SCHEMA_TYPES_MAX / 64];
	struct shard_counts counts;
};

struct merge *merge_new(const struct model *model, uint32_t shard_count);
/* Takes a batch: the shard's status and its records (accumulate/partial.h). RESULT_CORRUPT changes nothing. */
MUST_CHECK enum result merge_apply(struct merge *merge, const struct shard_status *status, struct str records);
/* As merge_apply, where the records are all that the shard says: what it had said of other keys is taken back. */
MUST_CHECK enum result merge_apply_whole(struct merge *merge, const struct shard_status *status, struct str records);
/* The end that all shards have reached, or INT64_MIN while they differ. */
int64_t merge_end(const struct merge *merge);
struct merge_status merge_status(const struct merge *merge);

/* Keys that changed since they were last taken (or all keys there are, with merge_touch_all): NULL at the end. A key without totals
 * is given once more, with merged_key_gone, and forgotten on the next call. */
struct merged_key *merge_take_changed(struct merge *merge);
void merge_touch_all(struct merge *merge);
/* All keys of the dimension are to be taken, too, as if they had changed; what is new of them (merged_key_news) stays as it is. */
void merge_touch(struct merge *merge, uint8_t dimension);
/* What is new of the keys that merge_take_changed would give: adds it, by dimension, to bitmaps as merged_key_news gives them. */
void merge_news(const struct merge *merge, uint64_t *const news[MODEL_DIMENSIONS_MAX]);
/* Walks the keys of a dimension that are not gone, in the order in which they came; NULL at the end. */
const struct merged_key *merge_first(const struct merge *merge, uint8_t dimension);
const struct merged_key *merged_key_after(const struct merged_key *key);
/* The key, or NULL; with `make`, a key that no shard has spoken of yet is made (roster keys) and stays though its totals are 0. */
struct merged_key *merge_key(struct merge *merge, uint8_t dimension, struct str key, bool make);
/* Lets go of a key made by merge_key; it is forgotten when its totals are 0. */
void merge_key_drop(struct merged_key *key);

uint8_t merged_key_dimension(const struct merged_key *key);
struct str merged_key_name(const struct merged_key *key);
bool merged_key_gone(const struct merged_key *key);
/* What is new between the last two times that the key was taken: bit c says that component c may have changed (of a measure with a
 * histogram: its first component stands for the buckets). All bits are set when the key is new or touched as a whole. */
const uint64_t *merged_key_news(const struct merged_key *key);
/* 0 where nothing was said. */
int64_t merged_key_total(const struct merged_key *key, uint32_t cell, uint32_t view);
/* Walks the cells in [first, last) that are not 0 in the view, rising: true with the cell and its total. *position starts at 0. */
bool merged_key_next(const struct merged_key *key, uint32_t first, uint32_t last, uint32_t view, size_t *position,
	uint32_t *ret_cell, int64_t *ret_total);
/* A word for evaluate's and publish's own memory of the key; NULL at first. The owner frees it before the key is forgotten. */
void **merged_key_slot(struct merged_key *key);

void merge_free(struct merge *merge);

#endif
