/* Membership in a Kafka consumer group that spreads the partitions of one topic over its members. Nothing is consumed: what counts is who
 * has which partition.
 *
 *     joined ---- assigned ----> has partitions ---- revoked ----> giving up ---- membership_release ----> joined
 *                                      |                                                                     ^
 *                                      +------------- lost: the group has gone on without us --- release ----+
 *
 * A revocation is over only with membership_release, and only then are the partitions given to others: so there is time to write down
 * what belongs to them. The group waits for at most MEMBERSHIP_POLL_MAX_MS; who is not heard of for the session's time is lost.
 *
 * All calls come from one thread, and none blocks, except membership_free (about 5 s). */
#ifndef DAEMON_KAFKA_MEMBERSHIP_H
#define DAEMON_KAFKA_MEMBERSHIP_H

#include "base/result.h"
#include "daemon/kafka/producer.h"

#include <stdbool.h>
#include <stdint.h>

/* Polled less often than this a member is taken for dead, too. */
#define MEMBERSHIP_POLL_MAX_MS 60000

struct membership;

struct membership_options {
	const char *brokers;
	const char *client_id;
	const char *group;
	const char *topic;
	int64_t session_ms;
	const struct kafka_property *properties;
	size_t property_count;
};

enum membership_news { MEMBERSHIP_NOTHING, MEMBERSHIP_ASSIGNED, MEMBERSHIP_REVOKED, MEMBERSHIP_LOST };

/* Joins. RESULT_INVALID with a sentence in `error`. */
MUST_CHECK enum result membership_new(
	const struct membership_options *options, char *error, size_t error_size, struct membership **ret_membership);
/* What has changed; waits for at most `timeout_ms`. */
enum membership_news membership_poll(struct membership *membership, int timeout_ms);
/* After MEMBERSHIP_ASSIGNED: the partitions, in rising order; valid until the next news. */
const int32_t *membership_partitions(const struct membership *membership, size_t *ret_count);
/* After MEMBERSHIP_REVOKED or MEMBERSHIP_LOST: all is given up that belonged to the partitions. */
void membership_release(struct membership *membership);
/* The newest error of the group, or empty. */
const char *membership_error(const struct membership *membership);
/* Leaves the group at once, so that others need not wait for the session's end. Takes NULL. */
void membership_free(struct membership *membership);

#endif
