/* Time and waiting: base/clock.h, and the calls of the system by which the daemon waits or starts threads. */
#include "base/clock.h"

#include "base/hash.h"
#include "tests/simulator/member.h"
#include "tests/simulator/redis.h"
#include "tests/simulator/world.h"

#include <poll.h>
#include <pthread.h>

int64_t clock_wall_ms(void)
{
	return world_true_ms() + world->skew_ms;
}

int64_t clock_steady_us(void)
{
	return world->now_us;
}

int __real_poll(struct pollfd *fds, nfds_t count, int timeout);
int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*begin)(void *), void *context);
int __wrap_pthread_join(pthread_t thread, void **result);
struct hash_key __wrap_hash_process_key(void);
void __wrap_parallel_run(uint32_t count, void (*work)(void *context, uint32_t i), void *context);

/* How many are ready now. A connection of Redis is simulated; an eventfd is a real one, and rarely anything else than silent. */
static int look(struct pollfd *fds, nfds_t count)
{
	int ready = 0;
	for (nfds_t i = 0; i < count; i++) {
		fds[i].revents = 0;
		if (redis_is_descriptor(fds[i].fd))
			fds[i].revents = redis_events(fds[i].fd, fds[i].events);
		else if (fds[i].fd >= 0)
			(void)__real_poll(&fds[i], 1, 0);
		ready += fds[i].revents != 0;
	}
	return ready;
}

int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout)
{
	int64_t until_us = world->now_us + (int64_t)(timeout > 0 ? timeout : 0) * 1000;
	for (;;) {
		int ready = look(fds, count);
		if (ready || world->now_us >= until_us)
			return ready;
		int64_t next = redis_next_us();
		world_advance(next < until_us ? next : until_us);
	}
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
