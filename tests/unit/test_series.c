/* A series against a plain list of its slices, narrow and wide, and a row's series in the order of their cells. */
#include "tests/unit/unit.h"

#include "base/mem.h"
#include "pipeline/accumulate/row.h"
#include "tests/unit/random_events.h"

enum { SLICES_MAX = 600 };

struct expected {
	struct slice slices[SLICES_MAX]; /* by rising start */
	uint32_t count;
};

static const struct series_kind kind = {.views = 0x5, .level = false};

static void expect(struct expected *expected, struct slice slice)
{
	uint32_t at = 0;
	while (at < expected->count && expected->slices[at].start < slice.start)
		at++;
	if (at < expected->count && expected->slices[at].start == slice.start) {
		expected->slices[at].amount = sum_of(expected->slices[at].amount, slice.amount);
		return;
	}
	assert_true(expected->count < SLICES_MAX);
	for (uint32_t i = expected->count++; i > at; i--)
		expected->slices[i] = expected->slices[i - 1];
	expected->slices[at] = slice;
}

static void check(const struct series *series, const struct expected *expected)
{
	assert_int_equal(series->count, expected->count);
	for (uint32_t i = 0; i < series->count; i++) {
		assert_int_equal(series_start(series, i), expected->slices[i].start);
		assert_int_equal(series_amount(series, i), expected->slices[i].amount);
	}
}

static void check_find(const struct series *series, const struct expected *expected, int64_t time)
{
	for (uint32_t at = 0; at <= expected->count; at += 1 + expected->count / 5) {
		uint32_t wanted = at;
		while (wanted < expected->count && expected->slices[wanted].start < time)
			wanted++;
		assert_int_equal(series_find(series, at, time), wanted);
	}
}

static void check_finds(const struct series *series, const struct expected *expected)
{
	check_find(series, expected, INT64_MIN);
	check_find(series, expected, INT64_MAX);
	for (uint32_t i = 0; i < expected->count; i++)
		for (int64_t off = -1; off <= 1; off++)
			check_find(series, expected, expected->slices[i].start + off);
}

static void put(struct series *series, struct expected *expected, int64_t start, int64_t amount)
{
	struct slice slice = {start, amount};
	series_insert(series, slice);
	expect(expected, slice);
	check(series, expected);
}

/* Clusters with wide gaps, which is where a search that trusts in even times goes wrong. */
static int64_t some_start(struct random *random, int64_t unit)
{
	int64_t cluster = random_below(random, 4);
	return unit * (cluster * cluster * cluster * 1000000 + random_below(random, 100 << cluster));
}

static void test_slices_stand_in_order(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 30; seed++) {
		struct random random = {seed};
		struct expected expected = {0};
		struct series series = series_new(7, 3, kind);
		for (int i = 0; i < 250; i++)
			put(&series, &expected, some_start(&random, 1000), random_below(&random, 2000) - 1000);
		assert_false(series.wide);
		check_finds(&series, &expected);
		series_free(&series);
	}
}

/* What does not fit makes all of them wide, wherever it comes and whatever it is. */
static void test_what_does_not_fit_is_kept(void **state)
{
	static const struct slice large[] = {{60000, INT64_C(1) << 31}, {60000, -(INT64_C(1) << 31) - 1},
		{60000, INT64_MAX}, {60000, INT64_MIN}, {61001, 1}, {-60000, 1}, {INT64_C(1000) << 32, 1},
		{INT64_MAX - 1, 1}, {INT64_MIN + 1, 1}};
	(void)state;
	for (unsigned l = 0; l < sizeof large / sizeof *large; l++)
		for (int when = 0; when < 40; when += 3) {
			struct expected expected = {0};
			struct series series = series_new(7, 3, kind);
			series.body->base = 11;
			series.body->numbers[0] = 12;
			series.body->numbers[1] = 13;
			for (int i = 0; i < 40; i++) {
				assert_int_equal(series.wide, i > when);
				put(&series, &expected, (i * 7 % 40 + 100) * INT64_C(1000), i + 1);
				if (i == when)
					put(&series, &expected, large[l].start, large[l].amount);
			}
			check_finds(&series, &expected);
			assert_int_equal(series.body->base, 11);
			assert_int_equal(series.body->numbers[0], 12);
			assert_int_equal(series.body->numbers[1], 13);
			series_free(&series);
		}
}

static void test_what_just_fits_is_narrow(void **state)
{
	(void)state;
	struct expected expected = {0};
	struct series series = series_new(7, 3, kind);
	put(&series, &expected, 0, INT32_MAX);
	put(&series, &expected, 1000, INT32_MIN);
	put(&series, &expected, UINT32_MAX * INT64_C(1000), 5);
	assert_false(series.wide);
	check_finds(&series, &expected);
	put(&series, &expected, 0, 1); /* the sum does not */
	assert_true(series.wide);
	series_free(&series);
}

static void test_sums_that_outgrow_when_joined(void **state)
{
	(void)state;
	struct expected expected = {0};
	struct series series = series_new(7, 3, kind);
	const struct compaction compaction = {
		.horizon = 0, .coarse_before = 10000, .coarse_already = INT64_MIN, .width = 10000};
	for (int i = 0; i < 12; i++)
		put(&series, &expected, i * 1000, INT32_MAX);
	series_compact(&series, kind, &compaction);
	assert_true(series.wide);
	assert_int_equal(series.count, 3);
	assert_int_equal(series_amount(&series, 0), 10 * (int64_t)INT32_MAX);
	assert_int_equal(series_start(&series, 2), 11000);
	assert_int_equal(series_amount(&series, 2), INT32_MAX);
	series_free(&series);
}

