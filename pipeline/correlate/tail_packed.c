/* A tail packed: its records stand one behind the other, and of each entry what the records do not say. */
#include "base/check.h"
#include "base/mem.h"
#include "pipeline/correlate/tail.h"

enum { SUPERSEDED = 1, RETRACTED = 2, RETRACTS = 4, HAS_GATE = 8 };

/* Of a record that is likely to come next: there is room for it then. */
#define RECORD_BYTES 80

static void pack_entry(const struct tail *tail, uint32_t at, uint32_t size, struct buf *out)
{
	const struct tail_entry *entry = &tail->entries[at];
	unsigned flags = entry->superseded * SUPERSEDED | entry->retracted * RETRACTED | entry->retracts * RETRACTS |
		(entry->gate != 0) * HAS_GATE;
	buf_put_varint(out, size);
	buf_put_u32(out, tail->id_hashes[at]);
	buf_put_byte(out, (uint8_t)flags);
	if (entry->gate)
		buf_put_u32(out, entry->gate);
}

void tail_pack(const struct tail *tail, struct buf *out)
{
	for (uint32_t i = 0; i < tail->count; i++)
		pack_entry(tail, i, tail_size(tail, i), out);
}

static struct tail_entry unpack_entry(
	struct reader *standing, uint32_t offset, uint32_t *ret_size, uint32_t *ret_id_hash)
{
	*ret_size = (uint32_t)reader_varint(standing);
	*ret_id_hash = reader_u32(standing);
	struct tail_entry entry = {.offset = offset};
	uint8_t flags = reader_byte(standing);
	entry.superseded = flags & SUPERSEDED;
	entry.retracted = flags & RETRACTED;
	entry.retracts = flags & RETRACTS;
	entry.gate = flags & HAS_GATE ? reader_u32(standing) : 0;
	return entry;
}

void tail_unpack(struct tail *tail, uint32_t count, struct str records, struct reader *standing)
{
	uint32_t offset = 0;
	CHECK(tail->count == 0 && records.length <= UINT32_MAX);
	if (tail->capacity < count)
		tail_reserve(tail, count + 1);
	for (uint32_t i = 0; i < count; i++) {
		uint32_t size;
		tail->entries[i] = unpack_entry(standing, offset, &size, &tail->id_hashes[i]);
		tail->retractions += tail->entries[i].retracts;
		offset += size;
	}
	tail->count = count;
	buf_reserve(&tail->bytes, records.length + RECORD_BYTES);
	buf_put_str(&tail->bytes, records);
	tail_note_ends(tail);
	CHECK(offset == records.length && !standing->failed);
}
