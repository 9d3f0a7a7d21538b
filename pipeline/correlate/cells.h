/* What a customer's life cycles remember: a small sorted list of (slot, key, time).
 *
 * A slot is one thing to remember: "this stock is open", "this pair has started", "this was seen". Order: slot, key, time; at most one cell
 * for each of them but where a pair waits for every start, and that a gauge has two. */
#ifndef PIPELINE_CORRELATE_CELLS_H
#define PIPELINE_CORRELATE_CELLS_H

#include "base/buf.h"

struct cell {
	int64_t key;
	union {
		int64_t time;  /* of a touch counter, how many */
		int64_t value; /* of a gauge, in the second of its two cells */
	};
	uint32_t group;
	uint16_t slot;
	uint16_t done; /* it happened and must not happen again */
};

struct cells {
	struct cell *items;
	uint32_t count;
	uint32_t capacity;
};

/* The first cell of (slot, key), or NULL. */
struct cell *cells_find(const struct cells *cells, uint16_t slot, int64_t key);
/* The index of the first cell that is not before (slot, key). */
uint32_t cells_at(const struct cells *cells, uint16_t slot, int64_t key);
/* Adds behind those of the same slot and key. Pointers to cells are no longer valid. */
void cells_add(struct cells *cells, struct cell cell);
void cells_remove(struct cells *cells, struct cell *cell);
void cells_remove_range(struct cells *cells, uint32_t from, uint32_t to); /* to: not included */
void cells_copy(struct cells *to, const struct cells *from);
void cells_save(const struct cells *cells, struct buf *out);
bool cells_load(struct cells *cells, struct reader *in);
void cells_release(struct cells *cells);

#endif
