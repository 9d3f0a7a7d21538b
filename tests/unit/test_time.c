#include "base/text.h"
#include "base/zone.h"
#include "tests/unit/unit.h"

struct moment {
	const char *text;
	int64_t ms;
};

static void test_times(void **state)
{
	(void)state;
	static const struct moment moments[] = {
		{"1970-01-01T00:00:00Z", 0},
		{"1970-01-01T00:00:00.001Z", 1},
		{"2026-11-23T21:00:00.123Z", 1795467600123},
		{"2026-11-23t21:00:00z", 1795467600000},
		{"2026-11-23 21:00:00Z", 1795467600000},
		{"2026-11-23T23:00:00+02:00", 1795467600000},
		{"2026-11-23T15:30:00-05:30", 1795467600000},
		{"2026-11-24T20:59:00+23:59", 1795467600000},
		{"2026-11-23T21:00:00-00:00", 1795467600000},
		{"2026-11-23T21:00:00.1Z", 1795467600100},
		{"2026-11-23T21:00:00.9999999999999999999999Z", 1795467600999},
		{"2026-11-23T21:00:00.0009Z", 1795467600000},
		{"2024-02-29T12:00:00Z", 1709208000000},
		{"2000-02-29T00:00:00Z", 951782400000},
		{"1970-01-01T02:00:00+02:00", 0},
		{"9999-12-31T23:59:59.999Z", 253402300799999},
		/* the leap second is the first instant of the next minute, whatever its fraction */
		{"2016-12-31T23:59:60Z", 1483228800000},
		{"2016-12-31T23:59:60.75Z", 1483228800000},
		{"2017-01-01T00:59:60+01:00", 1483228800000},
	};
	for (size_t i = 0; i < sizeof moments / sizeof *moments; i++) {
		int64_t ms = -1;
		if (text_to_time(str_of(moments[i].text), &ms) || ms != moments[i].ms)
			fail_msg("\"%s\" is %lld", moments[i].text, (long long)ms);
	}
}

static void assert_refused(const char *const *texts, size_t count, enum result expected)
{
	for (size_t i = 0; i < count; i++) {
		int64_t ms = 4711;
		enum result result = text_to_time(str_of(texts[i]), &ms);
		if (result != expected || ms != 4711)
			fail_msg("\"%s\": %s", texts[i], result_text(result));
	}
}

static void test_not_a_time(void **state)
{
	(void)state;
	static const char *const texts[] = {"", "2026-11-23", "2026-11-23T21:00:00", "2026-11-23T21:00Z",
		"2026-11-23T21:00:00.Z", "2026-11-23T21:00:00,5Z", "2026-11-23_21:00:00Z", "2026-11-23T21:00:00Zx",
		" 2026-11-23T21:00:00Z", "2026-11-23T21:00:00 Z", "2026-11-23T21:00:00+02", "2026-11-23T21:00:00+0200",
		"2026-11-23T21:00:00+2:00", "2026-11-23T21:00:00*02:00", "2026-1-23T21:00:00Z", "26-11-23T21:00:00Z",
		"12026-11-23T21:00:00Z", "-026-11-23T21:00:00Z", "2026-11-23T21:00:0xZ", "2026/11/23T21:00:00Z",
		"20261123T210000Z", "2026-11-23T21-00-00Z", "1795467600123", "2026-11-23T21:00:00,123Z",
		"2026-11-23T21:00:00.x23Z", "2026-11-23T21:00:00.1x3Z", "2026-11-23T21:00:00.12xZ",
		"2026-11-23T21:00:00.1234"};
	assert_refused(texts, sizeof texts / sizeof *texts, RESULT_INVALID);
}

