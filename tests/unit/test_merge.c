#include "pipeline/merge/merge.h"
#include "tests/unit/little_model.h"
#include "tests/unit/unit.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

static struct little_model little;

static int set_up(void **state)
{
	little_model_init(&little);
	*state = merge_new(&little.model, 2);
	return 0;
}

static int tear_down(void **state)
{
	merge_free(*state);
	little_model_release(&little);
	return 0;
}

/* What shard `shard` says of the rep ann. */
static void say(struct merge *merge, uint32_t shard, const struct little_total *totals, size_t count)
{
	struct shard_status status = {.shard = shard, .end = END, .gap = INT64_MIN};
	struct buf record;
	buf_init(&record);
	little_record(&record, DIMENSION_REP, "ann", totals, count);
	assert_int_equal(merge_apply(merge, &status, buf_str(&record)), RESULT_OK);
	buf_release(&record);
}

/* What changed of what it said. */
static void change(struct merge *merge, uint32_t shard, const struct little_total *totals, size_t count)
{
	struct shard_status status = {.shard = shard, .end = END, .gap = INT64_MIN};
	struct buf record;
	buf_init(&record);
	little_change(&record, DIMENSION_REP, "ann", totals, count);
	assert_int_equal(merge_apply(merge, &status, buf_str(&record)), RESULT_OK);
	buf_release(&record);
}

static void say_one(struct merge *merge, uint32_t shard, uint32_t cell, uint32_t view, int64_t total)
{
	say(merge, shard, &(struct little_total){cell, view, total}, 1);
}

static struct merged_key *ann(struct merge *merge)
{
	return merge_key(merge, DIMENSION_REP, STR("ann"), false);
}

static void test_shards_add_up(void **state)
{
	struct merge *merge = *state;
	static const struct little_total first[] = {
		{CELL_WON, WINDOW_30D, 3}, {CELL_WON, PREVIOUS, 1}, {CELL_HISTOGRAM + 5, WINDOW_1H, 2}};
	static const struct little_total second[] = {{CELL_WON, WINDOW_30D, 4}, {CELL_LOST, WINDOW_MONTH, 9}};
	say(merge, 0, first, COUNT_OF(first));
	say(merge, 1, second, COUNT_OF(second));
	assert_int_equal(merged_key_dimension(ann(merge)), DIMENSION_REP);
	assert_str(merged_key_name(ann(merge)), "ann");
	assert_int_equal(merged_key_total(ann(merge), CELL_WON, WINDOW_30D), 7);
	assert_int_equal(merged_key_total(ann(merge), CELL_WON, PREVIOUS), 1);
	assert_int_equal(merged_key_total(ann(merge), CELL_WON, WINDOW_1H), 0);
	assert_int_equal(merged_key_total(ann(merge), CELL_LOST, WINDOW_MONTH), 9);
	assert_int_equal(merged_key_total(ann(merge), CELL_SOLD, WINDOW_30D), 0);
	assert_int_equal(merged_key_total(ann(merge), CELL_HISTOGRAM + 5, WINDOW_1H), 2);
	assert_int_equal(merged_key_total(ann(merge), CELL_HISTOGRAM + 6, WINDOW_1H), 0);
}

static void test_a_record_replaces_the_one_before(void **state)
{
	struct merge *merge = *state;
	static const struct little_total before[] = {{CELL_WON, WINDOW_30D, 3}, {CELL_LOST, WINDOW_30D, 5}};
	say(merge, 0, before, COUNT_OF(before));
	say_one(merge, 1, CELL_WON, WINDOW_30D, 10);
	say_one(merge, 0, CELL_WON, WINDOW_30D, 2);
	say_one(merge, 0, CELL_WON, WINDOW_30D, 2);
	assert_int_equal(merged_key_total(ann(merge), CELL_WON, WINDOW_30D), 12);
	assert_int_equal(merged_key_total(ann(merge), CELL_LOST, WINDOW_30D), 0);
}

