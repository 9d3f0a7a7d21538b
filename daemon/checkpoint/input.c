#include "daemon/checkpoint/input.h"

void input_put_head(struct buf *out, uint64_t token, uint32_t partitions)
{
	buf_put_u64(out, token);
	buf_put_u32(out, partitions);
}

void input_put_count(struct buf *out, size_t count)
{
	buf_put_varint(out, count);
}

void input_put_position(struct buf *out, const struct feed_position *position)
{
	buf_put_counted(out, position->topic);
	buf_put_svarint(out, position->next);
	buf_put_svarint(out, position->last_offset);
	buf_put_u32(out, position->fingerprint);
	buf_put_byte(out, position->has_fingerprint);
}

enum result input_read(struct str bytes, struct checkpoint_input *ret_input)
{
	struct reader in = reader_of(bytes);
	struct checkpoint_input input = {.token = reader_u64(&in)};
	input.partitions = reader_u32(&in);
	if (in.failed)
		return RESULT_CORRUPT;
	input.positions = (struct str){(const char *)in.at, reader_left(&in)};
	*ret_input = input;
	return RESULT_OK;
}

int input_positions(struct str positions, struct feed_position *ret_positions, int max)
{
	struct reader in = reader_of(positions);
	uint64_t count = reader_varint(&in);
	for (uint64_t i = 0; i < count && !in.failed; i++) {
		struct feed_position position = {.topic = reader_counted(&in)};
		position.next = reader_svarint(&in);
		position.last_offset = reader_svarint(&in);
		position.fingerprint = reader_u32(&in);
		position.has_fingerprint = reader_byte(&in) != 0;
		if (!in.failed && i < (uint64_t)max)
			ret_positions[i] = position;
	}
	return reader_done(&in) ? (int)count : -1;
}
