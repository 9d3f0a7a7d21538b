/* The windows of a shard: running totals equal those added up anew, whatever the windows and however far an end jumps. */
#include "pipeline/accumulate/windows.h"

#include "base/mem.h"
#include "pipeline/histogram.h"
#include "tests/unit/random_events.h"

#include <stdio.h>

static const char kpis_rest[] =
	"stocks:\n  lead: {opens: lead.created, closes: lead.closed}\n"
	"measures:\n  asks: {count: ask}\n  open: {level: lead}\n  reply: {elapsed: ask, to: answer, histogram: true}\n"
	"kpis:\n  a: {title: A, formula: asks + level(open) + prev(asks) + prev(level(open)), unit: count}\n"
	"  b: {title: B, formula: mean(reply) + prev(mean(reply)), unit: seconds}\n";

struct box {
	struct config *config;
	struct calendar calendar;
	struct groups groups;
	uint32_t group;
	struct contribution *added;
	size_t count, capacity;
	struct partial_entries told[MODEL_DIMENSIONS_MAX]; /* by dimension, of which there is one key */
};

static void box_init(struct box *box, const char *zone, const char *list)
{
	char kpid[128], kpis[1024];
	snprintf(kpid, sizeof kpid, "roster: {file: \"\"}\ntime_zone: %s\n", zone);
	snprintf(kpis, sizeof kpis, "windows: %s\n%s", list, kpis_rest);
	*box = (struct box){.config = fixture_config(kpid, NULL, kpis)};
	box->calendar = (struct calendar){&box->config->zone, 0, 1};
	groups_init(&box->groups, &box->config->model, &box->config->schema, &box->config->roster, 1000);
	for (unsigned d = 0; d < MODEL_DIMENSIONS_MAX; d++)
		buf_init(&box->told[d].bytes);
	struct event event = {0};
	box->group = groups_of_event(&box->groups, &event);
}

static void box_release(struct box *box)
{
	for (unsigned d = 0; d < MODEL_DIMENSIONS_MAX; d++)
		buf_release(&box->told[d].bytes);
	groups_release(&box->groups);
	config_free(box->config);
	mem_free(box->added);
}

static struct windows *windows_of(const struct box *box, int64_t end)
{
	return windows_new(&box->config->model, &box->calendar, &box->groups, end);
}

static void add(
	struct box *box, struct windows *windows, uint16_t measure, uint32_t offset, int64_t time, int64_t amount)
{
	const struct measure *definition = &box->config->model.measures[measure];
	struct contribution item = {.time = time,
		.amount = amount,
		.group = box->group,
		.cell = definition->component + offset,
		.measure = measure,
		.dimensions = definition->dimensions};
	GROW(box->added, box->count, box->capacity);
	box->added[box->count++] = item;
	windows_add(windows, &(struct contributions){.items = &item, .count = 1});
}

static void says(struct windows *windows, struct buf *out)
{
	buf_clear(out);
	windows_touch_all(windows);
	windows_partial(windows, out);
}

static void hear(struct buf *records, struct partial_entries told[MODEL_DIMENSIONS_MAX])
{
	struct partial_record record;
	struct partial_reader reader = partial_reader_of(buf_str(records)), nothing = partial_entries_of(STR(""), 0);
	struct partial_entries now = {0}, before = {0};
	buf_init(&now.bytes);
	buf_init(&before.bytes);
	while (partial_next_record(&reader, &record)) {
		struct partial_entries *one = &told[record.dimension], swap = *one;
		struct partial_reader entries = partial_entries_of(buf_str(&one->bytes), one->count);
		partial_change(record.change ? entries : nothing, reader, &now, &before);
		*one = now;
		now = swap;
	}
	buf_release(&now.bytes);
	buf_release(&before.bytes);
}

/* What was told so far is what all contributions say that are added again, at the end that the windows have. */
static void check(struct box *box, struct windows *windows, uint64_t seed)
{
	struct windows *fresh = windows_of(box, windows_end(windows));
	struct partial_entries wanted[MODEL_DIMENSIONS_MAX] = {0};
	struct buf said;
	buf_init(&said);
	windows_add(fresh, &(struct contributions){.items = box->added, .count = (uint32_t)box->count});
	windows_partial(windows, &said);
	hear(&said, box->told);
	says(fresh, &said);
	for (unsigned d = 0; d < MODEL_DIMENSIONS_MAX; d++)
		buf_init(&wanted[d].bytes);
	hear(&said, wanted);
	bool same = true;
	for (unsigned d = 0; d < MODEL_DIMENSIONS_MAX; d++) {
		same &= str_equal(buf_str(&box->told[d].bytes), buf_str(&wanted[d].bytes));
		same &= box->told[d].count == wanted[d].count;
		buf_release(&wanted[d].bytes);
	}
	buf_release(&said);
	windows_free(fresh);
	if (!same)
		fail_msg("seed %llu: other totals at end %lld", (unsigned long long)seed,
			(long long)windows_end(windows));
}

