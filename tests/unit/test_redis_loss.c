/* What Redis can lose, refuse and forget, and that all is right after it. Each case has a server of its own. */
#include "daemon/redis/script.h"
#include "tests/unit/redis_fixture.h"
#include "tests/unit/unit.h"

#include <signal.h>
#include <stdio.h>

static const char *const both[] = {"anna", "bob"};

static int start(void **state)
{
	static struct redis_fixture redis;
	redis_fixture_start(&redis);
	*state = &redis;
	return 0;
}

static int stop(void **state)
{
	redis_fixture_stop(*state);
	return 0;
}

static struct writer *with_both(struct redis_fixture *redis)
{
	struct writer *writer = redis_fixture_writer(redis, 0);
	assert_true(give_all(writer, 1000, both, 2, "1"));
	flush_and_drain(writer, 1000);
	return writer;
}

/* As the publisher does it: turns until all was handed out once more. */
static bool healed(void *context)
{
	struct writer *writer = context;
	bool all = give_all(writer, 2000, both, 2, "2");
	flush(writer, 2000);
	return all && writer_drain(writer, 10000) == RESULT_OK;
}

static void assert_whole(struct redis_fixture *redis, const char *value)
{
	assert_redis(redis, "HGET kpi:snap:rep:anna a@1h", value);
	assert_redis(redis, "HGET kpi:snap:rep:bob a@1h", value);
	assert_redis(redis, "ZRANGE kpi:board:close_rate@30d:rep 0 -1", "anna bob");
	assert_redis(redis, "EXISTS {kpi:board:close_rate@30d:rep}:guard", "1");
	assert_redis(redis, "HGET kpi:meta token", "1");
}

static void flushed_database_is_filled_again(void **state)
{
	struct redis_fixture *redis = *state;
	struct writer *writer = with_both(redis);
	redis_fixture_ask(redis, "FLUSHALL");
	writer_until(writer, healed, writer);
	assert_whole(redis, "2");
	assert_int_equal(writer_stats(writer)->losses, 1);
	assert_int_equal(writer_stats(writer)->disconnects, 0);
	writer_free(writer);
}

/* The turn that finds out cannot know it beforehand: kpi:meta does not say that all is there when nothing is. */
static void flushed_database_is_not_called_whole(void **state)
{
	struct redis_fixture *redis = *state;
	struct writer *writer = with_both(redis);
	struct writer_meta_field caught_up = {"caught_up", STR("1")};
	assert_true(writer_is_whole(writer));
	redis_fixture_ask(redis, "FLUSHALL");
	writer_flush(writer, 1000, &caught_up, 1);
	assert_int_equal(writer_drain(writer, 10000), RESULT_OK);
	assert_redis(redis, "HGET kpi:meta caught_up", "0");
	assert_false(writer_is_whole(writer));
	writer_until(writer, healed, writer);
	assert_true(writer_is_whole(writer));
	writer_free(writer);
}

static void lower_sequence_is_a_loss(void **state)
{
	struct redis_fixture *redis = *state;
	struct writer *writer = with_both(redis);
	flush_and_drain(writer, 1000);
	redis_fixture_ask(redis, "HSET kpi:meta sequence 1");
	writer_until(writer, healed, writer);
	assert_int_equal(writer_stats(writer)->losses, 1);
	writer_free(writer);
}

/* As it stands on a connection that was given up, and comes when all is over. */
static long long send_meta(struct redis_fixture *redis, const char *sequence)
{
	const struct redisReply *answer;
	redis_reader_free_answers(redis->reader);
	redis_reader_ask(redis->reader, "EVAL", script_texts[SCRIPT_META], "1", "kpi:meta", "1", "1", sequence, "token",
		"1", "sequence", sequence, "offsets", "old", NULL);
	assert_int_equal(redis_reader_take(redis->reader, &answer), RESULT_OK);
	assert_true(redis_answer_is_integer(answer));
	return redis_answer_integer(answer);
}

