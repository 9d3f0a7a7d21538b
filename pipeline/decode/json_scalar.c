#include "pipeline/decode/json_scalar.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static const char *skip_digits(const char *at)
{
	while (is_digit(*at))
		at++;
	return at;
}

const char *json_number_end(const char *at)
{
	at += *at == '-';
	const char *start = at;
	at = skip_digits(at);
	if (at == start || (*start == '0' && at - start > 1))
		return NULL;
	if (*at == '.') {
		start = ++at;
		at = skip_digits(at);
		if (at == start)
			return NULL;
	}
	if (*at == 'e' || *at == 'E') {
		at++;
		at += *at == '-' || *at == '+';
		start = at;
		at = skip_digits(at);
		if (at == start)
			return NULL;
	}
	return at;
}

static int hex_digit(char c)
{
	if (is_digit(c))
		return c - '0';
	char lower = c | 0x20;
	return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* Four hex digits, or -1. What is none keeps it from running on. */
static int32_t read_unit(const char *at)
{
	int32_t unit = 0;
	for (int i = 0; i < 4; i++) {
		int digit = hex_digit(at[i]);
		if (digit < 0)
			return -1;
		unit = unit * 16 + digit;
	}
	return unit;
}

static char *put_utf8(char *out, int32_t point)
{
	if (point < 0x80) {
		*out++ = (char)point;
		return out;
	}
	if (point < 0x800) {
		*out++ = (char)(0xc0 | point >> 6);
	} else {
		if (point < 0x10000) {
			*out++ = (char)(0xe0 | point >> 12);
		} else {
			*out++ = (char)(0xf0 | point >> 18);
			*out++ = (char)(0x80 | (point >> 12 & 0x3f));
		}
		*out++ = (char)(0x80 | (point >> 6 & 0x3f));
	}
	*out++ = (char)(0x80 | (point & 0x3f));
	return out;
}

/* \uXXXX, or two of them that are a surrogate pair; *at stands behind the u. */
static bool read_point(const char **at, int32_t *ret_point)
{
	int32_t point = read_unit(*at);
	if (point < 0 || (point >= 0xdc00 && point <= 0xdfff))
		return false;
	*at += 4;
	if (point >= 0xd800 && point <= 0xdbff) {
		int32_t low = (*at)[0] == '\\' && (*at)[1] == 'u' ? read_unit(*at + 2) : -1;
		if (low < 0xdc00 || low > 0xdfff)
			return false;
		point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
		*at += 6;
	}
	*ret_point = point;
	return true;
}

static bool read_escape(const char **at, char **out)
{
	static const char named[] = "\"\"\\\\//b\bf\fn\nr\rt\t";
	char c = *(*at)++;
	if (c == 'u') {
		int32_t point;
		if (!read_point(at, &point))
			return false;
		*out = put_utf8(*out, point);
		return true;
	}
	for (const char *pair = named; *pair; pair += 2)
		if (pair[0] == c) {
			*(*out)++ = pair[1];
			return true;
		}
	return false;
}

/* What comes out is never longer than what went in, so it stays behind `at`. */
char *json_resolve(char *start, char *end, struct str *ret_text)
{
	const char *at = end;
	char *out = end;
	while (*at != '"') {
		if ((unsigned char)*at < ' ')
			return NULL;
		if (*at != '\\') {
			*out++ = *at++;
			continue;
		}
		at++;
		if (!read_escape(&at, &out))
			return NULL;
	}
	*ret_text = (struct str){start, (size_t)(out - start)};
	return (char *)at + 1;
}
