/* A process of kpid: the real daemon/service.c with its parts, of which only the threads are taken away. Its workers, its publishing and
 * its saver take turns as the simulation says. */
#ifndef TESTS_SIMULATOR_MEMBER_H
#define TESTS_SIMULATOR_MEMBER_H

#include "daemon/publishing.h"
#include "daemon/service.h"
#include "daemon/worker.h"
#include "tests/simulator/plan.h"

#define MEMBER_WORKERS_MAX 4

struct fleet;
struct saver;

struct member {
	int number; /* 1, 2, 3 ... in the order in which they were started */
	struct service *service;
	struct service_past past;
	char instance[LEASE_INSTANCE_LENGTH + 1];
	struct worker *workers[MEMBER_WORKERS_MAX]; /* NULL: none */
	size_t worker_count;
	struct fleet *fleet; /* NULL: not a member of one */
	struct publishing *publishing;
	struct saver *saver;
	bool dying;                                   /* kill -9: nothing it does on its way has an effect any more */
	bool dies_at_save;                            /* right after its next checkpoint was written */
	uint64_t saved;                               /* checkpoints written */
	bool claimed[PLAN_SHARDS_MAX];                /* in the store, since a worker had the shard */
	int64_t frozen_since_us, frozen_until_us;     /* SIGSTOP */
	int64_t mute_until_us;                        /* nobody in its fleet hears of it */
	bool gap;                                     /* records were gone before they were read */
	struct writer_stats seen;                     /* the writer's counters as they were looked at last */
	bool read[PLAN_SHARDS_MAX][PLAN_RECORDS_MAX]; /* records that its state holds, by their place in the plan */
};

struct config;

/* Starts a process, which may have to wait for another one to end: `waits` is asked meanwhile. NULL where it does not become active. */
struct member *member_start(const struct config *config, int number, const struct service_waits *waits);
/* A turn of one of its threads. False when the process must end by itself. */
bool member_take_turn(struct member *member);
/* Time jumps: what it would have written again meanwhile, only to write it again, it does not write. */
void member_skip(struct member *member);
/* SIGTERM, or (`dying`) kill -9. Frees the member. */
void member_end(struct member *member, bool dying);
/* What it publishes reaches to the ends of all partitions. */
bool member_read_all(const struct member *member);
/* Redis has all that it has written. */
bool member_is_acknowledged(const struct member *member);
/* Nothing is left to be read or written. */
bool member_settled(const struct member *member);

/* ---- member_fleet.c ---- */

/* A turn of the thread of its fleet. */
void member_fleet_turn(struct member *member);
/* Counts what has happened in one turn of a worker, and before one of publishing. */
void member_note_start(struct member *member, const struct worker *worker);
void member_note_worker(const struct worker *worker);
void member_note_publishing(const struct member *member);
/* It is the one that publishes. */
bool member_publishes(const struct member *member);
/* Works on what the group has assigned, and has heard all that the others say. */
bool member_fleet_settled(const struct member *member);

/* ---- for the simulated parts ---- */

/* A thread of the member begins with `context`, as the real one would; and ends. */
unsigned long member_thread(struct member *member, void *context);
void member_thread_ended(struct member *member, unsigned long thread);
/* A record of the plan was taken by a worker. */
void member_read(struct member *member, uint32_t shard, size_t record);
void member_restored(struct member *member, uint32_t shard, const bool read[PLAN_RECORDS_MAX]);
void member_copy_read(const struct member *member, uint32_t shard, bool ret_read[PLAN_RECORDS_MAX]);

#endif
