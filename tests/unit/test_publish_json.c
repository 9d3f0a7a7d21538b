#include "pipeline/publish/encode.h"
#include "pipeline/publish/json.h"
#include "tests/unit/little_model.h"
#include "tests/unit/unit.h"

static struct little_model little;
static struct buf out;

static int set_up(void **state)
{
	(void)state;
	little_model_init(&little);
	buf_init(&out);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	buf_release(&out);
	little_model_release(&little);
	return 0;
}

/* 2026-09-01T00:00:00Z and 2026-10-01T06:05:00.007Z */
static const struct figure rate = {.kpi = CLOSE_RATE,
	.window = WINDOW_30D,
	.value = 350000,
	.has_quotient = true,
	.numerator = 7,
	.denominator = 20,
	.n = 20,
	.from = 1788220800000,
	.to = 1790834700007,
	.complete = true};

static const char *figure_json(const struct figure *figure, const struct aim *aim)
{
	buf_clear(&out);
	json_put_figure(&out, figure, aim);
	return out.data;
}

static void test_a_figure(void **state)
{
	(void)state;
	assert_string_equal(figure_json(&rate, NULL),
		"{\"value\":0.35,\"numerator\":7,\"denominator\":20,\"n\":20,\"from\":\"2026-09-01T00:00:00Z\","
		"\"to\":\"2026-10-01T06:05:00.007Z\",\"complete\":true}");
	struct figure money = {.kpi = REVENUE,
		.value = -1500,
		.has_quotient = true,
		.numerator = -15,
		.numerator_decimals = 4,
		.denominator = 1000,
		.denominator_decimals = 3,
		.n = -2};
	assert_string_equal(figure_json(&money, NULL),
		"{\"value\":-0.0015,\"numerator\":-0.0015,\"denominator\":1,\"n\":-2,\"from\":\"1970-01-01T00:00:00Z\","
		"\"to\":\"1970-01-01T00:00:00Z\",\"complete\":false}");
}

static void test_a_figure_without_value(void **state)
{
	(void)state;
	struct figure none = rate;
	none.reason = FIGURE_ZERO_DENOMINATOR;
	none.denominator = none.n = 0;
	none.complete = false;
	assert_string_equal(figure_json(&none, NULL),
		"{\"value\":null,\"numerator\":7,\"denominator\":0,\"n\":0,\"from\":\"2026-09-01T00:00:00Z\","
		"\"to\":\"2026-10-01T06:05:00.007Z\",\"complete\":false,\"reason\":\"zero_denominator\"}");
	none.reason = FIGURE_NO_DATA;
	none.has_quotient = false;
	assert_string_equal(figure_json(&none, NULL),
		"{\"value\":null,\"numerator\":null,\"denominator\":null,\"n\":0,\"from\":\"2026-09-01T00:00:00Z\","
		"\"to\":\"2026-10-01T06:05:00.007Z\",\"complete\":false,\"reason\":\"no_data\"}");
}

static void assert_ends(const char *text, const char *end)
{
	assert_true(strlen(text) >= strlen(end));
	assert_string_equal(text + strlen(text) - strlen(end), end);
}

static void test_targets(void **state)
{
	(void)state;
	static const struct target target;
	struct aim aim = {.target = &target, .by_day = 20818, .goal = 400000, .has_pace = true}; /* 2026-12-31 */
	aim.pace = (struct pace){
		{true, 333333}, {true, 1500000}, {true, -350001}, {true, 63250000}, .status = PACE_ON_TRACK};
	assert_ends(figure_json(&rate, &aim),
		"\"complete\":true,\"target\":{\"value\":0.4,\"by\":\"2026-12-31\"},\"pace\":{\"expected\":0.333333,"
		"\"needed_per_day\":1.5,\"projected\":-0.350001,\"remaining_days\":63.25},\"status\":\"on track\"}");
	aim.pace = (struct pace){.status = PACE_MISSED};
	assert_ends(figure_json(&rate, &aim),
		"\"pace\":{\"expected\":null,\"needed_per_day\":null,\"projected\":null,\"remaining_days\":null},"
		"\"status\":\"missed\"}");
	aim.has_pace = false;
	aim.has_base = true;
	aim.base = 123456789;
	assert_ends(figure_json(&rate, &aim),
		"\"target\":{\"value\":0.4,\"by\":\"2026-12-31\",\"base\":123.456789},\"status\":\"missed\"}");
}

