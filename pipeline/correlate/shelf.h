/* Where packed customers lie: one behind the other in large pieces of memory, so that a save reads them as they lie. Private to correlate.
 *
 * Invariant: once one is put, the gaps that were left by others take at most a quarter of what is there takes, and a piece. A piece with many
 * gaps is emptied into another, and the owner is told where its customers lie now. */
#ifndef PIPELINE_CORRELATE_SHELF_H
#define PIPELINE_CORRELATE_SHELF_H

#include "base/str.h"

#include <stdint.h>

/* What a packed customer begins with. */
struct packed {
	int64_t stays;  /* of its tail (tail.h); INT64_MAX: there is no record, INT64_MIN: nor anything else */
	uint32_t saved; /* bytes of the checkpoint: the name, counted, and customer_save; 0: it was dropped */
	uint32_t size;  /* of all of it */
	uint32_t hash;  /* of the name */
	uint8_t bytes[];
};

/* Pieces have a number, in each a packed customer begins at a multiple of 8 bytes: together its place, of 31 bits. */
typedef void shelf_moved(void *context, const struct packed *packed, uint32_t from, uint32_t to);

struct shelf_piece;
struct shelf {
	struct shelf_piece **pieces; /* NULL: the number is free */
	uint32_t piece_count, piece_capacity;
	uint32_t filling;     /* the piece where the next one goes */
	uint64_t taken, live; /* bytes: of all that was put, and of that what was not dropped */
	shelf_moved *moved;
	void *context;
};

void shelf_init(struct shelf *shelf, shelf_moved *moved, void *context);
/* A copy of a struct packed with its bytes. Others may move. Returns its place. */
uint32_t shelf_put(struct shelf *shelf, struct str packed);
/* Valid until the next one is put. */
const struct packed *shelf_at(const struct shelf *shelf, uint32_t place);
void shelf_drop(struct shelf *shelf, uint32_t place);

/* Walks all, as they lie: start with {0}; NULL at the end. */
struct shelf_walk {
	uint32_t piece, offset;
};

const struct packed *shelf_next(const struct shelf *shelf, struct shelf_walk *walk);
void shelf_release(struct shelf *shelf);

#endif
