#include "daemon/redis/command.h"

#define DIGITS_MAX 20
#define HEADER_MAX (DIGITS_MAX + 3)

static size_t digits_of(uint64_t number, char ret_digits[DIGITS_MAX])
{
	char *end = ret_digits + DIGITS_MAX, *at = end;
	do {
		*--at = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	memmove(ret_digits, at, (size_t)(end - at));
	return (size_t)(end - at);
}

/* Into room that is there; returns what was written. */
static size_t write_header(char *at, char kind, size_t number)
{
	char digits[DIGITS_MAX];
	size_t length = digits_of(number, digits);
	at[0] = kind;
	memcpy(at + 1, digits, length);
	memcpy(at + 1 + length, "\r\n", 2);
	return length + 3;
}

void command_begin(struct buf *out, size_t arguments)
{
	char header[HEADER_MAX];
	buf_put(out, header, write_header(header, '*', arguments));
}

void command_put(struct buf *out, struct str argument)
{
	command_put_joined(out, argument, (struct str){0});
}

void command_put_text(struct buf *out, const char *argument)
{
	command_put(out, str_of(argument));
}

void command_put_number(struct buf *out, uint64_t number)
{
	char digits[DIGITS_MAX];
	command_put(out, (struct str){digits, digits_of(number, digits)});
}

void command_put_joined(struct buf *out, struct str first, struct str second)
{
	buf_reserve(out, first.length + second.length + HEADER_MAX + 2);
	char *start = out->data + out->length, *at = start;
	at += write_header(at, '$', first.length + second.length);
	if (first.length)
		memcpy(at, first.data, first.length);
	at += first.length;
	if (second.length)
		memcpy(at, second.data, second.length);
	at += second.length;
	memcpy(at, "\r\n", 3);
	out->length += (size_t)(at + 2 - start);
}
