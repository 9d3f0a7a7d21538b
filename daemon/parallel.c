#include "daemon/parallel.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#define THREADS_MAX 64

struct parallel {
	void (*work)(void *context, uint32_t i);
	void *context;
	uint32_t count;
	_Atomic uint32_t next;
};

static void *parallel_main(void *context)
{
	struct parallel *parallel = context;
	uint32_t i;
	while ((i = atomic_fetch_add(&parallel->next, 1)) < parallel->count)
		parallel->work(parallel->context, i);
	return NULL;
}

void parallel_run(uint32_t count, void (*work)(void *context, uint32_t i), void *context)
{
	struct parallel parallel = {.work = work, .context = context, .count = count};
	pthread_t threads[THREADS_MAX];
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	uint32_t started = 0, wanted = processors > 1 ? (uint32_t)processors - 1 : 0;
	wanted = wanted < THREADS_MAX ? wanted : THREADS_MAX;
	while (started < wanted && started + 1 < count &&
		pthread_create(&threads[started], NULL, parallel_main, &parallel) == 0)
		started++;
	parallel_main(&parallel);
	for (uint32_t t = 0; t < started; t++)
		pthread_join(threads[t], NULL);
}
