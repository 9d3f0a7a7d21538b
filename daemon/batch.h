/* What a worker hands to the publishing thread: a shard's status and changed totals, and where its input stands.
 *
 * The mailbox is the one place where threads meet: workers post, the publishing thread takes all there is. A batch belongs to whom
 * holds it. */
#ifndef DAEMON_BATCH_H
#define DAEMON_BATCH_H

#include "base/buf.h"
#include "pipeline/accumulate/partial.h"

#include <pthread.h>

struct input_position {
	uint16_t topic; /* index into schema.topics */
	int64_t next;   /* offset of the next record */
	int64_t end;    /* newest known end of the partition, or -1 */
};

struct batch {
	struct batch *following;
	struct shard_status status;
	bool whole;         /* the records are all that the shard says */
	struct buf records; /* accumulate/partial.h */
	struct input_position *positions;
	size_t position_count;
	uint64_t refused[32]; /* by enum refusal, since the start of the process */
};

struct mailbox {
	pthread_mutex_t lock;
	struct batch *first, *last;
	size_t bytes;                /* of records that wait */
	void (*wake)(void *context); /* called after each post; NULL: nobody waits */
	void *context;
};

struct batch *batch_new(size_t position_count);
void batch_free(struct batch *batch);

void mailbox_init(struct mailbox *mailbox);
void mailbox_post(struct mailbox *mailbox, struct batch *batch);
/* All that is there, first in first, as a list; NULL: nothing. */
struct batch *mailbox_take(struct mailbox *mailbox);
/* The first one alone; NULL: nothing. */
struct batch *mailbox_take_first(struct mailbox *mailbox);
/* Bytes posted and not yet taken: a worker that runs far ahead of the publishing thread waits. */
size_t mailbox_bytes(struct mailbox *mailbox);
void mailbox_release(struct mailbox *mailbox);

#endif
