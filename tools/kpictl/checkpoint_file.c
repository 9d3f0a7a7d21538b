/* kpictl checkpoint export and import: one file with a checkpoint of every shard.
 *
 *   "KPIDEXPT" | version u32 | shards u32 | for each: shard u32, length u64, the bytes | CRC32C u32 of all before */
#include "base/hash.h"
#include "base/mem.h"
#include "daemon/checkpoint/input.h"
#include "pipeline/shard_outline.h"
#include "tools/kpictl/checkpoint.h"
#include "tools/kpictl/verbs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { SHARDS_MAX = 4096, FILE_VERSION = 1 };

static const char magic[8] = "KPIDEXPT";

/* ---- export ---- */

static bool write_all(int fd, struct str bytes)
{
	while (bytes.length) {
		ssize_t written = write(fd, bytes.data, bytes.length);
		if (written < 0 && errno != EINTR)
			return false;
		if (written > 0)
			bytes = (struct str){bytes.data + written, bytes.length - (size_t)written};
	}
	return true;
}

/* Whole or not at all: it has its name only once it is written. */
static bool write_file(const struct checkpoint *checkpoint, const char *path, struct str bytes)
{
	struct buf temporary;
	buf_init(&temporary);
	buf_printf(&temporary, "%s.new", path);
	int fd = open(temporary.data, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	bool good = fd >= 0 && write_all(fd, bytes) && fsync(fd) == 0;
	if (fd >= 0)
		good &= close(fd) == 0;
	good = good && rename(temporary.data, path) == 0;
	if (!good) {
		checkpoint_say(checkpoint, "%s: %s", path, strerror(errno));
		unlink(temporary.data);
	}
	buf_release(&temporary);
	return good;
}

static bool add_shard(const struct checkpoint *checkpoint, struct store *store, uint32_t shard, struct buf *out)
{
	struct buf bytes;
	buf_init(&bytes);
	enum result result = checkpoint_load(store, shard, &bytes);
	if (result != RESULT_OK) {
		const char *error = store_error(store);
		checkpoint_say(checkpoint, "shard %u: %s", shard, *error ? error : result_text(result));
	} else {
		buf_put_u32(out, shard);
		buf_put_u64(out, bytes.length);
		buf_put_str(out, buf_str(&bytes));
	}
	buf_release(&bytes);
	return result == RESULT_OK;
}

static bool collect(const struct checkpoint *checkpoint, struct store *store, struct buf *out, size_t *ret_count)
{
	uint32_t shards[SHARDS_MAX];
	size_t count = 0;
	if (store_shards(store, shards, SHARDS_MAX, &count) != RESULT_OK)
		return checkpoint_say(checkpoint, "%s", store_error(store));
	if (count == 0 || count > SHARDS_MAX)
		return checkpoint_say(checkpoint, "there is no checkpoint in %s", store_place(store));
	buf_put(out, magic, sizeof magic);
	buf_put_u32(out, FILE_VERSION);
	buf_put_u32(out, (uint32_t)count);
	for (size_t i = 0; i < count; i++)
		if (!add_shard(checkpoint, store, shards[i], out))
			return false;
	buf_put_u32(out, hash_crc32c(0, buf_str(out)));
	*ret_count = count;
	return true;
}

int checkpoint_export(const struct checkpoint *checkpoint)
{
	bool named = checkpoint->argument_count == 2;
	const char *path = checkpoint->arguments[named];
	struct store *store = checkpoint_open(checkpoint, named ? checkpoint->arguments[0] : NULL, true);
	struct buf file;
	size_t count;
	if (!store)
		return EXIT_FOUND;
	buf_init(&file);
	bool good = collect(checkpoint, store, &file, &count) && write_file(checkpoint, path, buf_str(&file));
	if (good)
		printf("%zu shards, %zu bytes: %s\n", count, file.length, path);
	buf_release(&file);
	store_close(store);
	return good ? 0 : EXIT_FOUND;
}

/* ---- import ---- */

struct imported {
	struct buf shards[SHARDS_MAX];
	uint32_t partitions, count;
};

static bool read_file(const char *path, struct buf *bytes)
{
	FILE *file = fopen(path, "rb");
	size_t got;
	if (!file)
		return false;
	do {
		buf_reserve(bytes, 1 << 20);
		got = fread(bytes->data + bytes->length, 1, 1 << 20, file);
		bytes->length += got;
	} while (got > 0);
	bool failed = ferror(file);
	fclose(file);
	return !failed;
}

/* What kpid would ask of it, but for the configuration. */
static bool take_shard(struct imported *imported, uint32_t shard, struct str bytes)
{
	struct shard_outline outline;
	struct checkpoint_input input;
	if (shard >= SHARDS_MAX || shard_outline_read(bytes, &outline) != RESULT_OK || !outline.whole ||
		outline.index != shard || imported->shards[shard].length ||
		input_read(outline.sections[SECTION_INPUT], &input) != RESULT_OK || input.partitions > SHARDS_MAX ||
		shard >= input.partitions || (imported->partitions && imported->partitions != input.partitions))
		return false;
	imported->partitions = input.partitions;
	imported->count++;
	buf_put_str(&imported->shards[shard], bytes);
	return true;
}

static bool split(struct imported *imported, struct str file)
{
	struct reader in = reader_of(file);
	struct str start = reader_bytes(&in, sizeof magic);
	uint32_t version = reader_u32(&in), count = reader_u32(&in);
	if (in.failed || memcmp(start.data, magic, sizeof magic) != 0 || version != FILE_VERSION)
		return false;
	for (uint32_t i = 0; i < count; i++) {
		uint32_t shard = reader_u32(&in);
		uint64_t length = reader_u64(&in);
		if (in.failed || length > reader_left(&in) || !take_shard(imported, shard, reader_bytes(&in, length)))
			return false;
	}
	size_t hashed = file.length - reader_left(&in);
	return reader_u32(&in) == hash_crc32c(0, (struct str){file.data, hashed}) && reader_done(&in) && count > 0;
}

static bool import(const struct checkpoint *checkpoint, struct imported *imported)
{
	struct buf file;
	buf_init(&file);
	bool good = read_file(checkpoint->arguments[0], &file) ||
		checkpoint_say(checkpoint, "%s: %s", checkpoint->arguments[0], strerror(errno));
	good = good &&
		(split(imported, buf_str(&file)) ||
			checkpoint_say(
				checkpoint, "%s is no whole export that this kpictl reads", checkpoint->arguments[0]));
	buf_release(&file);
	struct store *store = good ? checkpoint_open(checkpoint, checkpoint->arguments[1], false) : NULL;
	good = store && checkpoint_may_fill(checkpoint, store) &&
		checkpoint_fill(checkpoint, store, imported->shards, imported->partitions);
	if (good)
		printf("%u shards: %s\n", imported->count, store_place(store));
	store_close(store);
	return good;
}

int checkpoint_import(const struct checkpoint *checkpoint)
{
	struct imported *imported = NEW(struct imported);
	for (uint32_t s = 0; s < SHARDS_MAX; s++)
		buf_init(&imported->shards[s]);
	bool good = import(checkpoint, imported);
	for (uint32_t s = 0; s < SHARDS_MAX; s++)
		buf_release(&imported->shards[s]);
	mem_free(imported);
	return good ? 0 : EXIT_FOUND;
}
