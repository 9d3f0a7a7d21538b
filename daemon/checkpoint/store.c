#include "daemon/checkpoint/store_internal.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum result store_fail(struct store *store, const char *name, const char *step, int error)
{
	snprintf(store->error, sizeof store->error, "%s/%s: %s: %s", store->directory, name, step, strerror(error));
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

static enum result lock(struct store *store)
{
	store->lock_fd = openat(store->directory_fd, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (store->lock_fd < 0)
		return store_fail(store, "lock", "open", errno);
	if (flock(store->lock_fd, LOCK_EX | LOCK_NB) == 0)
		return RESULT_OK;
	if (errno != EWOULDBLOCK)
		return store_fail(store, "lock", "lock", errno);
	snprintf(store->error, sizeof store->error,
		"%s is in use by another process; each needs a checkpoint directory of its own", store->directory);
	return RESULT_CONFLICT;
}

static enum result open_directory(struct store *store)
{
	store->directory_fd = open(store->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return store->directory_fd < 0 ? store_fail(store, "", "open", errno) : RESULT_OK;
}

static enum result take_directory(struct store *store)
{
	if (make_directories(store->directory))
		return store_fail(store, "", "make", errno);
	enum result result = open_directory(store);
	if (result == RESULT_OK)
		result = lock(store);
	return result ? result : store_remove_temporary(store);
}

static enum result open_by(enum result (*step)(struct store *store), const char *directory, char *error,
	size_t error_size, struct store **ret_store)
{
	struct store *store = NEW(struct store);
	store->directory = mem_text(directory);
	store->directory_fd = store->lock_fd = -1;
	enum result result = step(store);
	if (result) {
		snprintf(error, error_size, "%s", store->error);
		store_close(store);
		return result;
	}
	*ret_store = store;
	return RESULT_OK;
}

enum result store_open(const char *directory, char *error, size_t error_size, struct store **ret_store)
{
	return open_by(take_directory, directory, error, error_size, ret_store);
}

enum result store_open_reading(const char *directory, char *error, size_t error_size, struct store **ret_store)
{
	return open_by(open_directory, directory, error, error_size, ret_store);
}

enum result store_shards(struct store *store, uint32_t *shards, size_t max, size_t *ret_count)
{
	struct store_listing listing;
	enum result result = store_list(store, &listing);
	if (result)
		return result;
	size_t count = 0;
	for (size_t i = 0; i < listing.count; i++) {
		if (i > 0 && listing.entries[i].shard == listing.entries[i - 1].shard)
			continue;
		if (count < max)
			shards[count] = listing.entries[i].shard;
		count++;
	}
	store_listing_release(&listing);
	*ret_count = count;
	return RESULT_OK;
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

/* Closing the file gives the lock back. */
void store_close(struct store *store)
{
	if (!store)
		return;
	if (store->lock_fd >= 0)
		close(store->lock_fd);
	if (store->directory_fd >= 0)
		close(store->directory_fd);
	mem_free(store->directory);
	mem_free(store);
}
