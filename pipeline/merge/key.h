/* Inside merge: one key, what each shard said of it, and the sum.
 *
 * Invariant: `totals` is the sum of the records in `shards`, entry by entry, in two's complement; it holds no 0 and no row
 * without values, so equal sums are equal bytes, whatever the way to them. */
#ifndef PIPELINE_MERGE_KEY_H
#define PIPELINE_MERGE_KEY_H

#include "pipeline/merge/merge.h"

struct total_row {
	uint64_t views; /* which of the row's values there are */
	uint32_t cell;
	uint32_t first; /* its first value; the others follow, by rising view */
};

/* In one piece of memory, no larger than need be: there may be millions. */
struct totals {
	struct total_row *rows; /* by rising cell */
	int64_t *values;        /* behind the rows */
	uint32_t row_count, value_count;
};

/* Totals in the making: two pieces of memory, which grow. */
struct totals_work {
	struct totals totals;
	uint32_t row_capacity, value_capacity;
};

void totals_release(struct totals *totals);
void totals_work_release(struct totals_work *work);
/* totals = totals - old + new; the two are at well-formed entries, `work` is memory to work in. Calls back for each cell whose values are others
 * than before. Whether rows came, went, or have values of other views: as long as not, it costs by what the two say, not by what there is. */
typedef void totals_changed(void *context, uint32_t cell);
bool totals_replace(struct totals *totals, struct partial_reader *old, struct partial_reader *new,
	struct totals_work *work, totals_changed *changed, void *context);
/* The first row, from `low` on, whose cell is not below. */
uint32_t totals_row_from(const struct totals *totals, uint32_t low, uint32_t cell);
/* How many bits are set: without the machine's own instruction, which not every processor has, this is faster than a call. */
static inline uint32_t bit_count(uint64_t bits)
{
	bits -= bits >> 1 & UINT64_C(0x5555555555555555);
	bits = (bits & UINT64_C(0x3333333333333333)) + (bits >> 2 & UINT64_C(0x3333333333333333));
	bits = (bits + (bits >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
	return (uint32_t)(bits * UINT64_C(0x0101010101010101) >> 56);
}
/* Where the value of a view that the row has stands. */
static inline uint32_t total_index(const struct total_row *row, uint32_t view)
{
	return row->first + bit_count(row->views & ((UINT64_C(1) << view) - 1));
}

/* What a shard said of the key in a record, and all that it said so far: entries, in the shape of partial.h. */
struct shard_record {
	uint32_t shard;
	uint32_t count;
	uint32_t length;
	char *bytes;
};
struct said {
	bool change;
	uint64_t count;
	struct str entries;
};

struct merged_key {
	struct merge *merge;
	struct merged_key *previous, *next; /* all keys of its dimension */
	struct merged_key *next_changed;
	void *slot;
	struct totals totals;
	struct shard_record *shards; /* only those that have entries */
	uint32_t shard_count, shard_capacity;
	uint8_t dimension;
	bool made;        /* stays without totals */
	bool counts;      /* some total of a window (not of the one before it) is not 0 */
	bool changed;     /* in the list of the changed */
	bool shown;       /* was given while it was not gone */
	uint64_t told_in; /* the last batch with a record of it */
	uint16_t *row_of; /* by component: its row + 1, or 0 */
	uint32_t component_count;
	uint32_t word_count; /* of a bitmap over components */
	uint64_t *news;      /* components that changed since the key was taken */
	uint64_t *given;     /* those at the time when it was taken */
	struct str name;
};

/* What all keys share. */
struct key_context {
	uint64_t window_views;              /* those that are not the interval before a window */
	uint32_t *histogram_components;     /* by histogram: the first component of its measure */
	struct totals_work work;            /* memory to work in */
	struct partial_entries now, before; /* the same */
};

struct merged_key *merged_key_new(struct merge *merge, const struct model *model, uint8_t dimension, struct str name);
/* Takes over what the shard says; false where that is what it had said before. */
bool merged_key_hear(struct merged_key *key, uint32_t shard, const struct said *said, struct key_context *context);
/* Whether the shard has a record of the key. */
bool merged_key_told_by(struct merged_key *key, uint32_t shard);
/* All components may have changed. */
void merged_key_renew(struct merged_key *key);
/* The news are given now, and there are none from here on. */
void merged_key_give(struct merged_key *key);
void merged_key_free(struct merged_key *key);

#endif
