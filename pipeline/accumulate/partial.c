#include "pipeline/accumulate/partial.h"

#include "base/check.h"

/* A cell, a set of views and one total: at least a byte each. */
enum { ENTRY_BYTES_MIN = 3 };
/* The most that a number takes. */
enum { VARINT_MAX = 10 };

void partial_put_record(struct buf *out, uint8_t dimension, struct str key, uint64_t count)
{
	buf_put_byte(out, dimension);
	buf_put_counted(out, key);
	buf_put_varint(out, count);
}

void partial_put_entry(struct buf *out, uint32_t previous_cell, const struct partial_entry *entry)
{
	CHECK(entry->cell >= previous_cell && entry->views);
	buf_put_varint(out, entry->cell - previous_cell);
	buf_put_varint(out, entry->views);
	for (uint64_t left = entry->views; left; left &= left - 1)
		buf_put_svarint(out, entry->totals[__builtin_ctzll(left)]);
}

static inline uint8_t *put_varint(uint8_t *at, uint64_t value)
{
	for (; value >= 0x80; value >>= 7)
		*at++ = (uint8_t)(value | 0x80);
	*at++ = (uint8_t)value;
	return at;
}

void partial_put_totals(struct buf *out, uint32_t step, uint64_t views, const int64_t *totals)
{
	int64_t said[MODEL_VIEWS_MAX];
	uint64_t said_views = 0;
	unsigned count = 0;
	for (uint64_t left = views; left; left &= left - 1, totals++)
		if (*totals != 0) {
			said_views |= left & -left;
			said[count++] = *totals;
		}
	buf_reserve(out, (count + 2) * VARINT_MAX);
	uint8_t *start = (uint8_t *)out->data + out->length;
	uint8_t *at = put_varint(put_varint(start, step), said_views);
	for (unsigned i = 0; i < count; i++)
		at = put_varint(at, (uint64_t)said[i] << 1 ^ (uint64_t)(said[i] >> 63));
	out->length += (size_t)(at - start);
	out->data[out->length] = 0;
}

struct partial_reader partial_reader_of(struct str bytes)
{
	return (struct partial_reader){.bytes = reader_of(bytes)};
}

static bool fail(struct partial_reader *reader)
{
	reader->bytes.failed = true;
	reader->bytes.at = reader->bytes.end;
	reader->left = 0;
	return false;
}

bool partial_next_record(struct partial_reader *reader, struct partial_record *ret_record)
{
	struct partial_entry unread;
	while (partial_next_entry(reader, &unread))
		;
	if (reader->bytes.failed || reader_left(&reader->bytes) == 0)
		return false;
	struct partial_record record = {.dimension = reader_byte(&reader->bytes)};
	record.key = reader_counted(&reader->bytes);
	record.count = reader_varint(&reader->bytes);
	if (reader->bytes.failed || record.dimension >= MODEL_DIMENSIONS_MAX ||
		record.count > reader_left(&reader->bytes) / ENTRY_BYTES_MIN)
		return fail(reader);
	reader->left = record.count;
	reader->cell = 0;
	reader->inside = false;
	*ret_record = record;
	return true;
}

/* Nearly all numbers have one or two bytes. */
static inline uint64_t next_varint(struct reader *reader)
{
	const uint8_t *at = reader->at;
	if (reader->end - at < 2 || (at[0] & at[1] & 0x80))
		return reader_varint(reader);
	reader->at = at + 1 + (at[0] >> 7);
	return at[0] < 0x80 ? at[0] : (uint64_t)(at[0] & 0x7f) | (uint64_t)at[1] << 7;
}

static inline int64_t next_svarint(struct reader *reader)
{
	uint64_t value = next_varint(reader);
	return (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
}

bool partial_next_entry(struct partial_reader *reader, struct partial_entry *ret_entry)
{
	if (reader->left == 0)
		return false;
	uint64_t step = next_varint(&reader->bytes);
	uint64_t views = next_varint(&reader->bytes);
	/* Only the first cell of a record may be 0 past the one before. */
	if (views == 0 || step > UINT32_MAX - reader->cell || (step == 0 && reader->inside))
		return fail(reader);
	for (uint64_t set = views; set; set &= set - 1)
		ret_entry->totals[__builtin_ctzll(set)] = next_svarint(&reader->bytes);
	if (reader->bytes.failed)
		return fail(reader);
	reader->inside = true;
	reader->cell += (uint32_t)step;
	reader->left--;
	ret_entry->cell = reader->cell;
	ret_entry->views = views;
	return true;
}
