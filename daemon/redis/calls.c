/* The calls that wait for an answer, for the start. */
#include "base/clock.h"
#include "base/text.h"
#include "daemon/redis/inside.h"

#include <hiredis/hiredis.h>
#include <stdio.h>

#define TRIES 16

enum result writer_connect(struct writer *writer, int timeout_ms)
{
	int64_t until = clock_steady_us() + (int64_t)timeout_ms * 1000;
	for (;;) {
		int64_t left = until - clock_steady_us();
		writer_poll(writer, left > 0 ? left : 0);
		if (writer->state == WRITER_READY)
			return RESULT_OK;
		if (left <= 0)
			return writer->state == WRITER_CLOSED ? RESULT_UNREACHABLE : RESULT_TIMEOUT;
	}
}

/* Begins a command in the queue. */
static size_t begin(struct writer *writer, size_t arguments, const char *verb)
{
	struct buf *out = connection_queue(&writer->connection);
	size_t start = out->length;
	command_begin(out, arguments);
	command_put_text(out, verb);
	return start;
}

static void put(struct writer *writer, struct str argument)
{
	command_put(connection_queue(&writer->connection), argument);
}

/* Sends the command and waits. The reply is to be freed by connection_reply_free. */
static enum result call(struct writer *writer, size_t start, struct redisReply **ret_reply)
{
	int64_t until = clock_steady_us() + writer->command_us;
	writer_end_command(writer, start, (struct pending){.kind = PENDING_CALLER, .id = PENDING_NO_ID});
	writer->calling = true;
	writer->call_reply = NULL;
	while (writer->calling && clock_steady_us() < until)
		writer_poll(writer, writer->command_us);
	if (!writer->call_reply) {
		if (writer->calling)
			writer_lose(writer, "it does not answer");
		return RESULT_UNREACHABLE;
	}
	if (writer->call_reply->type == REDIS_REPLY_ERROR) {
		snprintf(writer->problem, sizeof writer->problem, "%s", writer->call_reply->str);
		connection_reply_free(writer->call_reply);
		return RESULT_REFUSED;
	}
	*ret_reply = writer->call_reply;
	return RESULT_OK;
}

static bool is_open(const struct writer *writer)
{
	return writer->state == WRITER_READY || writer->state == WRITER_HELD;
}

static enum result get_meta(struct writer *writer, const char *field, struct redisReply **ret_reply)
{
	if (!is_open(writer))
		return RESULT_UNREACHABLE;
	size_t start = begin(writer, 3, "HGET");
	put(writer, writer_key(writer, "meta", (struct str){0}));
	put(writer, str_of(field));
	return call(writer, start, ret_reply);
}

enum result writer_get_meta(struct writer *writer, const char *field, struct buf *ret_value)
{
	struct redisReply *reply;
	enum result result = get_meta(writer, field, &reply);
	if (result != RESULT_OK)
		return result;
	if (reply->type != REDIS_REPLY_STRING) {
		connection_reply_free(reply);
		return RESULT_NOT_FOUND;
	}
	buf_clear(ret_value);
	buf_put(ret_value, reply->str, reply->len);
	connection_reply_free(reply);
	return RESULT_OK;
}

/* ---- the token ---- */

static enum result try_token(struct writer *writer, struct str stored, uint64_t token)
{
	struct redisReply *reply;
	struct buf *out = connection_queue(&writer->connection);
	size_t start = writer_begin_script(writer, SCRIPT_TOKEN, 1, 2);
	put(writer, writer_key(writer, "meta", (struct str){0}));
	put(writer, stored);
	command_put_number(out, token);
	enum result result = call(writer, start, &reply);
	if (result != RESULT_OK)
		return result;
	bool taken = reply->integer == 1;
	connection_reply_free(reply);
	return taken ? RESULT_OK : RESULT_CONFLICT;
}

static enum result try_next_token(struct writer *writer, uint64_t minimum, uint64_t *ret_token)
{
	struct buf stored;
	buf_init(&stored);
	enum result result = writer_get_meta(writer, "token", &stored);
	if (result == RESULT_OK || result == RESULT_NOT_FOUND) {
		int64_t number = 0;
		if (text_to_i64(buf_str(&stored), &number) != RESULT_OK || number < 0)
			number = 0;
		*ret_token = ((uint64_t)number > minimum ? (uint64_t)number : minimum) + 1;
		result = try_token(writer, buf_str(&stored), *ret_token);
	}
	buf_release(&stored);
	return result;
}

static enum result reload_scripts(struct writer *writer)
{
	greeting_load_scripts(writer);
	writer_send_now(writer);
	return RESULT_CONFLICT;
}

