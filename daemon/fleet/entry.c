#include "daemon/fleet/entry.h"

#include "base/hash.h"

#define VERSION 2 /* 1: records were all whole */
#define CRC_SIZE 4
/* Whoever adds to a status adds to the format, too. */
_Static_assert(sizeof(struct shard_counts) == 8 * sizeof(uint64_t), "all counts are written");
_Static_assert(sizeof(struct shard_status) == 6 * sizeof(int64_t) + SCHEMA_TYPES_MAX / 8 + sizeof(struct shard_counts),
	"the whole status is written");

#define FLAG_LAST 1
#define FLAG_WHOLE 2

static size_t begin(struct buf *out, enum entry_kind kind)
{
	size_t start = out->length;
	buf_put_byte(out, VERSION);
	buf_put_byte(out, (uint8_t)kind);
	return start;
}

static void finish(struct buf *out, size_t start)
{
	buf_put_u32(out, hash_crc32c(0, (struct str){out->data + start, out->length - start}));
}

void entry_put_claim(struct buf *out, const struct entry_claim *claim)
{
	size_t start = begin(out, ENTRY_CLAIM);
	buf_put_counted(out, claim->member);
	buf_put_u64(out, claim->nonce);
	buf_put_u64(out, claim->config_hash);
	buf_put_svarint(out, claim->joined_ms);
	finish(out, start);
}

void entry_put_end(struct buf *out, int64_t end)
{
	size_t start = begin(out, ENTRY_END);
	buf_put_svarint(out, end);
	finish(out, start);
}

static void put_counts(struct buf *out, const struct shard_counts *counts)
{
	const uint64_t all[] = {counts->applied, counts->duplicates, counts->late, counts->waiting, counts->refused,
		counts->seeded, counts->missed, counts->records};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		buf_put_varint(out, all[i]);
}

static void put_head(struct buf *out, const struct entry_head *head)
{
	const struct shard_status *status = &head->status;
	const int64_t times[] = {status->end, status->as_of, status->since, status->gap, status->seed_end};
	buf_put_varint(out, status->shard);
	for (size_t i = 0; i < sizeof times / sizeof *times; i++)
		buf_put_svarint(out, times[i]);
	for (size_t i = 0; i < sizeof status->seen_types / sizeof *status->seen_types; i++)
		buf_put_varint(out, status->seen_types[i]);
	put_counts(out, &status->counts);
	buf_put_varint(out, head->publishing_token);
	buf_put_varint(out, head->position_count);
	for (size_t i = 0; i < head->position_count; i++) {
		buf_put_varint(out, head->positions[i].topic);
		buf_put_svarint(out, head->positions[i].next);
		buf_put_svarint(out, head->positions[i].end);
	}
	for (size_t i = 0; i < ENTRY_REFUSALS; i++)
		buf_put_varint(out, head->refused[i]);
}

void entry_put_piece(
	struct buf *out, const struct entry_piece *piece, const struct entry_head *head, struct str records)
{
	size_t start = begin(out, ENTRY_BATCH);
	buf_put_svarint(out, piece->token);
	buf_put_varint(out, piece->number);
	buf_put_varint(out, piece->piece);
	buf_put_byte(out, (uint8_t)((piece->last ? FLAG_LAST : 0) | (piece->whole ? FLAG_WHOLE : 0)));
	put_head(out, head);
	buf_put_counted(out, records);
	finish(out, start);
}

static void read_claim(struct reader *in, struct entry_claim *claim)
{
	claim->member = reader_counted(in);
	claim->nonce = reader_u64(in);
	claim->config_hash = reader_u64(in);
	claim->joined_ms = reader_svarint(in);
	in->failed |= claim->member.length > ENTRY_MEMBER_MAX;
}

static void read_counts(struct reader *in, struct shard_counts *counts)
{
	uint64_t *const all[] = {&counts->applied, &counts->duplicates, &counts->late, &counts->waiting,
		&counts->refused, &counts->seeded, &counts->missed, &counts->records};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		*all[i] = reader_varint(in);
}

static void read_positions(struct reader *in, struct entry_head *head)
{
	head->position_count = reader_varint(in);
	if (head->position_count > SCHEMA_TYPES_MAX) {
		in->failed = true;
		head->position_count = 0;
	}
	for (size_t i = 0; i < head->position_count; i++) {
		uint64_t topic = reader_varint(in);
		int64_t next = reader_svarint(in), end = reader_svarint(in);
		in->failed |= topic >= SCHEMA_TYPES_MAX;
		head->positions[i] = (struct input_position){(uint16_t)topic, next, end};
	}
}

static void read_head(struct reader *in, struct entry_head *head)
{
	struct shard_status *status = &head->status;
	int64_t *const times[] = {&status->end, &status->as_of, &status->since, &status->gap, &status->seed_end};
	uint64_t shard = reader_varint(in);
	in->failed |= shard > UINT32_MAX;
	status->shard = (uint32_t)shard;
	for (size_t i = 0; i < sizeof times / sizeof *times; i++)
		*times[i] = reader_svarint(in);
	for (size_t i = 0; i < sizeof status->seen_types / sizeof *status->seen_types; i++)
		status->seen_types[i] = reader_varint(in);
	read_counts(in, &status->counts);
	head->publishing_token = reader_varint(in);
	read_positions(in, head);
	for (size_t i = 0; i < ENTRY_REFUSALS; i++)
		head->refused[i] = reader_varint(in);
}

static void read_piece(struct reader *in, struct entry *entry)
{
	struct entry_piece *piece = &entry->piece;
	piece->token = reader_svarint(in);
	piece->number = reader_varint(in);
	uint64_t index = reader_varint(in);
	uint8_t flags = reader_byte(in);
	in->failed |= index > UINT32_MAX || flags > (FLAG_LAST | FLAG_WHOLE);
	piece->piece = (uint32_t)index;
	piece->last = flags & FLAG_LAST;
	piece->whole = flags & FLAG_WHOLE;
	read_head(in, &entry->head);
	entry->records = reader_counted(in);
}

static bool adds_up(struct str bytes)
{
	if (bytes.length < 2 + CRC_SIZE)
		return false;
	struct reader crc = reader_of((struct str){bytes.data + bytes.length - CRC_SIZE, CRC_SIZE});
	return hash_crc32c(0, (struct str){bytes.data, bytes.length - CRC_SIZE}) == reader_u32(&crc);
}

enum result entry_read(struct str bytes, struct entry *ret_entry)
{
	if (!adds_up(bytes))
		return RESULT_CORRUPT;
	struct reader in = reader_of((struct str){bytes.data, bytes.length - CRC_SIZE});
	if (reader_byte(&in) != VERSION)
		return RESULT_VERSION;
	ret_entry->kind = (enum entry_kind)reader_byte(&in);
	if (ret_entry->kind == ENTRY_CLAIM)
		read_claim(&in, &ret_entry->claim);
	else if (ret_entry->kind == ENTRY_BATCH)
		read_piece(&in, ret_entry);
	else if (ret_entry->kind == ENTRY_END)
		ret_entry->end = reader_svarint(&in);
	else
		return RESULT_VERSION;
	return reader_done(&in) ? RESULT_OK : RESULT_CORRUPT;
}
