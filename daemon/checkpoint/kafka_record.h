/* The records of a topic of checkpoints: their keys, and the manifest that makes chunks a checkpoint.
 *
 *   key                                        value
 *   claim/SHARD                                who writes from now on, for people; its offset + 1 is the writer's epoch
 *   chunk/SHARD/EPOCH/GENERATION/NUMBER        a piece of the bytes; numbers from 0
 *   manifest/SHARD/EPOCH/GENERATION            "KPIDMNFT" | version u32 | shard u32 | epoch u64 | generation u64 | chunks u32 |
 *                                              length u64 | CRC32C u32 of the bytes | CRC32C u32 of all before
 *
 * Numbers in keys are decimal, without leading zeros. A record without a value takes back the one with its key. */
#ifndef DAEMON_CHECKPOINT_KAFKA_RECORD_H
#define DAEMON_CHECKPOINT_KAFKA_RECORD_H

#include "base/buf.h"
#include "base/result.h"

#define MANIFEST_VERSION 1
/* Small enough for a topic's default limit of 1 MiB, and for any reader's buffer. */
#define CHUNK_BYTES ((size_t)512 << 10)
#define CHUNKS_MAX 65536

enum kafka_key_kind { KEY_FOREIGN, KEY_CLAIM, KEY_CHUNK, KEY_MANIFEST };

struct kafka_key {
	enum kafka_key_kind kind;
	uint32_t shard;
	uint64_t epoch, generation; /* KEY_CHUNK, KEY_MANIFEST */
	uint32_t number;            /* KEY_CHUNK */
};

struct manifest {
	uint32_t chunks;
	uint64_t length; /* of the bytes */
	uint32_t crc;    /* CRC32C of the bytes */
};

/* Appends the text of a key that is not foreign. */
void kafka_key_put(struct buf *out, const struct kafka_key *key);
/* KEY_FOREIGN: kpid would not have written it. */
struct kafka_key kafka_key_read(struct str text);

void manifest_put(struct buf *out, const struct kafka_key *key, const struct manifest *manifest);
/* RESULT_CORRUPT; RESULT_VERSION: whole, but of another version. */
MUST_CHECK enum result manifest_read(struct str value, const struct kafka_key *key, struct manifest *ret_manifest);

#endif
