/* One connection to Redis that never blocks, except in looking up a host name. It can be closed and opened again; what was queued is then
 * gone. The only place, with reader.c, that knows hiredis. */
#ifndef DAEMON_REDIS_CONNECTION_H
#define DAEMON_REDIS_CONNECTION_H

#include "base/buf.h"
#include "base/result.h"
#include "daemon/redis/url.h"

struct redisContext;
struct redisReply;

struct connection {
	struct redisContext *context; /* NULL: closed */
	struct buf out;               /* commands queued */
	size_t sent;                  /* bytes of `out` that were given to the library */
	bool unsent;                  /* the library has some of them yet to send */
	char problem[160];            /* why the last call failed */
};

void connection_init(struct connection *connection);
/* Begins to connect: when the descriptor is writable, connection_finish says whether it worked. RESULT_UNREACHABLE. */
MUST_CHECK enum result connection_start(struct connection *connection, const struct redis_url *url);
MUST_CHECK enum result connection_finish(struct connection *connection);
int connection_fd(const struct connection *connection); /* -1: closed */

/* The queue: append commands to it, then send. */
static inline struct buf *connection_queue(struct connection *connection)
{
	return &connection->out;
}
bool connection_has_output(const struct connection *connection);
/* Sends what goes without waiting. RESULT_CLOSED: the connection is dead. */
MUST_CHECK enum result connection_send(struct connection *connection);
/* Takes in what has arrived. RESULT_CLOSED. */
MUST_CHECK enum result connection_receive(struct connection *connection);
/* The next reply that has arrived whole, or *ret_reply = NULL. To be freed by connection_reply_free. RESULT_CLOSED: not a reply. */
MUST_CHECK enum result connection_reply(struct connection *connection, struct redisReply **ret_reply);
void connection_reply_free(struct redisReply *reply);
void connection_close(struct connection *connection);
void connection_release(struct connection *connection);

#endif
