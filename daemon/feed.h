/* The input of one shard: one slot of the consumer for each topic, merged by Kafka timestamp.
 *
 * While behind, a topic waits for the others, so that the shard reads all of them up to about the same time: what comes late into a customer's
 * history is dear. A topic at its end holds nobody back, one whose next record is on its way holds back by FEED_AWAITED, one that does not
 * answer by FEED_AHEAD only. */
#ifndef DAEMON_FEED_H
#define DAEMON_FEED_H

#include "config/config.h"
#include "daemon/batch.h"
#include "daemon/checkpoint/input.h"
#include "daemon/kafka/consumer.h"

/* How far (in Kafka time) a topic may run ahead of one whose next record is not there yet: FEED_AWAITED for FEED_PATIENCE (wall ms), then FEED_AHEAD. */
#define FEED_AWAITED INT64_C(60000)
#define FEED_AHEAD INT64_C(3600000)
#define FEED_PATIENCE INT64_C(5000)
/* A record may be stamped this long before it can be read: what was read through the end is held to be complete only up to so
 * long before. */
#define FEED_SETTLE INT64_C(1000)

/* A topic that has been at its end for so long (wall ms) is quiet. Before that its past may still be on its way: a history that is written
 * while kpid starts carries old timestamps. */
#define FEED_QUIET INT64_C(600000)

struct feed_slot {
	size_t slot;                       /* of the consumer */
	const struct consumer_slot *state; /* as it was looked at last; NULL: not yet */
	uint16_t topic;                    /* index into schema.topics */
	int64_t time;    /* all records of the slot before this Kafka time were read; INT64_MIN: not known */
	int64_t stamped; /* the latest Kafka time of its records; INT64_MIN: none yet */
	int64_t ended;   /* wall ms since when it has been at its end; INT64_MAX: it is not */
	int64_t awaited; /* wall ms since when its next record is awaited; INT64_MAX: it is not */
	int64_t at_end;  /* ms at its end before that, since its latest record */
	bool settled;    /* it was at its end for FEED_QUIET without a record between, with or without interruptions */
	int64_t last_offset;  /* of the last record read, or -1 */
	uint32_t fingerprint; /* of that record */
	bool has_fingerprint;
	bool said; /* its error was logged */
};

struct feed {
	struct feed_slot *slots;
	size_t slot_count;
	struct feed_position *absent; /* topics of the checkpoint that are not there now: kept until they come back */
	size_t absent_count;
	int64_t now; /* wall ms, set by the worker at each turn: a record stamped later counts as stamped now */
	bool busy;   /* at the last feed_next: a record was there, or on its way */
};

/* The slot whose record is next: its record's Kafka time is before `end`, and no other slot may still bring an earlier one. NULL: none now. */
struct feed_slot *feed_next(struct feed *feed, struct consumer *consumer, int64_t end);
/* All records of all slots through here were read. */
int64_t feed_as_of(struct feed *feed, struct consumer *consumer);
/* No record of a Kafka time before this is expected any more: what a shard may fold by. INT64_MIN: not known. */
int64_t feed_reached(struct feed *feed, struct consumer *consumer);
void feed_positions(const struct feed *feed, struct consumer *consumer, struct input_position *positions);

/* The positions as bytes (checkpoint/input.h). Topics are stored by name: one that is new starts at the beginning. */
void feed_save(const struct feed *feed, struct consumer *consumer, const struct schema *schema, struct buf *out);

#endif
