/* The simulator as a whole: the same bytes for the same seed, everything in it, in order of arrival. */
#include "base/hash.h"
#include "base/mem.h"
#include "tests/unit/sim_capture.h"

#include <stdlib.h>

static uint32_t digest(const struct sim_capture *capture)
{
	uint32_t crc = 0;

	for (size_t i = 0; i < capture->count; i++) {
		const struct sim_record *record = &capture->records[i];

		crc = hash_crc32c(crc, (struct str){(const char *)&record->arrival, sizeof(record->arrival)});
		crc = hash_crc32c(crc, record->key);
		crc = hash_crc32c(crc, record->value);
	}
	return crc;
}

static uint32_t digest_of(const char *arguments)
{
	struct sim_capture capture;
	uint32_t crc;

	sim_capture_run(&capture, arguments);
	crc = digest(&capture);
	sim_capture_release(&capture);
	return crc;
}

static void test_same_seed_same_bytes(void **state)
{
	const char *spoilt = "--customers 300 --duplicates 5 --late 2 --malformed 3 --conflicts 1 --wrong-partition 1";

	(void)state;
	assert_int_equal(digest_of("--customers 300"), digest_of("--customers 300"));
	assert_int_equal(digest_of(spoilt), digest_of(spoilt));
	assert_int_not_equal(digest_of("--customers 300"), digest_of("--customers 300 --seed 2"));
}

static void test_every_type(void **state)
{
	struct sim_capture capture;

	(void)state;
	sim_capture_run(&capture, "");
	for (int type = 0; sim_type_name(type); type++) {
		size_t seen = 0;

		for (size_t i = 0; i < capture.count; i++)
			seen += sim_contains(capture.records[i].value, sim_type_name(type));
		if (seen < 10)
			fail_msg("%s: %zu", sim_type_name(type), seen);
	}
	sim_capture_release(&capture);
}

static void test_order_of_arrival(void **state)
{
	struct sim_capture capture;

	(void)state;
	sim_capture_run(&capture, "--customers 300 --disorder 20 --duplicates 10 --late 5");
	for (size_t i = 1; i < capture.count; i++)
		assert_true(capture.records[i - 1].arrival <= capture.records[i].arrival);
	sim_capture_release(&capture);
}

/* Left alone, records arrive in the order in which things happened, at once, and within the period. */
static void test_undisturbed(void **state)
{
	struct sim_capture capture;

	(void)state;
	sim_capture_run(&capture, "--customers 300");
	for (size_t i = 0; i < capture.count; i++) {
		const struct sim_record *record = &capture.records[i];

		assert_true(record->is_object && !record->wrong_partition);
		assert_int_equal(record->arrival - record->time, 250);
		assert_in_range(record->time, 1768435200000, 1777939200000 - 1);
	}
	sim_capture_release(&capture);
}

static int compare_crc(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a;
	uint32_t y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static uint32_t *sorted(const struct sim_capture *capture)
{
	uint32_t *crcs = NEW_ARRAY(uint32_t, capture->count);

	for (size_t i = 0; i < capture->count; i++)
		crcs[i] = hash_crc32c(0, capture->records[i].value);
	qsort(crcs, capture->count, sizeof(*crcs), compare_crc);
	return crcs;
}

/* What is added or merely out of order leaves the events themselves as they were. */
static void test_faults_leave_the_events_alone(void **state)
{
	struct sim_capture clean, spoilt;
	uint32_t *wanted, *found;
	size_t at = 0;

	(void)state;
	sim_capture_run(&clean, "--customers 300");
	sim_capture_run(
		&spoilt, "--customers 300 --disorder 20 --duplicates 10 --malformed 5 --conflicts 3 --oversized 2");
	wanted = sorted(&clean);
	found = sorted(&spoilt);
	for (size_t i = 0; i < clean.count; i++, at++) {
		while (at < spoilt.count && found[at] < wanted[i])
			at++;
		assert_true(at < spoilt.count && found[at] == wanted[i]);
	}
	mem_free(wanted);
	mem_free(found);
	sim_capture_release(&clean);
	sim_capture_release(&spoilt);
}

static void test_limit(void **state)
{
	struct sim_capture capture;

	(void)state;
	sim_capture_run(&capture, "--limit 17");
	assert_int_equal(capture.count, 17);
	sim_capture_release(&capture);
}

static void test_smallest(void **state)
{
	struct sim_capture capture;

	(void)state;
	sim_capture_run(&capture, "--reps 1 --teams 1 --customers 1");
	assert_true(capture.count > 100);
	sim_capture_release(&capture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_seed_same_bytes),
		cmocka_unit_test(test_every_type),
		cmocka_unit_test(test_order_of_arrival),
		cmocka_unit_test(test_undisturbed),
		cmocka_unit_test(test_faults_leave_the_events_alone),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_smallest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
