/* A Kafka consumer group, simulated, behind daemon/kafka/membership.h: eager, by range. Whoever comes, goes or is not heard of for the
 * session's time makes all give up what they have, and then all get their part anew.
 *
 *     JOINED ---- all have joined ----> ASSIGNED ---- somebody comes or goes ----> REVOKING ---- released ----> JOINED
 *
 * A member that is stopped or cut off hears of nothing. If that takes longer than its session, it is out, and is told later. */
#ifndef TESTS_SIMULATOR_GROUP_H
#define TESTS_SIMULATOR_GROUP_H

#include "tests/simulator/plan.h"

#define GROUP_MAX 24

struct member;
struct membership;

enum seat_state { SEAT_FREE, SEAT_JOINED, SEAT_ASSIGNED, SEAT_REVOKING };

/* A member as the group sees it. */
struct seat {
	enum seat_state state;
	uint64_t number;           /* rises: who came first */
	struct membership *client; /* NULL: its process died */
	bool told;                 /* of the state */
	int64_t tell_at_us;
	int64_t silent_from_us, silent_until_us; /* not heard of; from NEVER_US: heard */
	int32_t partitions[PLAN_SHARDS_MAX];
	size_t count;
};

struct sim_group {
	struct seat seats[GROUP_MAX];
	uint64_t seated;
	int64_t session_us;
	bool spreading; /* not all have joined anew */
	int64_t assign_at_us;
};

struct sim_group *group_new(void);
/* Sessions that are over by now; a new assignment when all have joined. */
void group_run(void);
/* The member is not heard of until then. */
void group_silence(const struct member *member, int64_t until_us);
/* All are assigned and know it, `count` members in all. */
bool group_settled(size_t count);
/* Who has the shard, as the group sees it; NULL: nobody. */
struct member *group_owner(uint32_t shard);
void group_free(struct sim_group *group);

/* member.c, for who must not know its struct: its headers have another struct membership. */
int member_number(const struct member *member);
bool member_is_dying(const struct member *member);

#endif