static struct windows *reloaded(const struct box *box, struct windows *windows)
{
	struct buf bytes;
	buf_init(&bytes);
	windows_save(windows, &bytes);
	struct windows *loaded = windows_of(box, windows_end(windows));
	struct reader in = reader_of(buf_str(&bytes));
	assert_int_equal(windows_load(loaded, &in), RESULT_OK);
	assert_true(reader_done(&in));
	buf_release(&bytes);
	windows_free(windows);
	return loaded;
}

static int64_t a_jump(struct random *random)
{
	static const int64_t jumps[] = {
		1, MINUTE, HOUR, 6 * HOUR, DAY, 8 * DAY, 40 * DAY, 100 * DAY, 400 * DAY, 1500 * DAY};
	int64_t most = random_percent(random, 70) ? 5 : 10;
	return random_below(random, jumps[random_below(random, most)]) + 1;
}

static void run(uint64_t seed)
{
	static const char *const zones[] = {
		"UTC", "Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns", "Africa/Cairo"};
	static const char *const lists[] = {
		"[1h, 24h, 7d, 30d, 90d, 365d, day, week, month, quarter, year, month-1, quarter-1, year-1]",
		"[{window: 1h, step: 10s}, 7d]",
		"[day, week, month, quarter-2]",
		"[90d]",
		"[365d]",
		"[{window: 2h, step: 20m}, {window: 10d, step: 40m}]",
		"[{window: 3h, step: 10m}, {window: 30d, step: 1h}]",
		"[{window: 30m, step: 1s}, {window: month, step: 1m}, {window: 10d, step: 1d}]",
	};
	struct random random = {seed};
	struct box box;
	box_init(&box, zones[random_below(&random, 6)], lists[random_below(&random, 8)]);
	int64_t now = at("2025-01-01T00:00:00Z") + random_below(&random, 700 * DAY);
	struct windows *windows = windows_of(&box, window_end(&box.config->model, now));
	for (int turn = 0; turn < 60; turn++) {
		int64_t end = windows_end(windows);
		/* Mostly a few ends pass without any. */
		int adds = random_percent(&random, 30) ? 8 : 0;
		for (int i = 0; i < adds; i++) {
			int64_t age = random_below(&random, random_percent(&random, 50) ? HOUR : 30 * DAY);
			int64_t ahead = random_percent(&random, 20) ? 20 * DAY : 0;
			uint16_t measure = (uint16_t)random_below(&random, 3);
			add(&box, windows, measure, 0, end - 1 - age + (measure == 1 ? ahead : 0),
				random_below(&random, 7) - 3);
		}
		if (random_percent(&random, 10))
			windows = reloaded(&box, windows);
		now = end + a_jump(&random);
		windows_roll(windows, window_end(&box.config->model, now));
		check(&box, windows, seed);
	}
	windows_free(windows);
	box_release(&box);
}

static void test_running_totals(void **state)
{
	(void)state;
	int runs = random_runs(40);
	for (int i = 0; i < runs; i++)
		run(random_seed() + (uint64_t)i);
}

static int64_t total(struct windows *windows, unsigned view, uint32_t cell)
{
	struct buf records;
	struct partial_record record;
	struct partial_entry entry;
	int64_t found = 0;
	buf_init(&records);
	says(windows, &records);
	struct partial_reader reader = partial_reader_of(buf_str(&records));
	while (partial_next_record(&reader, &record))
		while (partial_next_entry(&reader, &entry))
			if (entry.cell == cell && entry.views >> view & 1)
				found = entry.totals[view];
	buf_release(&records);
	return found;
}

