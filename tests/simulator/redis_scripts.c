/* What the scripts of daemon/redis/script.c do, once more in C. When a script changes, this must follow: tests/unit/test_simulator_scripts.c
 * compares both. */
#include "daemon/redis/script.h"

#include "daemon/redis/guard.h"
#include "tests/simulator/redis.h"

#include <stdio.h>
#include <stdlib.h>

#define WRONG_TYPE "WRONGTYPE Operation against a key holding the wrong kind of value"

#define DAY_US INT64_C(86400000000)

struct call {
	const struct str *keys, *arguments;
	size_t count;
};

static struct keyspace *keyspace(void)
{
	return &world->redis->keys;
}

/* NULL where its time is over, too. */
static struct sim_key *live_key(struct str name)
{
	struct sim_key *key = keyspace_get(keyspace(), name);
	if (key && key->expires_us && key->expires_us <= world->now_us) {
		(void)keyspace_delete(keyspace(), name);
		return NULL;
	}
	return key;
}

/* A guard that is not one of ours is damage. */
static bool is_guard(struct str guard, struct str mine)
{
	if (guard.length != mine.length)
		return false;
	for (size_t i = 0; i < guard.length; i++)
		if (!strchr("0123456789.", guard.data[i]))
			return false;
	return true;
}

static struct str valid(struct str guard, struct str mine)
{
	return is_guard(guard, mine) ? guard : (struct str){0};
}

static struct redisReply *refuse(struct str stored, struct str mine)
{
	struct str token = {stored.data, GUARD_DIGITS};
	if (str_compare(token, (struct str){mine.data, GUARD_DIGITS}) > 0)
		return reply_text(token);
	world_rare(RARE_REFUSED_OLDER);
	return reply_integer(SCRIPT_OLDER);
}

static struct str field_of(struct sim_key *key, const char *name)
{
	struct sim_field *field = key ? key_field(key, str_of(name)) : NULL;
	return field ? field->value : (struct str){0};
}

static void set_fields(struct sim_key *key, const struct call *call, size_t first)
{
	for (size_t i = first; i + 1 < call->count; i += 2)
		key_set(key, call->arguments[i], call->arguments[i + 1]);
}

static bool is_given(const struct call *call, size_t first, struct str name)
{
	for (size_t i = first; i + 1 < call->count; i += 2)
		if (str_equal(call->arguments[i], name))
			return true;
	return false;
}

static void prune(struct sim_key *key, const struct call *call, size_t first, const char *own)
{
	if (key->count == (call->count - first) / 2 + (own != NULL))
		return;
	for (size_t i = key->count; i-- > 0;) {
		struct str name = key->fields[i].name;
		if (!(own && str_equal(name, str_of(own))) && !is_given(call, first, name))
			(void)key_remove(key, name);
	}
}

/* What outlives a removed key, for a day. */
static struct str guard_of_removed(struct str name, struct str mine)
{
	const struct sim_key *key = live_key(name);
	return key && key->type == KEY_TEXT ? valid(key_text(key), mine) : (struct str){0};
}

static void leave_guard(struct str name, struct str mine)
{
	(void)keyspace_delete(keyspace(), name);
	struct sim_key *key = keyspace_make(keyspace(), name, KEY_TEXT);
	key_set(key, STR(""), mine);
	key->expires_us = world->now_us + DAY_US;
}

/* Nothing is written that is older than what was written, or removed, before. */
static void note_write(struct str name, struct str mine)
{
	struct sim_key *highest = keyspace_make(&world->redis->highest, name, KEY_TEXT);
	if (str_compare(mine, key_text(highest)) < 0)
		world_fail(
			"%.*s went back from %.*s to %.*s", STR_ARG(name), STR_ARG(key_text(highest)), STR_ARG(mine));
	key_set(highest, STR(""), mine);
}

