/* Where the records of an id may stand: a table from the id's hash to offsets, kept for long tails only. Private to the tail.
 *
 * Invariant: empty, or it has every record of the tail; and of one that was written anew, what it was before. */
#ifndef PIPELINE_CORRELATE_TAIL_INDEX_H
#define PIPELINE_CORRELATE_TAIL_INDEX_H

#include <stdbool.h>
#include <stdint.h>

struct tail_slot {
	uint32_t hash;
	uint32_t place; /* offset + 1; 0: free */
};

struct tail_index {
	struct tail_slot *slots;
	uint32_t capacity; /* a power of two, or 0 */
	uint32_t count;
	uint32_t mix; /* random, so that nobody can choose ids that lie at one place */
};

void tail_index_add(struct tail_index *index, uint32_t hash, uint32_t offset);
/* Walks the offsets of a hash: start with *step = 0; false at the end. */
bool tail_index_next(const struct tail_index *index, uint32_t hash, uint32_t *step, uint32_t *ret_offset);
/* Empty again, memory given back. */
void tail_index_release(struct tail_index *index);

#endif