static void test_a_change_leaves_the_other_cells(void **state)
{
	struct merge *merge = *state;
	static const struct little_total before[] = {{CELL_WON, WINDOW_30D, 3}, {CELL_WON, PREVIOUS, 1},
		{CELL_LOST, WINDOW_30D, 5}, {CELL_HISTOGRAM + 5, WINDOW_1H, 2}};
	static const struct little_total now[] = {
		{CELL_WON, WINDOW_30D, 4}, {CELL_SOLD, WINDOW_30D, 70}, {CELL_HISTOGRAM + 5, WINDOW_1H, 0}};
	say(merge, 0, before, COUNT_OF(before));
	say_one(merge, 1, CELL_HISTOGRAM + 5, WINDOW_1H, 1);
	for (int times = 0; times < 2; times++) {
		change(merge, 0, now, COUNT_OF(now));
		assert_int_equal(merged_key_total(ann(merge), CELL_WON, WINDOW_30D), 4);
		assert_int_equal(merged_key_total(ann(merge), CELL_WON, PREVIOUS), 0);
		assert_int_equal(merged_key_total(ann(merge), CELL_LOST, WINDOW_30D), 5);
		assert_int_equal(merged_key_total(ann(merge), CELL_SOLD, WINDOW_30D), 70);
		assert_int_equal(merged_key_total(ann(merge), CELL_HISTOGRAM + 5, WINDOW_1H), 1);
	}
}

/* Of a key that nobody knows. */
static void test_what_is_gone_makes_no_key(void **state)
{
	struct merge *merge = *state;
	change(merge, 0, &(struct little_total){CELL_WON, WINDOW_30D, 0}, 1);
	assert_null(merge_key(merge, DIMENSION_REP, STR("ann"), false));
	assert_null(merge_take_changed(merge));
	say_one(merge, 0, CELL_WON, WINDOW_30D, 1);
	struct merged_key *key = merge_take_changed(merge);
	change(merge, 0, &(struct little_total){CELL_WON, WINDOW_30D, 0}, 1);
	assert_ptr_equal(merge_take_changed(merge), key);
	assert_true(merged_key_gone(key));
	assert_null(merge_take_changed(merge));
	assert_null(ann(merge));
}

static void test_sums_wrap_around_and_back(void **state)
{
	struct merge *merge = *state;
	say_one(merge, 0, CELL_SOLD, WINDOW_30D, INT64_MAX);
	say_one(merge, 1, CELL_SOLD, WINDOW_30D, INT64_MAX);
	assert_int_equal(merged_key_total(ann(merge), CELL_SOLD, WINDOW_30D), -2);
	say_one(merge, 0, CELL_SOLD, WINDOW_30D, INT64_MIN);
	assert_int_equal(merged_key_total(ann(merge), CELL_SOLD, WINDOW_30D), -1);
	say_one(merge, 0, CELL_SOLD, WINDOW_30D, 5);
	say_one(merge, 1, CELL_SOLD, WINDOW_30D, 6);
	assert_int_equal(merged_key_total(ann(merge), CELL_SOLD, WINDOW_30D), 11);
}

static void test_walking_a_range(void **state)
{
	struct merge *merge = *state;
	static const struct little_total totals[] = {{CELL_HISTOGRAM - 1, 0, 1}, {CELL_HISTOGRAM, 0, 2},
		{CELL_HISTOGRAM + 3, 1, 3}, {CELL_HISTOGRAM + 4, 0, 4}, {CELL_HISTOGRAM + 9, 0, 5}};
	say(merge, 0, totals, COUNT_OF(totals));
	size_t position = 0;
	uint32_t cell;
	int64_t total;
	const uint32_t first = CELL_HISTOGRAM, last = CELL_HISTOGRAM + 9;
	assert_true(merged_key_next(ann(merge), first, last, 0, &position, &cell, &total));
	assert_true(cell == CELL_HISTOGRAM && total == 2);
	assert_true(merged_key_next(ann(merge), first, last, 0, &position, &cell, &total));
	assert_true(cell == CELL_HISTOGRAM + 4 && total == 4);
	assert_false(merged_key_next(ann(merge), first, last, 0, &position, &cell, &total));
	assert_false(merged_key_next(ann(merge), first, last, 0, &position, &cell, &total));
	position = 0;
	assert_true(merged_key_next(ann(merge), first, last, 1, &position, &cell, &total));
	assert_true(cell == CELL_HISTOGRAM + 3 && total == 3);
	position = 0;
	assert_false(merged_key_next(ann(merge), first, last, 2, &position, &cell, &total));
}

