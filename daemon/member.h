/* A member of a fleet: which shards this process works on, as the group says, and how they come and go. All in the main thread.
 *
 *     IDLE ---- assigned ----> CLAIMING ---- claims read back, shards taken up ----> WORKING
 *      ^                          |                                                      |
 *      +------- revoked ----------+-------------- revoked: crew ended, checkpoints kept -+
 *
 * Every assignment is taken up in the same way: a claim for each shard in the fleet's log, whose offset is the token of what is said from
 * then on; then the shard's state, which is the one still in memory where nobody else has claimed the shard since, else its newest checkpoint;
 * then its floor, what the owner before has said last. The crew posts nothing of the shard before that is reached.
 *
 * A member that the group has gone on without (paused, or cut off for longer than kafka.session_timeout) drops what it has: another one
 * works on it. */
#ifndef DAEMON_MEMBER_H
#define DAEMON_MEMBER_H

#include "daemon/crew.h"
#include "daemon/fleet.h"
#include "daemon/kafka/membership.h"

enum member_state { MEMBER_IDLE, MEMBER_CLAIMING, MEMBER_WORKING };

struct member {
	struct control *control;
	struct store *store;
	struct consumer *metadata;
	const struct topology *topology;
	struct restored *restored; /* the states that no crew has; those of other members' shards are empty */
	struct crew *crew;
	struct fleet *fleet;
	struct membership *membership;
	enum member_state state;
	bool *mine; /* by shard: assigned */
	int64_t *
		tokens; /* by shard: of the claim under which the state in `restored` was worked on; FENCE_NONE: there is none */
	size_t count;     /* shards assigned */
	int64_t since_us; /* steady time of the last news */
};

/* All pointers are borrowed and set by the caller. Joins the group. */
MUST_CHECK enum result member_join(struct member *member);
/* Called again and again. RESULT_CLOSED: the run must start anew; RESULT_CONFLICT and others: it cannot go on (logged). */
MUST_CHECK enum result member_turn(struct member *member);
/* In the midst of a change: turns should follow each other quickly. */
bool member_busy(const struct member *member);
/* Leaves the group. The crew must have ended, and its checkpoints be written: others take over at once. */
void member_leave(struct member *member);

#endif
