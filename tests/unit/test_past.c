/* What may change in the roster and the exchange rates, and what asks for a new count. */
#include "config/past.h"
#include "tests/unit/shard_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char kpis[] = "windows: [1h]\n"
			   "measures: {won: {count: deal.closed}}\n"
			   "kpis: {a: {title: A, formula: won, unit: count}}\n";

static void write_temporary(char *path, const char *text)
{
	int descriptor = mkstemp(path);
	assert_true(descriptor >= 0);
	assert_int_equal(write(descriptor, text, strlen(text)), strlen(text));
	close(descriptor);
}

static struct config *config_of(const char *reps, const char *rates)
{
	char roster_path[] = "/tmp/kpid-unit-roster-XXXXXX", rates_path[] = "/tmp/kpid-unit-rates-XXXXXX";
	char kpid[256], roster[1024];
	snprintf(roster, sizeof roster, "teams: [{id: n}, {id: s}]\nreps: [%s]\n", reps);
	write_temporary(roster_path, roster);
	write_temporary(rates_path, rates);
	snprintf(kpid, sizeof kpid, "time_zone: Europe/Berlin\nroster: {file: %s}\nrates: {file: %s}\n", roster_path,
		rates_path);
	struct config *config = fixture_config(kpid, NULL, kpis);
	unlink(roster_path);
	unlink(rates_path);
	return config;
}

#define END "2026-07-01T12:00:00Z"
#define REPS "{id: a, team: n}, {id: b, teams: [{team: n, until: 2026-03-01}, {team: s, from: 2026-03-01}]}, {id: c}"
#define RATES "rates: {USD: [{from: 2026-01-01, rate: 0.9}, {from: 2026-08-01, rate: 0.8}]}\n"

/* What is said when these take the place of REPS and RATES; "" where they may. */
static void assert_change(const char *reps, const char *rates, const char *expected)
{
	struct config *before = config_of(REPS, RATES), *now = config_of(reps, rates);
	struct buf past, difference;
	buf_init(&past);
	buf_init(&difference);
	past_put(before, &past);
	enum result result = past_compare(buf_str(&past), now, at(END), &difference);
	assert_string_equal(difference.length ? difference.data : "", expected);
	assert_int_equal(result, *expected ? RESULT_CONFLICT : RESULT_OK);
	buf_release(&past);
	buf_release(&difference);
	config_free(before);
	config_free(now);
}

static void test_reps(void **state)
{
	(void)state;
	assert_change(REPS, RATES, "");
	assert_change(REPS ", {id: d, teams: [{team: n, from: 2026-07-02}]}", RATES, "");
	assert_change(REPS ", {id: d, teams: [{team: n, from: 2026-07-01}]}", RATES,
		"rep 'd' (from 2026-07-01) had no team and has team 'n'");
	assert_change(REPS ", {id: d, team: n}", RATES, "rep 'd' (from the beginning) had no team and has team 'n'");
	assert_change("{id: b, teams: [{team: n, until: 2026-03-01}, {team: s, from: 2026-03-01}]}", RATES,
		"rep 'a' (from the beginning) had team 'n' and has no team");
	/* Ended tomorrow; named, absent, in another order; one span written as two. */
	assert_change("{id: c, name: C}, {id: a, teams: [{team: n, until: 2026-07-02}], absences: [2026-01-05]},"
		      "{id: b, teams: [{team: n, until: 2026-02-01}, {team: n, from: 2026-02-01, until: 2026-03-01},"
		      "{team: s, from: 2026-03-01, until: 2027-01-01}]}",
		RATES, "");
	assert_change("{id: a, teams: [{team: n, until: 2026-06-30}]}, {id: b, team: s}", RATES,
		"rep 'a' (from 2026-06-30) had team 'n' and has no team");
	assert_change("{id: a, team: n}, {id: b, teams: [{team: n, until: 2026-03-02}, {team: s, from: 2026-03-02}]}",
		RATES, "rep 'b' (from 2026-03-01) had team 's' and has team 'n'");
}

