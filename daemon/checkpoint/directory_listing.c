#include "daemon/checkpoint/directory.h"

#include "base/mem.h"
#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char prefix[] = "shard-";
static const char whole[] = ".checkpoint";
static const char temporary_end[] = ".tmp";

void store_entry_name(const struct store_entry *entry, bool temporary, char name[STORE_NAME_SIZE])
{
	snprintf(name, STORE_NAME_SIZE, "%s%04u.%llu%s", prefix, entry->shard, (unsigned long long)entry->generation,
		temporary ? temporary_end : whole);
}

static bool ends_with(const char *name, const char *end)
{
	size_t length = strlen(name);
	return length >= strlen(end) && !strcmp(name + length - strlen(end), end);
}

/* Only names that we would write ourselves: what else lies in the directory is none of our business. */
static bool entry_of_name(const char *name, struct store_entry *entry)
{
	unsigned shard;
	unsigned long long generation;
	char again[STORE_NAME_SIZE];
	if (sscanf(name, "shard-%9u.%19llu", &shard, &generation) != 2)
		return false;
	*entry = (struct store_entry){shard, generation};
	store_entry_name(entry, false, again);
	return !strcmp(name, again);
}

static int compare(const void *a, const void *b)
{
	const struct store_entry *one = a, *other = b;
	if (one->shard != other->shard)
		return one->shard < other->shard ? -1 : 1;
	return one->generation > other->generation ? -1 : one->generation < other->generation;
}

/* A stream of its own on the directory, from its start. */
static DIR *open_stream(struct directory *directory)
{
	int fd = openat(directory->directory_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	DIR *stream = fdopendir(fd);
	if (!stream)
		close(fd);
	return stream;
}

enum result directory_list(struct directory *directory, struct store_listing *ret_listing)
{
	struct store_listing listing = {0};
	DIR *stream = open_stream(directory);
	if (!stream)
		return directory_fail(directory, ".", "open", errno);
	errno = 0;
	for (struct dirent *item; (item = readdir(stream)); errno = 0) {
		struct store_entry entry;
		if (!entry_of_name(item->d_name, &entry))
			continue;
		GROW(listing.entries, listing.count, listing.capacity);
		listing.entries[listing.count++] = entry;
	}
	int error = errno;
	closedir(stream);
	if (error) {
		store_listing_release(&listing);
		return directory_fail(directory, ".", "read", error);
	}
	if (listing.count)
		qsort(listing.entries, listing.count, sizeof *listing.entries, compare);
	*ret_listing = listing;
	return RESULT_OK;
}

size_t store_listing_find(const struct store_listing *listing, uint32_t shard, size_t *ret_count)
{
	size_t first = 0;
	while (first < listing->count && listing->entries[first].shard != shard)
		first++;
	size_t end = first;
	while (end < listing->count && listing->entries[end].shard == shard)
		end++;
	*ret_count = end - first;
	return first;
}

void store_listing_release(struct store_listing *listing)
{
	mem_free(listing->entries);
	*listing = (struct store_listing){0};
}

enum result directory_remove_temporary(struct directory *directory)
{
	DIR *stream = open_stream(directory);
	if (!stream)
		return directory_fail(directory, ".", "open", errno);
	for (struct dirent *item; (item = readdir(stream));)
		if (!strncmp(item->d_name, prefix, strlen(prefix)) && ends_with(item->d_name, temporary_end))
			(void)unlinkat(directory->directory_fd, item->d_name, 0);
	closedir(stream);
	return RESULT_OK;
}

enum result directory_shards(struct store *store, uint32_t *shards, size_t max, size_t *ret_count)
{
	struct store_listing listing;
	enum result result = directory_list(directory_of(store), &listing);
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
