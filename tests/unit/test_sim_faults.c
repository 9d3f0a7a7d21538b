/* The shares of what the simulator spoils, and that the edges of the rules are among it. */
#include "tests/unit/sim_capture.h"

#define LATENESS_MS INT64_C(604800000)
#define FUTURE_MS INT64_C(300000)

/* Within 15 % of it: over three standard deviations of the rarest, 2.5 % of some 50,000. */
static void assert_share(size_t hits, size_t of, double percent)
{
	double share = 100.0 * (double)hits / (double)of;

	if (share < percent * 0.85 || share > percent * 1.15)
		fail_msg("%zu of %zu is %.2f %%, not %.2f %%", hits, of, share, percent);
}

static size_t count_clean(void)
{
	struct sim_capture capture;
	size_t count;

	sim_capture_run(&capture, "");
	count = capture.count;
	sim_capture_release(&capture);
	return count;
}

static size_t count_of(const char *arguments, bool (*counts)(const struct sim_record *record))
{
	struct sim_capture capture;
	size_t count = 0;

	sim_capture_run(&capture, arguments);
	for (size_t i = 0; i < capture.count; i++)
		count += counts(&capture.records[i]);
	sim_capture_release(&capture);
	return count;
}

static bool any(const struct sim_record *record)
{
	(void)record;
	return true;
}

static bool is_late(const struct sim_record *record)
{
	return record->time >= 0 && record->arrival - record->time > LATENESS_MS;
}

static bool is_just_not_late(const struct sim_record *record)
{
	return record->arrival - record->time == LATENESS_MS;
}

static bool is_just_late(const struct sim_record *record)
{
	return record->arrival - record->time == LATENESS_MS + 1;
}

static bool is_future(const struct sim_record *record)
{
	return record->time - record->arrival > FUTURE_MS;
}

static bool is_just_not_future(const struct sim_record *record)
{
	return record->time - record->arrival == FUTURE_MS;
}

static bool is_delayed(const struct sim_record *record)
{
	return record->arrival - record->time > 250;
}

static bool is_delayed_too_much(const struct sim_record *record)
{
	return record->arrival - record->time > 600000 + 250;
}

static bool is_wrong_partition(const struct sim_record *record)
{
	return record->wrong_partition;
}

static bool is_cloudevent(const struct sim_record *record)
{
	return sim_contains(record->value, "\"specversion\"");
}

static bool is_wrong_cloudevent(const struct sim_record *record)
{
	return is_wrong_partition(record) && is_cloudevent(record);
}

static bool is_oversized(const struct sim_record *record)
{
	return record->value.length > 1 << 20;
}

static bool is_conflict(const struct sim_record *record)
{
	return sim_contains(record->value, "changed afterwards");
}

static bool is_retraction(const struct sim_record *record)
{
	return sim_contains(record->value, "\"event.retracted\"");
}

static bool is_retraction_of_a_price(const struct sim_record *record)
{
	return is_retraction(record) && sim_contains(record->value, "\"product\"");
}

static bool has_credits(const struct sim_record *record)
{
	return sim_contains(record->value, "\"credits\"");
}

static bool is_foreign(const struct sim_record *record)
{
	return sim_contains(record->value, "\"USD\"") || sim_contains(record->value, "\"GBP\"") ||
		sim_contains(record->value, "\"CHF\"");
}

static bool has_newline(const struct sim_record *record)
{
	return sim_contains(record->value, "\n");
}

static bool is_false_object(const struct sim_record *record)
{
	return record->is_object && (record->value.length < 3 || record->value.data[0] != '{');
}

static void test_added(void **state)
{
	size_t clean = count_clean();

	(void)state;
	assert_share(count_of("--duplicates 4", any) - clean, clean, 4);
	assert_share(count_of("--malformed 3", any) - clean, clean, 3);
	assert_share(count_of("--conflicts 2.5", is_conflict), clean, 2.5);
	/* Some would arrive after the end. */
	assert_share(count_of("--retractions 4", is_retraction), clean, 4.0 * 104 / 110);
	assert_true(count_of("--retractions 40", is_retraction_of_a_price) > 10);
	assert_int_equal(count_of("--retractions 0", is_retraction), 0);
	assert_true(count_of("", has_credits) > 10);
	assert_true(count_of("", is_foreign) > 10);
	assert_int_equal(count_of("--oversized 3", is_oversized), 3);
	assert_int_equal(count_of("--oversized 3", any), clean + 3);
}

static void test_replaced(void **state)
{
	size_t clean = count_clean();

	(void)state;
	/* What would arrive after the end is missing: up to ten days of 110; one in sixteen is on the limit. */
	assert_share(count_of("--late 4", is_late), clean, 4.0 * 15 / 16 * 101 / 110);
	assert_true(count_of("--late 4", is_just_not_late) > 10);
	assert_true(count_of("--late 4", is_just_late) > 10);
	assert_share(count_of("--future 4", is_future), clean, 4.0 * 15 / 16);
	assert_true(count_of("--future 4", is_just_not_future) > 10);
	assert_share(count_of("--wrong-partition 4", is_wrong_partition), clean, 4);
	assert_share(count_of("--cloudevents 30", is_cloudevent), clean, 30);
	assert_int_equal(count_of("--cloudevents 0", is_cloudevent), 0);
}

/* What one fault hits does not depend on what another one does. */
static void test_independent(void **state)
{
	(void)state;
	assert_share(count_of("--wrong-partition 50 --cloudevents 50", is_wrong_cloudevent), count_clean(), 25);
}

static void test_disorder(void **state)
{
	size_t clean = count_clean();

	(void)state;
	assert_share(count_of("--disorder 6", is_delayed), clean, 6);
	assert_int_equal(count_of("--disorder 6 --disorder-max 10m", is_delayed_too_much), 0);
	assert_int_equal(count_of("--disorder 6 --duplicates 2", is_late), 0);
	assert_int_equal(count_of("--disorder 6", any), clean);
}

static void test_lines(void **state)
{
	(void)state;
	assert_int_equal(count_of("--malformed 50 --oversized 2", has_newline), 0);
	assert_int_equal(count_of("--malformed 50 --oversized 2", is_false_object), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_added),
		cmocka_unit_test(test_replaced),
		cmocka_unit_test(test_independent),
		cmocka_unit_test(test_disorder),
		cmocka_unit_test(test_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
