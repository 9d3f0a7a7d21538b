#include "tests/simulator/redis.h"

#include "base/mem.h"
#include "daemon/redis/connection.h"
#include "tests/simulator/member.h"

#include <hiredis/hiredis.h>
#include <poll.h>
#include <stdio.h>

#define DESCRIPTOR_FIRST (1 << 20)
#define ARGUMENTS_MAX 4096
#define HELD_UP_US 30000000
#define STALL_ONE_IN 400
#define STALL_US 12000000

/* ---- the server ---- */

static void forget_published(void)
{
	for (int t = 0; t < PLAN_TOPICS_MAX; t++)
		for (int p = 0; p < PLAN_SHARDS_MAX; p++)
			world->redis->published[t][p] = -1;
}

struct sim_redis *redis_new(void)
{
	struct sim_redis *redis = NEW(struct sim_redis);
	redis->run = 1;
	for (int t = 0; t < PLAN_TOPICS_MAX; t++)
		for (int p = 0; p < PLAN_SHARDS_MAX; p++)
			redis->published[t][p] = -1;
	return redis;
}

/* A length behind '*' or '$'; `at` moves behind it. */
static size_t take_length(const char **at)
{
	const char *digit = *at + 1;
	size_t length = 0;
	for (; *digit >= '0' && *digit <= '9'; digit++)
		length = 10 * length + (size_t)(*digit - '0');
	*at = digit + 2;
	return length;
}

static const char *take_command(const char *at, struct str *arguments, size_t *ret_count)
{
	size_t count = take_length(&at);
	for (size_t i = 0; i < count; i++) {
		size_t length = take_length(&at);
		if (i < ARGUMENTS_MAX)
			arguments[i] = (struct str){at, length};
		at += length + 2;
	}
	*ret_count = count < ARGUMENTS_MAX ? count : ARGUMENTS_MAX;
	return at;
}

static int64_t way_us(void)
{
	const struct sim_redis *redis = world->redis;
	int64_t slow = world->now_us < redis->slow_until_us ? chance_between(&world->chance, 0, redis->slow_us) : 0;
	return chance_between(&world->chance, 50, 400) + slow;
}

/* Now and then a way stands still, for longer than the writer waits or not; what is sent behind waits, too. */
static int64_t stall_us(void)
{
	bool stands = !world->redis->calm && chance_between(&world->chance, 1, STALL_ONE_IN) == 1;
	return stands ? chance_between(&world->chance, 0, STALL_US) : 0;
}

static void answer(struct sim_connection *connection, struct redisReply *reply)
{
	int64_t at_us = world->now_us + way_us();
	int64_t last = connection->answer_count ? connection->answers[connection->answer_count - 1].at_us : 0;
	if (!connection->used) { /* nobody is there to hear it */
		connection_reply_free(reply);
		return;
	}
	GROW(connection->answers, connection->answer_count, connection->answer_capacity);
	connection->answers[connection->answer_count++] = (struct answer){at_us > last ? at_us : last, reply};
}

static bool is_command(const struct str *arguments, const char *verb)
{
	return str_equal(arguments[0], str_of(verb));
}

/* How many commands come before EXEC; -1: it has not come, and never will, since all of a transaction is sent at once. */
static int64_t count_queued(const char *at, const char *end, int64_t limit)
{
	struct str arguments[ARGUMENTS_MAX];
	size_t count;
	for (int64_t queued = 0; at < end && queued < limit; queued++) {
		at = take_command(at, arguments, &count);
		if (is_command(arguments, "EXEC"))
			return queued;
	}
	return -1;
}

/* Behind MULTI; where it goes on. Redis that takes no writes refuses HSET at once, and then all. */
static const char *execute_transaction(
	struct sim_connection *connection, const char *at, const char *end, int64_t limit)
{
	struct str arguments[ARGUMENTS_MAX];
	size_t count;
	int64_t queued = count_queued(at, end, limit);
	bool held = world->now_us < world->redis->hold_until_us && queued > 0;
	struct redisReply *replies = reply_array(queued > 0 ? (size_t)queued : 0);
	answer(connection, reply_text(STR("OK")));
	if (queued < 0 || held) {
		connection_reply_free(replies);
		replies = reply_error("EXECABORT Transaction discarded because of previous errors.");
	}
	for (int64_t i = 0; i < queued; i++) {
		at = take_command(at, arguments, &count);
		bool refused = held && is_command(arguments, "HSET");
		answer(connection, refused ? reply_error(world->redis->hold) : reply_text(STR("QUEUED")));
		if (!held)
			reply_set(replies, (size_t)i, redis_command(arguments, count));
	}
	answer(connection, replies);
	return queued < 0 ? end : take_command(at, arguments, &count);
}

