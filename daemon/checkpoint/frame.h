/* What stands around a checkpoint's bytes in a file: who wrote it, for which shard, and a CRC32C by which any damage
 * is seen.
 *
 *   magic "KPIDCKPT" | version u32 | shard u32 | generation u64 | length u64 | the bytes | CRC32C u32 of all before */
#ifndef DAEMON_CHECKPOINT_FRAME_H
#define DAEMON_CHECKPOINT_FRAME_H

#include "base/buf.h"
#include "base/result.h"

#define FRAME_VERSION 1
enum { FRAME_HEAD = 32, FRAME_FOOT = 4 };

void frame_head(struct buf *out, uint32_t shard, uint64_t generation, struct str bytes);
void frame_foot(struct buf *out, struct str head, struct str bytes);
/* RESULT_OK with a view of the bytes; RESULT_CORRUPT; RESULT_VERSION: whole, but of another version. */
MUST_CHECK enum result frame_open(struct str file, uint32_t shard, uint64_t generation, struct str *ret_bytes);

#endif
