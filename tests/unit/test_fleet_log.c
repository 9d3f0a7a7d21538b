/* The log of a fleet: what is written is read, damage is found, and only the newest owner of a shard is heard. */
#include "daemon/fleet/fence.h"
#include "tests/unit/unit.h"

#define HASH 77

static struct entry_head head_of(int64_t as_of)
{
	struct entry_head head = {.publishing_token = 9, .position_count = 2};
	head.status = (struct shard_status){.shard = 3,
		.end = 1000,
		.as_of = as_of,
		.since = INT64_MAX,
		.gap = INT64_MIN,
		.seed_end = -4,
		.seen_types = {UINT64_MAX, 1},
		.counts = {1, 2, 3, 4, 5, 6, 7, 28}};
	head.positions[0] = (struct input_position){0, 17, -1};
	head.positions[1] = (struct input_position){5, -2, 40};
	head.refused[4] = 12;
	return head;
}

static void put_piece(struct buf *out, struct entry_piece piece, int64_t as_of, const char *records)
{
	struct entry_head head = head_of(as_of);
	buf_clear(out);
	entry_put_piece(out, &piece, &head, str_of(records));
}

static void put_claim(struct buf *out, const char *member, uint64_t config_hash)
{
	struct entry_claim claim = {str_of(member), 5, config_hash, 123};
	buf_clear(out);
	entry_put_claim(out, &claim);
}

static void test_what_was_written_is_read(void **state)
{
	(void)state;
	struct entry entry;
	struct buf bytes;
	buf_init(&bytes);
	put_claim(&bytes, "host:12:ab", HASH);
	assert_int_equal(entry_read(buf_str(&bytes), &entry), RESULT_OK);
	assert_int_equal(entry.kind, ENTRY_CLAIM);
	assert_str(entry.claim.member, "host:12:ab");
	assert_true(entry.claim.nonce == 5 && entry.claim.config_hash == HASH && entry.claim.joined_ms == 123);
	put_piece(&bytes, (struct entry_piece){400, 7, 2, true, true}, 555, "records");
	struct entry_head head = head_of(555);
	assert_int_equal(entry_read(buf_str(&bytes), &entry), RESULT_OK);
	assert_true(entry.piece.token == 400 && entry.piece.number == 7 && entry.piece.piece == 2);
	assert_true(entry.piece.last && entry.piece.whole);
	assert_memory_equal(&entry.head.status, &head.status, sizeof head.status);
	assert_int_equal(entry.head.position_count, 2);
	assert_true(entry.head.positions[1].topic == 5 && entry.head.positions[1].next == -2);
	assert_true(entry.head.positions[1].end == 40 && entry.head.publishing_token == 9);
	assert_memory_equal(entry.head.refused, head.refused, sizeof head.refused);
	assert_str(entry.records, "records");
	buf_clear(&bytes);
	entry_put_end(&bytes, -60000);
	assert_int_equal(entry_read(buf_str(&bytes), &entry), RESULT_OK);
	assert_true(entry.kind == ENTRY_END && entry.end == -60000);
	buf_release(&bytes);
}

static void test_damage_is_found(void **state)
{
	(void)state;
	static struct entry entry;
	struct buf bytes;
	buf_init(&bytes);
	put_piece(&bytes, (struct entry_piece){400, 7, 2, true, true}, 555, "records");
	for (size_t length = 0; length < bytes.length; length++)
		assert_int_not_equal(entry_read((struct str){bytes.data, length}, &entry), RESULT_OK);
	for (size_t i = 0; i < bytes.length; i++) {
		bytes.data[i] ^= 0x10;
		assert_int_not_equal(entry_read(buf_str(&bytes), &entry), RESULT_OK);
		bytes.data[i] ^= 0x10;
	}
	assert_int_equal(entry_read(buf_str(&bytes), &entry), RESULT_OK);
	buf_release(&bytes);
}

static enum fence_news say(struct fence *fence, int64_t offset, struct entry_piece piece, const char *records)
{
	struct buf bytes;
	buf_init(&bytes);
	put_piece(&bytes, piece, offset, records);
	enum fence_news news = fence_take(fence, offset, buf_str(&bytes));
	buf_release(&bytes);
	return news;
}

