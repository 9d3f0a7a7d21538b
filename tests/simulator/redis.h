/* Redis, simulated: the commands that the writer sends, its scripts done natively, and what becomes of both on their way. Behind
 * daemon/redis/connection.h (connection.c); the keys themselves are in redis_keys.h. */
#ifndef TESTS_SIMULATOR_REDIS_H
#define TESTS_SIMULATOR_REDIS_H

#include "base/buf.h"
#include "tests/simulator/plan.h"
#include "tests/simulator/redis_keys.h"

#define REDIS_CONNECTIONS_MAX 32

struct redisReply;
struct member;

/* Bytes on their way to Redis. */
struct parcel {
	int64_t at_us;
	bool late;
	struct buf bytes;
};

/* An answer on its way back. */
struct answer {
	int64_t at_us;
	struct redisReply *reply;
};

struct sim_connection {
	bool used, broken;
	struct member *owner;
	int64_t open_us; /* when it is there, or refused */
	struct parcel *parcels;
	size_t parcel_count, parcel_capacity;
	struct answer *answers;
	size_t answer_count, answer_capacity;
};

struct sim_redis {
	struct keyspace keys, saved;
	struct keyspace
		highest; /* of each key, the highest guard of a write or removal since Redis last lost or was made to lose something */
	struct sim_connection connections[REDIS_CONNECTIONS_MAX];
	uint64_t run;     /* of which process: its run id */
	bool scripts[16]; /* loaded */
	int64_t down_until_us, slow_until_us, hold_until_us;
	int64_t slow_us;  /* at most, one way */
	const char *hold; /* the error's words */
	bool calm;        /* no way stands still any more */
	int64_t late_us;  /* when something came last that had stood still or was held up */
	/* What kpi:meta last said of each partition; -1: nothing, or Redis has lost it since. */
	int64_t published[PLAN_TOPICS_MAX][PLAN_SHARDS_MAX];
};

struct sim_redis *redis_new(void);
void redis_fault(const struct fault *fault);
/* Executes what has arrived by now. */
void redis_run(void);
/* When something arrives next, after now. */
int64_t redis_next_us(void);
bool redis_is_descriptor(int fd);
short redis_events(int fd, short wanted);
/* A process is gone: what it sent last arrives up to some point, or all of it, perhaps much later. */
void redis_drop(const struct member *member);
void redis_free(struct sim_redis *redis);

/* ---- redis_commands.c ---- */

/* One command; the reply is to be freed by connection_reply_free. */
struct redisReply *redis_command(const struct str *arguments, size_t count);

/* ---- redis_scripts.c ---- */

struct redisReply *redis_script(unsigned script, const struct str *keys, const struct str *arguments, size_t count);

/* ---- redis_replies.c ---- */

struct redisReply *reply_integer(long long number);
struct redisReply *reply_text(struct str text);
struct redisReply *reply_nil(void);
struct redisReply *reply_error(const char *text);
struct redisReply *reply_array(size_t count); /* of NULLs, to be set */
void reply_set(struct redisReply *array, size_t index, struct redisReply *element);

#endif
