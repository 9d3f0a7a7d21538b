#include "base/text.h"
#include "tests/unit/unit.h"

typedef enum result (*read_fn)(struct str text, int64_t *ret_value);

struct reading {
	const char *text;
	enum result result;
	int64_t value;
};

static void assert_readings(read_fn read, const struct reading *readings, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		int64_t value = 4711;
		enum result result = read(str_of(readings[i].text), &value);
		int64_t expected = readings[i].result ? 4711 : readings[i].value;
		if (result != readings[i].result || value != expected)
			fail_msg("\"%s\": %s, %lld", readings[i].text, result_text(result), (long long)value);
	}
}

#define ASSERT_READINGS(read, readings) assert_readings(read, readings, sizeof readings / sizeof *readings)

static void test_whole_numbers(void **state)
{
	(void)state;
	static const struct reading readings[] = {
		{"0", RESULT_OK, 0},
		{"-0", RESULT_OK, 0},
		{"42", RESULT_OK, 42},
		{"-1", RESULT_OK, -1},
		{"9223372036854775807", RESULT_OK, INT64_MAX},
		{"-9223372036854775808", RESULT_OK, INT64_MIN},
		{"9223372036854775808", RESULT_RANGE, 0},
		{"-9223372036854775809", RESULT_RANGE, 0},
		{"99999999999999999999999999999", RESULT_RANGE, 0},
		{"", RESULT_INVALID, 0},
		{"-", RESULT_INVALID, 0},
		{"+1", RESULT_INVALID, 0},
		{"01", RESULT_INVALID, 0},
		{"-01", RESULT_INVALID, 0},
		{"00", RESULT_INVALID, 0},
		{" 1", RESULT_INVALID, 0},
		{"1 ", RESULT_INVALID, 0},
		{"1.0", RESULT_INVALID, 0},
		{"1e3", RESULT_INVALID, 0},
		{"0x10", RESULT_INVALID, 0},
		{"--1", RESULT_INVALID, 0},
	};
	ASSERT_READINGS(text_to_i64, readings);
}

static void test_durations(void **state)
{
	(void)state;
	static const struct reading readings[] = {
		{"250ms", RESULT_OK, 250},
		{"30s", RESULT_OK, 30000},
		{"5m", RESULT_OK, 300000},
		{"24h", RESULT_OK, 86400000},
		{"7d", RESULT_OK, 604800000},
		{"2w", RESULT_OK, 1209600000},
		{"0s", RESULT_OK, 0},
		{"106751991167d", RESULT_OK, 106751991167 * 86400000},
		{"106751991168d", RESULT_RANGE, 0},
		{"9223372036854775808ms", RESULT_RANGE, 0},
		{"-5m", RESULT_INVALID, 0},
		{"5", RESULT_INVALID, 0},
		{"m", RESULT_INVALID, 0},
		{"", RESULT_INVALID, 0},
		{"5 m", RESULT_INVALID, 0},
		{"1h30m", RESULT_INVALID, 0},
		{"5M", RESULT_INVALID, 0},
		{"1.5h", RESULT_INVALID, 0},
		{"1y", RESULT_INVALID, 0},
		{"5mm", RESULT_INVALID, 0},
	};
	ASSERT_READINGS(text_to_duration, readings);
}

static void test_sizes(void **state)
{
	(void)state;
	static const struct reading readings[] = {
		{"0", RESULT_OK, 0},
		{"1048576", RESULT_OK, 1048576},
		{"64KiB", RESULT_OK, 65536},
		{"1MiB", RESULT_OK, 1048576},
		{"2GiB", RESULT_OK, (int64_t)2 << 30},
		{"8589934591GiB", RESULT_OK, (int64_t)8589934591 << 30},
		{"8589934592GiB", RESULT_RANGE, 0},
		{"1KB", RESULT_INVALID, 0},
		{"1kib", RESULT_INVALID, 0},
		{"KiB", RESULT_INVALID, 0},
		{"-1", RESULT_INVALID, 0},
		{"1 KiB", RESULT_INVALID, 0},
	};
	ASSERT_READINGS(text_to_bytes, readings);
}

