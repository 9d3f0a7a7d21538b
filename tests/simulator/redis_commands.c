#include "daemon/redis/script.h"
#include "tests/simulator/redis.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

static bool is(struct str argument, const char *word)
{
	return argument.length == strlen(word) && strncasecmp(argument.data, word, argument.length) == 0;
}

static struct redisReply *field_reply(struct sim_key *key, struct str name)
{
	struct sim_field *field = key ? key_field(key, name) : NULL;
	return field ? reply_text(field->value) : reply_nil();
}

static struct redisReply *hmget(const struct str *arguments, size_t count)
{
	struct sim_key *key = keyspace_get(&world->redis->keys, arguments[1]);
	struct redisReply *reply = reply_array(count - 2);
	for (size_t i = 2; i < count; i++)
		reply_set(reply, i - 2, field_reply(key, arguments[i]));
	return reply;
}

static struct redisReply *load_script(struct str text)
{
	char sha[64];
	for (unsigned i = 0; i < SCRIPT_COUNT; i++)
		if (str_equal(text, str_of(script_texts[i]))) {
			world->redis->scripts[i] = true;
			snprintf(sha, sizeof sha, "%040u", i);
			return reply_text(str_of(sha));
		}
	return reply_error("ERR unknown script");
}

static struct redisReply *evalsha(const struct str *arguments, size_t count)
{
	unsigned script = (unsigned)strtoul(arguments[1].data + arguments[1].length - 8, NULL, 10);
	size_t keys = (size_t)strtoul(arguments[2].data, NULL, 10);
	if (script >= SCRIPT_COUNT || !world->redis->scripts[script])
		return reply_error("NOSCRIPT No matching script. Please use EVAL.");
	if (world->now_us < world->redis->hold_until_us)
		return reply_error(world->redis->hold);
	return redis_script(script, arguments + 3, arguments + 3 + keys, count - 3 - keys);
}

static struct redisReply *info(void)
{
	char text[128];
	snprintf(text, sizeof text, "# Server\r\nredis_version:7.0.15\r\nrun_id:%040llx\r\n",
		(unsigned long long)world->redis->run);
	return reply_text(str_of(text));
}

static struct redisReply *scan(void)
{
	const struct keyspace *keys = &world->redis->keys;
	struct redisReply *reply = reply_array(2), *names = reply_array(keys->count);
	for (size_t i = 0; i < keys->count; i++)
		reply_set(names, i, reply_text(keys->items[i].name));
	reply_set(reply, 0, reply_text(STR("0")));
	reply_set(reply, 1, names);
	return reply;
}

static struct redisReply *zrange(struct str name)
{
	const struct sim_key *key = keyspace_get(&world->redis->keys, name);
	struct redisReply *reply = reply_array(key ? key->count : 0);
	for (size_t i = 0; key && i < key->count; i++)
		reply_set(reply, i, reply_text(key->fields[i].name));
	return reply;
}

static struct redisReply *hset(const struct str *arguments, size_t count)
{
	struct sim_key *key = keyspace_make(&world->redis->keys, arguments[1], KEY_HASH);
	for (size_t i = 2; i + 1 < count; i += 2)
		key_set(key, arguments[i], arguments[i + 1]);
	return reply_integer((long long)(count - 2) / 2);
}

struct redisReply *redis_command(const struct str *arguments, size_t count)
{
	struct str verb = arguments[0];
	if (is(verb, "EVALSHA"))
		return evalsha(arguments, count);
	if (is(verb, "SCRIPT"))
		return load_script(arguments[2]);
	if (is(verb, "HGET"))
		return field_reply(keyspace_get(&world->redis->keys, arguments[1]), arguments[2]);
	if (is(verb, "HMGET"))
		return hmget(arguments, count);
	if (is(verb, "HSET"))
		return hset(arguments, count);
	if (is(verb, "DEL"))
		return reply_integer(keyspace_delete(&world->redis->keys, arguments[1]));
	if (is(verb, "INFO"))
		return info();
	if (is(verb, "SCAN"))
		return scan();
	if (is(verb, "ZRANGE"))
		return zrange(arguments[1]);
	if (is(verb, "CLIENT") || is(verb, "PUBLISH"))
		return reply_integer(0);
	world_fail("the simulated Redis does not know %.*s", STR_ARG(verb));
	return reply_error("ERR unknown command");
}
