/* What the files of the consumer share. */
#ifndef DAEMON_KAFKA_CONSUMER_INTERNAL_H
#define DAEMON_KAFKA_CONSUMER_INTERNAL_H

#include "daemon/kafka/client.h"
#include "daemon/kafka/consumer.h"
#include "daemon/kafka/ends.h"

#include <stdatomic.h>

/* Records taken from the library's queue at once. */
#define BATCH 256
#define ERROR_SIZE 256

struct slot {
	struct consumer_slot view; /* first, so that consumer_peek's hot path is short */
	struct consumer_record record;
	rd_kafka_message_t *batch[BATCH]; /* from `at` to `count` not yet taken */
	size_t at, count;
	rd_kafka_queue_t *queue;
	atomic_bool ready; /* the queue may hold something; set by the library's threads */
	struct consumer *consumer;
	const char *topic;
	struct consumer_position position; /* as assigned */
	bool out_of_range;                 /* the library said so, and the log's bounds are being asked for */
	bool truncated;                    /* it knows that the log was cut below `next` */
	int64_t out_of_range_us;           /* steady clock */
	char error[ERROR_SIZE];
};

struct consumer {
	rd_kafka_t *handle;
	struct slot *slots;
	size_t slot_count;
	char **topics;
	size_t topic_count;
	int event_fd; /* readable when a queue got something, answers came, or somebody woke us */
	struct ends *ends;
	char *group;
	rd_kafka_queue_t *commits; /* where the answers to commits come */
	bool committing;           /* one at a time */
	char error[ERROR_SIZE];
};

/* From consumer_conf.c: NULL with the sentence in `error`. */
rd_kafka_t *consumer_handle_new(
	struct consumer *consumer, const struct consumer_options *options, char *error, size_t error_size);

/* From consumer.c. As consumer_assign, also where there is an assignment already. */
MUST_CHECK enum result consumer_set_slots(struct consumer *consumer, const char *const *topics, size_t topic_count,
	const struct consumer_position *positions, size_t count, char *error, size_t error_size);
/* From consumer_ends.c. Asks the brokers where partitions begin that are to be read from there, and sets `earliest`: the library asks as well, but half a
 * second later where it does not know their leader yet. What does not answer is left to it. */
void consumer_find_beginnings(struct consumer *consumer);
/* Fetches from the slot's `next` again after the library has stopped. On failure the slot says why. */
enum result slot_restart(struct slot *slot);

/* From consumer_commit.c. */
void consumer_collect_commit(struct consumer *consumer);

/* From consumer_slot.c. */
void slot_init(
	struct slot *slot, struct consumer *consumer, const char *topic, const struct consumer_position *position);
void slot_drop_batch(struct slot *slot);
void slot_release(struct slot *slot);

#endif
