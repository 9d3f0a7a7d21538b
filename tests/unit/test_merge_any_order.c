/* Records in any order between the shards, with repeats and with others in between: the totals are the sum of every shard's last. */
#include "pipeline/merge/key.h"
#include "tests/unit/little_model.h"
#include "tests/unit/unit.h"

enum { SHARDS = 3, KEYS = 3, CELLS = LITTLE_COMPONENTS + 6, VIEWS = 2 * LITTLE_WINDOWS, ROUNDS = 400, STEPS = 40 };

static const char *const names[KEYS] = {"ann", "bob", "cy"};

/* A plain picture of what every shard said last. */
static int64_t said[SHARDS][KEYS][CELLS][VIEWS];

static uint64_t random_state;

static uint32_t random_below(uint32_t bound)
{
	random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)((random_state >> 33) % bound);
}

static int64_t random_total(void)
{
	static const int64_t edges[] = {INT64_MAX, INT64_MIN, 1, -1};
	return random_below(4) ? (int64_t)random_below(20) - 5 : edges[random_below(4)];
}

static void invent(uint32_t shard, uint32_t key)
{
	memset(said[shard][key], 0, sizeof said[shard][key]);
	for (uint32_t i = random_below(30); i > 0; i--)
		said[shard][key][random_below(CELLS)][random_below(VIEWS)] = random_total();
}

static void put_record(struct buf *out, uint32_t shard, uint32_t key)
{
	struct little_total totals[CELLS * VIEWS];
	size_t count = 0;
	for (uint32_t cell = 0; cell < CELLS; cell++)
		for (uint32_t view = 0; view < VIEWS; view++)
			if (said[shard][key][cell][view])
				totals[count++] = (struct little_total){cell, view, said[shard][key][cell][view]};
	little_record(out, DIMENSION_REP, names[key], totals, count);
}

/* Some cells have other totals, or none any more; some of those that are said again have the same ones. */
static void put_change(struct buf *out, uint32_t shard, uint32_t key)
{
	struct little_total totals[CELLS * VIEWS];
	size_t count = 0;
	for (uint32_t cell = 0; cell < CELLS; cell++) {
		int64_t *of_cell = said[shard][key][cell];
		if (random_below(3))
			continue;
		if (random_below(3) == 0)
			memset(of_cell, 0, sizeof said[shard][key][cell]);
		for (uint32_t i = random_below(3); i > 0; i--)
			of_cell[random_below(VIEWS)] = random_total();
		totals[count++] = (struct little_total){cell, 0, of_cell[0]};
		for (uint32_t view = 1; view < VIEWS; view++)
			if (of_cell[view])
				totals[count++] = (struct little_total){cell, view, of_cell[view]};
	}
	little_change(out, DIMENSION_REP, names[key], totals, count);
}

static void apply(struct merge *merge, uint32_t shard, uint32_t key, bool change)
{
	struct shard_status status = {.shard = shard, .end = END};
	struct buf record;
	buf_init(&record);
	(change ? put_change : put_record)(&record, shard, key);
	assert_int_equal(merge_apply(merge, &status, buf_str(&record)), RESULT_OK);
	buf_release(&record);
}

/* Another owner of the shard says all that it has, and is silent of some keys. */
static void apply_whole(struct merge *merge, uint32_t shard)
{
	struct shard_status status = {.shard = shard, .end = END};
	struct buf records;
	buf_init(&records);
	for (uint32_t key = 0; key < KEYS; key++) {
		if (random_below(2))
			invent(shard, key);
		if (random_below(3) == 0)
			memset(said[shard][key], 0, sizeof said[shard][key]);
		else
			put_record(&records, shard, key);
	}
	assert_int_equal(merge_apply_whole(merge, &status, buf_str(&records)), RESULT_OK);
	buf_release(&records);
}

static int64_t expected(uint32_t key, uint32_t cell, uint32_t view)
{
	uint64_t sum = 0;
	for (uint32_t shard = 0; shard < SHARDS; shard++)
		sum += (uint64_t)said[shard][key][cell][view];
	return (int64_t)sum;
}

static void check_key(struct merge *merge, uint32_t key)
{
	struct merged_key *merged = merge_key(merge, DIMENSION_REP, str_of(names[key]), false);
	bool any = false;
	for (uint32_t cell = 0; cell < CELLS; cell++)
		for (uint32_t view = 0; view < VIEWS; view++) {
			int64_t total = expected(key, cell, view);
			any |= total != 0 && view < LITTLE_WINDOWS;
			if (merged)
				assert_int_equal(merged_key_total(merged, cell, view), total);
		}
	assert_int_equal(merged != NULL, any);
}

static void check_walk(struct merge *merge, uint32_t key, uint32_t view)
{
	struct merged_key *merged = merge_key(merge, DIMENSION_REP, str_of(names[key]), false);
	size_t position = 0;
	uint32_t found;
	int64_t total;
	if (!merged)
		return;
	for (uint32_t row = 0; row < merged->totals.row_count; row++)
		assert_true(merged->totals.rows[row].views != 0);
	for (uint32_t cell = 2; cell < CELLS - 2; cell++) {
		if (expected(key, cell, view) == 0)
			continue;
		assert_true(merged_key_next(merged, 2, CELLS - 2, view, &position, &found, &total));
		assert_int_equal(found, cell);
		assert_int_equal(total, expected(key, cell, view));
	}
	assert_false(merged_key_next(merged, 2, CELLS - 2, view, &position, &found, &total));
}

static void take_all(struct merge *merge)
{
	while (merge_take_changed(merge))
		;
}

static void one_round(const struct model *model)
{
	struct merge *merge = merge_new(model, SHARDS);
	memset(said, 0, sizeof said);
	for (int step = 0; step < STEPS; step++) {
		uint32_t shard = random_below(SHARDS), key = random_below(KEYS);
		bool change = random_below(2);
		if (!change && random_below(3))
			invent(shard, key);
		apply(merge, shard, key, change);
		if (random_below(5) == 0)
			apply_whole(merge, random_below(SHARDS));
		if (random_below(4) == 0)
			take_all(merge);
	}
	for (uint32_t key = 0; key < KEYS; key++) {
		check_key(merge, key);
		for (uint32_t view = 0; view < VIEWS; view++)
			check_walk(merge, key, view);
	}
	merge_free(merge);
}

static void test_any_order(void **state)
{
	(void)state;
	struct little_model little;
	little_model_init(&little);
	for (int round = 0; round < ROUNDS; round++) {
		random_state = (uint64_t)round;
		one_round(&little.model);
	}
	little_model_release(&little);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_any_order)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