/* At most `limit` commands. */
static void execute(struct sim_connection *connection, const struct buf *bytes, int64_t limit)
{
	struct str arguments[ARGUMENTS_MAX];
	const char *at = bytes->data, *end = bytes->data + bytes->length;
	size_t count;
	for (int64_t i = 0; at < end && i < limit; i++) {
		at = take_command(at, arguments, &count);
		if (is_command(arguments, "MULTI"))
			at = execute_transaction(connection, at, end, limit - i - 1);
		else
			answer(connection, redis_command(arguments, count));
	}
}

static void forget_first_parcel(struct sim_connection *connection)
{
	buf_release(&connection->parcels[0].bytes);
	connection->parcel_count--;
	memmove(connection->parcels, connection->parcels + 1, connection->parcel_count * sizeof *connection->parcels);
}

static struct sim_connection *first_due(void)
{
	struct sim_connection *first = NULL;
	for (int i = 0; i < REDIS_CONNECTIONS_MAX; i++) {
		struct sim_connection *connection = &world->redis->connections[i];
		if (connection->parcel_count && connection->parcels[0].at_us <= world->now_us &&
			(!first || connection->parcels[0].at_us < first->parcels[0].at_us))
			first = connection;
	}
	return first;
}

void redis_run(void)
{
	struct sim_connection *connection;
	while ((connection = first_due())) {
		if (connection->parcels[0].late)
			world->redis->late_us = world->now_us;
		execute(connection, &connection->parcels[0].bytes, INT64_MAX);
		forget_first_parcel(connection);
	}
}

static void consider(int64_t at_us, int64_t *next)
{
	if (at_us > world->now_us && at_us < *next)
		*next = at_us;
}

int64_t redis_next_us(void)
{
	int64_t next = NEVER_US;
	for (int i = 0; i < REDIS_CONNECTIONS_MAX; i++) {
		const struct sim_connection *connection = &world->redis->connections[i];
		if (connection->used)
			consider(connection->open_us, &next);
		if (connection->parcel_count)
			consider(connection->parcels[0].at_us, &next);
		if (connection->answer_count)
			consider(connection->answers[0].at_us, &next);
	}
	return next;
}

/* ---- connections ---- */

/* What was sent and has not arrived: some of it still does. */
static void cut_parcels(struct sim_connection *connection)
{
	connection->used = false;
	if (connection->parcel_count)
		execute(connection, &connection->parcels[0].bytes, chance_between(&world->chance, 0, 40));
	while (connection->parcel_count)
		forget_first_parcel(connection);
}

/* Somewhere on its way what was sent waits, and comes after what others, or the same process on its next connection, send later. */
static void hold_up(struct sim_connection *connection)
{
	int64_t longer_us = chance_between(&world->chance, 0, HELD_UP_US);
	if (!connection->parcel_count || chance_between(&world->chance, 0, 1))
		return;
	world_rare(RARE_HELD_UP);
	for (size_t i = 0; i < connection->parcel_count; i++) {
		connection->parcels[i].at_us += longer_us;
		connection->parcels[i].late = true;
	}
}

static void drop_answers(struct sim_connection *connection)
{
	for (size_t i = 0; i < connection->answer_count; i++)
		connection_reply_free(connection->answers[i].reply);
	connection->answer_count = 0;
}

static void break_connection(struct sim_connection *connection)
{
	if (!connection->used)
		return;
	cut_parcels(connection);
	drop_answers(connection);
	connection->used = true; /* its owner has yet to find out */
	connection->broken = true;
}

static void break_all(void)
{
	for (int i = 0; i < REDIS_CONNECTIONS_MAX; i++)
		break_connection(&world->redis->connections[i]);
}

void redis_drop(const struct member *member)
{
	for (int i = 0; i < REDIS_CONNECTIONS_MAX; i++)
		if (world->redis->connections[i].owner == member && chance_between(&world->chance, 0, 1))
			break_connection(&world->redis->connections[i]);
}

bool redis_is_descriptor(int fd)
{
	return fd >= DESCRIPTOR_FIRST && fd < DESCRIPTOR_FIRST + REDIS_CONNECTIONS_MAX;
}

