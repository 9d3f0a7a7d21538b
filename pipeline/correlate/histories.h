/* The histories of one kind, by name: those that were touched last are worked on, all others lie packed. Private to correlate.
 *
 * Invariant: at most `most` histories (and those whose tail is too long to be packed) are kept as customers; nobody sees whether one was
 * packed before. Who asks for a history gets a customer that stays where it is until the next one is asked for. */
#ifndef PIPELINE_CORRELATE_HISTORIES_H
#define PIPELINE_CORRELATE_HISTORIES_H

#include "base/hash.h"
#include "pipeline/correlate/packed.h"

/* Half a kilobyte to a kilobyte each. */
#define HISTORIES_WORKED_ON 4096

struct worked;
struct histories {
	uint32_t *places;  /* where what lies there is to be found: histories.c */
	uint32_t *hashes;  /* of the name, where something lies */
	uint32_t capacity; /* a power of two, or 0 */
	uint32_t count, tombstones;
	struct hash_key key;
	struct shelf shelf;     /* those that lie packed */
	struct worked **worked; /* those that are worked on */
	uint32_t worked_count, worked_capacity;
	struct worked **ring; /* of these all but the long ones; a clock's hand goes round */
	uint32_t ring_count, ring_capacity, hand, most;
	struct buf work;
};

/* It must stay where it is. */
void histories_init(struct histories *histories);
/* How many are worked on, at least 1. Those beyond are packed at once. */
void histories_set_most(struct histories *histories, uint32_t most);
/* Room for `count` in all. */
void histories_reserve(struct histories *histories, uint32_t count);
/* NULL where there is none of that name. */
struct customer *histories_find(struct histories *histories, struct str name);
/* An empty one is made where there is none. */
struct customer *histories_make(struct histories *histories, struct str name);
/* Puts what `customer` is, at rest, where none of that name is, and clears it. False, and nothing done, where there is one. */
bool histories_put(struct histories *histories, struct str name, struct customer *customer);

/* Walks all: start with *position = 0; false at the end. The one just given may be removed; none may be added meanwhile. */
bool histories_next(const struct histories *histories, uint32_t *position, struct str *ret_name);
/* The name of the one just given, once more: what was a view of it before it was opened, closed or taken is valid no longer. */
struct str histories_name(const struct histories *histories, uint32_t position);
/* Of the one just given: read into `work` where it is packed. */
const struct customer *histories_read(const struct histories *histories, uint32_t position, struct customer *work);
/* Of the one just given: whether it lies packed, and there is nothing to fold before `time` and something to remember. */
bool histories_rests(const struct histories *histories, uint32_t position, int64_t time);
/* The one just given, to be changed; then histories_close, histories_remove or histories_take. */
struct customer *histories_open(struct histories *histories, uint32_t position);
void histories_close(struct histories *histories, uint32_t position);
void histories_remove(struct histories *histories, uint32_t position);
/* As removed, but the customer is the caller's. */
struct customer histories_take(struct histories *histories, uint32_t position);
/* The same by name; false where there is none. */
bool histories_take_named(struct histories *histories, struct str name, struct customer *ret_customer);

/* Their number, names and customers as a checkpoint holds them; most of it is added to the sum at once. */
void histories_save(const struct histories *histories, struct buf *out, struct hash_sum *sum);
void histories_release(struct histories *histories);

#endif