static void test_durations_are_written(void **state)
{
	(void)state;
	static const struct reading readings[] = {
		{"0s", RESULT_OK, 0},
		{"1ms", RESULT_OK, 1},
		{"1500ms", RESULT_OK, 1500},
		{"1s", RESULT_OK, 1000},
		{"90s", RESULT_OK, 90000},
		{"5m", RESULT_OK, 300000},
		{"1h", RESULT_OK, 3600000},
		{"36h", RESULT_OK, 129600000},
		{"7d", RESULT_OK, 604800000},
		{"365d", RESULT_OK, 365 * (int64_t)86400000},
		{"-5m", RESULT_OK, -300000},
	};
	struct buf buf;
	buf_init(&buf);
	for (size_t i = 0; i < sizeof readings / sizeof *readings; i++) {
		buf_clear(&buf);
		text_put_duration(&buf, readings[i].value);
		assert_str(buf_str(&buf), readings[i].text);
	}
	buf_release(&buf);
}

static const char *nearest(const char *text)
{
	static const char *const names[] = {"kafka", "redis", "brokers", "checkpoint", "name", ""};
	return text_nearest(str_of(text), names, sizeof names / sizeof *names);
}

static void test_nearest_names(void **state)
{
	(void)state;
	assert_string_equal(nearest("kafka"), "kafka");
	assert_string_equal(nearest("kafa"), "kafka");
	assert_string_equal(nearest("kakfka"), "kafka");
	assert_string_equal(nearest("borkers"), "brokers");
	assert_string_equal(nearest("chekpont"), "checkpoint");
	assert_string_equal(nearest("nam"), "name");
	assert_string_equal(nearest("namee"), "name");
	/* Two edits are too many for four letters, three for eight. */
	assert_null(nearest("kfak"));
	assert_null(nearest("redis.xy"));
	assert_null(nearest("quite another"));
	assert_string_equal(nearest("x"), "");
}

/* The nearer of two, and of two as near the first. */
static void test_nearest_of_several(void **state)
{
	(void)state;
	static const char *const names[] = {"window_step", "window_stops", "window_stop", "window_stup"};
	assert_string_equal(text_nearest(STR("window_stop"), names, 4), "window_stop");
	assert_string_equal(text_nearest(STR("window_sttp"), names, 4), "window_step");
	assert_null(text_nearest(STR("window"), names, 0));
}

static void test_utf8(void **state)
{
	(void)state;
	static const struct str good[] = {{NULL, 0}, {"plain", 5}, {"\0", 1}, {"\xc2\x80", 2}, {"\xdf\xbf", 2},
		{"\xe0\xa0\x80", 3}, {"\xed\x9f\xbf", 3}, {"\xee\x80\x80", 3}, {"\xef\xbf\xbf", 3},
		{"\xf0\x90\x80\x80", 4}, {"\xf4\x8f\xbf\xbf", 4},
		{"a\xe2\x82\xac"
		 "b",
			5}};
	static const struct str bad[] = {{"\x80", 1}, {"\xbf", 1}, {"\xc0\x80", 2}, {"\xc1\xbf", 2}, {"\xc2", 1},
		{"\xc2\x41", 2}, {"\xc2\xc2", 2}, {"\xe0\x9f\xbf", 3}, {"\xe2\x82", 2}, {"\xe2\x82\x41", 3},
		{"\xed\xa0\x80", 3}, {"\xed\xbf\xbf", 3}, {"\xf0\x8f\xbf\xbf", 4}, {"\xf4\x90\x80\x80", 4},
		{"\xf0\x90\x80", 3}, {"\xf0\x90\x80\x41", 4}, {"\xf5\x80\x80\x80", 4}, {"\xc2\x80", 1},
		{"\xe2\x82\xac", 2}, {"\xf0\x90\x80\x80", 3}, {"\xff", 1}, {"ok\xfe", 3}};
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		assert_true(text_is_utf8(good[i]));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(text_is_utf8(bad[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole_numbers),
		cmocka_unit_test(test_durations),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_durations_are_written),
		cmocka_unit_test(test_nearest_names),
		cmocka_unit_test(test_nearest_of_several),
		cmocka_unit_test(test_utf8),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
