/* Writing: under another name, synced, renamed into place, and the directory synced; then what is older than two
 * generations goes. */
#include "daemon/checkpoint/frame.h"
#include "daemon/checkpoint/store_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* False: a test stops here as a crash would. */
static bool step(struct store *store, enum store_step step)
{
	return !store->hook || store->hook(step, store->hook_context);
}

static int write_all(int fd, struct str bytes)
{
	while (bytes.length) {
		ssize_t written = write(fd, bytes.data, bytes.length);
		if (written < 0 && errno != EINTR)
			return -1;
		if (written > 0)
			bytes = (struct str){bytes.data + written, bytes.length - (size_t)written};
	}
	return 0;
}

/* RESULT_CLOSED: stopped by the hook. */
static enum result write_file(
	struct store *store, int fd, const char *name, const struct store_entry *entry, struct str bytes)
{
	struct buf head, foot;
	buf_init(&head);
	buf_init(&foot);
	frame_head(&head, entry->shard, entry->generation, bytes);
	frame_foot(&foot, buf_str(&head), bytes);
	size_t half = bytes.length / 2;
	enum result result = RESULT_CLOSED;
	if (!step(store, STORE_OPENED))
		goto release;
	if (write_all(fd, buf_str(&head)) || write_all(fd, (struct str){bytes.data, half}))
		goto fail;
	if (!step(store, STORE_HALF_WRITTEN))
		goto release;
	if (write_all(fd, (struct str){bytes.data + half, bytes.length - half}) || write_all(fd, buf_str(&foot)))
		goto fail;
	if (!step(store, STORE_WRITTEN))
		goto release;
	if (fsync(fd))
		goto fail;
	result = step(store, STORE_SYNCED) ? RESULT_OK : RESULT_CLOSED;
	goto release;

fail:
	result = store_fail(store, name, "write", errno);
release:
	buf_release(&head);
	buf_release(&foot);
	return result;
}

static enum result write_temporary(struct store *store, const struct store_entry *entry, struct str bytes)
{
	char name[STORE_NAME_SIZE];
	store_entry_name(entry, true, name);
	int fd = openat(store->directory_fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return store_fail(store, name, "open", errno);
	enum result result = write_file(store, fd, name, entry, bytes);
	if (close(fd) && !result)
		result = store_fail(store, name, "close", errno);
	if (result == RESULT_IO)
		(void)unlinkat(store->directory_fd, name, 0);
	return result;
}

static enum result put_in_place(struct store *store, const struct store_entry *entry)
{
	char temporary[STORE_NAME_SIZE], name[STORE_NAME_SIZE];
	store_entry_name(entry, true, temporary);
	store_entry_name(entry, false, name);
	if (renameat(store->directory_fd, temporary, store->directory_fd, name))
		return store_fail(store, name, "rename", errno);
	if (!step(store, STORE_RENAMED))
		return RESULT_CLOSED;
	if (fsync(store->directory_fd))
		return store_fail(store, ".", "sync", errno);
	return step(store, STORE_DIRECTORY_SYNCED) ? RESULT_OK : RESULT_CLOSED;
}

/* What cannot be removed now is removed after the next save. */
static void remove_from(struct store *store, const struct store_entry *entries, size_t first, size_t count)
{
	char name[STORE_NAME_SIZE];
	for (size_t i = first; i < count; i++) {
		store_entry_name(&entries[i], false, name);
		(void)unlinkat(store->directory_fd, name, 0);
	}
}

enum result store_save(struct store *store, uint32_t shard, struct str bytes)
{
	struct store_listing listing;
	enum result result = store_list(store, &listing);
	if (result)
		return result;
	size_t count;
	struct store_entry *entries = listing.entries + store_listing_find(&listing, shard, &count);
	struct store_entry entry = {shard, count ? entries[0].generation + 1 : 1};
	result = write_temporary(store, &entry, bytes);
	if (!result)
		result = put_in_place(store, &entry);
	if (!result)
		remove_from(store, entries, GENERATIONS_KEPT - 1, count);
	store_listing_release(&listing);
	return result;
}

enum result store_remove(struct store *store, uint32_t shard)
{
	struct store_listing listing;
	enum result result = store_list(store, &listing);
	if (result)
		return result;
	size_t count;
	struct store_entry *entries = listing.entries + store_listing_find(&listing, shard, &count);
	remove_from(store, entries, 0, count);
	if (fsync(store->directory_fd))
		result = store_fail(store, ".", "sync", errno);
	store_listing_release(&listing);
	return result;
}