/* An event counts from the first instant of a window on, and no longer when the window begins behind it. */
static void test_half_open(void **state)
{
	(void)state;
	struct box box;
	box_init(&box, "UTC", "[1h]");
	struct windows *windows = windows_of(&box, at("2026-03-01T10:00:00Z"));
	add(&box, windows, 0, 0, at("2026-03-01T09:00:00Z"), 1);
	add(&box, windows, 0, 0, at("2026-03-01T08:59:59.999Z"), 10);
	add(&box, windows, 0, 0, at("2026-03-01T09:59:59.999Z"), 100);
	assert_int_equal(total(windows, 0, 0), 101);
	assert_int_equal(total(windows, 1, 0), 10);
	windows_roll(windows, at("2026-03-01T10:01:00Z"));
	assert_int_equal(total(windows, 0, 0), 100);
	assert_int_equal(total(windows, 1, 0), 11);
	windows_free(windows);
	box_release(&box);
}

/* A level is the sum of all before the window's end: of years ago, and of what is posted ahead once its time has come. */
static void test_level(void **state)
{
	(void)state;
	struct box box;
	box_init(&box, "UTC", "[1h]");
	uint32_t cell = box.config->model.measures[1].component;
	struct windows *windows = windows_of(&box, at("2024-03-01T10:00:00Z"));
	add(&box, windows, 1, 0, at("2024-03-01T09:00:00Z"), 1);
	windows_roll(windows, at("2026-03-01T10:00:00Z"));
	assert_int_equal(total(windows, 0, cell), 1);
	add(&box, windows, 1, 0, at("2023-03-01T10:00:00Z"), 5);
	assert_int_equal(total(windows, 0, cell), 6);
	add(&box, windows, 1, 0, at("2026-03-01T10:00:00Z"), 20);
	assert_int_equal(total(windows, 0, cell), 6);
	windows_roll(windows, at("2026-03-01T10:01:00Z"));
	assert_int_equal(total(windows, 0, cell), 26);
	assert_int_equal(total(windows, 1, cell), 6);
	windows = reloaded(&box, windows);
	assert_int_equal(total(windows, 0, cell), 26);
	windows_free(windows);
	box_release(&box);
}

/* Where the clock goes back by three hours (04:00 to 01:00), the interval before ends earlier than it did. */
static void test_an_interval_that_shrinks(void **state)
{
	(void)state;
	struct box box;
	box_init(&box, "Antarctica/Casey", "[day]");
	struct windows *windows = windows_of(&box, at("2018-03-10T16:45:00Z"));
	add(&box, windows, 0, 0, at("2018-03-09T15:30:00Z"), 1);
	assert_int_equal(total(windows, 1, 0), 1);
	windows_roll(windows, at("2018-03-10T17:15:00Z"));
	assert_int_equal(total(windows, 1, 0), 0);
	check(&box, windows, 0);
	windows_free(windows);
	box_release(&box);
}

/* What no window can reach any more is given back: years of slices do not grow. */
static void test_old_slices_go(void **state)
{
	(void)state;
	struct box box;
	struct buf bytes;
	size_t sizes[2];
	buf_init(&bytes);
	box_init(&box, "UTC", "[1h, 30d]");
	struct windows *windows = windows_of(&box, at("2024-01-01T00:00:00Z"));
	for (int day = 1; day <= 1000; day++) {
		int64_t end = at("2024-01-01T00:00:00Z") + day * DAY;
		for (int minute = 0; minute < 50; minute++)
			add(&box, windows, (uint16_t)(minute % 2), 0, end - minute * 7 * MINUTE - 1, 1);
		windows_roll(windows, end);
		buf_clear(&bytes);
		windows_save(windows, &bytes);
		if (day % 500 == 0)
			sizes[day / 500 - 1] = bytes.length;
	}
	assert_true(sizes[1] < sizes[0] + 64);
	assert_true(sizes[1] < 64 * 1024);
	check(&box, windows, 0);
	buf_release(&bytes);
	windows_free(windows);
	box_release(&box);
}

/* ---- many at once */

enum { REPS = 700, MANY = 90000 };

static struct str name_of_rep(int64_t rep, char room[16])
{
	int length = snprintf(room, 16, "rep-%lld", (long long)rep);
	return (struct str){room, (size_t)length};
}

/* Every tenth is of three reps. */
static uint32_t group_of(struct box *box, int number)
{
	char names[3][16];
	struct event event = {.time = at("2026-03-01T00:00:00Z")};
	uint16_t field = (uint16_t)box->config->schema.rep_field;
	event.present = UINT64_C(1) << field;
	event.values[field].text = name_of_rep(number, names[0]);
	for (int i = 0; i < 3 && number % 10 == 3; i++)
		event.credits[event.credit_count++] =
			(struct credit){name_of_rep(number - i, names[i]), i == 2 ? 4000 : 3000};
	return groups_of_event(&box->groups, &event);
}

