/* What the guards refuse and let through: one server for all cases, emptied before each. */
#include "tests/unit/redis_fixture.h"
#include "tests/unit/unit.h"

#include "base/clock.h"

#include <pthread.h>

static const char *const anna[] = {"anna"};
static const char *const both[] = {"anna", "bob"};

static struct writer *with_anna(uint64_t minimum, int64_t as_of)
{
	struct writer *writer = redis_fixture_writer(&redis_shared, minimum);
	assert_true(give_all(writer, as_of, anna, 1, "1"));
	flush_and_drain(writer, as_of);
	return writer;
}

static void whole_then_part(void **state)
{
	(void)state;
	struct writer *writer = with_anna(0, 1000);
	assert_redis(&redis_shared, "HMGET kpi:snap:rep:anna a@1h _name", "1 anna");
	give_snapshot(writer, 2000, "anna", false, "b@1h", "2");
	flush_and_drain(writer, 2000);
	assert_redis(&redis_shared, "HMGET kpi:snap:rep:anna a@1h b@1h", "1 2");
	assert_redis(&redis_shared, "HGET kpi:snap:rep:anna _guard",
		"00000000000000000001.00000000000000002000.00000000000000000003");
	give_snapshot(writer, 3000, "anna", true, "c@1h", "3");
	flush_and_drain(writer, 3000);
	assert_redis(&redis_shared, "HMGET kpi:snap:rep:anna a@1h b@1h c@1h", "nil nil 3");
	assert_redis(&redis_shared, "HLEN kpi:snap:rep:anna", "3");
	writer_free(writer);
}

/* A snapshot of the team south; without a manager where `manager` is empty. */
static void give_team(struct writer *writer, struct str manager)
{
	struct publication_sink sink = writer_sink(writer);
	struct snapshot_field field = {STR("a@1h"), STR("1")};
	sink.snapshot(sink.context,
		&(struct snapshot_change){.dimension = "team",
			.key = STR("south"),
			.name = STR("South"),
			.manager = manager,
			.manager_name = manager.length ? STR("Anna B.") : (struct str){0},
			.as_of = 1000,
			.whole = true,
			.fields = &field,
			.field_count = 1});
}

static void team_names_its_manager(void **state)
{
	(void)state;
	struct writer *writer = with_anna(0, 1000);
	give_team(writer, STR("anna"));
	flush_and_drain(writer, 1000);
	assert_redis(
		&redis_shared, "HMGET kpi:snap:team:south a@1h _name _manager _manager_name", "1 South anna Anna B.");
	give_team(writer, (struct str){0});
	flush_and_drain(writer, 1000);
	assert_redis(&redis_shared, "HMGET kpi:snap:team:south a@1h _name _manager _manager_name", "1 South nil nil");
	writer_free(writer);
}

static void meta_names_the_writer(void **state)
{
	(void)state;
	struct writer *writer = with_anna(41, 1000);
	assert_redis(
		&redis_shared, "HMGET kpi:meta contract token sequence as_of name", "1 42 1 1970-01-01T00:00:01Z kpid");
	flush_and_drain(writer, 2000);
	assert_redis(&redis_shared, "HMGET kpi:meta sequence as_of", "2 1970-01-01T00:00:02Z");
	assert_int_equal(writer_stats(writer)->sequence, 2);
	assert_int_equal(writer_stats(writer)->losses, 0);
	writer_free(writer);
}

static void older_writer_is_refused(void **state)
{
	(void)state;
	struct writer *old = with_anna(0, 1000), *young = redis_fixture_writer(&redis_shared, 0);
	assert_true(give_all(young, 1000, anna, 1, "\"young\""));
	flush_and_drain(young, 1000);
	assert_redis(&redis_shared, "HGET kpi:meta token", "2");
	give_snapshot(old, 9000, "anna", true, "a@1h", "\"old\"");
	give_score(old, 9000, "anna", 77);
	give_removal(old, 9000, "anna");
	flush(old, 9000);
	assert_int_equal(writer_drain(old, 10000), RESULT_CLOSED);
	assert_true(writer_fenced(old));
	assert_true(writer_stats(old)->refused_token >= 3);
	assert_redis(&redis_shared, "HGET kpi:snap:rep:anna a@1h", "\"young\"");
	assert_redis(&redis_shared, "ZSCORE kpi:board:close_rate@30d:rep anna", "1");
	assert_redis(&redis_shared, "HGET kpi:meta token", "2");
	uint64_t token;
	assert_int_equal(writer_take_token(old, 0, &token), RESULT_OK);
	assert_int_equal(token, 3);
	assert_false(writer_fenced(old));
	writer_free(old);
	writer_free(young);
}

