/* A member's ear and mouth in its fleet: the log that all members share, and the thread that reads and writes it.
 *
 *     workers ── outbox ─▶ fleet thread ─▶ topic <name>.partials ─▶ fleet thread of every member ─▶ mailbox ─▶ publishing
 *
 * What the workers post goes into the log with the token of the shard's claim (fleet/fence.h), and every member, this one too, takes from the
 * log what the owners say. So all members know all totals, and any of them can publish at once. The end up to which events count
 * is announced in the log as well: control.end is what was read there.
 *
 * The log is read from its end as it was before the member joined the group: each assignment makes all owners claim anew and say everything, so
 * nothing older is needed. If the reading falls behind what the topic keeps, or a piece is missing, the run ends with RESULT_CLOSED
 * and starts again. While the brokers are away nothing is lost: the outbox fills and the workers wait.
 *
 * fleet_claim to fleet_give_up may be called from any thread. */
#ifndef DAEMON_FLEET_H
#define DAEMON_FLEET_H

#include "daemon/control.h"
#include "daemon/fleet/fence.h"
#include "daemon/kafka/consumer.h"

struct fleet;

/* Makes the topic if it is missing, and begins to look for its end. Logs what is wrong: RESULT_CONFLICT needs a hand; RESULT_UNREACHABLE and
 * others: try again. `metadata` is used within the call only. */
MUST_CHECK enum result fleet_new(const struct config *config, struct control *control, struct consumer *metadata,
	uint32_t shard_count, struct fleet **ret_fleet);
/* The end of the log is found: who joins the group now misses nothing. To be asked, with turns in between, before the thread is started. */
bool fleet_ready(struct fleet *fleet);
/* What the thread does again and again, for those who drive it without one. */
void fleet_turn(struct fleet *fleet, int wait_ms);
MUST_CHECK enum result fleet_start(struct fleet *fleet);
/* Waits for the thread: control.stop must be set. */
void fleet_join(struct fleet *fleet);
/* Steady time of the thread's last turn. */
int64_t fleet_beat(const struct fleet *fleet);
/* The name of the topic, with prefix. */
const char *fleet_topic(const struct fleet *fleet);
void fleet_free(struct fleet *fleet);

/* These shards are this member's from now on: a claim is written for each. */
void fleet_claim(struct fleet *fleet, const int32_t *shards, size_t count);
/* All claims were read back from the log: what the owners before have said was taken in. */
bool fleet_claimed(struct fleet *fleet);
/* What the log says of a shard that was claimed. */
struct fleet_shard {
	int64_t token;    /* the claim's offset */
	int64_t previous; /* the claim before; FENCE_NONE: not seen */
	bool known;       /* `head` is what was heard of it last */
	struct entry_head head;
};
void fleet_shard(struct fleet *fleet, uint32_t shard, struct fleet_shard *ret_shard);
/* No shard is this member's any more, and what its workers have posted is dropped. The workers must have ended. */
void fleet_give_up(struct fleet *fleet);

#endif
