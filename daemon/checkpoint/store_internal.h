/* What the files of the directory store share. */
#ifndef DAEMON_CHECKPOINT_STORE_INTERNAL_H
#define DAEMON_CHECKPOINT_STORE_INTERNAL_H

#include "daemon/checkpoint/store.h"

#include <stdbool.h>

enum { STORE_NAME_SIZE = 64, STORE_ERROR_SIZE = 512, GENERATIONS_KEPT = 2 };

struct store {
	char *directory;
	int directory_fd;
	int lock_fd;
	uint64_t fallbacks;
	store_hook *hook;
	void *hook_context;
	char error[STORE_ERROR_SIZE];
};

struct store_entry {
	uint32_t shard;
	uint64_t generation;
};

struct store_listing {
	struct store_entry *entries; /* by shard, then newest first */
	size_t count, capacity;
};

/* "/var/lib/kpid/<name>: <step>: <errno's text>"; gives RESULT_IO. */
enum result store_fail(struct store *store, const char *name, const char *step, int error);

/* From store_listing.c. */
void store_entry_name(const struct store_entry *entry, bool temporary, char name[STORE_NAME_SIZE]);
MUST_CHECK enum result store_list(struct store *store, struct store_listing *ret_listing);
/* The range of the shard's entries. */
size_t store_listing_find(const struct store_listing *listing, uint32_t shard, size_t *ret_count);
void store_listing_release(struct store_listing *listing);
/* What a crash left of a save that was under way. */
MUST_CHECK enum result store_remove_temporary(struct store *store);

#endif
