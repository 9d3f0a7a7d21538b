/* A redis-server of the test's own, on a free port of 127.0.0.1, in a folder that goes with it; ended by its process id. And a publisher's
 * hand for the writer. */
#ifndef TESTS_UNIT_REDIS_FIXTURE_H
#define TESTS_UNIT_REDIS_FIXTURE_H

#include "daemon/redis/reader.h"
#include "daemon/redis/writer.h"

#include <sys/types.h>

struct redis_fixture {
	char folder[64];
	char url[64];
	int port;
	pid_t pid; /* 0: not running */
	struct redis_reader *reader;
};

void redis_fixture_start(struct redis_fixture *fixture);
/* kill -9; redis_fixture_run brings it back on the same port, empty. */
void redis_fixture_kill(struct redis_fixture *fixture);
void redis_fixture_run(struct redis_fixture *fixture);
void redis_fixture_stop(struct redis_fixture *fixture);

/* The answer to a command of words separated by spaces, as one text: elements separated by spaces, "nil", integers in decimal. Valid until
 * the next call. */
const char *redis_fixture_ask(struct redis_fixture *fixture, const char *words);
#define assert_redis(fixture, words, expected) assert_string_equal(redis_fixture_ask((fixture), (words)), (expected))

/* One server for all cases of a program, emptied before each: cmocka's. */
extern struct redis_fixture redis_shared;
int redis_shared_start(void **state);
int redis_shared_stop(void **state);
int redis_shared_empty(void **state);

/* ---- the writer ---- */

/* Connected, and with a token above `minimum`. */
struct writer *redis_fixture_writer(struct redis_fixture *fixture, uint64_t minimum);
/* Hands out one snapshot with up to two fields; NULL: none. */
void give_snapshot(
	struct writer *writer, int64_t as_of, const char *key, bool whole, const char *name, const char *json);
void give_removal(struct writer *writer, int64_t as_of, const char *key);
/* An entry of the board close_rate@30d:rep. */
void give_score(struct writer *writer, int64_t as_of, const char *member, double score);
void give_no_score(struct writer *writer, int64_t as_of, const char *member);
/* Hands out all: begin, the given keys whole with field "a@1h" of value `json` and score 1, end. True if all was wanted. */
bool give_all(struct writer *writer, int64_t as_of, const char *const *keys, size_t count, const char *json);
void flush(struct writer *writer, int64_t as_of);
/* Flushes, and waits until it is acknowledged. */
void flush_and_drain(struct writer *writer, int64_t as_of);

/* Polls the writer until `condition(context)`, at most 20 s. */
typedef bool fixture_condition(void *context);
void writer_until(struct writer *writer, fixture_condition *condition, void *context);
/* Until all is wanted again. */
void writer_until_ready(struct writer *writer);

#endif
