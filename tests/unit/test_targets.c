/* Targets from configuration and events to what readers get: docs/targets.md. Work is on all days from 00:00 to 10:00, so that a day is 10 h. */
#include "base/text.h"
#include "pipeline/publish/json.h"
#include "pipeline/publish/publisher.h"
#include "tests/unit/shard_fixture.h"

#include <stdio.h>

static struct fixture fixture;
static struct merge *merge;
static struct publisher *publisher;
static struct window_spans spans;
static struct evaluation evaluation;
static struct calendar calendar;
static int events;

static void start(const char *zone, const char *targets, const char *from)
{
	static const char roster[] =
		"calendar: {days: [monday, tuesday, wednesday, thursday, friday, saturday, sunday], hours: "
		"00:00-10:00}\n"
		"teams: [{id: n}, {id: s}]\n"
		"reps:\n"
		"  - {id: ann, team: n}\n"
		"  - {id: bob, teams: [{team: s, until: 2026-06-11}, {team: n, from: 2026-06-11}]}\n"
		"  - {id: cy, team: s, absences: [{from: 2026-06-01, until: 2026-06-16}]}\n"
		"  - {id: dee, teams: [{team: s, until: 2026-05-01}]}\n";
	char kpid[128], kpis[2048];
	snprintf(kpid, sizeof kpid, "time_zone: %s\n", zone);
	snprintf(kpis, sizeof kpis,
		"windows: [7d, month, quarter, year, month-1, month-2]\n"
		"measures: {won: {count: deal.closed, where: \"outcome == 'won'\"}, all: {count: deal.closed}}\n"
		"kpis:\n"
		"  wins: {formula: won, unit: count}\n"
		"  rate: {formula: won / all, unit: percent}\n"
		"targets:\n%s\n",
		targets);
	fixture.config = fixture_config_of(kpid, NULL, kpis, roster);
	fixture.decoder = decoder_new(&fixture.config->schema, (size_t)fixture.config->settings.message_bytes);
	const struct model *model = &fixture.config->model;
	fixture.shard = shard_new(fixture.config, 0, window_end(model, at(from)));
	const struct publication_sink nobody = {0};
	merge = merge_new(model, 1);
	publisher = publisher_new(model, &fixture.config->roster, merge, &nobody);
	calendar = (struct calendar){&fixture.config->zone, 0, 1};
	evaluation = (struct evaluation){.model = model, .roster = &fixture.config->roster, .spans = &spans};
}

static void stop(void)
{
	publisher_free(publisher);
	merge_free(merge);
	fixture_release(&fixture);
}

static void closed(const char *rep, const char *outcome, const char *time, int count)
{
	for (int i = 0; i < count; i++) {
		char id[32], more[128];
		snprintf(id, sizeof id, "e%d", ++events);
		snprintf(more, sizeof more, "\"deal\": \"%s\", \"rep\": \"%s\", \"outcome\": \"%s\"", id, rep, outcome);
		fixture_feed(&fixture, "deal.closed", "c", id, time, more);
	}
}

static void turn(const char *time)
{
	struct shard_status status;
	struct buf records;
	int64_t end = window_end(evaluation.model, at(time));
	buf_init(&records);
	shard_roll(fixture.shard, end);
	shard_set_as_of(fixture.shard, end);
	shard_partial(fixture.shard, &records);
	shard_status(fixture.shard, &status);
	assert_int_equal(merge_apply(merge, &status, buf_str(&records)), RESULT_OK);
	window_spans_at(evaluation.model, &calendar, end, &spans);
	evaluation.status = merge_status(merge);
	publisher_turn(publisher, &evaluation);
	buf_release(&records);
}

struct question {
	uint8_t dimension;
	const char *key, *kpi, *window;
	struct buf said;
};

static void note(void *context, uint8_t dimension, struct str key, const struct figure *figure, const struct aim *aim)
{
	struct question *question = context;
	const struct model *model = evaluation.model;
	if (dimension != question->dimension || !str_equal(key, str_of(question->key)) ||
		strcmp(model->kpis[figure->kpi].name, question->kpi) != 0 ||
		strcmp(model->windows[figure->window].name, question->window) != 0)
		return;
	struct buf json;
	buf_init(&json);
	json_put_figure(&json, figure, aim);
	const char *target = strstr(json.data, ",\"target\":");
	buf_put_text(&question->said, target ? target + strlen(",\"target\":") : "none");
	buf_release(&json);
}