static void flush_that_comes_late_is_refused(void **state)
{
	struct redis_fixture *redis = *state;
	struct writer *writer = with_both(redis);
	flush_and_drain(writer, 1000);
	flush_and_drain(writer, 1000);
	assert_int_equal(send_meta(redis, "2"), SCRIPT_OLDER);
	assert_redis(redis, "HMGET kpi:meta sequence offsets", "3 nil");
	flush_and_drain(writer, 1000);
	assert_redis(redis, "HGET kpi:meta sequence", "4");
	assert_int_equal(writer_stats(writer)->losses, 0);
	writer_free(writer);
}

/* Whoever wrote it: figures go on. */
static void sequence_of_nobody_is_left_behind(void **state)
{
	struct redis_fixture *redis = *state;
	struct writer *writer = with_both(redis);
	redis_fixture_ask(redis, "HSET kpi:meta sequence 18446744073709551615");
	for (int i = 0; i < 3; i++)
		flush(writer, 1000);
	assert_int_equal(writer_drain(writer, 10000), RESULT_OK);
	writer_until(writer, healed, writer);
	assert_redis(redis, "HGET kpi:snap:rep:anna a@1h", "2");
	assert_redis(redis, "HMGET kpi:meta token sequence", "2 1");
	assert_false(writer_fenced(writer));
	assert_int_equal(writer_token(writer), 2);
	writer_free(writer);
}

static void restarted_empty_is_filled_again(void **state)
{
	struct redis_fixture *redis = *state;
	struct writer *writer = with_both(redis);
	redis_fixture_kill(redis);
	redis_fixture_run(redis);
	writer_until(writer, healed, writer);
	assert_whole(redis, "2");
	assert_int_equal(writer_stats(writer)->losses, 1);
	assert_int_equal(writer_stats(writer)->wanted_all, 2);
	assert_int_equal(writer_stats(writer)->disconnects, 1);
	writer_free(writer);
}

static void restarted_with_all_its_data_is_still_another_one(void **state)
{
	struct redis_fixture *redis = *state;
	struct writer *writer = with_both(redis);
	redis_fixture_ask(redis, "SAVE");
	redis_fixture_kill(redis);
	redis_fixture_run(redis);
	assert_redis(redis, "HGET kpi:meta sequence", "1");
	writer_until(writer, healed, writer);
	assert_whole(redis, "2");
	assert_int_equal(writer_stats(writer)->losses, 1);
	writer_free(writer);
}

static void cut_connection_is_opened_again(void **state)
{
	struct redis_fixture *redis = *state;
	struct writer *writer = with_both(redis);
	redis_fixture_ask(redis, "CLIENT KILL TYPE normal SKIPME yes");
	writer_until(writer, healed, writer);
	assert_whole(redis, "2");
	assert_int_equal(writer_stats(writer)->losses, 0);
	assert_int_equal(writer_stats(writer)->connects, 2);
	writer_free(writer);
}

static void lost_scripts_are_loaded_again(void **state)
{
	struct redis_fixture *redis = *state;
	struct writer *writer = with_both(redis);
	redis_fixture_ask(redis, "SCRIPT FLUSH");
	give_snapshot(writer, 2000, "anna", false, "a@1h", "lost");
	give_score(writer, 2000, "anna", 5);
	writer_until(writer, healed, writer);
	assert_whole(redis, "2");
	assert_true(writer_stats(writer)->scripts_lost >= 2);
	assert_int_equal(writer_stats(writer)->losses, 0);
	writer_free(writer);
}