/* What was held up on its way comes when the key is no more: that does not bring it back. */
static void older_write_does_not_bring_a_removed_key_back(void **state)
{
	(void)state;
	struct writer *old = with_anna(0, 1000), *young = redis_fixture_writer(&redis_shared, 0);
	assert_true(give_all(young, 1000, both, 2, "1"));
	give_removal(young, 2000, "anna");
	flush_and_drain(young, 2000);
	give_snapshot(old, 9000, "anna", true, "a@1h", "\"old\"");
	flush(old, 9000);
	assert_int_equal(writer_drain(old, 10000), RESULT_CLOSED);
	assert_true(writer_fenced(old));
	assert_redis(&redis_shared, "EXISTS kpi:snap:rep:anna", "0");
	assert_redis(&redis_shared, "PERSIST {kpi:snap:rep:anna}:guard", "1"); /* it had an end */
	give_snapshot(young, 3000, "anna", true, "a@1h", "2");
	flush_and_drain(young, 3000);
	assert_redis(&redis_shared, "HGET kpi:snap:rep:anna a@1h", "2");
	assert_redis(&redis_shared, "EXISTS {kpi:snap:rep:anna}:guard", "0");
	writer_free(old);
	writer_free(young);
}

/* The same of a board with nobody on it: a whole round says so. */
static void older_write_does_not_fill_an_empty_board(void **state)
{
	(void)state;
	struct writer *old = redis_fixture_writer(&redis_shared, 0), *young = redis_fixture_writer(&redis_shared, 0);
	assert_true(writer_begin_all(young));
	give_snapshot(young, 2000, "anna", true, "a@1h", "1");
	give_no_score(young, 2000, "anna");
	writer_end_all(young);
	flush_and_drain(young, 2000);
	assert_true(give_all(old, 9000, anna, 1, "1"));
	flush(old, 9000);
	assert_int_equal(writer_drain(old, 10000), RESULT_CLOSED);
	assert_true(writer_fenced(old));
	assert_redis(&redis_shared, "EXISTS kpi:board:close_rate@30d:rep", "0");
	writer_free(old);
	writer_free(young);
}

static void older_as_of_is_refused(void **state)
{
	(void)state;
	struct writer *writer = with_anna(0, 5000);
	give_snapshot(writer, 4000, "anna", true, "a@1h", "\"old\"");
	flush_and_drain(writer, 5000);
	assert_redis(&redis_shared, "HGET kpi:snap:rep:anna a@1h", "1");
	assert_int_equal(writer_stats(writer)->refused_older, 1);
	writer_free(writer);
}

static void deleted_key_is_asked_for_whole(void **state)
{
	(void)state;
	const char *dimension;
	struct str key;
	struct writer *writer = with_anna(0, 1000);
	redis_fixture_ask(&redis_shared, "DEL kpi:snap:rep:anna");
	give_snapshot(writer, 2000, "anna", false, "b@1h", "2");
	flush_and_drain(writer, 2000);
	assert_redis(&redis_shared, "EXISTS kpi:snap:rep:anna", "0");
	assert_true(writer_next_wanted(writer, &dimension, &key));
	assert_string_equal(dimension, "rep");
	assert_str(key, "anna");
	assert_false(writer_next_wanted(writer, &dimension, &key));
	give_snapshot(writer, 2000, "anna", false, "b@1h", "3"); /* not on top of nothing */
	give_snapshot(writer, 2000, "anna", true, "a@1h", "4");
	give_snapshot(writer, 2000, "anna", false, "b@1h", "5");
	flush_and_drain(writer, 2000);
	assert_redis(&redis_shared, "HMGET kpi:snap:rep:anna a@1h b@1h", "4 5");
	assert_int_equal(writer_stats(writer)->wanted, 1);
	assert_int_equal(writer_stats(writer)->dropped, 1);
	writer_free(writer);
}

static void rolled_back_key_is_asked_for_whole(void **state)
{
	(void)state;
	struct writer *writer = with_anna(0, 1000);
	redis_fixture_ask(&redis_shared, "COPY kpi:snap:rep:anna earlier");
	give_snapshot(writer, 2000, "anna", false, "b@1h", "2");
	flush_and_drain(writer, 2000);
	redis_fixture_ask(&redis_shared, "COPY earlier kpi:snap:rep:anna REPLACE");
	give_snapshot(writer, 3000, "anna", false, "c@1h", "3");
	flush_and_drain(writer, 3000);
	assert_int_equal(writer_stats(writer)->wanted, 1);
	assert_redis(&redis_shared, "HEXISTS kpi:snap:rep:anna c@1h", "0");
	writer_free(writer);
}

static void damaged_guard_is_no_reason_to_refuse(void **state)
{
	(void)state;
	struct writer *writer = with_anna(0, 1000);
	redis_fixture_ask(&redis_shared, "HSET kpi:snap:rep:anna _guard zzz");
	give_snapshot(writer, 2000, "anna", true, "a@1h", "2");
	flush_and_drain(writer, 2000);
	assert_redis(&redis_shared, "HGET kpi:snap:rep:anna a@1h", "2");
	writer_free(writer);
}