/* The field from its target on; "none" where it has none. */
static void expect(uint8_t dimension, const char *key, const char *kpi, const char *window, const char *expected)
{
	struct question question = {.dimension = dimension, .key = key, .kpi = kpi, .window = window};
	buf_init(&question.said);
	publisher_each(publisher, &evaluation, note, &question);
	assert_string_equal(question.said.data, expected);
	buf_release(&question.said);
}

#define PACE(expected, needed, projected, days)                                                       \
	",\"pace\":{\"expected\":" expected ",\"needed_per_day\":" needed ",\"projected\":" projected \
	",\"remaining_days\":" days "}"

static void test_a_month(void **state)
{
	(void)state;
	start("UTC", "  - {kpi: wins, value: 60, by: 2026-06-30, window: month}", "2026-05-20T00:00:00Z");
	turn("2026-05-31T23:50:00Z");
	expect(0, "all", "wins", "month", "none");
	closed("ann", "won", "2026-06-02T08:00:00Z", 20);
	turn("2026-06-11T05:00:00Z"); /* ten days and a half */
	expect(0, "all", "wins", "month",
		"{\"value\":60,\"by\":\"2026-06-30\"}" PACE(
			"21", "2.051282", "57.142857", "19.5") ",\"status\":\"on track\"}");
	expect(0, "all", "wins", "quarter", "none");
	expect(2, "ann", "wins", "month", "none");
	turn("2026-07-01T00:00:00Z"); /* the last end whose period it is */
	expect(0, "all", "wins", "month",
		"{\"value\":60,\"by\":\"2026-06-30\"}" PACE("60", "null", "20", "0") ",\"status\":\"missed\"}");
	turn("2026-07-03T00:00:00Z");
	expect(0, "all", "wins", "month", "none");
	expect(0, "all", "wins", "month-1", "{\"value\":60,\"by\":\"2026-06-30\"},\"status\":\"missed\"}");
	expect(0, "all", "wins", "month-2", "none");
	turn("2026-08-03T00:00:00Z");
	expect(0, "all", "wins", "month-1", "none");
	expect(0, "all", "wins", "month-2", "{\"value\":60,\"by\":\"2026-06-30\"},\"status\":\"missed\"}");
	stop();
}

static void test_over_the_month_before(void **state)
{
	(void)state;
	start("UTC", "  - {kpi: wins, increase: 50%, over: previous month}", "2026-04-20T00:00:00Z");
	closed("ann", "won", "2026-04-30T08:00:00Z", 1);
	closed("ann", "won", "2026-05-30T08:00:00Z", 21);
	closed("ann", "won", "2026-06-01T08:00:00Z", 32);
	turn("2026-06-16T00:00:00Z");
	expect(0, "all", "wins", "month",
		"{\"value\":31.5,\"by\":\"2026-06-30\",\"base\":21}" PACE(
			"15.75", "0", "64", "15") ",\"status\":\"met\"}");
	/* April is not covered from its beginning: no goal for May. */
	expect(0, "all", "wins", "month-1", "{\"value\":null,\"by\":\"2026-05-31\",\"reason\":\"incomplete\"}}");
	expect(0, "all", "wins", "month-2", "none");
	turn("2026-07-16T00:00:00Z");
	expect(0, "all", "wins", "month-1", "{\"value\":31.5,\"by\":\"2026-06-30\",\"base\":21},\"status\":\"met\"}");
	turn("2026-09-02T00:00:00Z");
	expect(0, "all", "wins", "month", "{\"value\":null,\"by\":\"2026-09-30\",\"reason\":\"base\"}}");
	stop();
}

/* In June ann works 30 days, bob 10 in s and 20 in n, cy 15 in s, dee none. */
static void test_handed_down(void **state)
{
	(void)state;
	start("UTC", "  - {kpi: wins, value: 100, window: month, roll_down: [team, rep]}", "2026-05-20T00:00:00Z");
	closed("ann", "won", "2026-06-02T08:00:00Z", 20);
	turn("2026-06-16T00:00:00Z");
	expect(2, "ann", "wins", "month",
		"{\"value\":40,\"by\":\"2026-06-30\"}" PACE("20", "1.333333", "40", "15") ",\"status\":\"on track\"}");
	expect(2, "bob", "wins", "month",
		"{\"value\":40,\"by\":\"2026-06-30\"}" PACE("20", "2.666667", "0", "15") ",\"status\":\"behind\"}");
	expect(2, "cy", "wins", "month",
		"{\"value\":20,\"by\":\"2026-06-30\"}" PACE("0", "1.333333", "null", "15") ",\"status\":\"on track\"}");
	expect(2, "dee", "wins", "month", "none");
	expect(1, "n", "wins", "month",
		"{\"value\":66.666667,\"by\":\"2026-06-30\"}" PACE(
			"33.333334", "3.111111", "40", "15") ",\"status\":\"behind\"}");
	expect(1, "s", "wins", "month",
		"{\"value\":33.333333,\"by\":\"2026-06-30\"}" PACE(
			"16.666666", "2.222222", "0", "15") ",\"status\":\"behind\"}");
	stop();
}

