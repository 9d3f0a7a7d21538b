/* Preloaded into kpid: ends it at a named point of its work with files and Redis, as a crash or a power cut there would.
 *
 * KPID_FAULT=POINT:NTH:WHEN. POINT is a call (the table below) on a checkpoint or on the connection to Redis at KPID_FAULT_PORT; the NTH such
 * call does it, `before`, `after`, or `half`: half of the bytes are written first. Without KPID_FAULT nothing happens. */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define DESCRIPTORS 4096

enum when { BEFORE, HALF, AFTER };

static char point[32];
static int nth;
static enum when when;
static int redis_port;
static atomic_int met;
/* Open for writing a checkpoint. */
static atomic_bool of_checkpoint[DESCRIPTORS];

static void *real(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

__attribute__((constructor)) static void read_fault(void)
{
	const char *text = getenv("KPID_FAULT"), *port = getenv("KPID_FAULT_PORT");
	char word[16];
	redis_port = port ? (int)strtol(port, NULL, 10) : 0;
	if (!text || sscanf(text, "%31[^:]:%d:%15s", point, &nth, word) != 3)
		point[0] = '\0';
	else
		when = strcmp(word, "before") == 0 ? BEFORE : strcmp(word, "half") == 0 ? HALF : AFTER;
}

/* True at the call where it must end. */
static bool reached(const char *name)
{
	return strcmp(point, name) == 0 && atomic_fetch_add(&met, 1) + 1 == nth;
}

static void end_here(void)
{
	kill(getpid(), SIGKILL);
	for (;;)
		pause();
}

#define AT(name, call)                     \
	do {                               \
		bool here = reached(name); \
		if (here && when != AFTER) \
			end_here();        \
		long done = (long)(call);  \
		if (here)                  \
			end_here();        \
		return (int)done;          \
	} while (0)

static bool names_checkpoint(const char *path)
{
	return strncmp(path, "shard-", 6) == 0;
}

static bool is_written(int fd)
{
	return fd >= 0 && fd < DESCRIPTORS && atomic_load(&of_checkpoint[fd]);
}

static int open_counted(const char *name, int (*open_it)(int, const char *, int, ...), int folder, const char *path,
	int flags, mode_t mode)
{
	bool here = reached(name);
	if (here && when != AFTER)
		end_here();
	int fd = open_it(folder, path, flags, mode);
	if (fd >= 0 && fd < DESCRIPTORS)
		atomic_store(&of_checkpoint[fd], flags & O_CREAT);
	if (here)
		end_here();
	return fd;
}

int openat(int folder, const char *path, int flags, ...)
{
	int (*open_it)(int, const char *, int, ...) = real("openat");
	va_list arguments;
	va_start(arguments, flags);
	mode_t mode = flags & O_CREAT ? va_arg(arguments, mode_t) : 0;
	va_end(arguments);
	if (!names_checkpoint(path))
		return open_it(folder, path, flags, mode);
	return open_counted(flags & O_CREAT ? "create" : "load", open_it, folder, path, flags, mode);
}

int close(int fd)
{
	int (*close_it)(int) = real("close");
	if (fd >= 0 && fd < DESCRIPTORS)
		atomic_store(&of_checkpoint[fd], false);
	return close_it(fd);
}

static bool is_folder(int fd)
{
	struct stat status;
	return fstat(fd, &status) == 0 && S_ISDIR(status.st_mode);
}

int fsync(int fd)
{
	int (*sync_it)(int) = real("fsync");
	if (is_written(fd))
		AT("sync", sync_it(fd));
	if (is_folder(fd))
		AT("sync_folder", sync_it(fd));
	return sync_it(fd);
}

int renameat(int from_folder, const char *from, int to_folder, const char *to)
{
	int (*rename_it)(int, const char *, int, const char *) = real("renameat");
	AT("rename", rename_it(from_folder, from, to_folder, to));
}

int unlinkat(int folder, const char *path, int flags)
{
	int (*unlink_it)(int, const char *, int) = real("unlinkat");
	AT("remove", unlink_it(folder, path, flags));
}

static bool is_redis(const struct sockaddr *address)
{
	return redis_port && address->sa_family == AF_INET &&
		ntohs(((const struct sockaddr_in *)(const void *)address)->sin_port) == redis_port;
}

int connect(int fd, const struct sockaddr *address, socklen_t length)
{
	int (*connect_it)(int, const struct sockaddr *, socklen_t) = real("connect");
	if (!is_redis(address))
		return connect_it(fd, address, length);
	AT("connect", connect_it(fd, address, length));
}

static bool goes_to_redis(int fd)
{
	struct sockaddr_storage address;
	socklen_t length = sizeof address;
	return redis_port && getpeername(fd, (struct sockaddr *)&address, &length) == 0 &&
		is_redis((struct sockaddr *)&address);
}

/* The point that writing to fd is, or NULL. */
static const char *written_to(int fd)
{
	return is_written(fd) ? "write" : goes_to_redis(fd) ? "send" : NULL;
}

ssize_t write(int fd, const void *bytes, size_t size)
{
	ssize_t (*write_it)(int, const void *, size_t) = real("write");
	const char *name = written_to(fd);
	bool here = name && reached(name);
	if (here && when == BEFORE)
		end_here();
	ssize_t done = write_it(fd, bytes, here && when == HALF ? size / 2 : size);
	if (here)
		end_here();
	return done;
}

ssize_t send(int fd, const void *bytes, size_t size, int flags)
{
	ssize_t (*send_it)(int, const void *, size_t, int) = real("send");
	const char *name = written_to(fd);
	bool here = name && reached(name);
	if (here && when == BEFORE)
		end_here();
	ssize_t done = send_it(fd, bytes, here && when == HALF ? size / 2 : size, flags);
	if (here)
		end_here();
	return done;
}