static struct redisReply *snapshot(const struct call *call)
{
	struct str mine = call->arguments[0], base = call->arguments[1];
	struct sim_key *key = keyspace_get(keyspace(), call->keys[0]);
	struct str found = field_of(key, "_guard"), stored = valid(found, mine);
	bool removed = false;
	if (!found.data && !base.length) {
		stored = guard_of_removed(call->keys[1], mine);
		removed = stored.length > 0;
	}
	bool follows = base.length && str_equal(found, base);
	if (!follows && stored.length && str_compare(mine, stored) < 0)
		return refuse(stored, mine);
	if (!follows && base.length && !str_equal(base, stored)) {
		world_rare(RARE_SNAPSHOT_GAP);
		return reply_integer(str_equal(stored, mine) ? 1 : SCRIPT_GAP);
	}
	note_write(call->keys[0], mine);
	key = keyspace_make(keyspace(), call->keys[0], KEY_HASH);
	key_set(key, STR("_guard"), mine);
	set_fields(key, call, 2);
	if (!base.length)
		prune(key, call, 2, "_guard");
	if (removed)
		(void)keyspace_delete(keyspace(), call->keys[1]);
	return reply_integer(1);
}

static struct redisReply *open_hash(const struct call *call)
{
	struct sim_key *key = keyspace_get(keyspace(), call->keys[0]);
	struct str guard = field_of(key, "_guard");
	if (!guard.data || !str_equal(guard, call->arguments[0]))
		return reply_integer(0);
	key_set(key, STR("_from"), call->arguments[0]);
	keyspace_rename(keyspace(), call->keys[0], call->keys[1]);
	return reply_integer(1);
}

static struct redisReply *close_hash(const struct call *call)
{
	struct str mine = call->arguments[0], base = call->arguments[1];
	struct sim_key *next = keyspace_get(keyspace(), call->keys[1]);
	struct str from = field_of(next, "_from");
	if (from.data && str_equal(from, base)) {
		(void)key_remove(next, STR("_from"));
		keyspace_rename(keyspace(), call->keys[1], call->keys[0]);
		if (!str_equal(field_of(keyspace_get(keyspace(), call->keys[0]), "_guard"), mine))
			return reply_integer(SCRIPT_GAP);
		world_rare(RARE_LARGE);
		note_write(call->keys[0], mine);
		return reply_integer(1);
	}
	(void)keyspace_delete(keyspace(), call->keys[1]);
	struct str stored = valid(field_of(keyspace_get(keyspace(), call->keys[0]), "_guard"), mine);
	if (stored.length && str_compare(mine, stored) < 0)
		return refuse(stored, mine);
	world_rare(RARE_SNAPSHOT_GAP);
	return reply_integer(stored.length && str_equal(stored, mine) ? 1 : SCRIPT_GAP);
}

static struct redisReply *remove_hash(const struct call *call)
{
	struct str mine = call->arguments[0];
	struct sim_key *key = keyspace_get(keyspace(), call->keys[0]);
	struct str found = field_of(key, "_guard");
	struct str stored = found.data ? valid(found, mine) : guard_of_removed(call->keys[1], mine);
	if (stored.length && str_compare(mine, stored) < 0)
		return refuse(stored, mine);
	note_write(call->keys[0], mine);
	int removed = keyspace_delete(keyspace(), call->keys[0]);
	leave_guard(call->keys[1], mine);
	return reply_integer(removed);
}

static void put_entries(const struct call *call)
{
	for (size_t i = 2; i + 1 < call->count; i += 2) {
		struct str score = call->arguments[i], member = call->arguments[i + 1];
		struct sim_key *board = keyspace_get(keyspace(), call->keys[0]);
		if (score.length)
			key_set_score(
				keyspace_make(keyspace(), call->keys[0], KEY_SET), member, strtod(score.data, NULL));
		else if (board && key_remove(board, member) && !board->count)
			(void)keyspace_delete(keyspace(), call->keys[0]);
	}
}