static void test_own_parts(void **state)
{
	(void)state;
	start("UTC",
		"  - {kpi: wins, value: 100, by: 2026-06-30, window: month, roll_down: [team, rep], keys: {s: 25}}\n"
		"  - {kpi: wins, value: 7, window: month, of: rep, key: cy}",
		"2026-05-20T00:00:00Z");
	closed("ann", "won", "2026-05-25T08:00:00Z", 1);
	turn("2026-06-02T00:00:00Z");
	expect(1, "s", "wins", "month",
		"{\"value\":25,\"by\":\"2026-06-30\"}" PACE(
			"0.833333", "0.862069", "0", "29") ",\"status\":\"behind\"}");
	expect(1, "n", "wins", "month",
		"{\"value\":75,\"by\":\"2026-06-30\"}" PACE("2.5", "2.586207", "0", "29") ",\"status\":\"behind\"}");
	expect(2, "ann", "wins", "month",
		"{\"value\":45,\"by\":\"2026-06-30\"}" PACE("1.5", "1.551724", "0", "29") ",\"status\":\"behind\"}");
	expect(2, "bob", "wins", "month",
		"{\"value\":40,\"by\":\"2026-06-30\"}" PACE(
			"1.333333", "1.37931", "0", "29") ",\"status\":\"behind\"}");
	expect(2, "cy", "wins", "month",
		"{\"value\":7,\"by\":\"2026-06-30\"}" PACE("0", "0.466667", "null", "15") ",\"status\":\"on track\"}");
	stop();
}

static void test_a_rate(void **state)
{
	(void)state;
	start("UTC",
		"  - {kpi: rate, value: 40%, by: 2026-06-20, roll_down: [rep]}\n"
		"  - {kpi: rate, value: 50%, of: rep, key: bob, window: 7d}",
		"2026-05-20T00:00:00Z");
	closed("ann", "won", "2026-06-14T08:00:00Z", 2);
	closed("ann", "lost", "2026-06-14T08:00:00Z", 3);
	turn("2026-06-16T00:00:00Z");
	expect(0, "all", "rate", "7d",
		"{\"value\":0.4,\"by\":\"2026-06-20\"}" PACE("0.4", "null", "0.4", "5") ",\"status\":\"on track\"}");
	expect(2, "ann", "rate", "month",
		"{\"value\":0.4,\"by\":\"2026-06-20\"}" PACE("0.4", "null", "0.4", "5") ",\"status\":\"on track\"}");
	expect(2, "bob", "rate", "7d",
		"{\"value\":0.5}" PACE("0.5", "null", "null", "null") ",\"reason\":\"zero_denominator\"}");
	expect(1, "n", "rate", "7d", "none");
	expect(2, "unassigned", "rate", "7d", "");
	turn("2026-06-21T00:05:00Z");
	expect(0, "all", "rate", "7d", "none");
	stop();
}

/* On 2026-03-29 the clock goes from 02:00 to 03:00: that day is 9 h of work. */
static void test_a_day_of_23_hours(void **state)
{
	(void)state;
	start("Europe/Berlin", "  - {kpi: wins, value: 309, window: month}", "2026-02-20T00:00:00Z");
	closed("ann", "won", "2026-03-29T00:30:00Z", 1);
	turn("2026-03-29T22:00:00Z"); /* midnight; 289 of 309 h are over */
	expect(0, "all", "wins", "month",
		"{\"value\":309,\"by\":\"2026-03-31\"}" PACE("289", "154", "1.069204", "2") ",\"status\":\"behind\"}");
	stop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_month),
		cmocka_unit_test(test_over_the_month_before),
		cmocka_unit_test(test_handed_down),
		cmocka_unit_test(test_own_parts),
		cmocka_unit_test(test_a_rate),
		cmocka_unit_test(test_a_day_of_23_hours),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
