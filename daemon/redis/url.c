#include "daemon/redis/url.h"

#include "base/mem.h"
#include "base/text.h"

#include <stdio.h>

#define PORT_DEFAULT 6379
#define SENTINEL_PORT_DEFAULT 26379
#define DATABASE_MAX 1000000

static bool starts_with(struct str text, struct str start)
{
	return text.length >= start.length && memcmp(text.data, start.data, start.length) == 0;
}

static struct str from(struct str text, size_t start)
{
	return (struct str){text.data + start, text.length - start};
}

static struct str before(struct str text, const char *end)
{
	return (struct str){text.data, (size_t)(end - text.data)};
}

static struct str after(struct str text, const char *at)
{
	return from(text, (size_t)(at + 1 - text.data));
}

static const char *find(struct str text, char byte)
{
	return text.length ? memchr(text.data, byte, text.length) : NULL;
}

static const char *find_last(struct str text, char byte)
{
	return text.length ? memrchr(text.data, byte, text.length) : NULL;
}

static char *copy_of(struct str text)
{
	char *copy = mem_new(text.length + 1);
	if (text.length)
		memcpy(copy, text.data, text.length);
	return copy;
}

static int hex(char digit)
{
	const char *digits = "0123456789abcdef", *at = digit ? strchr(digits, digit | 0x20) : NULL;
	return at && *at ? (int)(at - digits) : -1;
}

/* A copy without percent-encoding, or NULL. */
static char *decode(struct str text)
{
	char *copy = copy_of(text), *out = copy;
	for (size_t i = 0; i < text.length; i++) {
		if (text.data[i] != '%') {
			*out++ = text.data[i];
			continue;
		}
		int high = i + 2 < text.length ? hex(text.data[i + 1]) : -1;
		int low = i + 2 < text.length ? hex(text.data[i + 2]) : -1;
		if (high < 0 || low < 0 || high + low == 0) {
			mem_free(copy);
			return NULL;
		}
		*out++ = (char)(high << 4 | low);
		i += 2;
	}
	*out = '\0';
	return copy;
}

static const char *parse_number(struct str text, int64_t minimum, int64_t maximum, int *ret_number)
{
	int64_t number;
	if (text_to_i64(text, &number) != RESULT_OK || number < minimum || number > maximum)
		return "the port or the number of the database is not valid";
	*ret_number = (int)number;
	return NULL;
}

/* "user:password", ":password" */
static const char *parse_login(struct str login, char **user, char **password)
{
	const char *colon = find(login, ':');
	if (!colon)
		return "a login is user:password or :password";
	if (colon > login.data) {
		*user = decode(before(login, colon));
		if (!*user)
			return "the user is not valid percent-encoding";
	}
	*password = decode(after(login, colon));
	return *password ? NULL : "the password is not valid percent-encoding";
}

/* Takes it from the front, where there is one. */
static const char *take_login(struct str *rest, struct redis_url *url)
{
	const char *at = find_last(*rest, '@');
	const char *problem = at ? parse_login(before(*rest, at), &url->user, &url->password) : NULL;
	if (at)
		*rest = after(*rest, at);
	return problem;
}

/* "host", "host:port", "[::1]:port" */
static const char *parse_place(struct str place, char **ret_host, int *port)
{
	const char *close = place.length && place.data[0] == '[' ? find(place, ']') : NULL;
	struct str host = close ? before(from(place, 1), close) : place;
	struct str rest = close ? after(place, close) : place;
	const char *colon = find(rest, ':');
	if (colon && !close)
		host = before(place, colon);
	if (host.length == 0 || (close && rest.length && colon != rest.data))
		return "there is no host";
	*ret_host = copy_of(host);
	return colon ? parse_number(after(rest, colon), 1, 65535, port) : NULL;
}

static const char *parse_tcp(struct str rest, struct redis_url *url)
{
	const char *problem = take_login(&rest, url);
	if (problem)
		return problem;
	const char *slash = find(rest, '/');
	problem = parse_place(slash ? before(rest, slash) : rest, &url->host, &url->port);
	if (problem || !slash || slash + 1 == rest.data + rest.length)
		return problem;
	return parse_number(after(rest, slash), 0, DATABASE_MAX, &url->database);
}

