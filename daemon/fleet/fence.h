/* Reads the log of one shard in its order and lets through only what the shard's owner says.
 *
 *     no claim seen ---- claim ----> owned (token = the newest claim's offset) ---- claim ----> owned by the next
 *
 * A batch counts only with the newest claim's token, its pieces one after the other; the first batch of a token is whole. What an earlier
 * owner still writes, one that was paused or cut off, is stale: it is counted and ignored. Claims under another configuration own the shard,
 * too, but what they say is not taken. Pure. */
#ifndef DAEMON_FLEET_FENCE_H
#define DAEMON_FLEET_FENCE_H

#include "daemon/fleet/entry.h"

#define FENCE_NONE (-1)

enum fence_news {
	FENCE_NOTHING,   /* a piece whose batch goes on */
	FENCE_CLAIMED,   /* fence.claim is new */
	FENCE_BATCH,     /* fence.head, records and whole: to be taken over now */
	FENCE_ENDED,     /* fence.end */
	FENCE_STALE,     /* of an earlier owner */
	FENCE_UNCLAIMED, /* no claim was seen yet */
	FENCE_FOREIGN,   /* of an owner with another configuration */
	FENCE_BROKEN,    /* a piece is missing: nothing more of this token can be taken */
	FENCE_DAMAGED,   /* bytes that do not add up, or of a newer kpid */
};

struct fence {
	uint64_t config_hash; /* ours */
	int64_t token;        /* FENCE_NONE: no claim seen yet */
	int64_t previous;     /* the token before */
	bool foreign, broken;
	struct entry_claim claim; /* the newest; its name lies in `member` */
	char member[ENTRY_MEMBER_MAX + 1];
	uint64_t next_number;
	uint32_t next_piece;
	bool whole;
	struct buf records;
	bool known;             /* `head` is of a whole batch that was let through */
	struct entry_head head; /* of the newest batch that was let through */
	int64_t end;
};

void fence_init(struct fence *fence, uint64_t config_hash);
/* The next record of the log. */
enum fence_news fence_take(struct fence *fence, int64_t offset, struct str bytes);
void fence_release(struct fence *fence);

#endif