static void lost_script_of_one_snapshot(void **state)
{
	struct redis_fixture *redis = *state;
	const char *dimension;
	struct str key;
	struct writer *writer = with_both(redis);
	redis_fixture_ask(redis, "SCRIPT FLUSH");
	give_snapshot(writer, 2000, "anna", false, "a@1h", "lost");
	flush_and_drain(writer, 2000);
	assert_true(writer_next_wanted(writer, &dimension, &key));
	assert_str(key, "anna");
	give_snapshot(writer, 2000, "anna", true, "a@1h", "2");
	flush_and_drain(writer, 2000);
	assert_redis(redis, "HGET kpi:snap:rep:anna a@1h", "2");
	writer_free(writer);
}

static void wrong_type_harms_only_itself(void **state)
{
	struct redis_fixture *redis = *state;
	struct writer *writer = with_both(redis);
	redis_fixture_ask(redis, "SET kpi:snap:rep:anna planted");
	give_snapshot(writer, 2000, "anna", false, "a@1h", "2");
	give_snapshot(writer, 2000, "bob", false, "a@1h", "2");
	give_snapshot(writer, 2000, "anna", true, "a@1h", "2");
	flush_and_drain(writer, 2000);
	assert_redis(redis, "GET kpi:snap:rep:anna", "planted");
	assert_redis(redis, "HGET kpi:snap:rep:bob a@1h", "2");
	assert_redis(redis, "HGET kpi:meta sequence", "2");
	assert_int_equal(writer_stats(writer)->key_errors, 2);
	redis_fixture_ask(redis, "DEL kpi:snap:rep:anna");
	give_snapshot(writer, 3000, "anna", true, "a@1h", "3");
	flush_and_drain(writer, 3000);
	assert_redis(redis, "HGET kpi:snap:rep:anna a@1h", "3");
	writer_free(writer);
}

static bool is_held(void *context)
{
	flush(context, 1000);
	return writer_state(context) == WRITER_HELD;
}

static void full_memory_is_waited_for(void **state)
{
	struct redis_fixture *redis = *state;
	struct writer *writer = with_both(redis);
	redis_fixture_ask(redis, "CONFIG SET maxmemory 1");
	give_snapshot(writer, 2000, "anna", false, "a@1h", "lost");
	writer_until(writer, is_held, writer);
	assert_non_null(strstr(writer_problem(writer), "OOM"));
	for (int i = 0; i < 1000; i++) {
		give_snapshot(writer, 2000, "anna", true, "a@1h", "lost");
		flush(writer, 2000);
	}
	assert_int_equal(writer_stats(writer)->unacknowledged_bytes, 0);
	redis_fixture_ask(redis, "CONFIG SET maxmemory 0");
	writer_until(writer, healed, writer);
	assert_whole(redis, "2");
	assert_int_equal(writer_stats(writer)->holds, 1);
	assert_int_equal(writer_stats(writer)->disconnects, 0);
	writer_free(writer);
}

static void read_only_replica_is_waited_for(void **state)
{
	struct redis_fixture *redis = *state;
	struct writer *writer = with_both(redis);
	redis_fixture_ask(redis, "REPLICAOF 127.0.0.1 1");
	give_snapshot(writer, 2000, "anna", false, "a@1h", "lost");
	flush(writer, 2000);
	assert_int_equal(writer_drain(writer, 10000), RESULT_UNREACHABLE);
	assert_non_null(strstr(writer_problem(writer), "READONLY"));
	redis_fixture_ask(redis, "REPLICAOF NO ONE");
	writer_until(writer, healed, writer);
	assert_whole(redis, "2");
	writer_free(writer);
}

static bool is_closed(void *context)
{
	return writer_state(context) != WRITER_READY;
}

