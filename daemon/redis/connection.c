#include "daemon/redis/connection.h"

#include <errno.h>
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <sys/socket.h>

/* The library moves what is left of its buffer with every piece sent: keep that short. */
#define PIECE_BYTES 65536
#define FORGET_BYTES (1 << 20)

void connection_init(struct connection *connection)
{
	*connection = (struct connection){0};
	buf_init(&connection->out);
}

static enum result fail(struct connection *connection, enum result result)
{
	const redisContext *context = connection->context;
	snprintf(connection->problem, sizeof connection->problem, "%s", context ? context->errstr : "out of memory");
	return result;
}

enum result connection_start(struct connection *connection, const struct redis_url *url)
{
	connection->context =
		url->path ? redisConnectUnixNonBlock(url->path) : redisConnectNonBlock(url->host, url->port);
	if (!connection->context || connection->context->err)
		return fail(connection, RESULT_UNREACHABLE);
	if (url->host)
		redisEnableKeepAlive(connection->context);
	/* Keep-alive is a comfort: a connection that cannot have it yet is no failure. */
	connection->context->err = 0;
	return RESULT_OK;
}

enum result connection_finish(struct connection *connection)
{
	int error = 0;
	socklen_t size = sizeof error;
	if (getsockopt(connection->context->fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
		error = errno;
	if (!error)
		return RESULT_OK;
	snprintf(connection->problem, sizeof connection->problem, "%s", strerrordesc_np(error));
	return RESULT_UNREACHABLE;
}

int connection_fd(const struct connection *connection)
{
	return connection->context ? connection->context->fd : -1;
}

bool connection_has_output(const struct connection *connection)
{
	return connection->unsent || connection->sent < connection->out.length;
}

static bool give_piece(struct connection *connection)
{
	size_t left = connection->out.length - connection->sent;
	size_t piece = left < PIECE_BYTES ? left : PIECE_BYTES;
	const char *bytes = connection->out.data + connection->sent;
	if (redisAppendFormattedCommand(connection->context, bytes, piece) != REDIS_OK)
		return false;
	connection->sent += piece;
	return true;
}

/* Forgets what was given away, once that is at least as much as the rest, which has to be moved: so no byte is moved more than once. */
static void forget_sent(struct connection *connection)
{
	struct buf *out = &connection->out;
	size_t left = out->length - connection->sent;
	if (left > 0 && (connection->sent < FORGET_BYTES || connection->sent < left))
		return;
	memmove(out->data, out->data + connection->sent, left + 1);
	out->length = left;
	connection->sent = 0;
}

enum result connection_send(struct connection *connection)
{
	int done = 1;
	do {
		if (!connection->unsent && !give_piece(connection))
			return fail(connection, RESULT_CLOSED);
		if (redisBufferWrite(connection->context, &done) != REDIS_OK)
			return fail(connection, RESULT_CLOSED);
		connection->unsent = !done;
	} while (done && connection->sent < connection->out.length);
	forget_sent(connection);
	return RESULT_OK;
}

enum result connection_receive(struct connection *connection)
{
	if (redisBufferRead(connection->context) != REDIS_OK)
		return fail(connection, RESULT_CLOSED);
	return RESULT_OK;
}

enum result connection_reply(struct connection *connection, struct redisReply **ret_reply)
{
	void *reply = NULL;
	if (redisReaderGetReply(connection->context->reader, &reply) != REDIS_OK) {
		snprintf(connection->problem, sizeof connection->problem, "%s", connection->context->reader->errstr);
		return RESULT_CLOSED;
	}
	*ret_reply = reply;
	return RESULT_OK;
}

void connection_reply_free(struct redisReply *reply)
{
	if (reply)
		freeReplyObject(reply);
}

void connection_close(struct connection *connection)
{
	if (connection->context)
		redisFree(connection->context);
	connection->context = NULL;
	connection->sent = 0;
	connection->unsent = false;
	buf_clear(&connection->out);
}

void connection_release(struct connection *connection)
{
	connection_close(connection);
	buf_release(&connection->out);
}
