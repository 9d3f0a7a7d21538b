#include "daemon/checkpoint/kafka_record.h"

#include "base/check.h"
#include "base/hash.h"

#include <stdio.h>

enum { KEY_SIZE = 128, FOOT = 4 };

static const struct str magic = {"KPIDMNFT", 8};

void kafka_key_put(struct buf *out, const struct kafka_key *key)
{
	unsigned long long epoch = key->epoch, generation = key->generation;
	CHECK(key->kind != KEY_FOREIGN);
	if (key->kind == KEY_CLAIM)
		buf_printf(out, "claim/%u", key->shard);
	else if (key->kind == KEY_MANIFEST)
		buf_printf(out, "manifest/%u/%llu/%llu", key->shard, epoch, generation);
	else
		buf_printf(out, "chunk/%u/%llu/%llu/%u", key->shard, epoch, generation, key->number);
}

static struct kafka_key scan(const char *text)
{
	unsigned shard = 0, number = 0;
	unsigned long long epoch = 0, generation = 0;
	enum kafka_key_kind kind = KEY_FOREIGN;
	if (sscanf(text, "chunk/%9u/%19llu/%19llu/%9u", &shard, &epoch, &generation, &number) == 4)
		kind = KEY_CHUNK;
	else if (sscanf(text, "manifest/%9u/%19llu/%19llu", &shard, &epoch, &generation) == 3)
		kind = KEY_MANIFEST;
	else if (sscanf(text, "claim/%9u", &shard) == 1)
		kind = KEY_CLAIM;
	return (struct kafka_key){kind, shard, epoch, generation, number};
}

/* Only what kpid would write itself: so what was read is written again and compared. */
static bool is_ours(const struct kafka_key *key, struct str text)
{
	struct buf again;
	if (key->kind == KEY_FOREIGN || (key->kind == KEY_CHUNK && key->number >= CHUNKS_MAX))
		return false;
	buf_init(&again);
	kafka_key_put(&again, key);
	bool equal = str_equal(buf_str(&again), text);
	buf_release(&again);
	return equal;
}

struct kafka_key kafka_key_read(struct str text)
{
	char copy[KEY_SIZE];
	if (!text.data || text.length >= sizeof copy)
		return (struct kafka_key){.kind = KEY_FOREIGN};
	memcpy(copy, text.data, text.length);
	copy[text.length] = '\0';
	struct kafka_key key = scan(copy);
	return is_ours(&key, text) ? key : (struct kafka_key){.kind = KEY_FOREIGN};
}

void manifest_put(struct buf *out, const struct kafka_key *key, const struct manifest *manifest)
{
	size_t start = out->length;
	buf_put_str(out, magic);
	buf_put_u32(out, MANIFEST_VERSION);
	buf_put_u32(out, key->shard);
	buf_put_u64(out, key->epoch);
	buf_put_u64(out, key->generation);
	buf_put_u32(out, manifest->chunks);
	buf_put_u64(out, manifest->length);
	buf_put_u32(out, manifest->crc);
	buf_put_u32(out, hash_crc32c(0, (struct str){out->data + start, out->length - start}));
}

static bool adds_up(struct str value)
{
	if (value.length < magic.length + sizeof(uint32_t) + FOOT)
		return false;
	size_t length = value.length - FOOT;
	struct reader foot = reader_of((struct str){value.data + length, FOOT});
	return hash_crc32c(0, (struct str){value.data, length}) == reader_u32(&foot);
}

enum result manifest_read(struct str value, const struct kafka_key *key, struct manifest *ret_manifest)
{
	if (!adds_up(value))
		return RESULT_CORRUPT;
	struct reader in = reader_of((struct str){value.data, value.length - FOOT});
	if (!str_equal(reader_bytes(&in, magic.length), magic))
		return RESULT_CORRUPT;
	if (reader_u32(&in) != MANIFEST_VERSION)
		return RESULT_VERSION;
	bool same = reader_u32(&in) == key->shard;
	same &= reader_u64(&in) == key->epoch;
	same &= reader_u64(&in) == key->generation;
	struct manifest manifest = {.chunks = reader_u32(&in)};
	manifest.length = reader_u64(&in);
	manifest.crc = reader_u32(&in);
	if (!same || !reader_done(&in) || manifest.chunks > CHUNKS_MAX)
		return RESULT_CORRUPT;
	*ret_manifest = manifest;
	return RESULT_OK;
}
