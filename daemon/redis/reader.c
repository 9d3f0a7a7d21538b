#include "daemon/redis/reader.h"

#include "base/mem.h"
#include "daemon/redis/command.h"
#include "daemon/redis/url.h"

#include <hiredis/hiredis.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>

struct redis_reader {
	struct redis_url url;
	int timeout_ms;
	redisContext *context; /* NULL: not connected */
	struct buf questions;  /* not sent yet */
	redisReply **answers;
	uint32_t answer_count, answer_capacity;
	char problem[200];
};

enum result redis_reader_new(
	const char *url, int timeout_ms, char *error, size_t error_size, struct redis_reader **ret_reader)
{
	struct redis_url parsed;
	enum result result = redis_url_parse(url, error, error_size, &parsed);
	if (result != RESULT_OK)
		return result;
	signal(SIGPIPE, SIG_IGN);
	struct redis_reader *reader = NEW(struct redis_reader);
	reader->url = parsed;
	reader->timeout_ms = timeout_ms;
	buf_init(&reader->questions);
	*ret_reader = reader;
	return RESULT_OK;
}

static void disconnect(struct redis_reader *reader)
{
	if (reader->context)
		redisFree(reader->context);
	reader->context = NULL;
	buf_clear(&reader->questions);
}

void redis_reader_free(struct redis_reader *reader)
{
	if (!reader)
		return;
	redis_reader_free_answers(reader);
	disconnect(reader);
	mem_free(reader->answers);
	buf_release(&reader->questions);
	redis_url_release(&reader->url);
	mem_free(reader);
}

void redis_reader_free_answers(struct redis_reader *reader)
{
	while (reader->answer_count)
		freeReplyObject(reader->answers[--reader->answer_count]);
}

const char *redis_reader_problem(const struct redis_reader *reader)
{
	return reader->problem;
}

/* ---- connecting ---- */

static enum result fail(struct redis_reader *reader, const char *problem)
{
	if (problem != reader->problem)
		snprintf(reader->problem, sizeof reader->problem, "%s", problem);
	disconnect(reader);
	return RESULT_UNREACHABLE;
}

/* Sends the command, and takes the answer, or NULL with the reason in the context. */
static redisReply *ask_one(struct redis_reader *reader, struct buf *command)
{
	void *answer = NULL;
	redisAppendFormattedCommand(reader->context, command->data, command->length);
	buf_clear(command);
	if (redisGetReply(reader->context, &answer) != REDIS_OK)
		return NULL;
	redisReply *reply = answer;
	if (reply->type != REDIS_REPLY_ERROR)
		return reply;
	snprintf(reader->context->errstr, sizeof reader->context->errstr, "%.100s", reply->str);
	freeReplyObject(reply);
	return NULL;
}

static bool greet_one(struct redis_reader *reader, struct buf *command)
{
	redisReply *reply = ask_one(reader, command);
	freeReplyObject(reply);
	return reply != NULL;
}

static bool login(struct redis_reader *reader, const char *user, const char *password, struct buf *command)
{
	if (!password)
		return true;
	command_begin(command, user ? 3 : 2);
	command_put(command, STR("AUTH"));
	if (user)
		command_put_text(command, user);
	command_put_text(command, password);
	return greet_one(reader, command);
}

static bool greet(struct redis_reader *reader)
{
	const struct redis_url *url = &reader->url;
	struct buf command;
	buf_init(&command);
	bool good = login(reader, url->user, url->password, &command);
	if (good && url->database) {
		command_begin(&command, 2);
		command_put(&command, STR("SELECT"));
		command_put_number(&command, (uint64_t)url->database);
		good = greet_one(reader, &command);
	}
	buf_release(&command);
	return good;
}

/* Connected, or the reason in reader->problem and no context. */
static enum result open_place(struct redis_reader *reader, const char *path, const char *host, int port)
{
	struct timeval timeout = {reader->timeout_ms / 1000, reader->timeout_ms % 1000 * 1000};
	reader->context =
		path ? redisConnectUnixWithTimeout(path, timeout) : redisConnectWithTimeout(host, port, timeout);
	if (!reader->context)
		return fail(reader, "out of memory");
	if (reader->context->err || redisSetTimeout(reader->context, timeout) != REDIS_OK)
		return fail(reader, reader->context->errstr);
	return RESULT_OK;
}