static struct redisReply *board(const struct call *call)
{
	struct str mine = call->arguments[0], base = call->arguments[1];
	struct str before = valid(key_text(live_key(call->keys[1])), mine);
	char kept[GUARD_LENGTH];
	struct str stored = {kept, before.length};
	memcpy(kept, before.data ? before.data : "", before.length);
	if (stored.length && str_compare(mine, stored) < 0)
		return refuse(stored, mine);
	struct sim_key *guard = keyspace_make(keyspace(), call->keys[1], KEY_TEXT);
	note_write(call->keys[0], mine);
	key_set(guard, STR(""), mine);
	guard->expires_us = 0;
	put_entries(call);
	if (base.length && !str_equal(base, stored) && !str_equal(stored, mine)) {
		world_rare(RARE_BOARD_GAP);
		return reply_integer(SCRIPT_GAP);
	}
	const struct sim_key *key = keyspace_get(keyspace(), call->keys[0]);
	return reply_integer(key ? (long long)key->count : 0);
}

static struct redisReply *remove_board(const struct call *call)
{
	struct str mine = call->arguments[0];
	const struct sim_key *guard = live_key(call->keys[1]);
	struct str stored = valid(key_text(guard), mine);
	if (stored.length && str_compare(mine, stored) < 0)
		return refuse(stored, mine);
	bool removed = keyspace_delete(keyspace(), call->keys[0]);
	if (removed)
		note_write(call->keys[0], mine);
	if (removed || !guard || !guard->expires_us)
		leave_guard(call->keys[1], mine);
	return reply_integer(removed);
}

static bool less(struct str a, struct str b)
{
	return a.length != b.length ? a.length < b.length : str_compare(a, b) < 0;
}

static struct str number(struct str text)
{
	bool good = text.length > 0 && text.length <= 20 && text.data[0] != '0';
	for (size_t i = 0; i < text.length; i++)
		good &= text.data[i] >= '0' && text.data[i] <= '9';
	return good ? text : STR("0");
}

/* ---- figures never jump back ---- */

static int64_t offset_in(struct str offsets, const char *topic, uint32_t partition)
{
	char wanted[64];
	size_t length = (size_t)snprintf(wanted, sizeof wanted, "\"%s-%u\":", topic, partition);
	const char *found = memmem(offsets.data, offsets.length, wanted, length);
	return found ? strtoll(found + length, NULL, 10) : -1;
}

/* Figures that are shown are never of less than what was shown before. */
static void note_published(struct str offsets)
{
	for (uint32_t t = 0; t < world->plan->topic_count; t++)
		for (uint32_t p = 0; p < world->plan->shard_count; p++) {
			int64_t *before = &world->redis->published[t][p];
			int64_t now = offset_in(offsets, plan_topic(world->plan, t), p);
			if (now < *before)
				world_fail("kpi:meta of partition %u of %s went back from offset %lld to %lld", p,
					plan_topic(world->plan, t), (long long)*before, (long long)now);
			*before = now;
		}
}

/* Times as kpi:meta has them stand in the order of their texts. */
static void note_end(struct str before, struct str now)
{
	bool back = before.length && (now.length != before.length || memcmp(now.data, before.data, now.length) < 0);
	if (back)
		world_fail("kpi:meta went back from published_end %.*s to %.*s", (int)before.length, before.data,
			(int)now.length, now.data);
}

static struct str argument_of(const struct call *call, const char *name)
{
	for (size_t i = 3; i + 1 < call->count; i += 2)
		if (str_equal(call->arguments[i], str_of(name)))
			return call->arguments[i + 1];
	return (struct str){0};
}

static struct redisReply *meta(const struct call *call)
{
	struct str mine = call->arguments[0], wanted = call->arguments[1];
	struct sim_key *key = keyspace_get(keyspace(), call->keys[0]);
	struct str token = number(field_of(key, "token")), sequence = number(field_of(key, "sequence"));
	if (less(mine, token)) {
		world_rare(RARE_META_REFUSED);
		return reply_integer(SCRIPT_OTHER);
	}
	if (str_equal(token, mine) && less(call->arguments[2], sequence)) {
		world_rare(RARE_META_LATE);
		return reply_integer(SCRIPT_OLDER);
	}
	bool gap = !str_equal(token, mine) || less(sequence, wanted);
	key = keyspace_make(keyspace(), call->keys[0], KEY_HASH);
	struct str offsets = argument_of(call, "offsets");
	if (!str_equal(offsets, field_of(key, "offsets")))
		note_published(offsets);
	note_end(field_of(key, "published_end"), argument_of(call, "published_end"));
	set_fields(key, call, 3);
	prune(key, call, 3, NULL);
	if (!gap)
		return reply_integer(1);
	key_set(key, STR("caught_up"), STR("0"));
	return reply_integer(SCRIPT_GAP);
}

