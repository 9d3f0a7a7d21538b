/* Where Redis is: redis://[user:password@]host:port/database, unix:///path?db=0, or
 * sentinel://[user:password@]host:port,host:port/master/database?sentinel=user:password, where the first login is for Redis and the one
 * behind the question mark for the sentinels. */
#ifndef DAEMON_REDIS_URL_H
#define DAEMON_REDIS_URL_H

#include "base/result.h"

#include <stddef.h>

struct redis_place {
	char *host;
	int port;
};

struct redis_url {
	char *host;     /* NULL: a socket in the file system, or sentinels */
	char *path;     /* of the socket */
	char *user;     /* NULL: none */
	char *password; /* NULL: none */
	int port;
	int database;
	struct redis_place *sentinels; /* NULL: none */
	size_t sentinel_count;
	char *master;                            /* its name at the sentinels */
	char *sentinel_user, *sentinel_password; /* NULL: none */
};

/* Percent-encoding is undone in user and password. RESULT_INVALID, with a sentence in `error` that does not repeat the password. */
MUST_CHECK enum result redis_url_parse(const char *text, char *error, size_t error_size, struct redis_url *ret_url);
void redis_url_release(struct redis_url *url);

#endif