enum result writer_take_token(struct writer *writer, uint64_t minimum, uint64_t *ret_token)
{
	uint64_t token;
	enum result result = RESULT_CONFLICT;
	for (int i = 0; i < TRIES && result == RESULT_CONFLICT; i++) {
		result = try_next_token(writer, minimum, &token);
		if (result == RESULT_REFUSED && strncmp(writer->problem, "NOSCRIPT", 8) == 0)
			result = reload_scripts(writer);
	}
	if (result != RESULT_OK)
		return result;
	writer->token = *ret_token = token;
	writer->token_above = 0;
	writer->fenced = false;
	writer->sequence = writer->stats.sequence = 0;
	/* What it said under an earlier token: others have said more since. */
	buf_clear(&writer->meta);
	writer->meta_count = 0;
	*writer->problem = '\0';
	writer_want_all(writer, true);
	return RESULT_OK;
}

/* ---- the lease ---- */

enum result writer_hide_place(struct writer *writer)
{
	struct redisReply *reply;
	bool shown = writer->lease.wanted && writer->lease.place != 0;
	writer_show_place(writer, 0);
	if (!shown || !writer_has_lease(writer))
		return RESULT_OK;
	if (!is_open(writer))
		return RESULT_UNREACHABLE;
	enum result result = call(writer, lease_put_question(writer), &reply);
	if (result == RESULT_OK)
		connection_reply_free(reply);
	return result;
}

enum result writer_release_lease(struct writer *writer)
{
	struct redisReply *reply;
	bool held = writer->lease.wanted && writer_has_lease(writer);
	writer->lease.wanted = false;
	writer->lease.until_us = 0;
	if (!held || !is_open(writer))
		return held ? RESULT_UNREACHABLE : RESULT_OK;
	size_t start = writer_begin_script(writer, SCRIPT_LEASE_END, 1, 2);
	put(writer, writer_key(writer, "lease", (struct str){0}));
	put(writer, (struct str){writer->lease.instance, LEASE_INSTANCE_LENGTH});
	command_put_number(connection_queue(&writer->connection), (uint64_t)writer->lease.life_us / 1000);
	enum result result = call(writer, start, &reply);
	if (result == RESULT_OK)
		connection_reply_free(reply);
	return result;
}

/* ---- alerts ---- */

static struct str field_of(const struct redisReply *reply, size_t index)
{
	const struct redisReply *field = reply->elements > index ? reply->element[index] : NULL;
	return field && field->type == REDIS_REPLY_STRING ? (struct str){field->str, field->len} : (struct str){0};
}

/* An alert that is not readable is left out: the rule decides anew. */
static enum result load_alert(struct writer *writer, struct str key, writer_alert_found *found, void *context)
{
	struct redisReply *reply;
	enum alert_state state;
	struct alert alert;
	size_t start = begin(writer, 4, "HMGET");
	put(writer, key);
	put(writer, STR("state"));
	put(writer, STR("since"));
	enum result result = call(writer, start, &reply);
	if (result != RESULT_OK)
		return result == RESULT_REFUSED ? RESULT_OK : result;
	struct str fingerprint = {key.data + key.length - (ALERT_FINGERPRINT - 1), ALERT_FINGERPRINT - 1};
	if (alert_state_from_name(field_of(reply, 0), &state) == RESULT_OK &&
		text_to_time(field_of(reply, 1), &alert.since) == RESULT_OK && state != ALERT_NORMAL) {
		alert.state = (uint8_t)state;
		*map_put(&writer->transitions.active, fingerprint, NULL) = 1;
		found(context, fingerprint, alert);
	}
	connection_reply_free(reply);
	return RESULT_OK;
}

static bool is_alert_key(const struct writer *writer, struct str key)
{
	size_t length = strlen(writer->prefix);
	return key.length == length + 6 + ALERT_FINGERPRINT - 1 && memcmp(key.data, writer->prefix, length) == 0 &&
		memcmp(key.data + length, "alert:", 6) == 0;
}

static enum result load_page(
	struct writer *writer, char *cursor, size_t cursor_size, writer_alert_found *found, void *context)
{
	struct redisReply *reply;
	size_t start = begin(writer, 6, "SCAN");
	put(writer, str_of(cursor));
	put(writer, STR("MATCH"));
	put(writer, writer->sweep.pattern);
	put(writer, STR("COUNT"));
	put(writer, STR("1000"));
	enum result result = call(writer, start, &reply);
	if (result != RESULT_OK)
		return result;
	snprintf(cursor, cursor_size, "%.*s", STR_ARG(field_of(reply, 0)));
	const struct redisReply *keys = reply->element[1];
	for (size_t i = 0; result == RESULT_OK && i < keys->elements; i++)
		if (is_alert_key(writer, field_of(keys, i)))
			result = load_alert(writer, field_of(keys, i), found, context);
	connection_reply_free(reply);
	return result;
}

enum result writer_load_alerts(struct writer *writer, writer_alert_found *found, void *context)
{
	char cursor[24] = "0";
	if (!is_open(writer))
		return RESULT_UNREACHABLE;
	enum result result;
	do
		result = load_page(writer, cursor, sizeof cursor, found, context);
	while (result == RESULT_OK && strcmp(cursor, "0") != 0);
	return result;
}
