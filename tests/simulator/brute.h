/* The figures of tests/simulator/config over a list of records, computed anew for every question, as docs/figures.md defines them:
 * slowly, plainly, and without a line of the code that is tested. What the pipeline keeps in Redis must be the same text.
 *
 *     brute_run(&brute_simulator, events, count, end, false, &reader);
 *
 * `events` is every record that is an event by its form (sim_event.h), in any order; late ones, duplicates and conflicts are sorted
 * out here. `end` is what kpi:meta calls `end`. The computation knows no targets and alerts.
 *
 * Where the docs leave something open, this is how they are read:
 *  - Of records of one source and id that differ, though time and type are the same, the one that stands first in its partition stays. That is not
 *    what kpid does, who goes by a checksum of the content; no seed draws such records.
 *  - Of three records of one source and id that differ, one that is in conflict with the first stands in no third one's way.
 *  - Of the records of a retraction the earliest one that is accepted says when it came: neither late nor future, no conflict.
 *  - A pair is ended once: a further close of the deal, beyond the reach of the first, ends what was created since.
 *  - A deal is told apart by customer and deal.
 *  - A quantile or a mean of no pairs is null for `zero_denominator`.
 *  - last(m): n is the number of current values; where there is none, the reason is `no_data`.
 *  - A last value counts for as long as it is current (count(m)): a product without a current price in any window is no key.
 *  - Without any event nothing is complete, for there is no `since`.
 *  - A stock takes no part in the interval: its figure is complete when the window is. */
#ifndef TESTS_SIMULATOR_BRUTE_H
#define TESTS_SIMULATOR_BRUTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "tests/simulator/brute_number.h"
#include "tests/simulator/brute_time.h"
#include "tests/simulator/sim_event.h"

/* What a computation needs to know of kpid.yaml and kpis.yaml; measures, figures and roster are in the code. */
struct brute_config {
	struct brute_calendar calendar;
	const struct brute_window *windows;
	size_t window_count;
	int64_t allowed_lateness; /* ms */
	int64_t max_future;
};

extern const struct brute_config brute_simulator; /* tests/simulator/config */
/* The same with some of the windows (variants.h): number 0 has all. */
extern const struct brute_config brute_variants[];
unsigned brute_variant(uint64_t seed);

/* One field of one snapshot. Views are good until the call returns. */
struct brute_figure {
	const char *dimension;
	const char *key; /* not encoded */
	const char *kpi;
	const char *window;
	char value[BRUTE_NUMBER_TEXT]; /* a number or "null", as the next two */
	char numerator[BRUTE_NUMBER_TEXT];
	char denominator[BRUTE_NUMBER_TEXT];
	int64_t n;
	char from[24]; /* 2026-03-01T00:00:00Z */
	char to[24];
	bool complete;
	const char *reason; /* NULL: none */
};

/* One member of one board. `score` may differ from another's computation in the last bits of a double. */
struct brute_rank {
	const char *dimension;
	const char *key;
	const char *kpi;
	const char *window;
	double score;
};

struct brute_reader {
	void (*key)(void *context, const char *dimension, const char *key,
		const char *name);                                        /* a snapshot; name: `_name` */
	void (*figure)(void *context, const struct brute_figure *figure); /* a field of the last key */
	void (*rank)(void *context, const struct brute_rank *rank);       /* its place on a board */
	void *context;
};

/* Calls what `reader` has (a function may be NULL). `gap`: input was lost. Sets TZ of the process. */
void brute_run(const struct brute_config *config, const struct sim_event *events, size_t count, int64_t end, bool gap,
	const struct brute_reader *reader);

/* The field's value, byte by byte as in Redis; added to `text`. */
void brute_figure_text(const struct brute_figure *figure, struct buf *text);
/* A key as it stands in names of Redis keys and on boards; added to `text`. */
void brute_encode(const char *key, struct buf *text);

#endif