static void silent_server_is_given_up(void **state)
{
	struct redis_fixture *redis = *state;
	char error[100];
	uint64_t token;
	struct writer *writer;
	struct writer_options options = {.url = redis->url, .prefix = "kpi:", .command_timeout_ms = 200};
	assert_int_equal(writer_new(&options, error, sizeof error, &writer), RESULT_OK);
	assert_int_equal(writer_connect(writer, 10000), RESULT_OK);
	assert_int_equal(writer_take_token(writer, 0, &token), RESULT_OK);
	kill(redis->pid, SIGSTOP);
	assert_true(give_all(writer, 1000, both, 2, "1"));
	flush(writer, 1000);
	assert_true(writer_stats(writer)->unacknowledged_bytes > 0);
	writer_until(writer, is_closed, writer);
	kill(redis->pid, SIGCONT);
	writer_until(writer, healed, writer);
	assert_whole(redis, "2");
	writer_free(writer);
}

/* bob has no figures any more, and nobody said so: the writer was without a token meanwhile. */
static bool bob_is_swept(void *context)
{
	struct writer *writer = ((void **)context)[0];
	give_all(writer, 2000, both, 1, "2");
	flush(writer, 2000);
	return writer_drain(writer, 10000) == RESULT_OK &&
		strcmp(redis_fixture_ask(((void **)context)[1], "EXISTS kpi:snap:rep:bob"), "0") == 0;
}

static void key_that_is_not_handed_out_again_goes(void **state)
{
	struct redis_fixture *redis = *state;
	struct writer *writer = with_both(redis);
	void *context[] = {writer, redis};
	uint64_t token;
	assert_int_equal(writer_take_token(writer, 0, &token), RESULT_OK);
	writer_until(writer, bob_is_swept, context);
	assert_redis(redis, "HGET kpi:snap:rep:anna a@1h", "2");
	writer_free(writer);
}

/* The same of one that was not trusted any more, and wanted whole, just then. */
static void wanted_key_that_is_not_handed_out_again_goes(void **state)
{
	struct redis_fixture *redis = *state;
	struct writer *writer = with_both(redis);
	void *context[] = {writer, redis};
	uint64_t token;
	redis_fixture_ask(redis, "DEL kpi:snap:rep:bob");
	give_snapshot(writer, 2000, "bob", false, "a@1h", "2");
	flush_and_drain(writer, 2000);
	assert_int_equal(writer_stats(writer)->wanted, 1);
	redis_fixture_ask(redis, "HSET kpi:snap:rep:bob a@1h 1");
	assert_int_equal(writer_take_token(writer, 0, &token), RESULT_OK);
	writer_until(writer, bob_is_swept, context);
	writer_free(writer);
}

/* What Redis says of a write comes when the key is removed and forgotten already. */
static void answer_about_a_forgotten_key_wants_nothing(void **state)
{
	struct redis_fixture *redis = *state;
	struct writer *writer = with_both(redis);
	const char *dimension;
	struct str key;
	redis_fixture_ask(redis, "DEL kpi:snap:rep:bob");
	give_snapshot(writer, 2000, "bob", false, "a@1h", "2");
	give_removal(writer, 2000, "bob");
	flush_and_drain(writer, 2000);
	assert_false(writer_next_wanted(writer, &dimension, &key));
	writer_free(writer);
}

/* ... nor when another key has its id by then. */
static void answer_about_a_forgotten_key_is_not_about_the_one_in_its_place(void **state)
{
	struct redis_fixture *redis = *state;
	struct writer *writer = with_both(redis);
	const char *dimension;
	struct str key;
	redis_fixture_ask(redis, "DEL kpi:snap:rep:bob");
	redis_fixture_ask(redis, "SET kpi:snap:rep:bob text");
	give_snapshot(writer, 2000, "bob", false, "a@1h", "2");
	give_removal(writer, 2000, "bob");
	flush(writer, 2000);
	give_snapshot(writer, 2000, "carol", true, "a@1h", "1");
	flush_and_drain(writer, 2000);
	assert_true(writer_stats(writer)->key_errors >= 2); /* the sweep may have tried, too */
	give_snapshot(writer, 3000, "carol", false, "a@1h", "2");
	assert_false(writer_next_wanted(writer, &dimension, &key));
	flush_and_drain(writer, 3000);
	assert_redis(redis, "HGET kpi:snap:rep:carol a@1h", "2");
	writer_free(writer);
}