static struct contribution some_contribution(const struct box *box, struct random *random, const uint32_t *groups)
{
	const struct model *model = &box->config->model;
	uint16_t m = (uint16_t)random_below(random, model->measure_count);
	const struct measure *measure = &model->measures[m];
	uint32_t cell = measure->component + (uint32_t)random_below(random, measure->component_count);
	if (measure->has_histogram && random_percent(random, 50))
		cell = model->component_count + measure->histogram * HISTOGRAM_BUCKETS +
			(uint32_t)random_below(random, HISTOGRAM_BUCKETS);
	int64_t age = random_below(random, random_percent(random, 50) ? HOUR : 100 * DAY);
	int64_t most = random_percent(random, 5) ? INT64_C(1) << 40 : 3;
	/* Few groups have most of it; the others are many more than a cache of them holds. */
	int64_t rep = random_below(random, random_percent(random, 70) ? 7 : REPS);
	return (struct contribution){
		.time = at("2026-03-01T10:00:00Z") - 1 - age,
		.amount = random_below(random, 2 * most + 1) - most,
		.group = groups[rep],
		.cell = cell,
		.measure = m,
		.dimensions = measure->dimensions & (uint8_t)random_below(random, 256),
	};
}

/* All contributions at once, or some and then a look, over and over: it is the same. */
static void test_many_at_once(void **state)
{
	static uint32_t groups[REPS];
	struct random random = {random_seed()};
	struct box box;
	struct buf said, wanted;
	(void)state;
	box_init(&box, "UTC", "[{window: 1h, step: 10s}, 30d, month]");
	buf_init(&said);
	buf_init(&wanted);
	for (int rep = 0; rep < REPS; rep++)
		groups[rep] = group_of(&box, rep);
	struct contributions all = {0};
	for (int i = 0; i < MANY; i++)
		contributions_add(&all, some_contribution(&box, &random, groups));
	struct windows *whole = windows_of(&box, at("2026-03-01T10:00:00Z"));
	struct windows *pieces = windows_of(&box, at("2026-03-01T10:00:00Z"));
	windows_add(whole, &all);
	for (uint32_t i = 0, count; i < MANY; i += count) {
		count = 1 + (uint32_t)random_below(&random, 300);
		count = i + count < MANY ? count : MANY - i;
		windows_add(pieces, &(struct contributions){.items = all.items + i, .count = count});
		buf_clear(&said);
		windows_partial(pieces, &said);
	}
	windows_partial(whole, &said);
	for (int later = 0; later < 3; later++) {
		says(whole, &said);
		says(pieces, &wanted);
		assert_true(wanted.length > 50000);
		assert_true(str_equal(buf_str(&said), buf_str(&wanted)));
		windows_roll(whole, windows_end(whole) + DAY);
		windows_roll(pieces, windows_end(pieces) + DAY);
		windows_partial(whole, &said);
		windows_partial(pieces, &wanted);
	}
	windows_free(whole);
	windows_free(pieces);
	buf_release(&said);
	buf_release(&wanted);
	mem_free(all.items);
	box_release(&box);
}

/* What is split is counted at once; that alone does not fill what waits. */
static void test_nothing_but_split(void **state)
{
	enum { TIMES = 70000 };
	struct box box;
	(void)state;
	box_init(&box, "UTC", "[1h]");
	/* Two whose place in the cache is the same. */
	uint32_t plain = group_of(&box, 1), one = group_of(&box, 3), other = one;
	for (int i = 13; other == one || other % 256 != one % 256; i += 10)
		other = group_of(&box, i);
	struct windows *windows = windows_of(&box, at("2026-03-01T10:00:00Z"));
	for (int i = 0; i < TIMES; i++) {
		box.group = i % 2 ? one : other;
		add(&box, windows, 0, 0, at("2026-03-01T09:30:00Z"), 1);
	}
	box.group = plain;
	add(&box, windows, 0, 0, at("2026-03-01T09:30:00Z"), 1);
	check(&box, windows, 0);
	windows_free(windows);
	box_release(&box);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_half_open),
		cmocka_unit_test(test_level),
		cmocka_unit_test(test_an_interval_that_shrinks),
		cmocka_unit_test(test_old_slices_go),
		cmocka_unit_test(test_running_totals),
		cmocka_unit_test(test_many_at_once),
		cmocka_unit_test(test_nothing_but_split),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