static void test_saved_and_loaded(void **state)
{
	(void)state;
	for (int wide = 0; wide < 2; wide++) {
		struct random random = {5};
		struct expected expected = {0};
		struct buf bytes;
		struct series series = series_new(7, 3, kind), again = series_new(7, 3, kind);

		buf_init(&bytes);
		for (int i = 0; i < 200; i++)
			put(&series, &expected, some_start(&random, wide ? 7 : 1000), 1 + random_below(&random, 9));
		assert_int_equal(series.wide, wide);
		series_save(&series, &bytes);
		struct reader in = reader_of(buf_str(&bytes));
		assert_true(series_load(&again, &in));
		check(&again, &expected);
		series_free(&series);
		series_free(&again);
		buf_release(&bytes);
	}
}

/* The totals stand one behind the other, whichever views they are of. */
static void test_totals_of_any_views(void **state)
{
	struct random random = {9};
	(void)state;
	for (int i = 0; i < 400; i++) {
		uint64_t all = i % 3 ? random_next(&random) & random_next(&random) : UINT64_MAX;
		uint64_t below = (UINT64_C(2) << random_below(&random, MODEL_VIEWS_MAX)) - 1;
		struct series_kind some = {.views = (all & below) | 1, .level = i % 2};
		struct views views = {0};
		struct series series = series_new(7, 3, some);
		views.within[2] = random_next(&random);
		views.before_end[2] = random_next(&random);
		series_add(&series, some, &views, 2, (struct slice){0, 5});
		series_gather(&series, some, &views);
		const int64_t *total = series.body->numbers;
		for (unsigned v = 0; v < 64; v++)
			if (some.views >> v & 1)
				assert_int_equal(
					*total++, (some.level ? views.before_end : views.within)[2] >> v & 1 ? 5 : 0);
		assert_ptr_equal(total, series.body->numbers + series.total_count);
		series_free(&series);
	}
}

/* ---- rows */

static void check_order(const struct row *row, const struct row_layout *layout, const bool *there, uint32_t cells)
{
	uint32_t position = 0, count = 0;
	const struct series *series;
	for (uint32_t cell = 0; cell < cells; cell++) {
		if (!there[cell])
			continue;
		series = row_next(row, layout, &position);
		assert_non_null(series);
		assert_int_equal(series->cell, cell);
		count++;
	}
	assert_null(row_next(row, layout, &position));
	assert_int_equal(row_count(row), count);
}

static void check_found(struct row *row, const struct row_layout *layout, const bool *there, uint32_t cells)
{
	uint32_t count = row_count(row);
	for (uint32_t cell = 0; cell < cells; cell++)
		if (there[cell])
			assert_int_equal(row_series(row, layout, cell)->cell, cell);
	assert_int_equal(row_count(row), count);
}

/* Some are empty and go, the others stay where they are found and in order; and new ones find their place. */
static void test_series_of_a_row(void **state)
{
	enum { COMPONENTS = 9, CELLS = COMPONENTS + 3 * HISTOGRAM_BUCKETS, ROUNDS = 6 };
	static bool there[CELLS];
	struct series_kind kinds[COMPONENTS + 3];
	const struct row_layout layout = {COMPONENTS, 3, kinds};
	const struct compaction compaction = {
		.horizon = 1000, .coarse_before = INT64_MIN, .coarse_already = INT64_MIN, .width = 1000};
	struct row *row = row_new(&layout, 2, 5);
	struct random random = {3};
	(void)state;
	for (unsigned k = 0; k < COMPONENTS + 3; k++)
		kinds[k] = kind;

	for (int round = 0; round < ROUNDS; round++) {
		for (int i = 0; i < 150; i++) {
			uint32_t cell = (uint32_t)random_below(&random, i % 5 ? CELLS : COMPONENTS);
			struct series *series = row_series(row, &layout, cell);
			assert_int_equal(series->cell, cell);
			assert_int_equal(series->kind, row_kind_index(&layout, cell));
			series_insert(series, (struct slice){random_below(&random, 2) * 1000, 1});
			there[cell] = true;
		}
		check_order(row, &layout, there, CELLS);
		check_found(row, &layout, there, CELLS);
		for (uint32_t i = 0; i < row_count(row); i++) {
			const struct series *series = row_at(row, i);
			there[series->cell] =
				series->count && series_start(series, series->count - 1) >= compaction.horizon;
		}
		row_compact(row, &layout, &compaction);
		check_order(row, &layout, there, CELLS);
		check_found(row, &layout, there, CELLS);
	}
	row_free(row);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_slices_stand_in_order),
		cmocka_unit_test(test_what_does_not_fit_is_kept),
		cmocka_unit_test(test_what_just_fits_is_narrow),
		cmocka_unit_test(test_sums_that_outgrow_when_joined),
		cmocka_unit_test(test_saved_and_loaded),
		cmocka_unit_test(test_totals_of_any_views),
		cmocka_unit_test(test_series_of_a_row),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
