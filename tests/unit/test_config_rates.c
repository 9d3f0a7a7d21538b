#include "base/zone.h"
#include "config/rates_load.h"
#include "tests/unit/config_text.h"
#include "tests/unit/unit.h"

#include <stdio.h>

struct loaded {
	struct config_text text;
	struct rates rates;
};

static void load(struct loaded *loaded, const char *content)
{
	config_text_init(&loaded->text);
	const struct node *root = config_text_parse(&loaded->text, "rates.yaml", content);
	rates_load(&loaded->text.problems, &loaded->text.arena, root, "EUR", &loaded->rates);
	config_text_tell(&loaded->text);
}

static void assert_says(const char *content, const char *expected)
{
	struct loaded loaded;
	load(&loaded, content);
	assert_string_equal(loaded.text.said.data, expected);
	config_text_release(&loaded.text);
}

/* `scaled` 0: there is none. */
static void assert_rate(const struct loaded *loaded, const char *code, int32_t day, uint64_t scaled)
{
	const struct rate *rate = rates_at(&loaded->rates, str_of(code), day);
	assert_int_equal(rate ? rate->scaled : 0, scaled);
}

static void test_rates(void **state)
{
	(void)state;
	struct loaded loaded;
	int32_t day = date_to_day(2026, 1, 1);
	load(&loaded,
		"rates:\n"
		"  USD: [{from: 2025-01-01, rate: 0.9612}, {from: 2026-01-01, rate: 0.8514}]\n"
		"  JPY: [{from: 2026-01-01, rate: '0.0061'}]\n"
		"  XAU: [{from: 2026-01-01, rate: 99999999.9999}]\n");
	assert_string_equal(loaded.text.said.data, "");
	assert_rate(&loaded, "USD", date_to_day(2025, 1, 1) - 1, 0);
	assert_rate(&loaded, "USD", date_to_day(2025, 1, 1), 9612000000);
	assert_rate(&loaded, "USD", day - 1, 9612000000);
	assert_rate(&loaded, "USD", day, 8514000000);
	assert_rate(&loaded, "JPY", day + 10000, 61000000);
	assert_rate(&loaded, "XAU", day, UINT64_C(999999999999000000));
	assert_rate(&loaded, "usd", day, 0);
	config_text_release(&loaded.text);
}

static void test_wrong(void **state)
{
	(void)state;
	static const char value[] = "a rate is above 0 and below 10^8, with at most 10 decimals\n";
	static const char *const values[] = {
		"0", "-1", "0.00000000001", "100000000", "1e30", "1.00000000001", "123456789012345678901"};
	assert_says("", "");
	assert_says("rates:\n", "");
	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		char content[128], expected[128];
		snprintf(content, sizeof content, "rates: {USD: [{from: 2026-01-01, rate: %s}]}\n", values[i]);
		snprintf(expected, sizeof expected, "1:40: %s", value);
		assert_says(content, expected);
	}
	assert_says("rates: {USD: [{from: 2026-01-01, rate: 0.9999999999}]}\n", "");
	assert_says("rates: {USD: [{from: 2026-01-01, rate: x}]}\n", "1:40: 'x' is not a number\n");
	assert_says("rate: {}\n", "1:1: unknown key 'rate'; did you mean 'rates'?\n");
	assert_says("rates: {USD: 1}\n", "1:14: the rates of a currency must be a list, not a text\n");
	assert_says("rates: {EUR: []}\n", "1:9: amounts are in EUR: it has no rate\n");
	assert_says("rates: {USD: [{rate: 1}]}\n", "1:15: 'from' is missing\n");
	assert_says("rates: {USD: [{from: 2026-02-30}]}\n",
		"1:15: 'rate' is missing\n1:22: '2026-02-30' is not a date such as 2026-01-31\n");
	assert_says("rates: {USD: [{from: 2026-02-02, rate: 1}, {from: 2026-02-02, rate: 2}]}\n",
		"1:51: rates stand in the order of their dates: it must come after the one above\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rates),
		cmocka_unit_test(test_wrong),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
