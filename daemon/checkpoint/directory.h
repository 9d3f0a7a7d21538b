/* Checkpoints as files in a directory: what the files directory*.c share. */
#ifndef DAEMON_CHECKPOINT_DIRECTORY_H
#define DAEMON_CHECKPOINT_DIRECTORY_H

#include "daemon/checkpoint/store_ops.h"

enum { STORE_NAME_SIZE = 64 };

struct directory {
	struct store store; /* first; its place is the path */
	int directory_fd;
	int lock_fd;
};

static inline struct directory *directory_of(struct store *store)
{
	return (struct directory *)store;
}

struct store_entry {
	uint32_t shard;
	uint64_t generation;
};

struct store_listing {
	struct store_entry *entries; /* by shard, then newest first */
	size_t count, capacity;
};

/* "/var/lib/kpid/<name>: <step>: <errno's text>"; gives RESULT_IO. */
enum result directory_fail(struct directory *directory, const char *name, const char *step, int error);

/* From directory_listing.c. */
void store_entry_name(const struct store_entry *entry, bool temporary, char name[STORE_NAME_SIZE]);
MUST_CHECK enum result directory_list(struct directory *directory, struct store_listing *ret_listing);
/* The range of the shard's entries. */
size_t store_listing_find(const struct store_listing *listing, uint32_t shard, size_t *ret_count);
void store_listing_release(struct store_listing *listing);
/* What a crash left of a save that was under way. */
MUST_CHECK enum result directory_remove_temporary(struct directory *directory);
enum result directory_shards(struct store *store, uint32_t *shards, size_t max, size_t *ret_count);

/* From directory_load.c and directory_save.c. */
enum result directory_load(struct store *store, uint32_t shard, struct buf *bytes);
enum result directory_each(struct store *store, store_visitor *visit, void *context);
enum result directory_save(struct store *store, uint32_t shard, struct str bytes);
enum result directory_remove(struct store *store, uint32_t shard);

#endif
