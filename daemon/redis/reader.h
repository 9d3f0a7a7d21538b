/* A plain reader of Redis for tools: ask as often as wanted, then take as many answers, in the order of the questions; they travel
 * together. It blocks, for at most the timeout. After a failure it is as new: ask again, and it connects again. */
#ifndef DAEMON_REDIS_READER_H
#define DAEMON_REDIS_READER_H

#include "base/buf.h"
#include "base/result.h"

struct redis_reader;
struct redisReply;

MUST_CHECK enum result redis_reader_new(
	const char *url, int timeout_ms, char *error, size_t error_size, struct redis_reader **ret_reader);

/* One command; the last argument is NULL. */
void redis_reader_ask(struct redis_reader *reader, const char *verb, ...) __attribute__((sentinel));
/* One command of `count` arguments that may hold any byte. */
void redis_reader_ask_many(struct redis_reader *reader, const struct str *arguments, size_t count);
/* The next answer, valid until redis_reader_free_answers. RESULT_UNREACHABLE: redis_reader_problem says why, and what was asked is forgotten. */
MUST_CHECK enum result redis_reader_take(struct redis_reader *reader, const struct redisReply **ret_answer);
void redis_reader_free_answers(struct redis_reader *reader);
const char *redis_reader_problem(const struct redis_reader *reader);
void redis_reader_free(struct redis_reader *reader);

/* Each takes any answer: what does not fit gives an empty text, 0 or NULL. */
struct str redis_answer_text(const struct redisReply *answer); /* also of an error */
bool redis_answer_is_error(const struct redisReply *answer);
bool redis_answer_is_nil(const struct redisReply *answer);
bool redis_answer_is_integer(const struct redisReply *answer);
int64_t redis_answer_integer(const struct redisReply *answer);
size_t redis_answer_count(const struct redisReply *answer);
const struct redisReply *redis_answer_at(const struct redisReply *answer, size_t index);

#endif