static struct redisReply *token(const struct call *call)
{
	struct sim_key *key = keyspace_get(keyspace(), call->keys[0]);
	if (!str_equal(field_of(key, "token"), call->arguments[0]))
		return reply_integer(SCRIPT_OTHER);
	key = keyspace_make(keyspace(), call->keys[0], KEY_HASH);
	key_set(key, STR("token"), call->arguments[1]);
	key_set(key, STR("sequence"), STR("0"));
	return reply_integer(1);
}

/* ---- the lease ---- */

static bool is_mine(const struct sim_key *key, struct str instance)
{
	struct str text = key_text(key);
	return key && text.length >= instance.length && memcmp(text.data, instance.data, instance.length) == 0;
}

static struct redisReply *held_by(const struct sim_key *key)
{
	struct redisReply *reply = reply_array(2);
	reply_set(reply, 0, reply_text(key_text(key)));
	reply_set(reply, 1, reply_integer((key->expires_us - world->now_us) / 1000));
	return reply;
}

static struct redisReply *lease(const struct call *call)
{
	struct sim_key *key = live_key(call->keys[0]);
	struct str text = key_text(key);
	bool mine = is_mine(key, call->arguments[0]);
	bool free = !text.length || str_equal(text, STR("free")) || str_equal(text, call->arguments[4]);
	if (!free && !mine && key->expires_us)
		return held_by(key);
	if (!key && str_equal(call->arguments[3], STR("0")))
		return reply_integer(0);
	key = keyspace_make(keyspace(), call->keys[0], KEY_TEXT);
	key_set(key, STR(""), call->arguments[1]);
	key->expires_us = world->now_us + 1000 * strtoll(call->arguments[2].data, NULL, 10);
	return reply_integer(mine ? SCRIPT_KEPT : SCRIPT_GAINED);
}

/* For a while it shows that it is free. */
static struct redisReply *lease_end(const struct call *call)
{
	struct sim_key *key = live_key(call->keys[0]);
	if (!is_mine(key, call->arguments[0]))
		return reply_integer(0);
	key_set(key, STR(""), STR("free"));
	key->expires_us = world->now_us + 1000 * strtoll(call->arguments[1].data, NULL, 10);
	return reply_integer(1);
}

/* ---- which is which ---- */

static bool has_type(struct str name, enum key_type type)
{
	const struct sim_key *key = keyspace_get(keyspace(), name);
	return !key || key->type == type;
}

struct redisReply *redis_script(unsigned script, const struct str *keys, const struct str *arguments, size_t count)
{
	struct call call = {keys, arguments, count};
	bool boards = script == SCRIPT_BOARD || script == SCRIPT_BOARD_REMOVE;
	if (script == SCRIPT_LEASE || script == SCRIPT_LEASE_END)
		return script == SCRIPT_LEASE ? lease(&call) : lease_end(&call);
	if (boards ? !has_type(keys[0], KEY_SET) || !has_type(keys[1], KEY_TEXT) : !has_type(keys[0], KEY_HASH))
		return reply_error(WRONG_TYPE);
	switch ((enum script)script) {
	case SCRIPT_SNAPSHOT:
		return snapshot(&call);
	case SCRIPT_OPEN:
		return open_hash(&call);
	case SCRIPT_CLOSE:
		return close_hash(&call);
	case SCRIPT_REMOVE:
		return remove_hash(&call);
	case SCRIPT_BOARD:
		return board(&call);
	case SCRIPT_BOARD_REMOVE:
		return remove_board(&call);
	case SCRIPT_META:
		return meta(&call);
	case SCRIPT_TOKEN:
		return token(&call);
	case SCRIPT_LEASE:
	case SCRIPT_LEASE_END:
	case SCRIPT_ALERT:
	case SCRIPT_COUNT:
		break;
	}
	world_fail("the simulated Redis does not know script %u", script);
	return reply_error("ERR unknown script");
}
