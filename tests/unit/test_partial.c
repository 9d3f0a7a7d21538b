#include "base/mem.h"
#include "pipeline/accumulate/partial.h"
#include "tests/unit/unit.h"

static void put(struct buf *out, uint32_t previous, uint32_t cell, uint64_t views, int64_t total)
{
	struct partial_entry entry = {.cell = cell, .views = views};
	for (int view = 0; view < MODEL_VIEWS_MAX; view++)
		entry.totals[view] = total;
	partial_put_entry(out, previous, &entry);
}

static void two_records(struct buf *out)
{
	partial_put_record(out, 2, STR("ann"), 4);
	put(out, 0, 0, 1, -1);
	put(out, 0, 7, UINT64_C(1) << 63 | 2, INT64_MIN);
	put(out, 7, 1000, UINT64_C(1) << 13, -8192);
	put(out, 1000, UINT32_MAX, 4, INT64_MAX);
	partial_put_record(out, 0, STR(""), 0);
}

static void test_what_was_written_is_read(void **state)
{
	(void)state;
	struct buf bytes;
	buf_init(&bytes);
	two_records(&bytes);
	struct partial_reader reader = partial_reader_of(buf_str(&bytes));
	struct partial_record record;
	struct partial_entry entry;
	assert_true(partial_next_record(&reader, &record));
	assert_int_equal(record.dimension, 2);
	assert_str(record.key, "ann");
	assert_int_equal(record.count, 4);
	assert_true(partial_next_entry(&reader, &entry));
	assert_true(entry.cell == 0 && entry.views == 1 && entry.totals[0] == -1);
	assert_true(partial_next_entry(&reader, &entry));
	assert_true(entry.cell == 7 && entry.views == (UINT64_C(1) << 63 | 2));
	assert_true(entry.totals[1] == INT64_MIN && entry.totals[63] == INT64_MIN);
	assert_true(partial_next_entry(&reader, &entry));
	assert_true(entry.cell == 1000 && entry.views == UINT64_C(1) << 13 && entry.totals[13] == -8192);
	assert_true(partial_next_entry(&reader, &entry));
	assert_true(entry.cell == UINT32_MAX && entry.totals[2] == INT64_MAX);
	assert_false(partial_next_entry(&reader, &entry));
	assert_true(partial_next_record(&reader, &record));
	assert_true(record.dimension == 0 && record.key.length == 0 && record.count == 0);
	assert_false(partial_next_entry(&reader, &entry));
	assert_false(partial_next_record(&reader, &record));
	assert_true(reader_done(&reader.bytes));
	buf_release(&bytes);
}

static void test_unread_entries_are_skipped(void **state)
{
	(void)state;
	struct buf bytes;
	buf_init(&bytes);
	two_records(&bytes);
	struct partial_reader reader = partial_reader_of(buf_str(&bytes));
	struct partial_record record;
	struct partial_entry entry;
	assert_true(partial_next_record(&reader, &record));
	assert_true(partial_next_entry(&reader, &entry));
	assert_true(partial_next_record(&reader, &record));
	assert_int_equal(record.dimension, 0);
	assert_false(partial_next_record(&reader, &record));
	assert_false(reader.bytes.failed);
	buf_release(&bytes);
}

static bool is_damaged(struct str bytes)
{
	struct partial_reader reader = partial_reader_of(bytes);
	struct partial_record record;
	while (partial_next_record(&reader, &record))
		;
	return reader.bytes.failed;
}

static void test_every_truncation_is_damage(void **state)
{
	(void)state;
	struct buf bytes;
	buf_init(&bytes);
	two_records(&bytes);
	size_t second = bytes.length - 3;
	for (size_t length = 1; length < bytes.length; length++) {
		char *copy = mem_copy(bytes.data, length);
		assert_int_equal(is_damaged((struct str){copy, length}), length != second);
		mem_free(copy);
	}
	buf_release(&bytes);
}

static void test_damage(void **state)
{
	(void)state;
	assert_true(is_damaged(STR("\x08\x00\x00")));                         /* a dimension that there cannot be */
	assert_true(is_damaged(STR("\x00\x00\x02\x01\x01\x02\x00\x01\x02"))); /* the same cell twice */
	assert_false(is_damaged(STR("\x00\x00\x02\x01\x01\x02\x01\x01\x02")));
	assert_true(is_damaged(STR("\x00\x00\x01\x05\x00\x00\x00\x00")));         /* no views */
	assert_true(is_damaged(STR("\x00\x00\xff\xff\xff\x0f\x01\x01\x02")));     /* more entries than bytes */
	assert_true(is_damaged(STR("\x00\x00\x01\x80\x80\x80\x80\x10\x01\x02"))); /* a cell over 32 bits */
	assert_true(is_damaged(STR("\x00\x00\x02\xff\xff\xff\xff\x0f\x01\x02\x01\x01\x02")));
}

/* Whoever makes room for them must not be led astray. */
static void test_more_entries_than_bytes_are_no_record(void **state)
{
	(void)state;
	struct partial_reader reader = partial_reader_of(STR("\x00\x00\x02\x01\x01\x02\x01\x01"));
	struct partial_record record;
	assert_false(partial_next_record(&reader, &record));
	assert_true(reader.bytes.failed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_was_written_is_read),
		cmocka_unit_test(test_unread_entries_are_skipped),
		cmocka_unit_test(test_every_truncation_is_damage),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_more_entries_than_bytes_are_no_record),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
