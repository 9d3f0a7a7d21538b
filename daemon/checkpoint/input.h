/* The part of a shard's checkpoint that is the daemon's: who wrote it, how many partitions there were, and up to where each topic was
 * read. Section INPT of docs/checkpoint.md. */
#ifndef DAEMON_CHECKPOINT_INPUT_H
#define DAEMON_CHECKPOINT_INPUT_H

#include "base/buf.h"
#include "base/result.h"

/* Where a topic was read up to. */
struct feed_position {
	struct str topic; /* without the prefix */
	int64_t next;
	int64_t last_offset; /* of the last record read, or -1 */
	uint32_t fingerprint;
	bool has_fingerprint;
};

struct checkpoint_input {
	uint64_t token;
	uint32_t partitions;  /* of each topic: the number of shards */
	struct str positions; /* input_positions */
};

/* Writing: the head, the number of positions, then each of them. */
void input_put_head(struct buf *out, uint64_t token, uint32_t partitions);
void input_put_count(struct buf *out, size_t count);
void input_put_position(struct buf *out, const struct feed_position *position);

/* RESULT_CORRUPT: too short. Views into the bytes. */
MUST_CHECK enum result input_read(struct str bytes, struct checkpoint_input *ret_input);
/* Up to `max` of the positions; the number of all, or -1 on damage. */
int input_positions(struct str positions, struct feed_position *ret_positions, int max);

#endif
