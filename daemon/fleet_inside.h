/* Inside the fleet's thread: what fleet.c, fleet_send.c and fleet_read.c share. */
#ifndef DAEMON_FLEET_INSIDE_H
#define DAEMON_FLEET_INSIDE_H

#include "daemon/fleet.h"
#include "daemon/kafka/producer.h"

#include <pthread.h>

/* Counters since the start. */
struct fleet_stats {
	uint64_t claims;  /* read in the log */
	uint64_t batches; /* taken in */
	uint64_t stale;   /* pieces of earlier owners, ignored */
	uint64_t foreign; /* pieces of owners with another configuration, ignored */
	uint64_t damaged; /* entries that do not add up */
};

/* A shard as this member owns it. */
struct fleet_own {
	bool wanted;      /* it is to be claimed */
	uint64_t nonce;   /* of the claim that was written; 0: none */
	int64_t token;    /* of that claim, once it was read back; else FENCE_NONE */
	int64_t previous; /* the claim before it */
	int64_t lost_us;  /* steady time at which another's claim was read behind it; 0: it stands */
	uint64_t number;  /* of the next batch */
};

struct fleet {
	struct control *control;
	uint32_t shard_count;
	uint64_t config_hash;
	char topic[400];
	char member[ENTRY_MEMBER_MAX + 1];
	int64_t joined_ms;
	struct producer *producer;
	struct consumer *tail;
	struct mailbox outbox;
	pthread_mutex_t lock; /* over all below */
	struct fleet_own *own;
	struct fence *fences; /* by shard */
	uint64_t nonces;
	int64_t sent_end;
	struct fleet_stats stats;
	bool said_foreign;
	struct buf bytes; /* memory to write in */
	_Atomic int64_t beat_us;
	pthread_t thread;
	bool started;
};

/* Writes what there is to say: claims, the wanted end, batches of the outbox, as far as the brokers keep up. */
void fleet_send(struct fleet *fleet);
/* Takes in what the log holds by now. */
void fleet_read(struct fleet *fleet);
/* Has the member join anew when another's claim stands behind its own and the group says nothing of it. */
void fleet_check_claims(struct fleet *fleet);
/* control.put_fleet */
void fleet_put(void *context, struct buf *instances, struct buf *counters);
/* The run cannot go on as it is. False where that was known. */
bool fleet_fail(struct fleet *fleet, enum result result);

#endif
