#include "daemon/checkpoint/store_ops.h"

#include "base/mem.h"

#include <stdio.h>

enum result store_open(const struct store_options *options, char *error, size_t error_size, struct store **ret_store)
{
	struct store *store = NULL;
	enum result result =
		options->kind == STORE_KAFKA ? kafka_open(options, &store) : directory_open(options, &store);
	if (result) {
		snprintf(error, error_size, "%s", store->error);
		store_close(store);
		return result;
	}
	*ret_store = store;
	return RESULT_OK;
}

enum result store_prepare(struct store *store, uint32_t shard_count)
{
	return store->ops->prepare(store, shard_count);
}

enum result store_claim(struct store *store, uint32_t shard)
{
	return store->ops->claim(store, shard);
}

enum result store_save(struct store *store, uint32_t shard, struct str bytes)
{
	return store->ops->save(store, shard, bytes);
}

enum result store_load(struct store *store, uint32_t shard, struct buf *bytes)
{
	return store->ops->load(store, shard, bytes);
}

enum result store_shards(struct store *store, uint32_t *shards, size_t max, size_t *ret_count)
{
	return store->ops->shards(store, shards, max, ret_count);
}

enum { SHARDS_MAX = 4096 };

static enum result visit_newest(struct store *store, store_visitor *visit, void *context)
{
	uint32_t shards[SHARDS_MAX];
	size_t count = 0;
	struct buf bytes;
	enum result result = store_shards(store, shards, SHARDS_MAX, &count);
	buf_init(&bytes);
	for (size_t i = 0; result == RESULT_OK && i < count && i < SHARDS_MAX; i++) {
		enum result loaded = store_load(store, shards[i], &bytes);
		visit(context, shards[i], 0, loaded, loaded == RESULT_OK ? buf_str(&bytes) : (struct str){0});
	}
	buf_release(&bytes);
	return result;
}

enum result store_each(struct store *store, store_visitor *visit, void *context)
{
	return store->ops->each ? store->ops->each(store, visit, context) : visit_newest(store, visit, context);
}

enum result store_remove(struct store *store, uint32_t shard)
{
	return store->ops->remove(store, shard);
}

const char *store_place(const struct store *store)
{
	return store->place;
}

uint64_t store_fallbacks(const struct store *store)
{
	return store->fallbacks;
}

const char *store_error(const struct store *store)
{
	return store->error;
}

void store_set_hook(struct store *store, store_hook *hook, void *context)
{
	store->hook = hook;
	store->hook_context = context;
}

void store_close(struct store *store)
{
	if (store)
		store->ops->close(store);
}
