/* Checkpoints as files in a directory: for each shard the two newest generations, shard-0003.17.checkpoint.
 *
 * A file is written under another name, synced, renamed into place, and the directory synced, so a crash at any point
 * leaves the older generation whole. Each file carries magic, version, shard, generation, length and a CRC32C of all
 * of it; one that does not add up is passed over and the older generation is used. So a store never has less than it
 * had before a failure. One process holds the directory (flock on the file `lock`).
 *
 * Used by one thread at a time. Failures (disk full, I/O error, read-only) are results with a sentence in
 * store_error; the process goes on. */
#ifndef DAEMON_CHECKPOINT_STORE_H
#define DAEMON_CHECKPOINT_STORE_H

#include "base/buf.h"
#include "base/result.h"

#include <stdint.h>

struct store;

/* Opens the directory, making it if needed (mode 0700), and locks it. RESULT_CONFLICT: another process holds it;
 * RESULT_IO. The sentence, which names the directory, is put into `error`. */
MUST_CHECK enum result store_open(const char *directory, char *error, size_t error_size, struct store **ret_store);

/* Only to be read: nothing is made, changed or locked, so that the process that holds the directory is not disturbed. What it removes
 * meanwhile is passed over: store_load may then give RESULT_IO or RESULT_NOT_FOUND, and loading again is right. RESULT_IO. */
MUST_CHECK enum result store_open_reading(
	const char *directory, char *error, size_t error_size, struct store **ret_store);

/* Writes a new generation of the shard's checkpoint; the one before stays, older ones go. RESULT_IO: the one before
 * is still there, and saving again is right. */
MUST_CHECK enum result store_save(struct store *store, uint32_t shard, struct str bytes);

/* Reads the newest whole generation into `bytes` (replaced). RESULT_NOT_FOUND: the shard has none; RESULT_CORRUPT: it
 * has some, none is whole; RESULT_VERSION: the newest was written by a newer kpid; RESULT_IO. Where a damaged one was
 * passed over, store_fallbacks moves and a warning is logged. */
MUST_CHECK enum result store_load(struct store *store, uint32_t shard, struct buf *bytes);

/* The shards that have a checkpoint, in rising order: up to `max` are written, the number of all is *ret_count. */
MUST_CHECK enum result store_shards(struct store *store, uint32_t *shards, size_t max, size_t *ret_count);

/* Removes all generations of a shard (reshard). */
MUST_CHECK enum result store_remove(struct store *store, uint32_t shard);

uint64_t store_fallbacks(const struct store *store);
/* What the last failed call ran into, with the file's name; empty if none failed. */
const char *store_error(const struct store *store);
void store_close(struct store *store);

/* The steps of a save, for tests that stop in between as a crash would: a hook that returns false ends the save
 * there, leaving all as it is. */
enum store_step {
	STORE_OPENED,
	STORE_HALF_WRITTEN,
	STORE_WRITTEN,
	STORE_SYNCED,
	STORE_RENAMED,
	STORE_DIRECTORY_SYNCED,
	STORE_STEPS
};
typedef bool store_hook(enum store_step step, void *context);
void store_set_hook(struct store *store, store_hook *hook, void *context);

#endif