static void test_damage_changes_nothing(void **state)
{
	struct merge *merge = *state;
	struct shard_status status = {.shard = 0, .end = END + 1};
	say_one(merge, 0, CELL_WON, WINDOW_30D, 1);
	assert_non_null(merge_take_changed(merge));
	struct buf batch;
	buf_init(&batch);
	little_record(&batch, DIMENSION_REP, "ann", &(struct little_total){CELL_WON, WINDOW_30D, 2}, 1);
	size_t whole = batch.length;
	little_record(&batch, 3, "x", NULL, 0);
	assert_int_equal(merge_apply(merge, &status, buf_str(&batch)), RESULT_CORRUPT); /* no such dimension */
	assert_int_equal(merge_apply(merge, &status, (struct str){batch.data, whole - 1}), RESULT_CORRUPT);
	batch.length = whole;
	little_record(&batch, 0, "all", &(struct little_total){CELL_HISTOGRAM + HISTOGRAM_BUCKETS, 0, 2}, 1);
	assert_int_equal(merge_apply(merge, &status, buf_str(&batch)), RESULT_CORRUPT); /* no such cell */
	batch.length = whole;
	little_record(&batch, 0, "all", &(struct little_total){0, 2 * LITTLE_WINDOWS, 2}, 1);
	assert_int_equal(merge_apply(merge, &status, buf_str(&batch)), RESULT_CORRUPT); /* no such view */
	batch.length = whole;
	partial_put_record(&batch, &(struct partial_record){0, STR("all"), false, 1});
	partial_put_gone(&batch, 1);
	assert_int_equal(merge_apply(merge, &status, buf_str(&batch)), RESULT_CORRUPT); /* gone, in a whole record */
	batch.length = whole;
	status.shard = 2;
	assert_int_equal(merge_apply(merge, &status, buf_str(&batch)), RESULT_CORRUPT); /* no such shard */
	buf_release(&batch);
	assert_int_equal(merged_key_total(ann(merge), CELL_WON, WINDOW_30D), 1);
	assert_null(merge_take_changed(merge));
	assert_int_equal(merge_end(merge), INT64_MIN);
	say(merge, 1, NULL, 0);
	assert_int_equal(merge_end(merge), END);
}

static void test_changed_keys_are_given_once(void **state)
{
	struct merge *merge = *state;
	say_one(merge, 0, CELL_WON, WINDOW_30D, 1);
	say_one(merge, 1, CELL_WON, WINDOW_30D, 1);
	struct merged_key *company = merge_key(merge, DIMENSION_COMPANY, STR("all"), true);
	assert_ptr_equal(merge_take_changed(merge), ann(merge));
	assert_ptr_equal(merge_take_changed(merge), company);
	assert_null(merge_take_changed(merge));
	say_one(merge, 1, CELL_WON, WINDOW_30D, 1); /* said before */
	assert_ptr_equal(merge_key(merge, DIMENSION_COMPANY, STR("all"), true), company);
	assert_null(merge_take_changed(merge));
	say_one(merge, 1, CELL_WON, WINDOW_30D, 2);
	assert_ptr_equal(merge_take_changed(merge), ann(merge));
	assert_null(merge_take_changed(merge));
	merge_touch_all(merge);
	assert_ptr_equal(merge_take_changed(merge), company);
	assert_ptr_equal(merge_take_changed(merge), ann(merge));
	assert_null(merge_take_changed(merge));
}

static void add_news(struct merge *merge, uint64_t *company, uint64_t *reps)
{
	uint64_t none = 0;
	uint64_t *news[MODEL_DIMENSIONS_MAX] = {company, &none, reps};
	merge_news(merge, news);
	assert_int_equal(none, 0);
}

static void test_keys_of_a_dimension(void **state)
{
	struct merge *merge = *state;
	uint64_t company = 0, reps = 0;
	assert_null(merge_first(merge, DIMENSION_REP));
	say_one(merge, 0, CELL_WON, WINDOW_30D, 1);
	struct merged_key *all = merge_key(merge, DIMENSION_COMPANY, STR("all"), true);
	struct merged_key *bob = merge_key(merge, DIMENSION_REP, STR("bob"), true);
	assert_ptr_equal(merge_first(merge, DIMENSION_REP), ann(merge));
	assert_ptr_equal(merged_key_after(ann(merge)), bob);
	assert_null(merged_key_after(bob));
	assert_ptr_equal(merge_first(merge, DIMENSION_COMPANY), all);
	assert_null(merged_key_after(all));
	while (merge_take_changed(merge))
		;
	say_one(merge, 0, CELL_WON, WINDOW_30D, 2);
	add_news(merge, &company, &reps);
	assert_true(company == 0 && reps == 1 << CELL_WON);
	/* Those that are touched have nothing new. */
	merge_touch(merge, DIMENSION_REP);
	merge_touch(merge, DIMENSION_COMPANY);
	reps = 0;
	add_news(merge, &company, &reps);
	assert_true(company == 0 && reps == 1 << CELL_WON);
	assert_ptr_equal(merge_take_changed(merge), ann(merge));
	assert_true(*merged_key_news(ann(merge)) == 1 << CELL_WON);
	assert_ptr_equal(merge_take_changed(merge), bob);
	assert_true(*merged_key_news(bob) == 0);
	assert_ptr_equal(merge_take_changed(merge), all);
	assert_null(merge_take_changed(merge));
	/* A key that is gone is passed over, also while it waits to be taken. */
	say_one(merge, 0, CELL_WON, PREVIOUS, 2);
	assert_ptr_equal(merge_first(merge, DIMENSION_REP), bob);
	merge_key_drop(bob);
	assert_null(merge_first(merge, DIMENSION_REP));
}

