/* Contributions that are not counted yet. What one event adds to lies far apart in memory: so contributions gather here, and are then counted row
 * after row, and in each cell after cell. Sums do not depend on the order. Private to accumulate.
 *
 * inflow_put for each, until it is full or somebody wants to look at a row; then inflow_count, which leaves `rows`; then inflow_clear. */
#ifndef PIPELINE_ACCUMULATE_INFLOW_H
#define PIPELINE_ACCUMULATE_INFLOW_H

#include "base/mem.h"
#include "pipeline/accumulate/row.h"

/* So many that a row gets enough of them to be worth the way to its memory. */
#define INFLOW_MAX 32768
#define INFLOW_CACHED 256
/* So many places behind the end of `order` can be read, too, and name an entry. */
#define INFLOW_AHEAD 16

/* The rows that a group has, as far as they were looked up. */
struct inflow_group {
	uint32_t group;
	uint8_t known; /* dimensions */
	struct row *rows[MODEL_DIMENSIONS_MAX];
};

struct inflow_entry {
	struct slice slice;
	uint32_t cell : 24;
	uint32_t dimensions : 8;
	uint16_t group; /* its place in `groups` */
	uint8_t stretch;
};

struct inflow {
	struct inflow_entry *entries;
	uint32_t count, capacity;
	struct inflow_group *groups; /* one may be there twice */
	uint32_t group_count, group_capacity;
	uint16_t cached[INFLOW_CACHED]; /* by group: where it stands, if it does */
	struct row **rows;              /* what is added to; `inflow` of each: behind its last one in `order` */
	uint32_t row_count, row_capacity;
	uint32_t *order; /* of entries, for one row after the other */
	uint32_t order_capacity;
	struct inflow_entry *sorted;
	uint32_t *places; /* by cell */
	uint32_t cell_count;
};

void inflow_init(struct inflow *inflow, uint32_t cell_count);
uint32_t inflow_add_group(struct inflow *inflow, uint32_t group);
/* Its place in `groups`. */
static inline uint32_t inflow_group(struct inflow *inflow, uint32_t group)
{
	uint32_t at = inflow->cached[group % INFLOW_CACHED];
	return at < inflow->group_count && inflow->groups[at].group == group ? at : inflow_add_group(inflow, group);
}
static inline bool inflow_full(const struct inflow *inflow)
{
	return inflow->count == INFLOW_MAX || inflow->group_count == INFLOW_MAX;
}
static inline void inflow_put(struct inflow *inflow, struct inflow_entry entry)
{
	GROW(inflow->entries, inflow->count, inflow->capacity);
	inflow->entries[inflow->count++] = entry;
}
/* Adds all to their rows. */
void inflow_count(struct inflow *inflow, const struct row_layout *layout, const struct views *views);
void inflow_clear(struct inflow *inflow);
void inflow_release(struct inflow *inflow);

#endif
