/* What the roster and the exchange rates say of which time. Events were counted by it: what it said of the time before now must not change
 * under them. */
#ifndef CONFIG_PAST_H
#define CONFIG_PAST_H

#include "config/config.h"

/* Writes who is in which team when, and which rate holds when: part of a checkpoint. For reps and then for currencies: varint count; each:
 * text name, varint count of spans, each of them: svarint from, svarint until (ms, half-open), text team or rate. */
void past_put(const struct config *config, struct buf *out);
/* Whether what was written before says the same as `config` of all times before `end`. RESULT_CONFLICT: it does not, and ret_difference gets
 * a sentence that names the first rep or currency and date; RESULT_CORRUPT. */
MUST_CHECK enum result past_compare(
	struct str before, const struct config *config, int64_t end, struct buf *ret_difference);

#endif
