#include "daemon/checkpoint/frame.h"

#include "base/check.h"
#include "base/hash.h"

static const struct str magic = {"KPIDCKPT", 8};

void frame_head(struct buf *out, uint32_t shard, uint64_t generation, struct str bytes)
{
	buf_put_str(out, magic);
	buf_put_u32(out, FRAME_VERSION);
	buf_put_u32(out, shard);
	buf_put_u64(out, generation);
	buf_put_u64(out, bytes.length);
	CHECK(out->length == FRAME_HEAD);
}

void frame_foot(struct buf *out, struct str head, struct str bytes)
{
	buf_put_u32(out, hash_crc32c(hash_crc32c(0, head), bytes));
}

enum result frame_open(struct str file, uint32_t shard, uint64_t generation, struct str *ret_bytes)
{
	if (file.length < FRAME_HEAD + FRAME_FOOT)
		return RESULT_CORRUPT;
	struct reader in = reader_of(file);
	struct str found = reader_bytes(&in, magic.length);
	uint32_t version = reader_u32(&in);
	uint32_t found_shard = reader_u32(&in);
	uint64_t found_generation = reader_u64(&in);
	uint64_t length = reader_u64(&in);
	size_t signed_length = file.length - FRAME_FOOT;
	struct reader foot = reader_of((struct str){file.data + signed_length, FRAME_FOOT});
	if (!str_equal(found, magic) || hash_crc32c(0, (struct str){file.data, signed_length}) != reader_u32(&foot))
		return RESULT_CORRUPT;
	if (version != FRAME_VERSION)
		return RESULT_VERSION;
	if (found_shard != shard || found_generation != generation || length != signed_length - FRAME_HEAD)
		return RESULT_CORRUPT;
	*ret_bytes = (struct str){file.data + FRAME_HEAD, (size_t)length};
	return RESULT_OK;
}
