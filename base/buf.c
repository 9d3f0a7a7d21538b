#include "base/buf.h"

#include "base/check.h"
#include "base/mem.h"

#include <endian.h>
#include <stdarg.h>
#include <stdio.h>

enum { SMALLEST = 64 };

/* What an empty buf points at. It is shared between threads and therefore never written, not even with a NUL. */
static char nothing[1];

void buf_init(struct buf *buf)
{
	*buf = (struct buf){.data = nothing};
}

/* capacity does not count the byte for the NUL, so a full buf still ends in one. */
void buf_make_room(struct buf *buf, size_t more)
{
	size_t wanted;
	CHECK(!__builtin_add_overflow(buf->length, more, &wanted) && wanted < SIZE_MAX / 2);
	size_t size = buf->capacity ? mem_next_size(buf->capacity + 1) : SMALLEST;
	if (size < wanted + 1)
		size = wanted + 1;
	buf->data = mem_resize(buf->capacity ? buf->data : NULL, size, 1);
	buf->capacity = size - 1;
	buf->data[buf->length] = '\0';
}

static inline void advance(struct buf *buf, size_t length)
{
	buf->length += length;
	buf->data[buf->length] = '\0';
}

void buf_wrote(struct buf *buf, const char *end)
{
	size_t length = (size_t)(end - buf->data);
	CHECK(length <= buf->capacity);
	advance(buf, length - buf->length);
}

void buf_put(struct buf *buf, const void *bytes, size_t length)
{
	if (length == 0)
		return;
	buf_reserve(buf, length);
	memcpy(buf->data + buf->length, bytes, length);
	advance(buf, length);
}

void buf_put_str(struct buf *buf, struct str text)
{
	buf_put(buf, text.data, text.length);
}

void buf_put_text(struct buf *buf, const char *text)
{
	buf_put(buf, text, strlen(text));
}

void buf_put_byte(struct buf *buf, uint8_t byte)
{
	buf_reserve(buf, 1);
	buf->data[buf->length] = (char)byte;
	advance(buf, 1);
}

void buf_put_u32(struct buf *buf, uint32_t value)
{
	uint32_t little = htole32(value);
	buf_put(buf, &little, sizeof little);
}

void buf_put_u64(struct buf *buf, uint64_t value)
{
	uint64_t little = htole64(value);
	buf_put(buf, &little, sizeof little);
}

void buf_put_varint(struct buf *buf, uint64_t value)
{
	buf_reserve(buf, BUF_VARINT_MAX);
	buf_wrote(buf, buf_write_varint(buf->data + buf->length, value));
}

void buf_put_svarint(struct buf *buf, int64_t value)
{
	buf_put_varint(buf, ((uint64_t)value << 1) ^ (uint64_t)(value >> 63));
}

void buf_put_counted(struct buf *buf, struct str text)
{
	buf_put_varint(buf, text.length);
	buf_put_str(buf, text);
}

void buf_printf(struct buf *buf, const char *format, ...)
{
	va_list arguments, again;
	va_start(arguments, format);
	va_copy(again, arguments);
	/* Mostly there is room, and once is enough. */
	size_t room = buf->capacity - buf->length;
	int length = vsnprintf(room ? buf->data + buf->length : NULL, room, format, arguments);
	va_end(arguments);
	CHECK(length >= 0);
	if ((size_t)length >= room) {
		buf_reserve(buf, (size_t)length);
		if (length)
			vsnprintf(buf->data + buf->length, (size_t)length + 1, format, again);
	}
	va_end(again);
	buf->length += (size_t)length;
}

void buf_patch_u32(struct buf *buf, size_t at, uint32_t value)
{
	uint32_t little = htole32(value);
	CHECK(at <= buf->length && buf->length - at >= sizeof little);
	memcpy(buf->data + at, &little, sizeof little);
}

void buf_clear(struct buf *buf)
{
	buf->length = 0;
	if (buf->capacity)
		buf->data[0] = '\0';
}

void buf_release(struct buf *buf)
{
	if (!buf)
		return;
	if (buf->capacity)
		mem_free(buf->data);
	buf_init(buf);
}