static uint64_t news_of_next(struct merge *merge)
{
	struct merged_key *key = merge_take_changed(merge);
	assert_non_null(key);
	return *merged_key_news(key);
}

static void test_news_say_what_changed(void **state)
{
	struct merge *merge = *state;
	static const struct little_total totals[] = {
		{CELL_WON, WINDOW_30D, 1}, {CELL_LOST, WINDOW_30D, 2}, {CELL_HISTOGRAM + 7, WINDOW_30D, 1}};
	say(merge, 0, totals, COUNT_OF(totals));
	assert_true(news_of_next(merge) == UINT64_MAX);
	static const struct little_total more[] = {{CELL_WON, WINDOW_30D, 1}, {CELL_LOST, WINDOW_30D, 3},
		{CELL_SOLD, WINDOW_30D, 1}, {CELL_HISTOGRAM + 7, WINDOW_30D, 1}};
	say(merge, 0, more, COUNT_OF(more));
	assert_int_equal(news_of_next(merge), 1 << CELL_LOST | 1 << CELL_SOLD);
	say(merge, 0, more, 3); /* the bucket went */
	say(merge, 1, more, 1);
	assert_int_equal(news_of_next(merge), 1 << CELL_PAIRS | 1 << CELL_WON);
	static const struct little_total change_of[] = {
		{CELL_WON, WINDOW_30D, 1}, {CELL_LOST, WINDOW_30D, 4}, {CELL_SOLD, WINDOW_30D, 0}};
	change(merge, 0, change_of, COUNT_OF(change_of));
	assert_int_equal(news_of_next(merge), 1 << CELL_LOST | 1 << CELL_SOLD);
	change(merge, 0, change_of, COUNT_OF(change_of)); /* said before */
	assert_null(merge_take_changed(merge));
	merge_touch_all(merge);
	assert_true(news_of_next(merge) == UINT64_MAX);
}

static void test_a_key_without_totals_goes(void **state)
{
	struct merge *merge = *state;
	say_one(merge, 0, CELL_WON, WINDOW_30D, 1);
	struct merged_key *key = merge_take_changed(merge);
	assert_false(merged_key_gone(key));
	assert_null(merge_take_changed(merge));
	say(merge, 0, NULL, 0);
	assert_ptr_equal(merge_take_changed(merge), key);
	assert_true(merged_key_gone(key));
	assert_null(ann(merge));
	assert_null(merge_take_changed(merge));
	merge_touch_all(merge);
	assert_null(merge_take_changed(merge));
	/* One that came and went between two looks was never there. */
	say_one(merge, 0, CELL_WON, WINDOW_30D, 1);
	say(merge, 0, NULL, 0);
	assert_null(merge_take_changed(merge));
}

static void test_a_key_that_comes_back_in_time_stays(void **state)
{
	struct merge *merge = *state;
	say_one(merge, 0, CELL_WON, WINDOW_30D, 1);
	struct merged_key *key = merge_take_changed(merge);
	say(merge, 0, NULL, 0);
	assert_ptr_equal(merge_take_changed(merge), key);
	say_one(merge, 0, CELL_WON, WINDOW_30D, 2);
	assert_ptr_equal(merge_take_changed(merge), key);
	assert_false(merged_key_gone(key));
	assert_null(merge_take_changed(merge));
	assert_int_equal(merged_key_total(ann(merge), CELL_WON, WINDOW_30D), 2);
}