static const char *parse_unix(struct str rest, struct redis_url *url)
{
	const char *problem = take_login(&rest, url);
	if (problem)
		return problem;
	const char *mark = find(rest, '?');
	struct str path = mark ? before(rest, mark) : rest;
	if (path.length < 2 || path.data[0] != '/')
		return "a socket is unix:///path";
	url->path = copy_of(path);
	if (!mark)
		return NULL;
	struct str query = after(rest, mark);
	if (!starts_with(query, STR("db=")))
		return "behind the path of a socket only ?db=number may stand";
	return parse_number(from(query, 3), 0, DATABASE_MAX, &url->database);
}

/* "host:port,host:port" */
static const char *parse_sentinels(struct str places, struct redis_url *url)
{
	const char *problem = NULL, *comma;
	do {
		comma = find(places, ',');
		url->sentinels = mem_resize(url->sentinels, url->sentinel_count + 1, sizeof *url->sentinels);
		struct redis_place *place = &url->sentinels[url->sentinel_count++];
		*place = (struct redis_place){.port = SENTINEL_PORT_DEFAULT};
		problem = parse_place(comma ? before(places, comma) : places, &place->host, &place->port);
		if (comma)
			places = after(places, comma);
	} while (!problem && comma);
	return problem;
}

/* "master", "master/0" */
static const char *parse_master(struct str rest, struct redis_url *url)
{
	const char *slash = find(rest, '/');
	struct str name = slash ? before(rest, slash) : rest;
	if (name.length == 0)
		return "behind the sentinels stands /master/database";
	url->master = copy_of(name);
	if (!slash || slash + 1 == rest.data + rest.length)
		return NULL;
	return parse_number(after(rest, slash), 0, DATABASE_MAX, &url->database);
}

/* "?sentinel=user:password"; taken off the end first, since all else may stand in it only encoded. */
static const char *take_sentinel_login(struct str *rest, struct redis_url *url)
{
	const char *mark = find_last(*rest, '?');
	if (!mark)
		return NULL;
	struct str query = after(*rest, mark);
	*rest = before(*rest, mark);
	if (!starts_with(query, STR("sentinel=")))
		return "behind the database only ?sentinel=user:password may stand";
	return parse_login(from(query, 9), &url->sentinel_user, &url->sentinel_password);
}

static const char *parse_sentinel(struct str rest, struct redis_url *url)
{
	const char *problem = take_sentinel_login(&rest, url);
	if (!problem)
		problem = take_login(&rest, url);
	if (problem)
		return problem;
	const char *slash = find(rest, '/');
	if (!slash)
		return "behind the sentinels stands /master/database";
	problem = parse_sentinels(before(rest, slash), url);
	return problem ? problem : parse_master(after(rest, slash), url);
}

static const char *parse(struct str text, struct redis_url *url)
{
	if (starts_with(text, STR("redis://")))
		return parse_tcp(from(text, 8), url);
	if (starts_with(text, STR("unix://")))
		return parse_unix(from(text, 7), url);
	if (starts_with(text, STR("sentinel://")))
		return parse_sentinel(from(text, 11), url);
	if (starts_with(text, STR("rediss://")))
		return "TLS needs a newer libhiredis than this kpid is built with";
	return "it begins with none of redis://, unix:// and sentinel://";
}

enum result redis_url_parse(const char *text, char *error, size_t error_size, struct redis_url *ret_url)
{
	struct redis_url url = {.port = PORT_DEFAULT};
	const char *problem = parse(str_of(text), &url);
	if (problem) {
		snprintf(error, error_size, "the URL of Redis is not valid: %s", problem);
		redis_url_release(&url);
		return RESULT_INVALID;
	}
	*ret_url = url;
	return RESULT_OK;
}

void redis_url_release(struct redis_url *url)
{
	mem_free(url->host);
	mem_free(url->path);
	mem_free(url->user);
	mem_free(url->password);
	for (size_t i = 0; i < url->sentinel_count; i++)
		mem_free(url->sentinels[i].host);
	mem_free(url->sentinels);
	mem_free(url->master);
	mem_free(url->sentinel_user);
	mem_free(url->sentinel_password);
	*url = (struct redis_url){0};
}
