/* A worker: one thread with its own consumer, that reads the records of its shards, keeps their state, and posts what changed.
 *
 * One turn: roll to the announced end, read what lies before it, post when drained or when it is time, checkpoint when it is time, wait
 * when there is nothing to do. */
#ifndef DAEMON_WORKER_H
#define DAEMON_WORKER_H

#include "daemon/checkpoint/deaths.h"
#include "daemon/control.h"
#include "daemon/feed.h"
#include "daemon/kafka/consumer.h"
#include "daemon/kafka/dead_letters.h"
#include "pipeline/decode/decode.h"
#include "pipeline/shard.h"

#include <pthread.h>

struct worker_shard {
	struct shard *shard;
	uint32_t index;
	struct feed feed;
	uint64_t records_read;
	uint64_t refused[REFUSAL_COUNT];
	bool dirty;  /* something to post */
	bool posted; /* the first batch, which is whole, was */
	/* Where the owner before stood: nothing is posted before the shard stands there, too, so that no figure goes back. */
	struct input_position *floor;
	size_t floor_count;
	int64_t floor_as_of;
	int64_t posted_as_of, posted_us; /* of the last batch; and the steady time of it */
	int64_t checkpoint_at_us;        /* steady time of the next checkpoint */
	uint64_t records_saved;          /* records_read at the last checkpoint */
	int64_t end_saved;
};

struct worker {
	struct control *control;
	uint32_t index;
	pthread_t thread;
	bool started;
	struct consumer *consumer;
	struct decoder *decoder;
	struct dead_letters *letters;
	struct deaths *deaths;   /* borrowed; NULL: nothing is quarantined */
	struct death_note *note; /* with deaths: which record it is at */
	const char *crash_on;    /* tests: the id of an event that ends the process; NULL: none */
	struct worker_shard *shards;
	size_t shard_count;
	int32_t partition_count;
	const char **topic_names; /* with prefix, by topic of the schema; borrowed */
	bool lost_letter;         /* stopped with a dead letter unsent: no checkpoint any more */
	bool busy;                /* a shard's feed is */
	int64_t post_at_us;       /* latest steady time of the next post */
	int64_t check_at_us;      /* steady time of the next question for the ends */
	_Atomic int64_t beat_us;  /* steady time of the last turn, for the watchdog */
};

MUST_CHECK enum result worker_start(struct worker *worker);
/* Waits for the thread: control.stop must be set. */
void worker_join(struct worker *worker);
/* Ends the current wait, from any thread. */
void worker_wake(struct worker *worker);
void worker_release(struct worker *worker);

/* What the thread does, for those who drive a worker without one: the first, then turns, then the last. */
void worker_begin(struct worker *worker);
void worker_turn(struct worker *worker);
void worker_finish(struct worker *worker);

/* worker_record.c: takes one record of the shard's slot. False when the worker must stop before it is done with it. */
bool worker_take(struct worker *worker, struct worker_shard *shard, struct feed_slot *slot);
/* worker_post.c */
/* The earliest record that the owner before had read though it is stamped at or after our end, as its clock was behind ours: `end` waits for
 * this shard to speak, so it must not wait for `end`. NULL: there is none. */
struct feed_slot *worker_below_floor(struct worker *worker, struct worker_shard *shard);
void worker_post(struct worker *worker, struct worker_shard *shard);
void worker_checkpoint(struct worker *worker, struct worker_shard *shard, int64_t now_us, bool last);

#endif
