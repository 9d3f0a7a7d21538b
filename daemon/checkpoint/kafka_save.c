/* Writing: chunks, and once all of them are acknowledged the manifest; then what is older than two generations goes. */
#include "daemon/checkpoint/kafka.h"

#include "base/hash.h"
#include "base/log.h"
#include "base/mem.h"

static struct kafka_key key_of(uint32_t shard, const struct kafka_generation *generation, enum kafka_key_kind kind)
{
	return (struct kafka_key){kind, shard, generation->epoch, generation->generation, 0};
}

/* A test stops here as a crash would, with all on the broker that was sent. */
static enum result stop_here(struct kafka_store *kafka, uint32_t shard, enum store_step step)
{
	if (!kafka->store.hook)
		return RESULT_OK;
	enum result result = kafka_flush(kafka, shard);
	return result ? result : store_step(&kafka->store, step) ? RESULT_OK : RESULT_CLOSED;
}

/* What was sent is in the index, so that it goes some day even when the rest fails. */
static enum result send_chunk(struct kafka_store *kafka, uint32_t shard, struct kafka_generation *generation,
	uint32_t number, struct str bytes)
{
	struct kafka_key key = key_of(shard, generation, KEY_CHUNK);
	size_t at = number * CHUNK_BYTES, left = bytes.length - at;
	key.number = number;
	generation->live[number] = true;
	return kafka_send(kafka, &key, (struct str){bytes.data + at, left < CHUNK_BYTES ? left : CHUNK_BYTES});
}

static enum result send_chunks(
	struct kafka_store *kafka, uint32_t shard, struct kafka_generation *generation, struct str bytes)
{
	enum result result = stop_here(kafka, shard, STORE_OPENED);
	for (uint32_t i = 0; i < generation->chunks && !result; i++) {
		result = send_chunk(kafka, shard, generation, i, bytes);
		if (!result)
			result = stop_here(kafka, shard, STORE_HALF_WRITTEN);
	}
	if (!result)
		result = stop_here(kafka, shard, STORE_WRITTEN);
	if (!result)
		result = kafka_flush(kafka, shard);
	return result ? result : stop_here(kafka, shard, STORE_SYNCED);
}

static enum result send_manifest(struct kafka_store *kafka, uint32_t shard, struct kafka_generation *generation)
{
	struct kafka_key key = key_of(shard, generation, KEY_MANIFEST);
	struct buf value;
	buf_init(&value);
	manifest_put(&value, &key, &generation->manifest);
	/* Until it is acknowledged it may be there or not. */
	generation->readable = RESULT_TIMEOUT;
	generation->last = 0;
	enum result result = kafka_send_wait(kafka, &key, buf_str(&value), &generation->last);
	if (!result)
		generation->readable = RESULT_OK;
	buf_release(&value);
	return result;
}

/* The manifest first: nobody shall look for chunks that are gone. */
static enum result take_back(struct kafka_store *kafka, uint32_t shard, const struct kafka_generation *generation)
{
	const struct str nothing = {NULL, 0};
	struct kafka_key key = key_of(shard, generation, KEY_MANIFEST);
	enum result result = generation->last < 0 ? RESULT_OK : kafka_send(kafka, &key, nothing);
	key.kind = KEY_CHUNK;
	for (key.number = 0; key.number < generation->chunks && !result; key.number++)
		if (generation->live[key.number])
			result = kafka_send(kafka, &key, nothing);
	return result ? result : kafka_flush(kafka, shard);
}

/* What cannot be taken back now is taken back after the next save. */
static enum result remove_garbage(struct kafka_store *kafka, uint32_t shard, size_t kept)
{
	struct kafka_shard *own = &kafka->shards[shard];
	enum result result = kafka_connect(kafka);
	size_t at = 0;
	while (!result && (at = kafka_index_garbage(&own->index, at, own->epoch, kept)) < own->index.count) {
		result = take_back(kafka, shard, &own->index.items[at]);
		if (!result)
			kafka_index_drop(&own->index, at);
	}
	return result;
}

/* A place in the index for the bytes, under a number that was never used. */
static struct kafka_generation *begin(struct kafka_shard *own, struct str bytes)
{
	struct kafka_generation *generation = kafka_index_find(&own->index, own->epoch, ++own->generation);
	generation->chunks = (uint32_t)((bytes.length + CHUNK_BYTES - 1) / CHUNK_BYTES);
	generation->live = NEW_ARRAY(bool, generation->chunks);
	generation->manifest = (struct manifest){generation->chunks, bytes.length, hash_crc32c(0, bytes)};
	return generation;
}

static enum result write_generation(struct kafka_store *kafka, uint32_t shard, struct str bytes)
{
	struct kafka_generation *generation = begin(&kafka->shards[shard], bytes);
	enum result result = kafka_connect(kafka);
	if (!result)
		result = send_chunks(kafka, shard, generation, bytes);
	if (!result)
		result = send_manifest(kafka, shard, generation);
	return result ? result : stop_here(kafka, shard, STORE_RENAMED);
}

enum result kafka_save(struct store *store, uint32_t shard, struct str bytes)
{
	struct kafka_store *kafka = kafka_of(store);
	if (bytes.length > (size_t)CHUNKS_MAX * CHUNK_BYTES)
		return kafka_fail(kafka, shard, RESULT_RANGE, "the state is larger than 32 GiB");
	enum result result =
		shard < kafka->shard_count && kafka->shards[shard].epoch ? RESULT_OK : store_claim(store, shard);
	if (!result)
		result = write_generation(kafka, shard, bytes);
	if (result)
		return result;
	if (remove_garbage(kafka, shard, GENERATIONS_KEPT))
		log_warning("older checkpoints are not removed yet: %s", store->error);
	return store_step(store, STORE_DIRECTORY_SYNCED) ? RESULT_OK : RESULT_CLOSED;
}

enum result kafka_remove(struct store *store, uint32_t shard)
{
	enum result result = store_claim(store, shard);
	return result ? result : remove_garbage(kafka_of(store), shard, 0);
}
