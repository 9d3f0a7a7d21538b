#include "base/mem.h"
#include "daemon/redis/connection.h"
#include "tests/simulator/redis.h"

#include <hiredis/hiredis.h>

static struct redisReply *reply_new(int type)
{
	struct redisReply *reply = NEW(struct redisReply);
	reply->type = type;
	return reply;
}

struct redisReply *reply_integer(long long number)
{
	struct redisReply *reply = reply_new(REDIS_REPLY_INTEGER);
	reply->integer = number;
	return reply;
}

static struct redisReply *with_text(int type, struct str text)
{
	struct redisReply *reply = reply_new(type);
	reply->str = mem_new(text.length + 1);
	memcpy(reply->str, text.data ? text.data : "", text.length);
	reply->len = text.length;
	return reply;
}

struct redisReply *reply_text(struct str text)
{
	return with_text(REDIS_REPLY_STRING, text);
}

struct redisReply *reply_nil(void)
{
	return reply_new(REDIS_REPLY_NIL);
}

struct redisReply *reply_error(const char *text)
{
	return with_text(REDIS_REPLY_ERROR, str_of(text));
}

struct redisReply *reply_array(size_t count)
{
	struct redisReply *reply = reply_new(REDIS_REPLY_ARRAY);
	reply->element = NEW_ARRAY(struct redisReply *, count + 1);
	reply->elements = count;
	return reply;
}

void reply_set(struct redisReply *array, size_t index, struct redisReply *element)
{
	array->element[index] = element;
}

void connection_reply_free(struct redisReply *reply)
{
	if (!reply)
		return;
	for (size_t i = 0; i < reply->elements; i++)
		connection_reply_free(reply->element[i]);
	mem_free(reply->element);
	mem_free(reply->str);
	mem_free(reply);
}
