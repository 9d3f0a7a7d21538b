/* What a kind of store is made of: the head that all share, and its operations. */
#ifndef DAEMON_CHECKPOINT_STORE_OPS_H
#define DAEMON_CHECKPOINT_STORE_OPS_H

#include "daemon/checkpoint/store.h"

#include <stdbool.h>

enum { STORE_ERROR_SIZE = 512, GENERATIONS_KEPT = 2 };

/* As the functions of store.h of the same names. */
struct store_ops {
	enum result (*prepare)(struct store *store, uint32_t shard_count);
	enum result (*claim)(struct store *store, uint32_t shard);
	enum result (*save)(struct store *store, uint32_t shard, struct str bytes);
	enum result (*load)(struct store *store, uint32_t shard, struct buf *bytes);
	enum result (*shards)(struct store *store, uint32_t *shards, size_t max, size_t *ret_count);
	enum result (*each)(struct store *store, store_visitor *visit, void *context); /* NULL: as store.c has it */
	enum result (*remove)(struct store *store, uint32_t shard);
	void (*close)(struct store *store); /* frees the store, too */
};

/* The first member of each kind's own struct. */
struct store {
	const struct store_ops *ops;
	char *place;
	uint64_t fallbacks;
	store_hook *hook;
	void *hook_context;
	char error[STORE_ERROR_SIZE];
};

/* False: a test stops here as a crash would. */
static inline bool store_step(struct store *store, enum store_step step)
{
	return !store->hook || store->hook(step, store->hook_context);
}

/* The kinds. On failure *ret_store is a store all the same, whose error says what is wrong. */
enum result directory_open(const struct store_options *options, struct store **ret_store);
enum result kafka_open(const struct store_options *options, struct store **ret_store);

#endif
