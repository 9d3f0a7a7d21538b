#include "tests/unit/unit.h"

#include "base/clock.h"

#include <pthread.h>

#define WORK_US 20000

/* Works until its own processor time has grown so much. */
static void *work(void *context)
{
	int64_t start_us = clock_thread_us();
	while (clock_thread_us() < start_us + WORK_US)
		;
	*(int64_t *)context = clock_thread_us() - start_us;
	return NULL;
}

/* Whoever waits for another thread takes none of that one's time. */
static void test_processor_time_is_the_threads_own(void **state)
{
	(void)state;
	pthread_t thread;
	int64_t worked_us = 0, start_us = clock_thread_us();
	assert_int_equal(pthread_create(&thread, NULL, work, &worked_us), 0);
	pthread_join(thread, NULL);
	assert_true(worked_us >= WORK_US);
	assert_true(clock_thread_us() - start_us < worked_us);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_processor_time_is_the_threads_own),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
