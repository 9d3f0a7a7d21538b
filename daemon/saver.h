/* Writes checkpoints to the store, away from the workers: a worker pauses for the copying of its state only.
 *
 * The newest bytes of a shard stand; older ones that were not written yet are dropped. */
#ifndef DAEMON_SAVER_H
#define DAEMON_SAVER_H

#include "base/result.h"
#include "daemon/checkpoint/store.h"

struct saver;

/* `store` is borrowed. */
MUST_CHECK enum result saver_start(struct store *store, uint32_t shard_count, struct saver **ret_saver);
/* An empty buffer to save into, if possible with the memory of one that was written: memory that is new makes a save twice as long. */
struct buf saver_room(struct saver *saver);
/* Takes the bytes and nulls them (buf_init). */
void saver_put(struct saver *saver, uint32_t shard, struct buf *bytes);
struct saver_status {
	uint64_t written;
	uint32_t failing; /* shards whose last write failed */
	int64_t oldest;   /* wall ms: every shard was written since then; INT64_MIN: not every one was, so far */
};
void saver_status(struct saver *saver, struct saver_status *ret_status);
/* The shard is another process's now: what is known of its checkpoints is void. */
void saver_forget(struct saver *saver, uint32_t shard);
/* Waits until nothing is left to write, whether it could be written or not, so that the store may be used by the caller. False: it took too
 * long (to the second). */
bool saver_drain(struct saver *saver, int timeout_ms);
/* Whether what was put last for the shard could not be written. */
bool saver_failed(struct saver *saver, uint32_t shard);
/* Writes what is left and ends. False where something could not be written. */
bool saver_stop(struct saver *saver);

#endif
