/* Which Redis is the master now, by asking the sentinels in turn: before every connection, since it may be another one each time. */
#include "base/clock.h"
#include "base/text.h"
#include "daemon/redis/inside.h"

#include <hiredis/hiredis.h>
#include <stdio.h>

/* Connects to the place, without login. */
static void begin(struct writer *writer, char *host, int port, enum writer_state state)
{
	struct redis_url place = {.host = host, .port = port};
	if (connection_start(&writer->connection, &place) != RESULT_OK) {
		writer_lose(writer, writer->connection.problem);
		return;
	}
	writer_move(writer, state);
	writer->deadline_us = clock_steady_us() + writer->connect_us;
}

void sentinel_start(struct writer *writer)
{
	const struct redis_place *place = &writer->url.sentinels[writer->sentinel];
	writer->sentinel = (writer->sentinel + 1) % writer->url.sentinel_count;
	begin(writer, place->host, place->port, WRITER_SEEKING);
}

void sentinel_connected(struct writer *writer)
{
	const struct redis_url *url = &writer->url;
	struct buf *out = connection_queue(&writer->connection);
	writer_move(writer, WRITER_ASKING);
	greeting_login(writer, url->sentinel_user, url->sentinel_password);
	size_t start = out->length;
	command_begin(out, 3);
	command_put(out, STR("SENTINEL"));
	command_put(out, STR("get-master-addr-by-name"));
	command_put_text(out, url->master);
	writer_end_command(writer, start, (struct pending){.kind = PENDING_MASTER, .id = PENDING_NO_ID});
	writer_send_now(writer);
}

static bool is_text(const struct redisReply *reply)
{
	return reply->type == REDIS_REPLY_STRING && reply->len > 0;
}

void sentinel_replied(struct writer *writer, const struct redisReply *reply)
{
	int64_t port;
	bool address = reply->type == REDIS_REPLY_ARRAY && reply->elements == 2 && is_text(reply->element[0]) &&
		is_text(reply->element[1]);
	if (!address || text_to_i64((struct str){reply->element[1]->str, reply->element[1]->len}, &port) != RESULT_OK ||
		port < 1 || port > 65535) {
		writer_lose(writer, "the sentinel does not know the master");
		return;
	}
	connection_close(&writer->connection);
	pending_clear(&writer->pending);
	begin(writer, reply->element[0]->str, (int)port, WRITER_CONNECTING);
}

void sentinel_check_role(struct writer *writer)
{
	struct buf *out = connection_queue(&writer->connection);
	size_t start = out->length;
	if (!writer->url.sentinel_count)
		return;
	command_begin(out, 1);
	command_put(out, STR("ROLE"));
	writer_end_command(writer, start, (struct pending){.kind = PENDING_ROLE, .id = PENDING_NO_ID});
}

void sentinel_role_replied(struct writer *writer, const struct redisReply *reply)
{
	bool master = reply->type == REDIS_REPLY_ARRAY && reply->elements > 0 && is_text(reply->element[0]) &&
		strcmp(reply->element[0]->str, "master") == 0;
	if (!master)
		writer_lose(writer, "what the sentinel names is not the master");
}
