#include "pipeline/shard_outline.h"

#include <string.h>

static const char magic[8] = "kpidshrd";

static const char *const tags[SECTION_COUNT] = {"INPT", "STAT", "GRPS", "CUST", "WIND", "WAIT", "PAST"};

const char *shard_section_tag(enum shard_section section)
{
	return tags[section];
}

void shard_outline_begin(struct buf *out, uint32_t index, uint64_t meaning)
{
	buf_put(out, magic, sizeof magic);
	buf_put_u32(out, SHARD_FORMAT);
	buf_put_u32(out, index);
	buf_put_u64(out, meaning);
}

size_t shard_section_begin(struct buf *out, enum shard_section section, struct hash_sum *ret_sum)
{
	buf_put(out, tags[section], 4);
	buf_put_u64(out, 0);
	*ret_sum = (struct hash_sum){0, out->length};
	return out->length;
}

static void patch_u64(struct buf *out, size_t at, uint64_t value)
{
	buf_patch_u32(out, at, (uint32_t)value);
	buf_patch_u32(out, at + 4, (uint32_t)(value >> 32));
}

void shard_section_end(struct buf *out, size_t start, struct hash_sum *sum)
{
	hash_sum_add(sum, buf_str(out));
	patch_u64(out, start - 8, out->length - start);
	buf_put_u32(out, sum->crc);
}

/* False where the sections behind it cannot be found. */
static bool read_section(struct reader *in, int section, struct shard_outline *outline)
{
	struct str tag = reader_bytes(in, 4);
	uint64_t length = reader_u64(in);
	if (in->failed || memcmp(tag.data, tags[section], 4) != 0 || length > reader_left(in))
		return false;
	outline->sections[section] = reader_bytes(in, length);
	uint32_t crc = reader_u32(in);
	outline->good[section] = !in->failed && crc == hash_crc32c(0, outline->sections[section]);
	return !in->failed;
}

static void read_sections(struct reader *in, struct shard_outline *outline)
{
	outline->whole = true;
	for (int s = 0; s < SECTION_COUNT && read_section(in, s, outline); s++)
		;
	for (int s = 0; s < SECTION_COUNT; s++)
		outline->whole &= outline->good[s];
	outline->whole &= reader_done(in);
}

enum result shard_outline_read(struct str bytes, struct shard_outline *ret_outline)
{
	struct reader in = reader_of(bytes);
	struct str start = reader_bytes(&in, sizeof magic);
	struct shard_outline outline = {.format = reader_u32(&in)};
	outline.index = reader_u32(&in);
	outline.meaning = reader_u64(&in);
	if (in.failed || memcmp(start.data, magic, sizeof magic) != 0)
		return RESULT_CORRUPT;
	bool known = outline.format >= SHARD_FORMAT_OLDEST && outline.format <= SHARD_FORMAT;
	if (known)
		read_sections(&in, &outline);
	*ret_outline = outline;
	return known ? RESULT_OK : RESULT_VERSION;
}
