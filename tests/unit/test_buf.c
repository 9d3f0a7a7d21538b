#include "base/buf.h"
#include "base/mem.h"
#include "tests/unit/unit.h"

static const uint64_t edges[] = {0, 1, 127, 128, 300, 16383, 16384, UINT32_MAX, (uint64_t)1 << 56,
	((uint64_t)1 << 63) - 1, (uint64_t)1 << 63, UINT64_MAX};
enum { EDGES = sizeof edges / sizeof *edges };

static void assert_ends_in_nul(const struct buf *buf)
{
	assert_non_null(buf->data);
	assert_int_equal(buf->data[buf->length], '\0');
	assert_true(buf->length <= buf->capacity);
}

static void test_every_step_ends_in_nul(void **state)
{
	(void)state;
	struct buf buf;
	buf_init(&buf);
	assert_ends_in_nul(&buf);
	assert_string_equal(buf.data, "");
	for (int i = 0; i < 2000; i++) {
		switch (i % 7) {
		case 0:
			buf_put_byte(&buf, 0xff);
			break;
		case 1:
			buf_put_varint(&buf, edges[i % EDGES]);
			break;
		case 2:
			buf_put_u64(&buf, UINT64_MAX);
			break;
		case 3:
			buf_printf(&buf, "%d", i);
			break;
		case 4:
			buf_put_text(&buf, "text");
			break;
		case 5:
			buf_put(&buf, NULL, 0);
			break;
		case 6:
			buf_reserve(&buf, (size_t)i);
			break;
		}
		assert_ends_in_nul(&buf);
	}
	buf_clear(&buf);
	assert_string_equal(buf.data, "");
	buf_release(&buf);
	assert_string_equal(buf.data, "");
	buf_release(&buf);
	buf_release(NULL);
}

static void test_an_exactly_full_buf_ends_in_nul(void **state)
{
	(void)state;
	for (size_t length = 1; length < 300; length++) {
		struct buf buf;
		buf_init(&buf);
		for (size_t i = 0; i < length; i++)
			buf_put_byte(&buf, 'x');
		assert_int_equal(strlen(buf.data), length);
		buf_release(&buf);
	}
}

static void test_reserve_keeps_the_place(void **state)
{
	(void)state;
	struct buf buf;
	buf_init(&buf);
	buf_reserve(&buf, 1000);
	assert_string_equal(buf.data, "");
	const char *place = buf.data;
	for (int i = 0; i < 1000; i++)
		buf_put_byte(&buf, 'x');
	assert_ptr_equal(buf.data, place);
	buf_release(&buf);
}

static void test_printf_of_any_length(void **state)
{
	(void)state;
	struct buf buf;
	buf_init(&buf);
	buf_printf(&buf, "%s", "");
	assert_int_equal(buf.length, 0);
	buf_printf(&buf, "%0500d", 7);
	assert_int_equal(buf.length, 500);
	assert_int_equal(buf.data[499], '7');
	buf_printf(&buf, "|%d", 8);
	assert_string_equal(buf.data + 499, "7|8");
	buf_release(&buf);
}

static void test_bytes_mean_the_same_everywhere(void **state)
{
	(void)state;
	struct buf buf;
	buf_init(&buf);
	buf_put_u32(&buf, 0);
	buf_put_u64(&buf, 0x0102030405060708);
	buf_put_varint(&buf, 300);
	buf_put_svarint(&buf, -1);
	buf_put_svarint(&buf, 1);
	buf_patch_u32(&buf, 0, 0xa1b2c3d4);
	static const uint8_t expected[] = {0xd4, 0xc3, 0xb2, 0xa1, 8, 7, 6, 5, 4, 3, 2, 1, 0xac, 2, 1, 2};
	assert_int_equal(buf.length, sizeof expected);
	assert_memory_equal(buf.data, expected, sizeof expected);
	buf_release(&buf);
}