static bool is_held_without_a_flush(void *context)
{
	return writer_state(context) == WRITER_HELD;
}

static void probe_before_the_first_flush_changes_nothing(void **state)
{
	struct redis_fixture *redis = *state;
	redis_fixture_ask(redis, "HSET kpi:meta offsets what_the_one_before_had_read");
	struct writer *writer = redis_fixture_writer(redis, 0);
	redis_fixture_ask(redis, "CONFIG SET maxmemory 1");
	assert_true(give_all(writer, 1000, both, 2, "1"));
	writer_until(writer, is_held_without_a_flush, writer);
	redis_fixture_ask(redis, "CONFIG SET maxmemory 0");
	writer_until_ready(writer);
	assert_redis(redis, "HGET kpi:meta offsets", "what_the_one_before_had_read");
	writer_until(writer, healed, writer);
	assert_whole(redis, "2");
	writer_free(writer);
}

/* What a probe says is not what was said before others had the token. */
static void probe_with_a_second_token_changes_nothing(void **state)
{
	struct redis_fixture *redis = *state;
	uint64_t token;
	struct writer *writer = with_both(redis);
	redis_fixture_ask(redis, "HSET kpi:meta token 7 name another offsets what_another_has_read");
	assert_int_equal(writer_take_token(writer, 0, &token), RESULT_OK);
	assert_int_equal(token, 8);
	redis_fixture_ask(redis, "CONFIG SET maxmemory 1");
	assert_true(give_all(writer, 3000, both, 2, "1"));
	writer_until(writer, is_held_without_a_flush, writer);
	redis_fixture_ask(redis, "CONFIG SET maxmemory 0");
	writer_until_ready(writer);
	assert_redis(redis, "HMGET kpi:meta name offsets", "another what_another_has_read");
	writer_until(writer, healed, writer);
	assert_redis(redis, "HMGET kpi:meta name offsets", "kpid nil");
	writer_free(writer);
}

static void nothing_grows_while_it_is_away(void **state)
{
	struct redis_fixture *redis = *state;
	struct writer *writer = with_both(redis);
	redis_fixture_kill(redis);
	writer_until(writer, is_closed, writer);
	for (int i = 0; i < 10000; i++) {
		give_snapshot(writer, 2000, "anna", false, "a@1h", "lost");
		flush(writer, 2000);
	}
	assert_int_equal(writer_stats(writer)->unacknowledged_bytes, 0);
	assert_true(writer_stats(writer)->dropped >= 10000);
	redis_fixture_run(redis);
	writer_until(writer, healed, writer);
	assert_whole(redis, "2");
	writer_free(writer);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(flushed_database_is_filled_again),
		CASE(flushed_database_is_not_called_whole),
		CASE(lower_sequence_is_a_loss),
		CASE(flush_that_comes_late_is_refused),
		CASE(sequence_of_nobody_is_left_behind),
		CASE(restarted_empty_is_filled_again),
		CASE(restarted_with_all_its_data_is_still_another_one),
		CASE(cut_connection_is_opened_again),
		CASE(lost_scripts_are_loaded_again),
		CASE(lost_script_of_one_snapshot),
		CASE(wrong_type_harms_only_itself),
		CASE(full_memory_is_waited_for),
		CASE(read_only_replica_is_waited_for),
		CASE(silent_server_is_given_up),
		CASE(key_that_is_not_handed_out_again_goes),
		CASE(wanted_key_that_is_not_handed_out_again_goes),
		CASE(answer_about_a_forgotten_key_wants_nothing),
		CASE(answer_about_a_forgotten_key_is_not_about_the_one_in_its_place),
		CASE(probe_before_the_first_flush_changes_nothing),
		CASE(probe_with_a_second_token_changes_nothing),
		CASE(nothing_grows_while_it_is_away),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
