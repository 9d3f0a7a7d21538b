#include "base/clock.h"

#include "base/check.h"

#include <time.h>

static struct timespec now(clockid_t clock)
{
	struct timespec time;
	int failed = clock_gettime(clock, &time);
	CHECK(!failed);
	return time;
}

int64_t clock_wall_ms(void)
{
	struct timespec time = now(CLOCK_REALTIME);
	return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

int64_t clock_steady_us(void)
{
	struct timespec time = now(CLOCK_MONOTONIC);
	return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

int64_t clock_thread_us(void)
{
	struct timespec time = now(CLOCK_THREAD_CPUTIME_ID);
	return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}