static void put_everything(struct buf *buf)
{
	for (int i = 0; i < EDGES; i++) {
		buf_put_varint(buf, edges[i]);
		buf_put_svarint(buf, (int64_t)edges[i]);
		buf_put_u64(buf, edges[i]);
		buf_put_u32(buf, (uint32_t)edges[i]);
		buf_put_byte(buf, (uint8_t)edges[i]);
		buf_put_counted(buf, STR("coun\0ted"));
		buf_put_counted(buf, (struct str){NULL, 0});
	}
}

/* True where all could be read and was right. What is read before the end must be right in any case. */
static bool read_everything(struct reader *reader)
{
	for (int i = 0; i < EDGES && !reader->failed; i++) {
		bool right = reader_varint(reader) == edges[i] && reader_svarint(reader) == (int64_t)edges[i] &&
			reader_u64(reader) == edges[i] && reader_u32(reader) == (uint32_t)edges[i] &&
			reader_byte(reader) == (uint8_t)edges[i] &&
			str_equal(reader_counted(reader), STR("coun\0ted")) && reader_counted(reader).length == 0;
		assert_true(right || reader->failed);
	}
	return reader_done(reader);
}

/* Copied to memory of just that size, so that the address sanitizer sees any step over the end. */
static void test_no_truncation_is_overrun(void **state)
{
	(void)state;
	struct buf buf;
	buf_init(&buf);
	put_everything(&buf);
	for (size_t length = 0; length <= buf.length; length++) {
		char *copy = mem_copy(buf.data, length);
		struct reader reader = reader_of((struct str){copy, length});
		assert_int_equal(read_everything(&reader), length == buf.length);
		assert_int_equal(reader.failed, length != buf.length);
		assert_int_equal(reader_left(&reader), 0);
		mem_free(copy);
	}
	buf_release(&buf);
}

static void test_a_failed_reader_gives_nothing(void **state)
{
	(void)state;
	struct reader reader = reader_of(STR("\x05word"));
	assert_int_equal(reader_counted(&reader).length, 0);
	assert_true(reader.failed);
	assert_int_equal(reader_byte(&reader), 0);
	assert_int_equal(reader_u32(&reader), 0);
	assert_int_equal(reader_u64(&reader), 0);
	assert_int_equal(reader_varint(&reader), 0);
	assert_int_equal(reader_svarint(&reader), 0);
	assert_int_equal(reader_bytes(&reader, 0).length, 0);
	assert_false(reader_done(&reader));
}

static void test_empty_input(void **state)
{
	(void)state;
	struct reader reader = reader_of((struct str){NULL, 0});
	assert_true(reader_done(&reader));
	assert_int_equal(reader_bytes(&reader, 0).length, 0);
	assert_true(reader_done(&reader));
	assert_int_equal(reader_varint(&reader), 0);
	assert_true(reader.failed);
}

static void assert_bad_varint(struct str bytes)
{
	struct reader reader = reader_of(bytes);
	reader_varint(&reader);
	assert_true(reader.failed);
}

static void test_varints_over_64_bits_are_refused(void **state)
{
	(void)state;
	assert_bad_varint(STR("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"));
	assert_bad_varint(STR("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"));
	assert_bad_varint(STR("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"));
	struct reader reader = reader_of(STR("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"));
	assert_int_equal(reader_varint(&reader), UINT64_MAX);
	assert_true(reader_done(&reader));
}

/* The length alone is over all that can be left. */
static void test_a_huge_count_is_refused(void **state)
{
	(void)state;
	struct reader reader = reader_of(STR("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01rest"));
	assert_int_equal(reader_counted(&reader).length, 0);
	assert_true(reader.failed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_step_ends_in_nul),
		cmocka_unit_test(test_an_exactly_full_buf_ends_in_nul),
		cmocka_unit_test(test_reserve_keeps_the_place),
		cmocka_unit_test(test_printf_of_any_length),
		cmocka_unit_test(test_bytes_mean_the_same_everywhere),
		cmocka_unit_test(test_no_truncation_is_overrun),
		cmocka_unit_test(test_a_failed_reader_gives_nothing),
		cmocka_unit_test(test_empty_input),
		cmocka_unit_test(test_varints_over_64_bits_are_refused),
		cmocka_unit_test(test_a_huge_count_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
