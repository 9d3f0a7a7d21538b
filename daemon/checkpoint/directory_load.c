/* Reading: the newest generation that is whole. */
#include "base/log.h"
#include "daemon/checkpoint/directory.h"
#include "daemon/checkpoint/frame.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static int read_all(int fd, struct buf *file)
{
	struct stat status;
	if (fstat(fd, &status))
		return -1;
	buf_reserve(file, (size_t)status.st_size);
	char piece[1 << 16];
	for (;;) {
		ssize_t length = read(fd, piece, sizeof piece);
		if (length == 0)
			return 0;
		if (length < 0 && errno != EINTR)
			return -1;
		if (length > 0)
			buf_put(file, piece, (size_t)length);
	}
}

static enum result read_file(struct directory *directory, const char *name, struct buf *file)
{
	int fd = openat(directory->directory_fd, name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return directory_fail(directory, name, "open", errno);
	enum result result = read_all(fd, file) ? directory_fail(directory, name, "read", errno) : RESULT_OK;
	close(fd);
	return result;
}

static enum result load_entry(struct directory *directory, const struct store_entry *entry, struct buf *bytes)
{
	char name[STORE_NAME_SIZE];
	struct buf file;
	struct str content;
	buf_init(&file);
	store_entry_name(entry, false, name);
	enum result result = read_file(directory, name, &file);
	if (!result) {
		result = frame_open(buf_str(&file), entry->shard, entry->generation, &content);
		if (result)
			snprintf(directory->store.error, STORE_ERROR_SIZE, "%s/%s: %s", directory->store.place, name,
				result_text(result));
	}
	if (!result) {
		buf_clear(bytes);
		buf_put_str(bytes, content);
	}
	buf_release(&file);
	return result;
}

/* One that cannot be read for whatever reason is passed over: an older state with its older offsets is as right as a
 * newer one. Only another version is not, since whoever wrote it may have gone on from there. */
static enum result load_newest(
	struct directory *directory, const struct store_entry *entries, size_t count, struct buf *bytes)
{
	enum result result = RESULT_NOT_FOUND;
	for (size_t i = 0; i < count; i++) {
		result = load_entry(directory, &entries[i], bytes);
		if (result == RESULT_OK && i > 0)
			directory->store.fallbacks++;
		if (result == RESULT_OK || result == RESULT_VERSION)
			return result;
		log_warning("checkpoint passed over: %s", directory->store.error);
	}
	return result;
}

enum result directory_load(struct store *store, uint32_t shard, struct buf *bytes)
{
	struct directory *directory = directory_of(store);
	struct store_listing listing;
	enum result result = directory_list(directory, &listing);
	if (result)
		return result;
	size_t count;
	size_t first = store_listing_find(&listing, shard, &count);
	result = load_newest(directory, listing.entries + first, count, bytes);
	store_listing_release(&listing);
	return result;
}

enum result directory_each(struct store *store, store_visitor *visit, void *context)
{
	struct directory *directory = directory_of(store);
	struct store_listing listing;
	struct buf bytes;
	enum result result = directory_list(directory, &listing);
	if (result)
		return result;
	buf_init(&bytes);
	for (size_t i = 0; i < listing.count; i++) {
		const struct store_entry *entry = &listing.entries[i];
		enum result loaded = load_entry(directory, entry, &bytes);
		visit(context, entry->shard, entry->generation, loaded,
			loaded == RESULT_OK ? buf_str(&bytes) : (struct str){0});
	}
	buf_release(&bytes);
	store_listing_release(&listing);
	return RESULT_OK;
}
