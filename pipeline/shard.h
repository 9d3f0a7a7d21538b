/* A shard: the state of all customers whose records lie in one partition number, as one value. One thread owns it.
 *
 *     event ─▶ late? future? ─▶ [waits while beyond the end] ─▶ correlate ─▶ accumulate ─▶ partial records
 *
 * Pure: what it says depends on the events and on the ends it was rolled to. */
#ifndef PIPELINE_SHARD_H
#define PIPELINE_SHARD_H

#include "config/config.h"
#include "pipeline/accumulate/partial.h"
#include "pipeline/correlate/correlate.h"
#include "pipeline/decode/event.h"
#include "pipeline/refusal.h"
#include "pipeline/window.h"

enum shard_outcome {
	SHARD_APPLIED,
	SHARD_MISSED,  /* applied or waiting: a retraction, but what it names is not there, or out of its reach */
	SHARD_WAITING, /* accepted; it lies beyond the current end and counts once that has passed it */
	SHARD_DUPLICATE,
	SHARD_LATE,
	SHARD_SEEDED, /* dated before the end of the seed, which holds it */
	SHARD_REFUSED
};

struct shard;

/* `config` is borrowed. `end` is a multiple of the smallest step of the windows. */
struct shard *shard_new(const struct config *config, uint32_t index, int64_t end);
/* `kafka_time` is the record's Kafka timestamp; it is set in the event, and so is a retraction's reach. On SHARD_REFUSED *ret_reason says why. */
enum shard_outcome shard_event(struct shard *shard, struct event *event, int64_t kafka_time, enum refusal *ret_reason);
/* windows_settle */
void shard_settle(struct shard *shard);
/* Counts a record that was read, whatever becomes of it. */
void shard_count_record(struct shard *shard);
/* Counts a record that never became an event. */
void shard_count_refused(struct shard *shard);
/* All of the shard's partitions have reached this Kafka time: what no later record can concern is folded, a little at each call. */
void shard_reached(struct shard *shard, int64_t kafka_time);
/* Moves on to `end` (not before the current one): waiting events that lie before it count now. */
void shard_roll(struct shard *shard, int64_t end);
/* All records through here were read; never goes back. */
void shard_set_as_of(struct shard *shard, int64_t as_of);
/* Records before this Kafka time are missing. */
void shard_set_gap(struct shard *shard, int64_t kafka_time);
/* What lies before `end` came from elsewhere (an export of the past) and is all there: events dated before it are dropped from now on, and
 * counted. Never goes back. */
void shard_set_seed(struct shard *shard, int64_t end);
void shard_status(const struct shard *shard, struct shard_status *ret_status);
/* Writes the records (accumulate/partial.h) of the keys that changed since the last call: what changed of those that were told before, else all. */
void shard_partial(struct shard *shard, struct buf *out);
/* All keys count as changed, and as not told yet. */
void shard_touch_all(struct shard *shard);
/* All events that are kept, and what each adds: correlator_each. As long as shard_reached is not called, all are kept. */
void shard_each(const struct shard *shard, correlate_visitor *visit, void *context);
const struct groups *shard_groups(const struct shard *shard);
uint32_t shard_customers(const struct shard *shard);

/* What stored numbers stand for under a configuration: a checkpoint can be read only under an equal one. */
uint64_t shard_meaning(const struct config *config);
/* The state as bytes: sections of a tag, a length, the bytes and their CRC32C. `input` is the caller's own (offsets), given back by
 * shard_load. */
void shard_save(const struct shard *shard, struct str input, struct buf *out);
/* Reads the formats SHARD_FORMAT_OLDEST to SHARD_FORMAT (shard_outline.h). RESULT_CORRUPT, RESULT_VERSION (another format), RESULT_CONFLICT (another configuration, or another past: shard_compare_past says which).
 * ret_input is a view into `bytes`. */
MUST_CHECK enum result shard_load(
	const struct config *config, uint32_t index, struct str bytes, struct shard **ret_shard, struct str *ret_input);
/* Whether the roster and the exchange rates say the same of the time before the stored end as they did. RESULT_CONFLICT with a sentence in
 * ret_difference (config/past.h) where not; with none where already shard_meaning is another one. */
MUST_CHECK enum result shard_compare_past(
	const struct config *config, uint32_t index, struct str bytes, struct buf *ret_difference);
void shard_free(struct shard *shard);

#endif