static void removed_key_goes(void **state)
{
	(void)state;
	struct writer *writer = redis_fixture_writer(&redis_shared, 0);
	assert_true(give_all(writer, 1000, both, 2, "1"));
	flush_and_drain(writer, 1000);
	give_removal(writer, 2000, "anna");
	flush_and_drain(writer, 2000);
	assert_redis(&redis_shared, "EXISTS kpi:snap:rep:anna kpi:snap:rep:bob", "1");
	assert_redis(&redis_shared, "ZRANGE kpi:board:close_rate@30d:rep 0 -1", "bob");
	give_snapshot(writer, 3000, "anna", true, "a@1h", "7");
	give_snapshot(writer, 3000, "anna", false, "b@1h", "8");
	flush_and_drain(writer, 3000);
	assert_redis(&redis_shared, "HMGET kpi:snap:rep:anna a@1h b@1h", "7 8");
	give_removal(writer, 4000, "anna"); /* and back in the same turn */
	give_snapshot(writer, 4000, "anna", true, "a@1h", "9");
	flush_and_drain(writer, 4000);
	give_snapshot(writer, 5000, "anna", false, "b@1h", "10");
	flush_and_drain(writer, 5000);
	assert_redis(&redis_shared, "HMGET kpi:snap:rep:anna a@1h b@1h", "9 10");
	assert_int_equal(writer_stats(writer)->wanted, 0);
	writer_free(writer);
}

static void keys_above_a_lost_meta_are_taken_over(void **state)
{
	(void)state;
	struct writer *old = with_anna(99, 1000);
	writer_free(old);
	redis_fixture_ask(&redis_shared, "DEL kpi:meta");
	struct writer *writer = redis_fixture_writer(&redis_shared, 0);
	assert_true(give_all(writer, 2000, anna, 1, "2"));
	flush_and_drain(writer, 2000); /* refused: 100 stands above 1 */
	assert_redis(&redis_shared, "HGET kpi:snap:rep:anna a@1h", "1");
	assert_int_equal(writer_drain(writer, 10000), RESULT_OK);
	assert_redis(&redis_shared, "HGET kpi:meta token", "101");
	assert_int_equal(writer_token(writer), 101);
	assert_true(give_all(writer, 3000, anna, 1, "3"));
	flush_and_drain(writer, 3000);
	assert_redis(&redis_shared, "HGET kpi:snap:rep:anna a@1h", "3");
	assert_false(writer_fenced(writer));
	writer_free(writer);
}

static void changes_are_named(void **state)
{
	(void)state;
	const struct redisReply *message;
	struct redis_reader *reader;
	char error[100];
	assert_int_equal(redis_reader_new(redis_shared.url, 10000, error, sizeof error, &reader), RESULT_OK);
	redis_reader_ask(reader, "SUBSCRIBE", "kpi:changes", NULL);
	assert_int_equal(redis_reader_take(reader, &message), RESULT_OK);
	struct writer *writer = redis_fixture_writer(&redis_shared, 0);
	assert_true(give_all(writer, 1000, both, 2, "1"));
	flush_and_drain(writer, 1000);
	assert_int_equal(redis_reader_take(reader, &message), RESULT_OK);
	assert_str(redis_answer_text(redis_answer_at(message, 2)), "*");
	give_snapshot(writer, 2000, "anna", false, "a@1h", "2");
	give_snapshot(writer, 2000, "bob", false, "a@1h", "2");
	flush_and_drain(writer, 2000);
	assert_int_equal(redis_reader_take(reader, &message), RESULT_OK);
	assert_str(redis_answer_text(redis_answer_at(message, 2)), "rep:anna\nrep:bob");
	writer_free(writer);
	redis_reader_free(reader);
}

static void *wake(void *writer)
{
	writer_wake(writer);
	return NULL;
}

static void wake_ends_a_poll(void **state)
{
	(void)state;
	pthread_t thread;
	struct writer *writer = with_anna(0, 1000);
	int64_t began = clock_steady_us();
	assert_int_equal(pthread_create(&thread, NULL, wake, writer), 0);
	writer_poll(writer, INT64_C(600000000));
	assert_true(clock_steady_us() - began < 60000000);
	pthread_join(thread, NULL);
	writer_free(writer);
}

#define CASE(name) cmocka_unit_test_setup(name, redis_shared_empty)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(whole_then_part),
		CASE(team_names_its_manager),
		CASE(meta_names_the_writer),
		CASE(older_writer_is_refused),
		CASE(older_write_does_not_bring_a_removed_key_back),
		CASE(older_write_does_not_fill_an_empty_board),
		CASE(older_as_of_is_refused),
		CASE(deleted_key_is_asked_for_whole),
		CASE(rolled_back_key_is_asked_for_whole),
		CASE(damaged_guard_is_no_reason_to_refuse),
		CASE(removed_key_goes),
		CASE(keys_above_a_lost_meta_are_taken_over),
		CASE(changes_are_named),
		CASE(wake_ends_a_poll),
	};
	return cmocka_run_group_tests(tests, redis_shared_start, redis_shared_stop);
}
