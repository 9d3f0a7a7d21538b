#include "pipeline/accumulate/partial.h"

#include "base/check.h"

/* A cell and a set of views: at least a byte each. */
enum { ENTRY_BYTES_MIN = 2 };
/* The most that a number takes. */
enum { VARINT_MAX = 10 };

void partial_put_record(struct buf *out, const struct partial_record *record)
{
	buf_put_byte(out, record->dimension);
	buf_put_counted(out, record->key);
	buf_put_varint(out, record->count << 1 | record->change);
}

void partial_put_entry(struct buf *out, uint32_t previous_cell, const struct partial_entry *entry)
{
	CHECK(entry->cell >= previous_cell);
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

bool partial_put_totals(struct buf *out, uint32_t step, uint64_t views, const int64_t *totals)
{
	int64_t said[MODEL_VIEWS_MAX];
	uint64_t said_views = 0;
	unsigned count = 0;
	for (uint64_t left = views; left; left &= left - 1, totals++)
		if (*totals != 0) {
			said_views |= left & -left;
			said[count++] = *totals;
		}
	if (count == 0)
		return false;
	buf_reserve(out, (count + 2) * VARINT_MAX);
	uint8_t *start = (uint8_t *)out->data + out->length;
	uint8_t *at = put_varint(put_varint(start, step), said_views);
	for (unsigned i = 0; i < count; i++)
		at = put_varint(at, (uint64_t)said[i] << 1 ^ (uint64_t)(said[i] >> 63));
	out->length += (size_t)(at - start);
	out->data[out->length] = 0;
	return true;
}

void partial_put_gone(struct buf *out, uint32_t step)
{
	buf_put_varint(out, step);
	buf_put_varint(out, 0);
}

struct partial_reader partial_reader_of(struct str bytes)
{
	return (struct partial_reader){.bytes = reader_of(bytes)};
}

struct partial_reader partial_entries_of(struct str entries, uint64_t count)
{
	return (struct partial_reader){.bytes = reader_of(entries), .left = count};
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
	uint32_t cell;
	uint64_t views;
	while (partial_pass_entry(reader, &cell, &views))
		;
	if (reader->bytes.failed || reader_left(&reader->bytes) == 0)
		return false;
	struct partial_record record = {.dimension = reader_byte(&reader->bytes)};
	record.key = reader_counted(&reader->bytes);
	uint64_t count = reader_varint(&reader->bytes);
	record.change = count & 1;
	record.count = count >> 1;
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

static inline void pass_varint(struct reader *reader)
{
	if (reader->at < reader->end && *reader->at < 0x80)
		reader->at++;
	else
		(void)reader_varint(reader);
}

/* Up to its totals. */
static inline bool begin_entry(struct partial_reader *reader, uint32_t *ret_cell, uint64_t *ret_views)
{
	if (reader->left == 0)
		return false;
	uint64_t step = next_varint(&reader->bytes);
	uint64_t views = next_varint(&reader->bytes);
	/* Only the first cell of a record may be 0 past the one before. */
	if (step > UINT32_MAX - reader->cell || (step == 0 && reader->inside))
		return fail(reader);
	*ret_cell = reader->cell + (uint32_t)step;
	*ret_views = views;
	return true;
}

static inline bool end_entry(struct partial_reader *reader, uint32_t cell)
{
	if (reader->bytes.failed)
		return fail(reader);
	reader->inside = true;
	reader->cell = cell;
	reader->left--;
	return true;
}

bool partial_next_entry(struct partial_reader *reader, struct partial_entry *ret_entry)
{
	if (!begin_entry(reader, &ret_entry->cell, &ret_entry->views))
		return false;
	for (uint64_t set = ret_entry->views; set; set &= set - 1)
		ret_entry->totals[__builtin_ctzll(set)] = next_svarint(&reader->bytes);
	return end_entry(reader, ret_entry->cell);
}

static inline bool pass_entry(struct partial_reader *reader, uint32_t *ret_cell, uint64_t *ret_views)
{
	if (!begin_entry(reader, ret_cell, ret_views))
		return false;
	for (uint64_t set = *ret_views; set; set &= set - 1)
		pass_varint(&reader->bytes);
	return end_entry(reader, *ret_cell);
}

bool partial_pass_entry(struct partial_reader *reader, uint32_t *ret_cell, uint64_t *ret_views)
{
	return pass_entry(reader, ret_cell, ret_views);
}

/* How many bytes are the same from here on. */
static size_t common_bytes(const struct reader *a, const struct reader *b)
{
	size_t most = reader_left(a) < reader_left(b) ? reader_left(a) : reader_left(b), same = 0;
	while (most - same >= sizeof(uint64_t) && memcmp(a->at + same, b->at + same, sizeof(uint64_t)) == 0)
		same += sizeof(uint64_t);
	while (same < most && a->at[same] == b->at[same])
		same++;
	return same;
}

/* Entries say how far they are behind the one before: the same bytes behind the same cell are the same entry. */
void partial_pass_same(struct partial_reader *reader, struct partial_reader *other)
{
	uint64_t left = reader->left < other->left ? reader->left : other->left, views;
	uint32_t cell;
	if (left == 0 || reader->cell != other->cell || reader->inside != other->inside)
		return;
	const uint8_t *from = reader->bytes.at, *through = from + common_bytes(&reader->bytes, &other->bytes);
	struct partial_reader passed = *reader;
	for (; left > 0; left--) {
		struct partial_reader next = passed;
		if (!pass_entry(&next, &cell, &views) || next.bytes.at > through)
			break;
		passed = next;
	}
	other->bytes.at += passed.bytes.at - from;
	other->left -= reader->left - passed.left;
	other->cell = passed.cell;
	other->inside = passed.inside;
	*reader = passed;
}

/* ---- changes */

/* An entry as it is: its views and totals in bytes. */
struct said_entry {
	uint32_t cell;
	uint64_t views;
	struct str said;
};

static inline bool pass_said(struct partial_reader *reader, struct said_entry *ret_entry)
{
	const uint8_t *at = reader->bytes.at;
	if (!pass_entry(reader, &ret_entry->cell, &ret_entry->views))
		return false;
	while (*at++ & 0x80)
		;
	ret_entry->said = (struct str){(const char *)at, (size_t)(reader->bytes.at - at)};
	return true;
}

/* Passes what is before the cell; whether it is there then, and the reader behind it. */
static bool pass_up_to(
	struct partial_reader *reader, uint32_t cell, struct said_entry *ret_entry, struct partial_reader *ret_behind)
{
	for (;;) {
		*ret_behind = *reader;
		if (!pass_said(ret_behind, ret_entry) || ret_entry->cell > cell)
			return false;
		if (ret_entry->cell == cell)
			return true;
		*reader = *ret_behind;
	}
}

/* What is written so far, and the cell that it ends with. */
struct writing {
	struct partial_entries *entries;
	uint32_t cell;
};

/* Entries as they were. The first one may stand behind another cell now. */
static void put_unchanged(struct writing *now, const struct partial_reader *from, const struct partial_reader *through)
{
	struct reader run = {.at = from->bytes.at, .end = through->bytes.at};
	if (run.at == run.end)
		return;
	if (from->cell != now->cell)
		buf_put_varint(&now->entries->bytes, reader_varint(&run) + from->cell - now->cell);
	buf_put(&now->entries->bytes, run.at, reader_left(&run));
	now->entries->count += from->left - through->left;
	now->cell = through->cell;
}

static void put_said(struct writing *now, const struct said_entry *entry)
{
	buf_put_varint(&now->entries->bytes, entry->cell - now->cell);
	buf_put_str(&now->entries->bytes, entry->said);
	now->entries->count++;
	now->cell = entry->cell;
}

static void clear(struct partial_entries *entries)
{
	buf_clear(&entries->bytes);
	entries->count = 0;
}

void partial_change(struct partial_reader entries, struct partial_reader change, struct partial_entries *ret_now,
	struct partial_entries *ret_before)
{
	struct writing now = {ret_now, 0}, before = {ret_before, 0};
	struct partial_reader from = entries, behind;
	struct said_entry said, was;
	clear(ret_now);
	clear(ret_before);
	for (; pass_said(&change, &said); from = entries) {
		bool there = pass_up_to(&entries, said.cell, &was, &behind);
		put_unchanged(&now, &from, &entries);
		if (there) {
			put_said(&before, &was);
			entries = behind;
		}
		if (said.views)
			put_said(&now, &said);
	}
	behind = entries;
	behind.bytes.at = behind.bytes.end;
	behind.left = 0;
	put_unchanged(&now, &entries, &behind);
	CHECK(!entries.bytes.failed);
}
