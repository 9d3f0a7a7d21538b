#include "daemon/redis/url.h"

#include "base/mem.h"
#include "base/text.h"

#include <stdio.h>

#define PORT_DEFAULT 6379
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
static const char *parse_login(struct str login, struct redis_url *url)
{
	const char *colon = find(login, ':');
	if (!colon)
		return "a login is user:password or :password";
	if (colon > login.data) {
		url->user = decode(before(login, colon));
		if (!url->user)
			return "the user is not valid percent-encoding";
	}
	url->password = decode(after(login, colon));
	return url->password ? NULL : "the password is not valid percent-encoding";
}

/* "host", "host:port", "[::1]:port" */
static const char *parse_place(struct str place, struct redis_url *url)
{
	const char *close = place.length && place.data[0] == '[' ? find(place, ']') : NULL;
	struct str host = close ? before(from(place, 1), close) : place;
	struct str rest = close ? after(place, close) : place;
	const char *colon = find(rest, ':');
	if (colon && !close)
		host = before(place, colon);
	if (host.length == 0 || (close && rest.length && colon != rest.data))
		return "there is no host";
	url->host = copy_of(host);
	return colon ? parse_number(after(rest, colon), 1, 65535, &url->port) : NULL;
}

static const char *parse_tcp(struct str rest, struct redis_url *url)
{
	const char *at = find_last(rest, '@');
	const char *problem = at ? parse_login(before(rest, at), url) : NULL;
	if (problem)
		return problem;
	rest = at ? after(rest, at) : rest;
	const char *slash = find(rest, '/');
	problem = parse_place(slash ? before(rest, slash) : rest, url);
	if (problem || !slash || slash + 1 == rest.data + rest.length)
		return problem;
	return parse_number(after(rest, slash), 0, DATABASE_MAX, &url->database);
}

static const char *parse_unix(struct str rest, struct redis_url *url)
{
	const char *at = find_last(rest, '@');
	const char *problem = at ? parse_login(before(rest, at), url) : NULL;
	if (problem)
		return problem;
	rest = at ? after(rest, at) : rest;
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

static const char *parse(struct str text, struct redis_url *url)
{
	if (starts_with(text, STR("redis://")))
		return parse_tcp(from(text, 8), url);
	if (starts_with(text, STR("unix://")))
		return parse_unix(from(text, 7), url);
	if (starts_with(text, STR("rediss://")))
		return "TLS needs a newer libhiredis than this kpid is built with";
	return "it begins with neither redis:// nor unix://";
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
	*url = (struct redis_url){0};
}
