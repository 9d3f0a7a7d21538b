/* Preloaded into kpid by the row of disk faults: what it does to checkpoint files fails as the file named by KPID_FAULT says, at any time
 * anew. The file holds a step and an errno, "write 28", or nothing. Steps: open, write, sync, sync_directory, rename. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILES_MAX = 4096 };
static _Atomic bool checkpoint_files[FILES_MAX];

static void *next(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

/* Whether this step fails now: with errno set. */
static bool fails(const char *step)
{
	char text[64] = "", wanted[32];
	int error = 0;
	FILE *file = fopen(getenv("KPID_FAULT"), "re");
	if (!file)
		return false;
	bool named =
		fgets(text, sizeof text, file) && sscanf(text, "%31s %d", wanted, &error) == 2 && !strcmp(wanted, step);
	fclose(file);
	if (named)
		errno = error;
	return named;
}

static bool is_checkpoint(const char *name)
{
	return !strncmp(name, "shard-", 6);
}

static bool is_known(int fd)
{
	return fd >= 0 && fd < FILES_MAX && checkpoint_files[fd];
}

int openat(int directory, const char *name, int flags, ...)
{
	va_list more;
	va_start(more, flags);
	mode_t mode = flags & O_CREAT ? va_arg(more, mode_t) : 0;
	va_end(more);
	bool ours = is_checkpoint(name) && flags & O_CREAT;
	if (ours && fails("open"))
		return -1;
	int (*real)(int, const char *, int, ...) = (int (*)(int, const char *, int, ...))next("openat");
	int fd = real(directory, name, flags, mode);
	if (ours && fd >= 0 && fd < FILES_MAX)
		checkpoint_files[fd] = true;
	return fd;
}

int close(int fd)
{
	if (is_known(fd))
		checkpoint_files[fd] = false;
	return ((int (*)(int))next("close"))(fd);
}

/* As a disk that fills up does: some bytes still go. */
ssize_t write(int fd, const void *bytes, size_t length)
{
	if (is_known(fd) && fails("write")) {
		if (errno != ENOSPC || length < 2)
			return -1;
		length /= 2;
	}
	return ((ssize_t(*)(int, const void *, size_t))next("write"))(fd, bytes, length);
}

int fsync(int fd)
{
	struct stat status;
	bool directory = !fstat(fd, &status) && S_ISDIR(status.st_mode);
	if ((is_known(fd) && fails("sync")) || (directory && fails("sync_directory")))
		return -1;
	return ((int (*)(int))next("fsync"))(fd);
}

int renameat(int from, const char *name, int to, const char *new_name)
{
	if (is_checkpoint(name) && fails("rename"))
		return -1;
	return ((int (*)(int, const char *, int, const char *))next("renameat"))(from, name, to, new_name);
}
