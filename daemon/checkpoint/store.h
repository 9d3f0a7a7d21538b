/* Where checkpoints are kept: for each shard the two newest generations, in a directory of files or in a compacted Kafka topic.
 *
 * Whatever fails at whatever point, a store never has less than it had before: a new generation counts once it is whole, and only then
 * do older ones go. One that does not add up (CRC32C over all of it) is passed over, and the one before is used.
 *
 * In life order: open (no network yet), prepare (the number of shards is known), claim and load each shard, then save again and again.
 *
 * - A directory: shard-0003.17.checkpoint is generation 17 of shard 3, written under another name, synced, renamed, the directory synced.
 *   One process holds it (flock on the file `lock`).
 * - A topic: partition s holds shard s. A writer claims a shard with a record whose offset + 1 is its *epoch*; a checkpoint is chunks and
 *   then, once all of them are acknowledged, a manifest. The newest by (epoch, generation) counts, so a writer that lives on after
 *   another has claimed the shard does no harm.
 *
 * Used by one thread at a time. Failures (disk full, no broker) are results with a sentence in store_error; the process goes on. */
#ifndef DAEMON_CHECKPOINT_STORE_H
#define DAEMON_CHECKPOINT_STORE_H

#include "base/buf.h"
#include "base/result.h"

#include <stdint.h>

struct store;
struct kafka_property;

enum store_kind { STORE_DIRECTORY, STORE_KAFKA };

/* Texts are copied. store_settings.h fills it from the configuration. */
struct store_options {
	enum store_kind kind;
	/* Only to be read, beside the process that writes: nothing is made, changed, locked or claimed. What the other removes meanwhile is
	 * passed over: store_load may then give RESULT_IO or RESULT_NOT_FOUND, and loading again is right. */
	bool reading;
	const char *directory; /* STORE_DIRECTORY: made if needed (mode 0700) */
	const char *topic;     /* STORE_KAFKA, as are all that follow: made by store_prepare if needed */
	const char *brokers;
	const struct kafka_property *properties;
	size_t property_count;
};

/* RESULT_CONFLICT: another process holds it; RESULT_IO; RESULT_INVALID: a property is not one of librdkafka's. The sentence, which names
 * the place, is put into `error`. */
MUST_CHECK enum result store_open(
	const struct store_options *options, char *error, size_t error_size, struct store **ret_store);

/* Once, before anything else but loads: there will be shards 0 to shard_count - 1. RESULT_CONFLICT: it was made for another number of
 * shards; RESULT_UNREACHABLE, RESULT_TIMEOUT, RESULT_REFUSED. */
MUST_CHECK enum result store_prepare(struct store *store, uint32_t shard_count);

/* From now on this process writes the shard's checkpoints: once for a shard, before it is loaded. RESULT_UNREACHABLE, RESULT_TIMEOUT,
 * RESULT_REFUSED. */
MUST_CHECK enum result store_claim(struct store *store, uint32_t shard);

/* Writes a new generation of the shard's checkpoint; the one before stays, older ones go. RESULT_IO, and of a topic RESULT_UNREACHABLE,
 * RESULT_TIMEOUT, RESULT_REFUSED, RESULT_RANGE (larger records than the topic takes): the one before is still there, and saving again is
 * right. Ends within some seconds of standing still. */
MUST_CHECK enum result store_save(struct store *store, uint32_t shard, struct str bytes);

/* Reads the newest whole generation into `bytes` (replaced). RESULT_NOT_FOUND: the shard has none; RESULT_CORRUPT: it
 * has some, none is whole; RESULT_VERSION: the newest was written by a newer kpid; RESULT_IO, RESULT_UNREACHABLE, RESULT_TIMEOUT. Where a
 * damaged one was passed over, store_fallbacks moves and a warning is logged. */
MUST_CHECK enum result store_load(struct store *store, uint32_t shard, struct buf *bytes);

/* The shards that have a checkpoint, in rising order: up to `max` are written, the number of all is *ret_count. */
MUST_CHECK enum result store_shards(struct store *store, uint32_t *shards, size_t max, size_t *ret_count);

/* What there is of all shards, damaged or not: by shard, then newest first. `result` and `bytes` are as those of store_load; of a topic the
 * newest whole generation only. A generation that has no number has 0. The bytes are valid until the visitor returns. */
typedef void store_visitor(void *context, uint32_t shard, uint64_t generation, enum result result, struct str bytes);
MUST_CHECK enum result store_each(struct store *store, store_visitor *visit, void *context);

/* Removes all generations of a shard (reshard). */
MUST_CHECK enum result store_remove(struct store *store, uint32_t shard);

/* What to call it: the directory, or "topic NAME". */
const char *store_place(const struct store *store);
uint64_t store_fallbacks(const struct store *store);
/* What the last failed call ran into, with the file's name; empty if none failed. */
const char *store_error(const struct store *store);
void store_close(struct store *store);

/* The steps of a save, for tests that stop in between as a crash would: a hook that returns false ends the save
 * there, leaving all as it is. A topic has no names: there RENAMED is the manifest's acknowledgement, and HALF_WRITTEN comes after each chunk. */
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