static void test_no_such_time(void **state)
{
	(void)state;
	static const char *const texts[] = {"2026-00-23T21:00:00Z", "2026-13-23T21:00:00Z", "2026-11-00T21:00:00Z",
		"2026-11-31T21:00:00Z", "2026-02-29T21:00:00Z", "2100-02-29T21:00:00Z", "2026-11-23T24:00:00Z",
		"2026-11-23T21:60:00Z", "2026-11-23T21:00:61Z", "2026-11-23T21:00:00+24:00",
		"2026-11-23T21:00:00+02:60", "1969-12-31T23:59:59Z", "0000-01-01T00:00:00Z",
		/* the year is in range, the instant is not */
		"1970-01-01T00:00:00+02:00", "9999-12-31T23:59:59-01:00", "9999-12-31T23:59:60Z"};
	assert_refused(texts, sizeof texts / sizeof *texts, RESULT_RANGE);
}

/* No beginning of a time is one, and none is read past its end. */
static void test_no_beginning_of_a_time_is_one(void **state)
{
	(void)state;
	struct str whole = STR("2026-11-23T21:00:00.123+02:00");
	for (size_t length = 0; length < whole.length; length++) {
		struct buf exact;
		buf_init(&exact);
		buf_put(&exact, whole.data, length);
		int64_t ms;
		assert_int_equal(text_to_time(buf_str(&exact), &ms), RESULT_INVALID);
		buf_release(&exact);
	}
}

static void test_dates(void **state)
{
	(void)state;
	int32_t day = -1;
	assert_int_equal(text_to_date(STR("1970-01-01"), &day), RESULT_OK);
	assert_int_equal(day, 0);
	assert_int_equal(text_to_date(STR("2026-11-23"), &day), RESULT_OK);
	assert_int_equal(day, 20780);
	assert_int_equal(text_to_date(STR("9999-12-31"), &day), RESULT_OK);
	assert_int_equal(day, 2932896);
	assert_int_equal(text_to_date(STR("2026-02-29"), &day), RESULT_RANGE);
	assert_int_equal(text_to_date(STR("1969-12-31"), &day), RESULT_RANGE);
	assert_int_equal(text_to_date(STR("2026-11-23T"), &day), RESULT_INVALID);
	assert_int_equal(text_to_date(STR("2026-11-2"), &day), RESULT_INVALID);
	assert_int_equal(text_to_date(STR(""), &day), RESULT_INVALID);
	assert_int_equal(text_to_date((struct str){NULL, 0}, &day), RESULT_INVALID);
	assert_int_equal(day, 2932896);
}

static void test_times_are_written(void **state)
{
	(void)state;
	static const struct moment moments[] = {
		{"1970-01-01T00:00:00Z", 0},
		{"2026-11-23T21:00:00.123Z", 1795467600123},
		{"2026-11-23T21:00:00.007Z", 1795467600007},
		{"2024-02-29T12:00:00Z", 1709208000000},
		{"9999-12-31T23:59:59.999Z", 253402300799999},
		{"1969-12-31T23:59:59.999Z", -1},
		{"1969-12-31T00:00:00Z", -86400000},
	};
	struct buf buf;
	buf_init(&buf);
	for (size_t i = 0; i < sizeof moments / sizeof *moments; i++) {
		buf_clear(&buf);
		text_put_time(&buf, moments[i].ms);
		assert_str(buf_str(&buf), moments[i].text);
	}
	buf_release(&buf);
}

/* Steps of a prime number of milliseconds, through every month there is. */
static void test_what_is_written_can_be_read(void **state)
{
	(void)state;
	struct buf buf;
	buf_init(&buf);
	for (int64_t ms = 0; ms < 253402300800000; ms += 86400000 * (int64_t)29 + 12345701) {
		int64_t back = -1;
		buf_clear(&buf);
		text_put_time(&buf, ms);
		assert_int_equal(text_to_time(buf_str(&buf), &back), RESULT_OK);
		assert_int_equal(back, ms);
	}
	buf_release(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_not_a_time),
		cmocka_unit_test(test_no_such_time),
		cmocka_unit_test(test_no_beginning_of_a_time_is_one),
		cmocka_unit_test(test_dates),
		cmocka_unit_test(test_times_are_written),
		cmocka_unit_test(test_what_is_written_can_be_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
