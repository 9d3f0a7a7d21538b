/* C11 threads and locks by way of POSIX ones, in builds with the thread sanitizer, which knows only those. librdkafka
 * uses the others: its threads would crash in the sanitizer, and its locks would not be seen. Included by one file of
 * a test program. glibc's C11 types are its POSIX types. */
#ifndef TESTS_UNIT_C11_THREADS_H
#define TESTS_UNIT_C11_THREADS_H

#ifdef __SANITIZE_THREAD__

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <threads.h>

#include "base/mem.h"

/* The library itself is not instrumented, so its atomic counts of references are not seen, and what it frees after
 * them looks like a race. What it calls back is passed over with it: that is little, and uses atomics. */
const char *__tsan_default_suppressions(void);
const char *__tsan_default_suppressions(void)
{
	return "race:librdkafka.so\n";
}

struct thread_start {
	thrd_start_t run;
	void *context;
};

static void *thread_run(void *context)
{
	struct thread_start start = *(struct thread_start *)context;
	mem_free(context);
	return (void *)(intptr_t)start.run(start.context);
}

static int code_of(int error)
{
	return error == 0 ? thrd_success : error == ETIMEDOUT ? thrd_timedout : error == EBUSY ? thrd_busy : thrd_error;
}

int thrd_create(thrd_t *thread, thrd_start_t run, void *context)
{
	struct thread_start *start = mem_new(sizeof *start);
	*start = (struct thread_start){run, context};
	return code_of(pthread_create(thread, NULL, thread_run, start));
}

int thrd_join(thrd_t thread, int *ret_result)
{
	void *result = NULL;
	int code = code_of(pthread_join(thread, &result));
	if (ret_result)
		*ret_result = (int)(intptr_t)result;
	return code;
}

int mtx_init(mtx_t *mutex, int type)
{
	pthread_mutexattr_t attributes;
	pthread_mutexattr_init(&attributes);
	if (type & mtx_recursive)
		pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
	int code = code_of(pthread_mutex_init((pthread_mutex_t *)mutex, &attributes));
	pthread_mutexattr_destroy(&attributes);
	return code;
}

void mtx_destroy(mtx_t *mutex)
{
	pthread_mutex_destroy((pthread_mutex_t *)mutex);
}

int mtx_lock(mtx_t *mutex)
{
	return code_of(pthread_mutex_lock((pthread_mutex_t *)mutex));
}

int mtx_trylock(mtx_t *mutex)
{
	return code_of(pthread_mutex_trylock((pthread_mutex_t *)mutex));
}

int mtx_unlock(mtx_t *mutex)
{
	return code_of(pthread_mutex_unlock((pthread_mutex_t *)mutex));
}

int cnd_init(cnd_t *condition)
{
	return code_of(pthread_cond_init((pthread_cond_t *)condition, NULL));
}

void cnd_destroy(cnd_t *condition)
{
	pthread_cond_destroy((pthread_cond_t *)condition);
}

int cnd_signal(cnd_t *condition)
{
	return code_of(pthread_cond_signal((pthread_cond_t *)condition));
}

int cnd_broadcast(cnd_t *condition)
{
	return code_of(pthread_cond_broadcast((pthread_cond_t *)condition));
}

int cnd_wait(cnd_t *condition, mtx_t *mutex)
{
	return code_of(pthread_cond_wait((pthread_cond_t *)condition, (pthread_mutex_t *)mutex));
}

int cnd_timedwait(cnd_t *restrict condition, mtx_t *restrict mutex, const struct timespec *restrict until)
{
	return code_of(pthread_cond_timedwait((pthread_cond_t *)condition, (pthread_mutex_t *)mutex, until));
}

#endif

#endif
