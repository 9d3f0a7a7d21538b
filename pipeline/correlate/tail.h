/* The recent events of a customer, in order: those that an event out of order, a duplicate or a reopening can still concern.
 *
 * Invariant: entries are sorted by record_compare; `superseded` is set exactly for events that another one behind them has taken
 * back (schema: in_force_key). Bytes of removed records stay in `bytes` until half of it is waste. */
#ifndef PIPELINE_CORRELATE_TAIL_H
#define PIPELINE_CORRELATE_TAIL_H

#include "pipeline/correlate/record.h"
#include "pipeline/correlate/tail_index.h"

struct tail_entry {
	uint32_t offset; /* into bytes */
	uint32_t id_hash;
	uint32_t gate; /* not 0: it can take back, or be taken back; equal gates may concern each other */
	uint32_t superseded;
};

struct tail {
	struct tail_entry *entries;
	uint32_t count, capacity;
	struct buf bytes;
	uint32_t waste;
	struct tail_index index;
};

#define TAIL_NONE UINT32_MAX

void tail_init(struct tail *tail);
void tail_read(const struct tail *tail, uint32_t at, struct record *ret_record);
int64_t tail_time(const struct tail *tail, uint32_t at);
/* The entry with that source and id, or TAIL_NONE. */
uint32_t tail_find(struct tail *tail, const struct record *record);
/* Where the record belongs: the number of entries before it. */
uint32_t tail_place(const struct tail *tail, const struct record *record);
/* The entry before `at` that the record would take back there, or TAIL_NONE. There is at most one: all before it are taken back already. */
uint32_t tail_takes_back(
	const struct tail *tail, const struct schema *schema, uint32_t at, const struct record *record);
/* Puts the record at `at`, sets what it takes back and whether it is taken back itself. */
void tail_insert(struct tail *tail, const struct schema *schema, uint32_t at, const struct record *record);
/* Takes the record at `at` out; what it had taken back is in force again. */
void tail_remove(struct tail *tail, const struct schema *schema, uint32_t at);
/* Drops the first `count` entries. */
void tail_drop(struct tail *tail, uint32_t count);
/* The first event behind `at` that takes it back; TAIL_NONE. */
uint32_t tail_superseder(const struct tail *tail, const struct schema *schema, uint32_t at);
void tail_release(struct tail *tail);

#endif
