/* Writing: under another name, synced, renamed into place, and the directory synced; then what is older than two
 * generations goes. */
#include "daemon/checkpoint/directory.h"
#include "daemon/checkpoint/frame.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* Written out bit by bit: what the sync at the end would have to write at once holds up all others that write to this disk. */
#define WRITTEN_OUT_BYTES (1u << 20)

static int write_piece(int fd, struct str bytes)
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

static int write_all(int fd, struct str bytes)
{
	const unsigned all = SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;
	while (bytes.length) {
		size_t length = bytes.length < WRITTEN_OUT_BYTES ? bytes.length : WRITTEN_OUT_BYTES;
		if (write_piece(fd, (struct str){bytes.data, length}))
			return -1;
		/* A help only, which not every file system gives; what goes wrong fsync says. */
		if (length == WRITTEN_OUT_BYTES)
			(void)sync_file_range(fd, 0, 0, all);
		bytes = (struct str){bytes.data + length, bytes.length - length};
	}
	return 0;
}

/* RESULT_CLOSED: stopped by the hook. */
static enum result write_file(
	struct directory *directory, int fd, const char *name, const struct store_entry *entry, struct str bytes)
{
	struct buf head, foot;
	buf_init(&head);
	buf_init(&foot);
	frame_head(&head, entry->shard, entry->generation, bytes);
	frame_foot(&foot, buf_str(&head), bytes);
	size_t half = bytes.length / 2;
	enum result result = RESULT_CLOSED;
	if (!store_step(&directory->store, STORE_OPENED))
		goto release;
	if (write_all(fd, buf_str(&head)) || write_all(fd, (struct str){bytes.data, half}))
		goto fail;
	if (!store_step(&directory->store, STORE_HALF_WRITTEN))
		goto release;
	if (write_all(fd, (struct str){bytes.data + half, bytes.length - half}) || write_all(fd, buf_str(&foot)))
		goto fail;
	if (!store_step(&directory->store, STORE_WRITTEN))
		goto release;
	if (fsync(fd))
		goto fail;
	result = store_step(&directory->store, STORE_SYNCED) ? RESULT_OK : RESULT_CLOSED;
	goto release;

fail:
	result = directory_fail(directory, name, "write", errno);
release:
	buf_release(&head);
	buf_release(&foot);
	return result;
}

static enum result write_temporary(struct directory *directory, const struct store_entry *entry, struct str bytes)
{
	char name[STORE_NAME_SIZE];
	store_entry_name(entry, true, name);
	int fd = openat(directory->directory_fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return directory_fail(directory, name, "open", errno);
	enum result result = write_file(directory, fd, name, entry, bytes);
	if (close(fd) && !result)
		result = directory_fail(directory, name, "close", errno);
	if (result == RESULT_IO)
		(void)unlinkat(directory->directory_fd, name, 0);
	return result;
}

static enum result put_in_place(struct directory *directory, const struct store_entry *entry)
{
	char temporary[STORE_NAME_SIZE], name[STORE_NAME_SIZE];
	store_entry_name(entry, true, temporary);
	store_entry_name(entry, false, name);
	if (renameat(directory->directory_fd, temporary, directory->directory_fd, name))
		return directory_fail(directory, name, "rename", errno);
	if (!store_step(&directory->store, STORE_RENAMED))
		return RESULT_CLOSED;
	if (fsync(directory->directory_fd)) {
		int error = errno;
		(void)unlinkat(directory->directory_fd, name, 0); /* else they would pile up, one for each try */
		return directory_fail(directory, ".", "sync", error);
	}
	return store_step(&directory->store, STORE_DIRECTORY_SYNCED) ? RESULT_OK : RESULT_CLOSED;
}

/* What cannot be removed now is removed after the next save. */
static void remove_from(struct directory *directory, const struct store_entry *entries, size_t first, size_t count)
{
	char name[STORE_NAME_SIZE];
	for (size_t i = first; i < count; i++) {
		store_entry_name(&entries[i], false, name);
		(void)unlinkat(directory->directory_fd, name, 0);
	}
}

enum result directory_save(struct store *store, uint32_t shard, struct str bytes)
{
	struct directory *directory = directory_of(store);
	struct store_listing listing;
	enum result result = directory_list(directory, &listing);
	if (result)
		return result;
	size_t count;
	struct store_entry *entries = listing.entries + store_listing_find(&listing, shard, &count);
	struct store_entry entry = {shard, count ? entries[0].generation + 1 : 1};
	result = write_temporary(directory, &entry, bytes);
	if (!result)
		result = put_in_place(directory, &entry);
	if (!result)
		remove_from(directory, entries, GENERATIONS_KEPT - 1, count);
	store_listing_release(&listing);
	return result;
}

enum result directory_remove(struct store *store, uint32_t shard)
{
	struct directory *directory = directory_of(store);
	struct store_listing listing;
	enum result result = directory_list(directory, &listing);
	if (result)
		return result;
	size_t count;
	struct store_entry *entries = listing.entries + store_listing_find(&listing, shard, &count);
	remove_from(directory, entries, 0, count);
	if (fsync(directory->directory_fd))
		result = directory_fail(directory, ".", "sync", errno);
	store_listing_release(&listing);
	return result;
}
