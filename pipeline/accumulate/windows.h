/* The windows of a shard: contributions in, the totals of the keys that changed out (partial.h).
 *
 * Invariant: every total is that of series.h for the current end, so a saved and loaded shard says the same as one that never stopped. */
#ifndef PIPELINE_ACCUMULATE_WINDOWS_H
#define PIPELINE_ACCUMULATE_WINDOWS_H

#include "base/result.h"
#include "pipeline/accumulate/partial.h"
#include "pipeline/accumulate/views.h"
#include "pipeline/correlate/contribution.h"

struct windows;

/* What it looks at is borrowed. `end` is a multiple of the smallest step. */
struct windows *windows_new(
	const struct model *model, const struct calendar *calendar, const struct groups *groups, int64_t end);
void windows_add(struct windows *windows, const struct contributions *contributions);
/* What was added is not counted at once, but when there is much of it, or something is to be told. This counts it now. */
void windows_settle(struct windows *windows);
/* Moves on to `end`, not before the current one. */
void windows_roll(struct windows *windows, int64_t end);
int64_t windows_end(const struct windows *windows);
/* Writes the records of the keys that changed since the last call: what changed of those that were told before, else all. */
void windows_partial(struct windows *windows, struct buf *out);
/* All keys count as changed, and as not told yet. */
void windows_touch_all(struct windows *windows);
void windows_save(struct windows *windows, struct buf *out);
/* Into fresh windows. The totals are for the `end` of windows_new. RESULT_CORRUPT on damage. */
MUST_CHECK enum result windows_load(struct windows *windows, struct reader *in);
void windows_free(struct windows *windows);

#endif
