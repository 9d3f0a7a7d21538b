/* The reading half of base/buf.h. */
#include "base/buf.h"

#include <endian.h>

struct reader reader_of(struct str bytes)
{
	static const uint8_t nothing[1];
	const uint8_t *start = bytes.length ? (const uint8_t *)bytes.data : nothing;
	return (struct reader){.at = start, .end = start + bytes.length};
}

/* Moves to the end as well, so that loops over what is left end too. */
static void fail(struct reader *reader)
{
	reader->failed = true;
	reader->at = reader->end;
}

struct str reader_bytes(struct reader *reader, size_t length)
{
	if (__builtin_expect(reader_left(reader) < length, 0)) {
		fail(reader);
		return (struct str){"", 0};
	}
	struct str view = {(const char *)reader->at, length};
	reader->at += length;
	return view;
}

uint8_t reader_byte(struct reader *reader)
{
	struct str view = reader_bytes(reader, 1);
	return view.length ? (uint8_t)view.data[0] : 0;
}

uint32_t reader_u32(struct reader *reader)
{
	uint32_t little = 0;
	struct str view = reader_bytes(reader, sizeof little);
	memcpy(&little, view.data, view.length);
	return le32toh(little);
}

uint64_t reader_u64(struct reader *reader)
{
	uint64_t little = 0;
	struct str view = reader_bytes(reader, sizeof little);
	memcpy(&little, view.data, view.length);
	return le64toh(little);
}

uint64_t reader_varint(struct reader *reader)
{
	uint64_t value = 0;
	const uint8_t *at = reader->at;
	for (unsigned shift = 0; at < reader->end && shift < 64; shift += 7) {
		uint8_t byte = *at++;
		/* The tenth byte has room for one bit only. */
		if (shift == 63 && byte > 1)
			break;
		value |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80) {
			reader->at = at;
			return value;
		}
	}
	fail(reader);
	return 0;
}

int64_t reader_svarint(struct reader *reader)
{
	uint64_t value = reader_varint(reader);
	return (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
}

struct str reader_counted(struct reader *reader)
{
	uint64_t length = reader_varint(reader);
	return reader_bytes(reader, length);
}
