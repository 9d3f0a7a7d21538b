#include "base/log.h"
#include "config/settings_load.h"
#include "tests/unit/config_text.h"
#include "tests/unit/unit.h"

static void load(struct config_text *text, const char *content, const char *const *overrides, size_t count,
	struct settings *settings)
{
	config_text_init(text);
	const struct node *root = config_text_parse(text, "kpid.yaml", content);
	settings_load(&text->problems, &text->arena, root, overrides, count, settings);
	config_text_tell(text);
}

static void assert_says(const char *content, const char *expected)
{
	struct config_text text;
	struct settings settings;
	load(&text, content, NULL, 0, &settings);
	assert_string_equal(text.said.data, expected);
	config_text_release(&text);
}

static void test_defaults(void **state)
{
	(void)state;
	struct config_text text;
	struct settings settings;
	load(&text, "", NULL, 0, &settings);
	assert_string_equal(text.said.data, "");
	assert_string_equal(settings.time_zone, "UTC");
	assert_int_equal(settings.allowed_lateness, 7 * 86400000);
	assert_int_equal(settings.message_bytes, 1 << 20);
	assert_int_equal(settings.week_start, 0);
	assert_int_equal(settings.kafka_partitioner, PARTITIONER_MURMUR2);
	assert_int_equal(settings.log_level, LOG_LEVEL_INFO);
	assert_int_equal(settings.kafka_property_count, 0);
	config_text_release(&text);
}

static void test_file_and_overrides(void **state)
{
	(void)state;
	static const char *const overrides[] = {"kafka.brokers=b:2", "kafka.properties.a.b=2", "kafka.properties.c=x=y",
		"kafka.topic_prefix=", "log.level=debug"};
	struct config_text text;
	struct settings settings;
	load(&text,
		"kafka:\n  brokers: a:1\n  properties: {a.b: 1}\n  partitioner: crc32\nlimits.keys: 5\n"
		"calendar: {week_start: sunday}\nkafka.topic_prefix: x\n",
		overrides, 5, &settings);
	assert_string_equal(text.said.data, "");
	assert_string_equal(settings.kafka_brokers, "b:2");
	assert_int_equal(settings.kafka_partitioner, PARTITIONER_CRC32);
	assert_int_equal(settings.limit_keys, 5);
	assert_int_equal(settings.week_start, 6);
	assert_string_equal(settings.kafka_topic_prefix, "");
	assert_int_equal(settings.log_level, LOG_LEVEL_DEBUG);
	assert_int_equal(settings.kafka_property_count, 2);
	assert_string_equal(settings.kafka_properties[0].name, "a.b");
	assert_string_equal(settings.kafka_properties[0].value, "2");
	assert_string_equal(settings.kafka_properties[1].value, "x=y");
	config_text_release(&text);
}

static void test_wrong(void **state)
{
	(void)state;
	assert_says("kafka: {broker: a}\n", "1:9: unknown key 'kafka.broker'; did you mean 'kafka.brokers'?\n");
	assert_says("kafka: a\n", "1:8: kafka must be a mapping, not a text\n");
	assert_says("kafka: {brokers: [a]}\n", "1:18: kafka.brokers must be a text, not a list\n");
	assert_says("kafka: {brokers: }\n", "1:18: 'kafka.brokers' must have 1 to 4096 bytes, not 0\n");
	assert_says("workers: {threads: 257}\n", "1:20: 257 is out of range: 0 to 256\n");
	assert_says(
		"workers: {threads: 99999999999999999999}\n", "1:20: 99999999999999999999 is out of range: 0 to 256\n");
	assert_says("workers: {threads: 1x}\n", "1:20: '1x' is not a whole number\n");
	assert_says("limits: {message_bytes: 1GiB}\n", "1:25: 1GiB is out of range: 64 to 67108864 bytes\n");
	assert_says("limits: {message_bytes: 1MB}\n", "1:25: '1MB' is not a size such as 65536, 64KiB or 1MiB\n");
	assert_says("currency: eur\n", "1:1: 'eur' is not an ISO 4217 code such as EUR\n");
	assert_says("limits: {keys: 1}\nlimits.keys: 2\n", "2:1: 'limits.keys' was given already in line 1\n");
	assert_says("calendar: {week_start: mondy}\n",
		"1:24: calendar.week_start must be one of monday, tuesday, wednesday, thursday, friday, saturday, "
		"sunday, not "
		"'mondy'; did you mean 'monday'?\n");
}

static void test_long_keys(void **state)
{
	(void)state;
	struct buf content;
	buf_init(&content);
	buf_put_text(&content, "kafka:\n  ");
	for (int i = 0; i < 900; i++)
		buf_put_byte(&content, 'x');
	buf_put_text(&content, ": 1\n");
	assert_says(content.data, "2:3: unknown key 'kafka.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...'\n");
	buf_release(&content);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_file_and_overrides),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_long_keys),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
