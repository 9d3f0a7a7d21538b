/* A Kafka consumer by plain assignment: it serves one worker thread and reads the partitions of the worker's shards.
 *
 * Every assigned partition is a slot with a queue of its own, so that the worker can merge the partitions by Kafka
 * timestamp: look at each slot's next record (consumer_peek), take the one it wants (consumer_advance), wait when
 * there is nothing to take (consumer_wait). Only committed records are seen, and nothing below a slot's `next` is
 * ever given, whatever the library fetches again.
 *
 * Invariant: all records of a slot below `next` that can be read were given and advanced over. So `next` is what a
 * checkpoint holds.
 *
 * No call blocks on the network except consumer_partitions, consumer_probe, consumer_assign from a beginning and consumer_free; these end within
 * the given time (assign: 1 s, free: 5 s). All calls come from one thread; only consumer_wake may come from any.
 *
 * What a slot goes through:
 *
 *            a record is fetched             consumer_advance
 *   EMPTY ----------------------> RECORD --------------------> EMPTY or RECORD
 *     |  the end is reached       a record is fetched
 *     +------------------> END ------------------------------> RECORD
 *     |  `next` is out of the log's range                       consumer_resume_at
 *     +------------------------------> GAP --------------------------------------> EMPTY
 *     |  any other error of the partition (tried again by itself)    it works again
 *     +------------------------------> ERROR ----------------------------> EMPTY, RECORD, END */
#ifndef DAEMON_KAFKA_CONSUMER_H
#define DAEMON_KAFKA_CONSUMER_H

#include "base/result.h"
#include "base/str.h"
#include "daemon/kafka/producer.h"

struct consumer;

struct consumer_options {
	const char *brokers;
	const char *client_id;
	const char *group; /* under this name offsets are committed for lag tools; there is no membership */
	const struct kafka_property *properties;
	size_t property_count;
	int64_t queue_bytes; /* fetched ahead, all slots together */
	size_t slot_count;   /* partitions to be assigned: each gets its part of queue_bytes; 0: metadata only */
};

struct consumer_position {
	int32_t topic; /* index into the topics that are given along */
	int32_t partition;
	int64_t offset; /* of the first record wanted, or CONSUMER_EARLIEST or CONSUMER_LATEST */
};

#define CONSUMER_EARLIEST (-2)
#define CONSUMER_LATEST (-1) /* from the end as it is when the broker is asked: `next` is below 0 until then */
#define CONSUMER_UNKNOWN (-1)

struct consumer_record {
	int32_t topic;
	int32_t partition;
	int64_t offset;
	int64_t timestamp; /* Kafka's, ms; -1 where the record has none */
	struct str key;    /* data NULL: none */
	struct str value;  /* data NULL: a tombstone */
	void *message;     /* the library's; for consumer_headers */
};

enum consumer_state {
	CONSUMER_EMPTY,  /* nothing fetched, and unknown whether there is more */
	CONSUMER_RECORD, /* `record` is next */
	CONSUMER_END,    /* at the last stable offset; `read_through` says as of when that is confirmed */
	CONSUMER_GAP,  /* `next` is not in the log: earliest > next: records were lost; else it was cut below `next` */
	CONSUMER_ERROR /* `error` says what */
};

struct consumer_slot {
	enum consumer_state state;
	const struct consumer_record
		*record;  /* CONSUMER_RECORD, else NULL; valid until the slot is advanced or assigned anew */
	int64_t next;     /* offset; CONSUMER_EARLIEST or CONSUMER_LATEST until the first record or the end is seen */
	int64_t end;      /* newest known last stable offset, or CONSUMER_UNKNOWN; end - next is the lag */
	int64_t earliest; /* the first offset that is there, when it was asked for: in a CONSUMER_GAP, and of what is read from CONSUMER_EARLIEST on, unless the broker did not say; else CONSUMER_UNKNOWN */
	int64_t read_through; /* wall ms: all that was stable by then was read and advanced over; 0: not known */
	const char *error;    /* CONSUMER_GAP, CONSUMER_ERROR: a sentence, else empty */
};

MUST_CHECK enum result consumer_new(
	const struct consumer_options *options, char *error, size_t error_size, struct consumer **ret_consumer);

/* The number of partitions of each topic. RESULT_NOT_FOUND where a topic does not exist, with its name in `error`;
 * RESULT_UNREACHABLE. The caller tries again. */