static void test_targets_without_goal_or_value(void **state)
{
	(void)state;
	static const struct target target;
	struct aim aim = {.target = &target, .by_day = INT32_MIN, .goal = 400000};
	struct figure none = rate;
	none.reason = FIGURE_SAMPLE;
	assert_ends(figure_json(&none, &aim), "\"target\":{\"value\":0.4},\"reason\":\"sample\"}");
	aim.reason = "base";
	assert_ends(figure_json(&rate, &aim), "\"target\":{\"value\":null,\"reason\":\"base\"}}");
	aim.target = NULL;
	assert_ends(figure_json(&rate, &aim), "\"complete\":true}");
}

static void test_a_reason_beside_a_value(void **state)
{
	(void)state;
	static const struct target target;
	struct aim aim = {.target = &target, .by_day = INT32_MIN, .goal = 350000, .pace = {.status = PACE_MET}};
	struct figure maturing = rate;
	maturing.reason = FIGURE_MATURING;
	maturing.complete = false;
	const char *text = figure_json(&maturing, &aim);
	assert_memory_equal(text, "{\"value\":0.35,\"numerator\":7,", 28);
	assert_ends(text, "\"complete\":false,\"target\":{\"value\":0.35},\"status\":\"met\",\"reason\":\"maturing\"}");
	buf_clear(&out);
	json_put_line(&out, &little.model, DIMENSION_REP, STR("ann"), &maturing, NULL);
	assert_non_null(strstr(out.data, "\"value\":0.35,"));
	assert_ends(out.data, "\"complete\":false,\"reason\":\"maturing\"}");
}

static void test_a_line(void **state)
{
	(void)state;
	json_put_line(&out, &little.model, DIMENSION_REP, STR("Zo\xc3\xab \"Z\""), &rate, NULL);
	assert_string_equal(out.data,
		"{\"dimension\":\"rep\",\"key\":\"Zo\xc3\xab \\\"Z\\\"\",\"kpi\":\"close_rate\",\"window\":\"30d\","
		"\"value\":0.35,\"numerator\":7,\"denominator\":20,\"n\":20,\"from\":\"2026-09-01T00:00:00Z\","
		"\"to\":\"2026-10-01T06:05:00.007Z\",\"complete\":true,\"reason\":null}");
	static const struct target target;
	struct aim aim = {.target = &target, .by_day = INT32_MIN, .goal = 2000000};
	struct figure none = {.kpi = REVENUE, .window = WINDOW_1H, .reason = FIGURE_BASE};
	buf_clear(&out);
	json_put_line(&out, &little.model, DIMENSION_COMPANY, STR("all"), &none, &aim);
	assert_string_equal(out.data,
		"{\"dimension\":\"company\",\"key\":\"all\",\"kpi\":\"revenue\",\"window\":\"1h\",\"value\":null,"
		"\"numerator\":null,\"denominator\":null,\"n\":0,\"from\":\"1970-01-01T00:00:00Z\","
		"\"to\":\"1970-01-01T00:00:00Z\",\"complete\":false,\"target\":{\"value\":2},\"reason\":\"base\"}");
}

static void test_strings(void **state)
{
	(void)state;
	json_put_string(&out, STR("a\"b\\c/\b\t\n\v\f\r\x1f\x7f"));
	assert_string_equal(out.data, "\"a\\\"b\\\\c/\\b\\t\\n\\u000b\\f\\r\\u001f\x7f\"");
	buf_clear(&out);
	json_put_string(&out, (struct str){"\0", 1});
	json_put_string(&out, (struct str){0});
	assert_string_equal(out.data, "\"\\u0000\"\"\"");
}

static void test_encoded_names(void **state)
{
	(void)state;
	encode_put(&out, STR("a:b@c%d e\n\x7f\x1f-\xc3\xab"));
	assert_string_equal(out.data, "a%3Ab%40c%25d e%0A%7F%1F-\xc3\xab");
	encode_put(&out, (struct str){0});
	encode_put(&out, (struct str){"\0", 1});
	assert_ends(out.data, "\xc3\xab%00");
}

static void test_names_come_back(void **state)
{
	(void)state;
	char every[256];
	struct buf back;
	buf_init(&back);
	for (int i = 0; i < 256; i++)
		every[i] = (char)i;
	encode_put(&out, (struct str){every, sizeof every});
	encode_undo(&back, buf_str(&out));
	assert_int_equal(back.length, sizeof every);
	assert_memory_equal(back.data, every, sizeof every);
	buf_clear(&back);
	encode_undo(&back, STR("%3%3a%G0%3A%"));
	assert_string_equal(back.data, "%3%3a%G0:%");
	buf_release(&back);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_a_figure),
		CASE(test_a_figure_without_value),
		CASE(test_targets),
		CASE(test_a_reason_beside_a_value),
		CASE(test_targets_without_goal_or_value),
		CASE(test_a_line),
		CASE(test_strings),
		CASE(test_encoded_names),
		CASE(test_names_come_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
