/* Which events made a number: every contribution of a measure to one key and interval, at the event that made it.
 *
 * Invariant: the amounts of the rows that were not taken back add up to the measure's value. */
#ifndef KPICTL_EXPLAIN_EVENTS_H
#define KPICTL_EXPLAIN_EVENTS_H

#include "tools/kpictl/engine.h"

/* A measure of the formula, over the interval itself or (previous) the one before it. */
struct use {
	uint16_t measure;
	bool previous;
	bool opening; /* a level just before the interval: `span` ends where that begins */
	bool company; /* the company's, where the figure is another key's */
	uint32_t view;
	struct span span;
};

struct explained_event {
	int64_t time;
	uint16_t type;
	enum correlate_owner owner;
	bool in_force;
	struct str id, source, name;
};

/* Of a last value: it is current, replaced, or too old. */
enum row_end { ROW_COUNTS, ROW_UNDONE, ROW_EXPIRED, ROW_SUPERSEDED };

struct row_of_event {
	uint16_t use;
	uint8_t end; /* enum row_end */
	int64_t time;
	int64_t amount; /* of a sum and a last value in 10^-4 */
	int64_t length; /* ELAPSED: ms; LEVEL: when it was opened; TOUCHES: how many */
	int64_t key;    /* LEVEL: which of the customer's; LAST: which of the product's or customer's */
	uint32_t event;
	uint32_t other; /* the start of a pair, the opening of a member; EXPLAIN_NONE */
	uint32_t undone_by;
};

#define EXPLAIN_NONE UINT32_MAX
#define EXPLAIN_USES_MAX 64

struct explanation {
	const struct config *config;
	const struct merged_key *key, *company; /* the figure's and the company's */
	uint8_t window;
	struct arena arena;
	struct use uses[EXPLAIN_USES_MAX];
	unsigned use_count;
	struct explained_event *events;
	uint32_t event_count, event_capacity;
	struct row_of_event *rows; /* by use, then in order of time */
	uint32_t row_count, row_capacity;
};

/* All measures of the KPI's formula and sample. `key` is one of the engine's, which is borrowed. */
void explanation_init(struct explanation *explanation, const struct engine *engine, uint16_t kpi, uint8_t window,
	const struct merged_key *key);
/* Attributes all that the engine's shards keep. */
void explanation_collect(struct explanation *explanation, const struct engine *engine);
/* Whose measure it is. */
const struct merged_key *explanation_key(const struct explanation *explanation, const struct use *use);
/* The measure's value as the merge has it; of a sum, and of last values the sum, in 10^-4. */
int64_t explanation_value(const struct explanation *explanation, const struct use *use);
/* What the rows of a use add up to. */
int64_t explanation_sum(const struct explanation *explanation, unsigned use);
void explanation_release(struct explanation *explanation);

#endif
