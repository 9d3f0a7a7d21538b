/* Asks for the bounds of partitions on a thread of its own, because the library's way to ask blocks until all leaders
 * have answered.
 *
 * One request at a time: ask, and some time later take the answer. The request also wakes the library's fetching, which
 * sleeps up to a second when its queues were full (librdkafka before 2.2). */
#ifndef DAEMON_KAFKA_ENDS_H
#define DAEMON_KAFKA_ENDS_H

#include "base/result.h"
#include "daemon/kafka/client.h"

#include <stdbool.h>
#include <stdint.h>

struct ends;

/* What is asked about one partition; end and earliest are answers, -1 where there is none. */
struct end_row {
	const char *topic; /* lives longer than the request */
	int32_t partition;
	bool want_earliest;
	int64_t end; /* the last stable offset */
	int64_t earliest;
};

/* `event_fd` gets an 8-byte 1 when an answer is there. Both are borrowed. */
struct ends *ends_new(rd_kafka_t *handle, int event_fd);
bool ends_busy(struct ends *ends);
/* Copies the rows. False while a request is under way or its answer was not taken. */
bool ends_ask(struct ends *ends, const struct end_row *rows, size_t count, int64_t now_ms);
/* The rows as they were asked with answers, and the time that was given along; NULL if there is no answer. Valid
 * until the next ask. */
const struct end_row *ends_take(struct ends *ends, size_t *ret_count, int64_t *ret_now_ms);
/* Waits until no request is under way, and forgets its answer. */
void ends_drain(struct ends *ends);
void ends_free(struct ends *ends);

#endif
