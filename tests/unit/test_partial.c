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
	partial_put_record(out, &(struct partial_record){2, STR("ann"), false, 4});
	put(out, 0, 0, 1, -1);
	put(out, 0, 7, UINT64_C(1) << 63 | 2, INT64_MIN);
	put(out, 7, 1000, UINT64_C(1) << 13, -8192);
	put(out, 1000, UINT32_MAX, 4, INT64_MAX);
	partial_put_record(out, &(struct partial_record){0, STR(""), true, 0});
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
	assert_true(record.count == 4 && !record.change);
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
	assert_true(record.dimension == 0 && record.key.length == 0 && record.count == 0 && record.change);
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

/* A record of cells 3, 7, 1000 and 1001, and a total for each. */
static struct partial_reader record_of(struct buf *bytes, int64_t of_3, int64_t of_7, int64_t of_1000, int64_t of_1001)
{
	struct partial_record record;
	buf_clear(bytes);
	partial_put_record(bytes, &(struct partial_record){2, STR("ann"), false, 4});
	put(bytes, 0, 3, 5, of_3);
	put(bytes, 3, 7, UINT64_C(1) << 63 | 2, of_7);
	put(bytes, 7, 1000, 1, of_1000);
	put(bytes, 1000, 1001, 1, of_1001);
	struct partial_reader reader = partial_reader_of(buf_str(bytes));
	assert_true(partial_next_record(&reader, &record));
	return reader;
}

static void assert_next(struct partial_reader *reader, uint32_t cell, int view, int64_t total)
{
	struct partial_entry entry;
	assert_true(partial_next_entry(reader, &entry));
	assert_int_equal(entry.cell, cell);
	assert_true(entry.totals[view] == total);
}

static void test_what_two_have_in_common_is_passed(void **state)
{
	(void)state;
	struct buf some, others;
	buf_init(&some);
	buf_init(&others);
	/* 64 and 8,192 begin with the same byte. */
	struct partial_reader a = record_of(&some, 1, 64, -1, 9), b = record_of(&others, 1, 8192, -1, 9);
	partial_pass_same(&a, &b);
	assert_int_equal(a.left, 3);
	assert_int_equal(b.left, 3);
	assert_next(&a, 7, 63, 64);
	partial_pass_same(&a, &b); /* they stand at different places */
	assert_next(&b, 7, 1, 8192);
	partial_pass_same(&a, &b);
	assert_int_equal(a.left, 0);
	assert_int_equal(b.left, 0);
	assert_true(reader_done(&a.bytes) && reader_done(&b.bytes));
	buf_release(&some);
	buf_release(&others);
}

static void test_all_or_nothing_in_common(void **state)
{
	(void)state;
	struct buf some, others;
	struct partial_record record;
	buf_init(&some);
	buf_init(&others);
	struct partial_reader a = record_of(&some, 1, 2, 3, 4), b = record_of(&others, 1, 2, 3, 4);
	partial_pass_same(&a, &b);
	assert_true(a.left == 0 && b.left == 0);
	assert_false(partial_next_record(&a, &record) || partial_next_record(&b, &record));
	assert_true(reader_done(&a.bytes) && reader_done(&b.bytes));
	a = record_of(&some, 1, 2, 3, 4);
	b = record_of(&others, 2, 2, 3, 4);
	partial_pass_same(&a, &b);
	assert_true(a.left == 4 && b.left == 4);
	assert_next(&b, 3, 2, 2);
	b = record_of(&others, 1, 2, -3, 4); /* its last byte is another one */
	partial_pass_same(&b, &a);
	assert_true(a.left == 2 && b.left == 2);
	assert_next(&a, 1000, 0, 3);
	a = record_of(&some, 1, 2, 3, 4);
	b = partial_reader_of(STR(""));
	partial_pass_same(&a, &b);
	assert_next(&a, 3, 0, 1);
	buf_release(&some);
	buf_release(&others);
}

static void test_totals_of_nothing_but_zeros_are_no_entry(void **state)
{
	(void)state;
	const int64_t zeros[2] = {0}, some[2] = {0, 7};
	struct buf bytes;
	buf_init(&bytes);
	assert_false(partial_put_totals(&bytes, 1, 6, zeros));
	assert_int_equal(bytes.length, 0);
	assert_true(partial_put_totals(&bytes, 1, 6, some));
	assert_str(buf_str(&bytes), "\x01\x04\x0e");
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
	assert_true(is_damaged(STR("\x00\x00\x04\x01\x01\x02\x00\x01\x02"))); /* the same cell twice */
	assert_false(is_damaged(STR("\x00\x00\x04\x01\x01\x02\x01\x01\x02")));
	assert_false(is_damaged(STR("\x00\x00\x03\x05\x00")));                    /* a cell that is gone */
	assert_true(is_damaged(STR("\x00\x00\x05\x05\x00\x00\x00")));             /* the same twice */
	assert_true(is_damaged(STR("\x00\x00\xff\xff\xff\x0f\x01\x01\x02")));     /* more entries than bytes */
	assert_true(is_damaged(STR("\x00\x00\x02\x80\x80\x80\x80\x10\x01\x02"))); /* a cell over 32 bits */
	assert_true(is_damaged(STR("\x00\x00\x04\xff\xff\xff\xff\x0f\x01\x02\x01\x01\x02")));
}

/* Whoever makes room for them must not be led astray. */
static void test_more_entries_than_bytes_are_no_record(void **state)
{
	(void)state;
	struct partial_reader reader = partial_reader_of(STR("\x00\x00\x06\x01\x01\x02\x01\x01"));
	struct partial_record record;
	assert_false(partial_next_record(&reader, &record));
	assert_true(reader.bytes.failed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_was_written_is_read),
		cmocka_unit_test(test_unread_entries_are_skipped),
		cmocka_unit_test(test_what_two_have_in_common_is_passed),
		cmocka_unit_test(test_all_or_nothing_in_common),
		cmocka_unit_test(test_totals_of_nothing_but_zeros_are_no_entry),
		cmocka_unit_test(test_every_truncation_is_damage),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_more_entries_than_bytes_are_no_record),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