short redis_events(int fd, short wanted)
{
	const struct sim_connection *connection = &world->redis->connections[fd - DESCRIPTOR_FIRST];
	short events = 0;
	if (world->now_us < connection->open_us)
		return 0;
	if (connection->broken)
		return POLLIN | POLLOUT | POLLHUP;
	if (wanted & POLLOUT)
		events |= POLLOUT;
	if (connection->answer_count && connection->answers[0].at_us <= world->now_us)
		events |= POLLIN;
	return events;
}

/* ---- daemon/redis/connection.h ---- */

static struct sim_connection *of(const struct connection *connection)
{
	return (struct sim_connection *)(void *)connection->context;
}

static enum result fail(struct connection *connection, enum result result, const char *problem)
{
	snprintf(connection->problem, sizeof connection->problem, "%s", problem);
	return result;
}

void connection_init(struct connection *connection)
{
	*connection = (struct connection){0};
	buf_init(&connection->out);
}

enum result connection_start(struct connection *connection, const struct redis_url *url)
{
	(void)url;
	struct sim_connection *found = world->redis->connections;
	while (found < world->redis->connections + REDIS_CONNECTIONS_MAX && (found->used || found->parcel_count))
		found++;
	if (found == world->redis->connections + REDIS_CONNECTIONS_MAX)
		return fail(connection, RESULT_UNREACHABLE, "too many connections");
	found->used = true;
	found->broken = world->now_us < world->redis->down_until_us;
	found->owner = world->current;
	found->open_us = world->now_us + way_us();
	connection->context = (struct redisContext *)(void *)found;
	return RESULT_OK;
}

enum result connection_finish(struct connection *connection)
{
	return of(connection)->broken ? fail(connection, RESULT_UNREACHABLE, "Connection refused") : RESULT_OK;
}

int connection_fd(const struct connection *connection)
{
	return connection->context ? DESCRIPTOR_FIRST + (int)(of(connection) - world->redis->connections) : -1;
}

bool connection_has_output(const struct connection *connection)
{
	return connection->out.length > 0;
}

enum result connection_send(struct connection *connection)
{
	struct sim_connection *way = of(connection);
	if (way->broken)
		return fail(connection, RESULT_CLOSED, "Broken pipe");
	int64_t last = way->parcel_count ? way->parcels[way->parcel_count - 1].at_us : 0;
	int64_t stall = stall_us(), at_us = world->now_us + way_us() + stall;
	GROW(way->parcels, way->parcel_count, way->parcel_capacity);
	struct parcel *parcel = &way->parcels[way->parcel_count++];
	parcel->at_us = at_us > last ? at_us : last;
	parcel->late = stall > 0 || (way->parcel_count > 1 && at_us < last && parcel[-1].late);
	buf_init(&parcel->bytes);
	buf_put_str(&parcel->bytes, buf_str(&connection->out));
	buf_clear(&connection->out);
	return RESULT_OK;
}

enum result connection_receive(struct connection *connection)
{
	return of(connection)->broken ? fail(connection, RESULT_CLOSED, "Connection reset by peer") : RESULT_OK;
}

enum result connection_reply(struct connection *connection, struct redisReply **ret_reply)
{
	struct sim_connection *way = of(connection);
	*ret_reply = NULL;
	if (way->broken || !way->answer_count || way->answers[0].at_us > world->now_us)
		return RESULT_OK;
	*ret_reply = way->answers[0].reply;
	way->answer_count--;
	memmove(way->answers, way->answers + 1, way->answer_count * sizeof *way->answers);
	return RESULT_OK;
}

/* What was sent before still arrives, unless the process is killed (redis_drop). */
void connection_close(struct connection *connection)
{
	struct sim_connection *way = of(connection);
	if (way) {
		hold_up(way);
		way->used = way->broken = false;
		way->owner = NULL;
		drop_answers(way);
	}
	connection->context = NULL;
	connection->sent = 0;
	buf_clear(&connection->out);
}

void connection_release(struct connection *connection)
{
	connection_close(connection);
	buf_release(&connection->out);
}

/* ---- faults ---- */

static void restart(bool rollback)
{
	struct sim_redis *redis = world->redis;
	break_all();
	redis->run++;
	memset(redis->scripts, 0, sizeof redis->scripts);
	forget_published();
	keyspace_clear(&redis->highest);
	keyspace_clear(&redis->keys);
	if (rollback && redis->saved.valid)
		keyspace_copy(&redis->keys, &redis->saved);
	world_rare(rollback ? RARE_REDIS_ROLLBACK : RARE_REDIS_EMPTY);
}