static void test_rates(void **state)
{
	(void)state;
	assert_change(REPS, "rates: {USD: [{from: 2026-01-01, rate: 0.90}]}\n", "");
	assert_change(REPS,
		"rates: {USD: [{from: 2026-01-01, rate: 0.9}, {from: 2026-07-02, rate: 7}], GBP: [{from: "
		"2026-07-02, rate: 1}]}\n",
		"");
	assert_change(REPS, "rates: {USD: [{from: 2026-01-01, rate: 0.91}]}\n",
		"currency 'USD' (from 2026-01-01) had rate '0.9' and has rate '0.91'");
	assert_change(REPS, "rates: {USD: [{from: 2026-01-01, rate: 0.9}, {from: 2026-07-01, rate: 0.95}]}\n",
		"currency 'USD' (from 2026-07-01) had rate '0.9' and has rate '0.95'");
	assert_change(REPS, "rates: {USD: [{from: 2026-01-01, rate: 0.9}], GBP: [{from: 2025-01-01, rate: 1}]}\n",
		"currency 'GBP' (from 2025-01-01) had no rate and has rate '1'");
	assert_change(REPS, "", "currency 'USD' (from 2026-01-01) had rate '0.9' and has no rate");
}

/* Every byte changed and every length: never a crash, and damage is not taken for the same. */
static void test_damage(void **state)
{
	(void)state;
	struct config *config = config_of(REPS, RATES);
	struct buf past, difference;
	buf_init(&past);
	buf_init(&difference);
	past_put(config, &past);
	assert_int_equal(past_compare(buf_str(&past), config, at(END), &difference), RESULT_OK);
	for (size_t length = 0; length < past.length; length++)
		assert_int_equal(
			past_compare((struct str){past.data, length}, config, INT64_MIN, &difference), RESULT_CORRUPT);
	for (size_t i = 0; i < past.length; i++)
		for (int bit = 0; bit < 8; bit++) {
			past.data[i] = (char)(past.data[i] ^ 1 << bit);
			(void)!past_compare(buf_str(&past), config, INT64_MAX, &difference);
			past.data[i] = (char)(past.data[i] ^ 1 << bit);
		}
	buf_put_byte(&past, 0);
	assert_int_equal(past_compare(buf_str(&past), config, INT64_MIN, &difference), RESULT_CORRUPT);
	buf_release(&past);
	buf_release(&difference);
	config_free(config);
}

static enum result load(const struct config *config, struct str bytes, struct buf *difference)
{
	struct shard *shard = NULL;
	struct str input;
	enum result result = shard_load(config, 0, bytes, &shard, &input);
	buf_clear(difference);
	assert_int_equal(shard_compare_past(config, 0, bytes, difference), result);
	shard_free(shard);
	return result;
}

/* A checkpoint knows the past that it counted by, up to its end and no further. */
static void test_checkpoint(void **state)
{
	(void)state;
	struct config *before = config_of(REPS, RATES);
	struct config *later = config_of(REPS ", {id: d, teams: [{team: n, from: 2026-07-02}]}", RATES);
	struct config *earlier = config_of(REPS ", {id: d, teams: [{team: n, from: 2026-06-30}]}", RATES);
	struct shard *shard = shard_new(before, 0, window_end(&before->model, at(END)));
	struct buf bytes, difference;
	buf_init(&bytes);
	buf_init(&difference);
	shard_save(shard, STR("x"), &bytes);
	assert_int_equal(load(before, buf_str(&bytes), &difference), RESULT_OK);
	assert_int_equal(load(later, buf_str(&bytes), &difference), RESULT_OK);
	assert_int_equal(load(earlier, buf_str(&bytes), &difference), RESULT_CONFLICT);
	assert_string_equal(difference.data, "rep 'd' (from 2026-06-30) had no team and has team 'n'");
	buf_release(&bytes);
	buf_release(&difference);
	shard_free(shard);
	config_free(before);
	config_free(later);
	config_free(earlier);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reps),
		cmocka_unit_test(test_rates),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_checkpoint),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