/* What this sentinel says; NULL: nothing useful, as reader->problem says. */
static redisReply *ask_sentinel(struct redis_reader *reader, const struct redis_place *place)
{
	struct buf command;
	const struct redis_url *url = &reader->url;
	redisReply *reply = NULL;
	if (open_place(reader, NULL, place->host, place->port) != RESULT_OK)
		return NULL;
	buf_init(&command);
	if (login(reader, url->sentinel_user, url->sentinel_password, &command)) {
		command_begin(&command, 3);
		command_put(&command, STR("SENTINEL"));
		command_put(&command, STR("get-master-addr-by-name"));
		command_put_text(&command, url->master);
		reply = ask_one(reader, &command);
	}
	buf_release(&command);
	if (!reply) {
		(void)fail(reader, reader->context->errstr);
		return NULL;
	}
	disconnect(reader);
	if (redis_answer_count(reply) == 2)
		return reply;
	freeReplyObject(reply);
	(void)fail(reader, "the sentinel does not know the master");
	return NULL;
}

/* To the master that the first sentinel that knows one names. */
static enum result open_master(struct redis_reader *reader)
{
	redisReply *reply = NULL;
	for (size_t i = 0; i < reader->url.sentinel_count && !reply; i++)
		reply = ask_sentinel(reader, &reader->url.sentinels[i]);
	if (!reply)
		return RESULT_UNREACHABLE;
	enum result result = open_place(reader, NULL, reply->element[0]->str, atoi(reply->element[1]->str));
	freeReplyObject(reply);
	return result;
}

static enum result connect_now(struct redis_reader *reader)
{
	const struct redis_url *url = &reader->url;
	enum result result =
		url->sentinel_count ? open_master(reader) : open_place(reader, url->path, url->host, url->port);
	if (result != RESULT_OK)
		return result;
	return greet(reader) ? RESULT_OK : fail(reader, reader->context->errstr);
}

/* ---- questions and answers ---- */

void redis_reader_ask(struct redis_reader *reader, const char *verb, ...)
{
	va_list list;
	size_t count = 1;
	va_start(list, verb);
	while (va_arg(list, const char *))
		count++;
	va_end(list);
	command_begin(&reader->questions, count);
	command_put_text(&reader->questions, verb);
	va_start(list, verb);
	for (size_t i = 1; i < count; i++)
		command_put_text(&reader->questions, va_arg(list, const char *));
	va_end(list);
}

void redis_reader_ask_many(struct redis_reader *reader, const struct str *arguments, size_t count)
{
	command_begin(&reader->questions, count);
	for (size_t i = 0; i < count; i++)
		command_put(&reader->questions, arguments[i]);
}

static enum result send_questions(struct redis_reader *reader)
{
	if (!reader->context) {
		struct buf questions = reader->questions;
		buf_init(&reader->questions);
		enum result result = connect_now(reader);
		if (result == RESULT_OK)
			reader->questions = questions;
		else
			buf_release(&questions);
		if (result != RESULT_OK)
			return result;
	}
	if (redisAppendFormattedCommand(reader->context, reader->questions.data, reader->questions.length) != REDIS_OK)
		return fail(reader, "out of memory");
	buf_clear(&reader->questions);
	return RESULT_OK;
}

enum result redis_reader_take(struct redis_reader *reader, const struct redisReply **ret_answer)
{
	void *answer = NULL;
	if (reader->questions.length && send_questions(reader) != RESULT_OK)
		return RESULT_UNREACHABLE;
	if (!reader->context)
		return fail(reader, *reader->problem ? reader->problem : "nothing was asked");
	if (redisGetReply(reader->context, &answer) != REDIS_OK)
		return fail(reader, reader->context->errstr);
	GROW(reader->answers, reader->answer_count, reader->answer_capacity);
	reader->answers[reader->answer_count++] = answer;
	*ret_answer = answer;
	return RESULT_OK;
}

struct str redis_answer_text(const struct redisReply *answer)
{
	bool text = answer &&
		(answer->type == REDIS_REPLY_STRING || answer->type == REDIS_REPLY_STATUS ||
			answer->type == REDIS_REPLY_ERROR);
	return text ? (struct str){answer->str, answer->len} : (struct str){"", 0};
}

bool redis_answer_is_error(const struct redisReply *answer)
{
	return answer && answer->type == REDIS_REPLY_ERROR;
}

bool redis_answer_is_nil(const struct redisReply *answer)
{
	return !answer || answer->type == REDIS_REPLY_NIL;
}

bool redis_answer_is_integer(const struct redisReply *answer)
{
	return answer && answer->type == REDIS_REPLY_INTEGER;
}

int64_t redis_answer_integer(const struct redisReply *answer)
{
	return redis_answer_is_integer(answer) ? answer->integer : 0;
}

size_t redis_answer_count(const struct redisReply *answer)
{
	return answer && answer->type == REDIS_REPLY_ARRAY ? answer->elements : 0;
}

const struct redisReply *redis_answer_at(const struct redisReply *answer, size_t index)
{
	return index < redis_answer_count(answer) ? answer->element[index] : NULL;
}