MUST_CHECK enum result consumer_partitions(struct consumer *consumer, const char *const *topics, size_t topic_count,
	int timeout_ms, int32_t *ret_counts, char *error, size_t error_size);

/* Once for a consumer: slot i reads positions[i]. Topic names are copied. */
MUST_CHECK enum result consumer_assign(struct consumer *consumer, const char *const *topics, size_t topic_count,
	const struct consumer_position *positions, size_t count, char *error, size_t error_size);

/* The slot as it is now; fetches from the local queue if it holds no record. The pointer stays the same until the
 * next assignment. */
const struct consumer_slot *consumer_peek(struct consumer *consumer, size_t slot);
/* The slot's record was taken. */
void consumer_advance(struct consumer *consumer, size_t slot);
/* Copies up to `max` headers, with views into the record; returns how many there are in all. */
size_t consumer_headers(const struct consumer_record *record, struct kafka_header *headers, size_t max);
/* Tells apart records that stand at one offset before and after a topic was re-created: a hash of key, value and
 * timestamp. */
uint32_t consumer_fingerprint(const struct consumer_record *record);

/* Sleeps until a partition's queue has something new, a request for the ends was answered, consumer_wake, or the time
 * is over. */
void consumer_wait(struct consumer *consumer, int timeout_ms);
/* Ends the current or next consumer_wait. From any thread. */
void consumer_wake(struct consumer *consumer);

/* Asks in the background for the last stable offsets of all slots, unless a request is under way. While much is read,
 * call it every 20 ms or so: librdkafka before 2.2 stops fetching for up to a second once its queues were full, and
 * any request wakes it. `now_ms` is the wall time. When the answer comes (seen by the next consumer_wait or
 * consumer_collect), `end` is set, and `read_through` becomes `now_ms` for every slot that had read up to the answer.
 * A partition whose leader does not answer keeps what it had. */
void consumer_check_end(struct consumer *consumer, int64_t now_ms);
/* Takes over answers without waiting. consumer_wait does it, too. */
void consumer_collect(struct consumer *consumer);

/* Reads on from `offset` (or CONSUMER_EARLIEST) in a slot that has a gap. */
MUST_CHECK enum result consumer_resume_at(struct consumer *consumer, size_t slot, int64_t offset);

/* Commits every slot's `next` (where offsets[slot] >= 0: that instead, if `offsets` is not NULL) without waiting,
 * unless a commit is still under way. Information for lag tools: failures do not matter. */
void consumer_commit(struct consumer *consumer, const int64_t *offsets);

/* One record to be read again at a start, and what was found at its offset. */
struct consumer_probe {
	struct consumer_position position;
	/* RESULT_OK; RESULT_NOT_FOUND: no longer there (retention, compaction); RESULT_CONFLICT: the log ends before
	 * it (truncated or re-created); RESULT_TIMEOUT: no answer; RESULT_IO: the partition has an error */
	enum result result;
	uint32_t fingerprint; /* RESULT_OK */
};

/* Re-reads single records, all at once. On a consumer that has no assignment, and leaves it so. */
MUST_CHECK enum result consumer_probe(struct consumer *consumer, const char *const *topics, size_t topic_count,
	struct consumer_probe *probes, size_t count, int timeout_ms, char *error, size_t error_size);

/* Sees one record; false ends the scan. */
typedef bool consumer_visit(const struct consumer_record *record, void *context);

/* Reads one partition from `from` (or CONSUMER_EARLIEST) up to, not including, the offset `until`, or to its end as it is found (INT64_MAX),
 * and shows every record to `visit`. `timeout_ms` is for standing still, however long the whole takes. On a consumer that has no
 * assignment, and leaves it so. RESULT_TIMEOUT, RESULT_NOT_FOUND (`from` is no longer in the log), RESULT_IO. */
MUST_CHECK enum result consumer_scan(struct consumer *consumer, const char *topic, int32_t partition, int64_t from,
	int64_t until, int timeout_ms, consumer_visit *visit, void *context, char *error, size_t error_size);

/* The newest error that concerns no single partition ("all brokers are down"), or empty. Cleared once records or
 * answers arrive. */
const char *consumer_error(const struct consumer *consumer);
void consumer_free(struct consumer *consumer);

#endif
