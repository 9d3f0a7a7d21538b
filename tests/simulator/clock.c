/* Time and waiting: base/clock.h, and the calls of the system by which the daemon waits or starts threads. */
#include "base/clock.h"

#include "base/check.h"
#include "base/hash.h"
#include "tests/simulator/member.h"
#include "tests/simulator/redis.h"
#include "tests/simulator/world.h"

#include <poll.h>
#include <pthread.h>
#include <sys/types.h>

int64_t clock_wall_ms(void)
{
	return world_true_ms() + world->skew_ms;
}

int64_t clock_steady_us(void)
{
	return world->now_us;
}

/* One clock for all: what is between two looks at it is what a thread took. */
int64_t clock_thread_us(void)
{
	return world->now_us;
}

int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout);
int __wrap_ppoll(struct pollfd *fds, nfds_t count, const struct timespec *timeout, const sigset_t *signals);
int __wrap_eventfd(unsigned count, int flags);
ssize_t __real_write(int fd, const void *bytes, size_t length);
ssize_t __wrap_write(int fd, const void *bytes, size_t length);
ssize_t __real_read(int fd, void *bytes, size_t length);
ssize_t __wrap_read(int fd, void *bytes, size_t length);
int __real_close(int fd);
int __wrap_close(int fd);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*begin)(void *), void *context);
int __wrap_pthread_join(pthread_t thread, void **result);
struct hash_key __wrap_hash_process_key(void);
void __wrap_parallel_run(uint32_t count, void (*work)(void *context, uint32_t i), void *context);

/* ---- eventfds: what threads wake each other with ---- */

#define EVENTS_FIRST (1 << 21)
#define EVENTS_MAX 64

static struct {
	bool used;
	uint64_t count;
} events[EVENTS_MAX];

static bool is_event(int fd)
{
	return fd >= EVENTS_FIRST && fd < EVENTS_FIRST + EVENTS_MAX;
}

int __wrap_eventfd(unsigned count, int flags)
{
	(void)flags;
	int i = 0;
	while (events[i].used)
		CHECK(++i < EVENTS_MAX);
	events[i].used = true;
	events[i].count = count;
	return EVENTS_FIRST + i;
}

ssize_t __wrap_write(int fd, const void *bytes, size_t length)
{
	if (!is_event(fd))
		return __real_write(fd, bytes, length);
	events[fd - EVENTS_FIRST].count++;
	return (ssize_t)length;
}

ssize_t __wrap_read(int fd, void *bytes, size_t length)
{
	if (!is_event(fd))
		return __real_read(fd, bytes, length);
	events[fd - EVENTS_FIRST].count = 0;
	return (ssize_t)length;
}

int __wrap_close(int fd)
{
	if (!is_event(fd))
		return __real_close(fd);
	events[fd - EVENTS_FIRST].used = false;
	return 0;
}

/* ---- waiting ---- */

/* How many are ready now. */
static int look(struct pollfd *fds, nfds_t count)
{
	int ready = 0;
	for (nfds_t i = 0; i < count; i++) {
		fds[i].revents = 0;
		if (redis_is_descriptor(fds[i].fd))
			fds[i].revents = redis_events(fds[i].fd, fds[i].events);
		else if (is_event(fds[i].fd) && events[fds[i].fd - EVENTS_FIRST].count)
			fds[i].revents = POLLIN;
		ready += fds[i].revents != 0;
	}
	return ready;
}

static int wait_until(struct pollfd *fds, nfds_t count, int64_t until_us)
{
	for (;;) {
		int ready = look(fds, count);
		if (ready || world->now_us >= until_us)
			return ready;
		int64_t next = redis_next_us();
		world_advance(next < until_us ? next : until_us);
	}
}

int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout)
{
	return wait_until(fds, count, world->now_us + (int64_t)(timeout > 0 ? timeout : 0) * 1000);
}

int __wrap_ppoll(struct pollfd *fds, nfds_t count, const struct timespec *timeout, const sigset_t *signals)
{
	(void)signals;
	return wait_until(fds, count, world->now_us + timeout->tv_sec * INT64_C(1000000) + timeout->tv_nsec / 1000);
}

/* A thread is what member.c makes of it: turns, one after the other. */
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*begin)(void *), void *context)
{
	(void)attributes;
	(void)begin;
	*thread = member_thread(world->current, context);
	return 0;
}

int __wrap_pthread_join(pthread_t thread, void **result)
{
	(void)result;
	member_thread_ended(world->current, thread);
	return 0;
}

/* The same order in every hash map, so that a seed means the same run. */
struct hash_key __wrap_hash_process_key(void)
{
	return (struct hash_key){1, 2};
}

/* One after the other. */
void __wrap_parallel_run(uint32_t count, void (*work)(void *context, uint32_t i), void *context)
{
	for (uint32_t i = 0; i < count; i++)
		work(context, i);
}
