/* A growing byte buffer, and a reader that never runs over its end.
 *
 * Invariant: data[0..length) is valid, and data[length] is a NUL that is not counted, so that `data` is also a C string
 * (buf_init leaves data pointing at an empty string). A buf owns its memory. Integers in buffers are little-endian or varints
 * (LEB128; signed ones zigzag), so that bytes mean the same on every machine. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/result.h"
#include "base/str.h"

struct buf {
	char *data;
	size_t length;
	size_t capacity;
};

void buf_init(struct buf *buf);
void buf_put(struct buf *buf, const void *bytes, size_t length);
void buf_put_str(struct buf *buf, struct str text);
void buf_put_text(struct buf *buf, const char *text);
void buf_put_byte(struct buf *buf, uint8_t byte);
void buf_put_u32(struct buf *buf, uint32_t value);
void buf_put_u64(struct buf *buf, uint64_t value);
void buf_put_varint(struct buf *buf, uint64_t value);
void buf_put_svarint(struct buf *buf, int64_t value);
void buf_put_counted(struct buf *buf, struct str text); /* varint length, then the bytes */
void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_make_room(struct buf *buf, size_t more); /* private to buf: there is less */
/* Room for `more` bytes without moving. */
static inline void buf_reserve(struct buf *buf, size_t more)
{
	if (__builtin_expect(buf->capacity - buf->length < more, 0))
		buf_make_room(buf, more);
}
/* For who has reserved room enough and writes there by himself: from data + length on, up to `end`. */
void buf_wrote(struct buf *buf, const char *end);
static inline char *buf_write(char *at, const void *bytes, size_t length)
{
	const char *from = bytes;
	if (length >= 8 && length <= 16) { /* as most are, and no call */
		uint64_t first, last;
		memcpy(&first, from, sizeof first);
		memcpy(&last, from + length - sizeof last, sizeof last);
		memcpy(at, &first, sizeof first);
		memcpy(at + length - sizeof last, &last, sizeof last);
	} else if (length) {
		memcpy(at, from, length);
	}
	return at + length;
}
static inline char *buf_write_varint(char *at, uint64_t value)
{
	for (; value >= 0x80; value >>= 7)
		*at++ = (char)(value | 0x80);
	*at++ = (char)value;
	return at;
}
static inline char *buf_write_svarint(char *at, int64_t value)
{
	return buf_write_varint(at, ((uint64_t)value << 1) ^ (uint64_t)(value >> 63));
}
#define BUF_VARINT_MAX 10
void buf_patch_u32(struct buf *buf, size_t at, uint32_t value); /* overwrites 4 bytes already there */
static inline struct str buf_str(const struct buf *buf)
{
	return (struct str){buf->data, buf->length};
}
void buf_clear(struct buf *buf);   /* empty again, memory kept */
void buf_release(struct buf *buf); /* memory given back; as after buf_init */

/* Reads from front to back. The first read that does not fit sets `failed`, and every read from then on gives 0 or an empty
 * view: check once at the end. Views point into the bytes that were given. */
struct reader {
	const uint8_t *at;
	const uint8_t *end;
	bool failed;
};

struct reader reader_of(struct str bytes);
uint8_t reader_byte(struct reader *reader);
uint32_t reader_u32(struct reader *reader);
uint64_t reader_u64(struct reader *reader);
uint64_t reader_varint(struct reader *reader);
int64_t reader_svarint(struct reader *reader);
struct str reader_bytes(struct reader *reader, size_t length);
struct str reader_counted(struct reader *reader);
static inline size_t reader_left(const struct reader *reader)
{
	return (size_t)(reader->end - reader->at);
}
static inline bool reader_done(const struct reader *reader)
{
	return !reader->failed && reader->at == reader->end;
}

#endif