/* Totals of an interval before a window alone give a key no figures; neither do shards whose totals cancel out. Both are still
 * remembered. */
static void test_totals_without_figures(void **state)
{
	struct merge *merge = *state;
	say_one(merge, 0, CELL_SOLD, PREVIOUS + WINDOW_30D, 8);
	assert_null(merge_take_changed(merge));
	assert_null(ann(merge));
	say_one(merge, 1, CELL_SOLD, WINDOW_30D, 5);
	struct merged_key *key = merge_take_changed(merge);
	assert_int_equal(merged_key_total(key, CELL_SOLD, PREVIOUS + WINDOW_30D), 8);
	say_one(merge, 0, CELL_SOLD, WINDOW_30D, -5);
	assert_true(merged_key_gone(merge_take_changed(merge)));
	merge_touch_all(merge);
	assert_null(merge_take_changed(merge));
	say_one(merge, 0, CELL_SOLD, WINDOW_30D, 1);
	assert_int_equal(merged_key_total(merge_take_changed(merge), CELL_SOLD, WINDOW_30D), 6);
}

static void test_made_keys_stay_until_dropped(void **state)
{
	struct merge *merge = *state;
	struct merged_key *key = merge_key(merge, DIMENSION_REP, STR("ann"), true);
	*merged_key_slot(key) = &little;
	assert_ptr_equal(merge_take_changed(merge), key);
	assert_false(merged_key_gone(key));
	say_one(merge, 0, CELL_WON, WINDOW_30D, 1);
	say(merge, 0, NULL, 0);
	assert_ptr_equal(merge_take_changed(merge), key);
	assert_false(merged_key_gone(key));
	merge_key_drop(key);
	assert_ptr_equal(merge_take_changed(merge), key);
	assert_true(merged_key_gone(key));
	assert_ptr_equal(*merged_key_slot(key), &little);
	assert_null(merge_take_changed(merge));
	assert_null(ann(merge));
}

static void test_status_of_all_shards(void **state)
{
	struct merge *merge = *state;
	struct shard_status first = {.shard = 0,
		.end = 60,
		.as_of = 50,
		.since = INT64_MAX,
		.gap = INT64_MIN,
		.seen_types = {1, 0, 0, 8},
		.counts = {1, 2, 3, 4, 5, .seeded = 6}};
	struct shard_status second = {.shard = 1,
		.end = 120,
		.as_of = 110,
		.since = 7,
		.gap = 9,
		.seen_types = {2, 0, 0, 8},
		.counts = {10, 20, 30, 40, 50, .seeded = 60}};
	assert_int_equal(merge_end(merge), INT64_MIN);
	assert_int_equal(merge_apply(merge, &first, (struct str){0}), RESULT_OK);
	assert_int_equal(merge_end(merge), INT64_MIN);
	assert_int_equal(merge_status(merge).as_of, INT64_MIN);
	assert_int_equal(merge_status(merge).since, INT64_MAX);
	assert_int_equal(merge_apply(merge, &second, (struct str){0}), RESULT_OK);
	assert_int_equal(merge_end(merge), INT64_MIN);
	first.end = 120;
	assert_int_equal(merge_apply(merge, &first, (struct str){0}), RESULT_OK);
	assert_int_equal(merge_end(merge), 120);
	struct merge_status status = merge_status(merge);
	assert_int_equal(status.as_of, 50);
	assert_int_equal(status.since, 7);
	assert_int_equal(status.gap, 9);
	assert_true(status.seen_types[0] == 3 && status.seen_types[3] == 8);
	assert_true(status.counts.applied == 11 && status.counts.duplicates == 22 && status.counts.late == 33);
	assert_true(status.counts.waiting == 44 && status.counts.refused == 55 && status.counts.seeded == 66);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_shards_add_up),
		CASE(test_a_record_replaces_the_one_before),
		CASE(test_a_change_leaves_the_other_cells),
		CASE(test_what_is_gone_makes_no_key),
		CASE(test_sums_wrap_around_and_back),
		CASE(test_walking_a_range),
		CASE(test_damage_changes_nothing),
		CASE(test_changed_keys_are_given_once),
		CASE(test_keys_of_a_dimension),
		CASE(test_news_say_what_changed),
		CASE(test_a_key_without_totals_goes),
		CASE(test_a_key_that_comes_back_in_time_stays),
		CASE(test_totals_without_figures),
		CASE(test_made_keys_stay_until_dropped),
		CASE(test_status_of_all_shards),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
