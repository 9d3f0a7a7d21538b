#include "daemon/checkpoint/directory.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum result directory_fail(struct directory *directory, const char *name, const char *step, int error)
{
	snprintf(directory->store.error, STORE_ERROR_SIZE, "%s/%s: %s: %s", directory->store.place, name, step,
		strerror(error));
	return RESULT_IO;
}

/* All missing parts of the path. */
static int make_directories(const char *directory)
{
	char *path = mem_text(directory);
	for (char *at = path + 1; *at; at++) {
		if (*at != '/')
			continue;
		*at = '\0';
		(void)mkdir(path, 0755); /* the last step tells what is wrong */
		*at = '/';
	}
	int result = mkdir(path, 0700);
	mem_free(path);
	return result == 0 || errno == EEXIST ? 0 : -1;
}

static enum result lock(struct directory *directory)
{
	struct store *store = &directory->store;
	directory->lock_fd = openat(directory->directory_fd, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (directory->lock_fd < 0)
		return directory_fail(directory, "lock", "open", errno);
	if (flock(directory->lock_fd, LOCK_EX | LOCK_NB) == 0)
		return RESULT_OK;
	if (errno != EWOULDBLOCK)
		return directory_fail(directory, "lock", "lock", errno);
	snprintf(store->error, sizeof store->error,
		"%s is in use by another process; each needs a checkpoint directory of its own", store->place);
	return RESULT_CONFLICT;
}

static enum result open_directory(struct directory *directory)
{
	directory->directory_fd = open(directory->store.place, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return directory->directory_fd < 0 ? directory_fail(directory, "", "open", errno) : RESULT_OK;
}

static enum result take_directory(struct directory *directory)
{
	if (make_directories(directory->store.place))
		return directory_fail(directory, "", "make", errno);
	enum result result = open_directory(directory);
	if (result == RESULT_OK)
		result = lock(directory);
	return result ? result : directory_remove_temporary(directory);
}

/* Files need no room made for them, but those of a shard that is there no more tell that customers were spread otherwise. */
static enum result prepare(struct store *store, uint32_t shard_count)
{
	struct store_listing listing;
	enum result result = directory_list(directory_of(store), &listing);
	if (result)
		return result;
	uint32_t highest = listing.count ? listing.entries[listing.count - 1].shard : 0;
	store_listing_release(&listing);
	if (highest < shard_count)
		return RESULT_OK;
	snprintf(store->error, sizeof store->error,
		"the checkpoint is of topics with %u partitions, but they have %u now", highest + 1, shard_count);
	return RESULT_CONFLICT;
}

/* Who holds the lock holds all shards. */
static enum result claim(struct store *store, uint32_t shard)
{
	(void)store;
	(void)shard;
	return RESULT_OK;
}

/* Closing the file gives the lock back. */
static void close_directory(struct store *store)
{
	struct directory *directory = directory_of(store);
	if (directory->lock_fd >= 0)
		close(directory->lock_fd);
	if (directory->directory_fd >= 0)
		close(directory->directory_fd);
	mem_free(store->place);
	mem_free(directory);
}

static const struct store_ops ops = {
	.prepare = prepare,
	.claim = claim,
	.save = directory_save,
	.load = directory_load,
	.shards = directory_shards,
	.each = directory_each,
	.remove = directory_remove,
	.close = close_directory,
};

enum result directory_open(const struct store_options *options, struct store **ret_store)
{
	struct directory *directory = NEW(struct directory);
	directory->store.ops = &ops;
	directory->store.place = mem_text(options->directory);
	directory->directory_fd = directory->lock_fd = -1;
	*ret_store = &directory->store;
	return options->reading ? open_directory(directory) : take_directory(directory);
}