static void hold(const struct fault *fault)
{
	static const char *const words[] = {"OOM command not allowed when used memory > 'maxmemory'.",
		"READONLY You can't write against a read only replica.",
		"MISCONF Redis is configured to save RDB snapshots", "LOADING Redis is loading the dataset in memory"};
	world->redis->hold = words[fault->number % 4];
	world->redis->hold_until_us = fault->until_us;
}

static struct sim_key *any_key(int64_t number)
{
	struct keyspace *keys = &world->redis->keys;
	return keys->count ? &keys->items[(size_t)number % keys->count] : NULL;
}

static void delete_key(int64_t number)
{
	struct sim_key *key = any_key(number);
	if (!key)
		return;
	TRACE("key %.*s is deleted", STR_ARG(key->name));
	keyspace_clear(&world->redis->highest);
	if (str_equal(key->name, STR("kpi:meta")))
		forget_published();
	world_rare(RARE_KEY_DAMAGED);
	(void)keyspace_delete(&world->redis->keys, key->name);
}

static void damage_hash(struct sim_key *key, int64_t number)
{
	struct sim_field *field = &key->fields[(size_t)number % key->count];
	if (number % 3 == 0)
		(void)key_remove(key, field->name);
	else if (number % 3 == 1)
		key_set(key, field->name, STR("nonsense"));
	else
		key_set(key, STR("stray@1h"), STR("{}"));
}

/* Something is wrong with one key; or there is one too many. */
static void damage_key(int64_t number)
{
	struct sim_key *key = any_key(number);
	if (!key || number % 5 == 0)
		key = keyspace_make(&world->redis->keys, STR("kpi:snap:rep:nobody"), KEY_HASH);
	if (str_equal(key->name, STR("kpi:meta")))
		return;
	TRACE("key %.*s is damaged", STR_ARG(key->name));
	keyspace_clear(&world->redis->highest);
	world_rare(RARE_KEY_DAMAGED);
	if (key->type == KEY_HASH && key->count)
		damage_hash(key, number / 5);
	else if (key->type == KEY_HASH)
		key_set(key, STR("a@1h"), STR("{}"));
	else if (key->type == KEY_SET)
		key_set_score(key, number % 2 ? key->fields[0].name : STR("nobody"), 12345);
	else
		key_set(key, STR(""), STR("nonsense"));
}

/* Up to 4 s, which the writer waits for; or more, and what it has sent comes after what it sends on its next connection. */
static void slow(const struct fault *fault)
{
	world->redis->slow_until_us = fault->until_us;
	world->redis->slow_us = fault->number % 2 ? 4000000 : 20000000;
}

void redis_fault(const struct fault *fault)
{
	struct sim_redis *redis = world->redis;
	if (fault->kind == FAULT_REDIS_RESET || fault->kind == FAULT_REDIS_DOWN)
		break_all();
	if (fault->kind == FAULT_REDIS_DOWN)
		redis->down_until_us = fault->until_us;
	else if (fault->kind == FAULT_REDIS_SLOW)
		slow(fault);
	else if (fault->kind == FAULT_REDIS_EMPTY || fault->kind == FAULT_REDIS_ROLLBACK)
		restart(fault->kind == FAULT_REDIS_ROLLBACK);
	else if (fault->kind == FAULT_REDIS_SAVE)
		keyspace_copy(&redis->saved, &redis->keys);
	else if (fault->kind == FAULT_REDIS_HOLD)
		hold(fault);
	else if (fault->kind == FAULT_REDIS_DELETE)
		delete_key(fault->number);
	else if (fault->kind == FAULT_REDIS_DAMAGE)
		damage_key(fault->number);
	else if (fault->kind == FAULT_REDIS_FLUSH_SCRIPTS)
		memset(redis->scripts, 0, sizeof redis->scripts);
}

void redis_free(struct sim_redis *redis)
{
	for (int i = 0; i < REDIS_CONNECTIONS_MAX; i++) {
		struct sim_connection *connection = &redis->connections[i];
		while (connection->parcel_count)
			forget_first_parcel(connection);
		drop_answers(connection);
		mem_free(connection->parcels);
		mem_free(connection->answers);
	}
	keyspace_clear(&redis->keys);
	keyspace_clear(&redis->saved);
	keyspace_clear(&redis->highest);
	mem_free(redis);
}