static enum fence_news claim(struct fence *fence, int64_t offset, const char *member, uint64_t config_hash)
{
	struct buf bytes;
	buf_init(&bytes);
	put_claim(&bytes, member, config_hash);
	enum fence_news news = fence_take(fence, offset, buf_str(&bytes));
	buf_release(&bytes);
	return news;
}

static void test_only_the_newest_owner_is_heard(void **state)
{
	(void)state;
	struct fence fence;
	fence_init(&fence, HASH);
	assert_int_equal(say(&fence, 3, (struct entry_piece){2, 0, 0, true, true}, "?"), FENCE_UNCLAIMED);
	assert_int_equal(claim(&fence, 10, "a", HASH), FENCE_CLAIMED);
	assert_int_equal(say(&fence, 11, (struct entry_piece){10, 0, 0, false, true}, "one "), FENCE_NOTHING);
	assert_int_equal(say(&fence, 12, (struct entry_piece){2, 8, 0, true, false}, "old"), FENCE_STALE);
	assert_int_equal(say(&fence, 13, (struct entry_piece){10, 0, 1, true, true}, "two"), FENCE_BATCH);
	assert_str(buf_str(&fence.records), "one two");
	assert_true(fence.whole && fence.known && fence.head.status.as_of == 13);
	assert_int_equal(say(&fence, 14, (struct entry_piece){10, 1, 0, true, false}, "three"), FENCE_BATCH);
	assert_str(buf_str(&fence.records), "three");
	assert_false(fence.whole);
	assert_int_equal(say(&fence, 15, (struct entry_piece){10, 2, 0, false, false}, "half"), FENCE_NOTHING);
	assert_int_equal(claim(&fence, 16, "b", HASH), FENCE_CLAIMED);
	assert_true(fence.token == 16 && fence.previous == 10);
	assert_int_equal(say(&fence, 17, (struct entry_piece){10, 2, 1, true, false}, "late"), FENCE_STALE);
	assert_true(fence.head.status.as_of == 14); /* the floor of the new owner */
	assert_int_equal(say(&fence, 18, (struct entry_piece){16, 0, 0, true, true}, "mine"), FENCE_BATCH);
	assert_str(buf_str(&fence.records), "mine");
	fence_release(&fence);
}

static void test_a_missing_piece_ends_it(void **state)
{
	(void)state;
	static const struct entry_piece wrong[] = {
		{10, 1, 0, true, false}, {10, 0, 1, true, true}, {10, 0, 0, true, false}};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct fence fence;
		fence_init(&fence, HASH);
		assert_int_equal(claim(&fence, 10, "a", HASH), FENCE_CLAIMED);
		assert_int_equal(say(&fence, 11, wrong[i], "x"), FENCE_BROKEN);
		assert_int_equal(say(&fence, 12, (struct entry_piece){10, 0, 0, true, true}, "x"), FENCE_BROKEN);
		assert_int_equal(claim(&fence, 13, "a", HASH), FENCE_CLAIMED);
		assert_int_equal(say(&fence, 14, (struct entry_piece){13, 0, 0, true, true}, "x"), FENCE_BATCH);
		fence_release(&fence);
	}
}

static void test_another_configuration_is_not_heard(void **state)
{
	(void)state;
	struct fence fence;
	fence_init(&fence, HASH);
	assert_int_equal(claim(&fence, 10, "a", HASH), FENCE_CLAIMED);
	assert_int_equal(claim(&fence, 11, "b", HASH + 1), FENCE_CLAIMED);
	assert_int_equal(say(&fence, 12, (struct entry_piece){11, 0, 0, true, true}, "x"), FENCE_FOREIGN);
	assert_int_equal(say(&fence, 13, (struct entry_piece){10, 0, 0, true, true}, "x"), FENCE_STALE);
	assert_false(fence.known);
	assert_int_equal(fence_take(&fence, 14, STR("nonsense")), FENCE_DAMAGED);
	fence_release(&fence);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_was_written_is_read),
		cmocka_unit_test(test_damage_is_found),
		cmocka_unit_test(test_only_the_newest_owner_is_heard),
		cmocka_unit_test(test_a_missing_piece_ends_it),
		cmocka_unit_test(test_another_configuration_is_not_heard),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
