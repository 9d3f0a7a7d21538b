/* Leaderboards, leftovers of earlier writers, and alerts. */
#include "tests/unit/redis_fixture.h"
#include "tests/unit/unit.h"

#include <stdio.h>

#define BOARD "kpi:board:close_rate@30d:rep"

static const char *const both[] = {"anna", "bob"};

static struct writer *with_both(void)
{
	struct writer *writer = redis_fixture_writer(&redis_shared, 0);
	assert_true(give_all(writer, 1000, both, 2, "1"));
	flush_and_drain(writer, 1000);
	return writer;
}

static void scores_come_and_go(void **state)
{
	(void)state;
	struct writer *writer = with_both();
	give_score(writer, 2000, "anna", 0.1);
	give_no_score(writer, 2000, "bob");
	give_score(writer, 2000, "bob", 0.30000000000000004);
	give_no_score(writer, 2000, "anna");
	give_score(writer, 2000, "anna", -2.5);
	flush_and_drain(writer, 2000);
	assert_redis(&redis_shared, "ZREVRANGE " BOARD " 0 -1 WITHSCORES", "bob 0.30000000000000004 anna -2.5");
	give_no_score(writer, 3000, "anna");
	give_no_score(writer, 3000, "bob");
	flush_and_drain(writer, 3000);
	assert_redis(&redis_shared, "EXISTS " BOARD, "0");
	assert_int_equal(writer_stats(writer)->wanted_all, 1);
	writer_free(writer);
}

static void long_board_goes_in_pieces(void **state)
{
	(void)state;
	char name[16];
	struct writer *writer = redis_fixture_writer(&redis_shared, 0);
	assert_true(writer_begin_all(writer));
	for (int i = 0; i < 1234; i++) {
		snprintf(name, sizeof name, "rep%d", i);
		give_snapshot(writer, 1000, name, true, "a@1h", "1");
		give_score(writer, 1000, name, i);
	}
	writer_end_all(writer);
	flush_and_drain(writer, 1000);
	assert_redis(&redis_shared, "ZCARD " BOARD, "1234");
	assert_redis(&redis_shared, "ZREVRANGE " BOARD " 0 0", "rep1233");
	writer_free(writer);
}

static bool all_again(void *context)
{
	struct writer *writer = context;
	bool all = give_all(writer, 2000, both, 2, "2");
	flush(writer, 2000);
	return all && writer_drain(writer, 10000) == RESULT_OK;
}

static void deleted_board_is_filled_again(void **state)
{
	(void)state;
	struct writer *writer = with_both();
	redis_fixture_ask(&redis_shared, "DEL " BOARD);
	give_score(writer, 2000, "anna", 3);
	flush_and_drain(writer, 2000);
	writer_until(writer, all_again, writer);
	assert_redis(&redis_shared, "ZRANGE " BOARD " 0 -1 WITHSCORES", "anna 1 bob 1");
	assert_int_equal(writer_stats(writer)->losses, 0);
	writer_free(writer);
}

static void deleted_guard_of_a_board(void **state)
{
	(void)state;
	struct writer *writer = with_both();
	redis_fixture_ask(&redis_shared, "DEL {" BOARD "}:guard");
	give_score(writer, 2000, "anna", 3);
	flush_and_drain(writer, 2000);
	writer_until(writer, all_again, writer);
	assert_redis(&redis_shared, "ZRANGE " BOARD " 0 -1 WITHSCORES", "anna 1 bob 1");
	writer_free(writer);
}

static bool stranger_left(void *context)
{
	give_score(context, 2000, "anna", 1);
	flush_and_drain(context, 2000);
	return strcmp(redis_fixture_ask(&redis_shared, "ZRANGE " BOARD " 0 -1"), "anna bob") == 0;
}

static void strangers_leave_the_board(void **state)
{
	(void)state;
	struct writer *writer = with_both();
	redis_fixture_ask(&redis_shared, "ZADD " BOARD " 9 mallory");
	writer_until(writer, stranger_left, writer);
	assert_int_equal(writer_stats(writer)->wanted_all, 1);
	writer_free(writer);
}

static bool board_is_empty(void *context)
{
	flush_and_drain(context, 3000);
	return strcmp(redis_fixture_ask(&redis_shared, "EXISTS " BOARD), "0") == 0;
}

static void strangers_leave_an_empty_board(void **state)
{
	(void)state;
	struct writer *writer = with_both();
	give_no_score(writer, 2000, "anna");
	give_no_score(writer, 2000, "bob");
	flush_and_drain(writer, 2000);
	redis_fixture_ask(&redis_shared, "ZADD " BOARD " 1 bob");
	writer_until(writer, board_is_empty, writer);
	writer_free(writer);
}

static bool leftovers_gone(void *context)
{
	flush_and_drain(context, 2000);
	return strcmp(redis_fixture_ask(&redis_shared,
			      "EXISTS kpi:snap:rep:bob kpi:snap:team:x kpi:board:old@1h:rep "
			      "kpi:alert:0123456789abcdef"),
		       "0") == 0 &&
		strcmp(redis_fixture_ask(&redis_shared, "ZRANGE " BOARD " 0 -1"), "anna") == 0;
}

static void leftovers_are_swept(void **state)
{
	(void)state;
	writer_free(with_both());
	redis_fixture_ask(&redis_shared, "HSET kpi:snap:team:x a@1h 1");
	redis_fixture_ask(&redis_shared, "ZADD kpi:board:old@1h:rep 1 x");
	redis_fixture_ask(&redis_shared, "SET {kpi:board:old@1h:rep}:guard x");
	redis_fixture_ask(&redis_shared, "HSET kpi:alert:0123456789abcdef state firing");
	redis_fixture_ask(&redis_shared, "SET other:kpi:snap:rep:mine 1");
	struct writer *writer = redis_fixture_writer(&redis_shared, 0);
	assert_true(give_all(writer, 2000, both, 1, "2"));
	writer_until(writer, leftovers_gone, writer);
	assert_redis(&redis_shared, "PERSIST {kpi:snap:rep:bob}:guard", "1"); /* the guards have an end */
	assert_redis(&redis_shared, "PERSIST {kpi:board:old@1h:rep}:guard", "1");
	assert_redis(&redis_shared, "HGET kpi:snap:rep:anna a@1h", "2");
	assert_redis(&redis_shared, "EXISTS kpi:meta other:kpi:snap:rep:mine", "2");
	writer_free(writer);
}

/* ---- alerts ---- */

#define PRINT "0123456789abcdef"

static void give_alert(struct writer *writer, enum alert_state from, enum alert_state to, int64_t since, bool repeated)
{
	struct publication_sink sink = writer_sink(writer);
	struct alert_change change = {.fingerprint = PRINT,
		.rule = "low_close_rate",
		.kpi = "close_rate",
		.window = "30d",
		.dimension = "rep",
		.key = STR("anna"),
		.from = from,
		.to = to,
		.since = since,
		.value = STR("0.125"),
		.limit = STR("0.2"),
		.n = 40,
		.end = since,
		.announce = !repeated && (from == ALERT_FIRING) != (to == ALERT_FIRING),
		.repeated = repeated};
	sink.alert(sink.context, &change);
}

static void transition_is_recorded_once(void **state)
{
	(void)state;
	struct writer *writer = with_both();
	give_alert(writer, ALERT_NORMAL, ALERT_PENDING, 1000, false);
	flush_and_drain(writer, 1000);
	assert_redis(&redis_shared, "HMGET kpi:alert:" PRINT " state since rule key value n",
		"pending 1970-01-01T00:00:01Z low_close_rate anna 0.125 40");
	assert_redis(&redis_shared, "XLEN kpi:alerts", "0");
	give_alert(writer, ALERT_PENDING, ALERT_FIRING, 2000, false);
	give_alert(writer, ALERT_PENDING, ALERT_FIRING, 2000, false);
	give_alert(writer, ALERT_FIRING, ALERT_FIRING, 2000, true);
	flush_and_drain(writer, 2000);
	assert_redis(&redis_shared, "XLEN kpi:alerts", "1");
	give_alert(writer, ALERT_FIRING, ALERT_NORMAL, 3000, false);
	give_alert(writer, ALERT_PENDING, ALERT_FIRING, 2000, false);
	give_alert(writer, ALERT_FIRING, ALERT_NORMAL, 3000, false);
	flush_and_drain(writer, 3000);
	assert_redis(&redis_shared, "XLEN kpi:alerts", "2");
	assert_redis(&redis_shared, "EXISTS kpi:alert:" PRINT, "0");
	assert_non_null(strstr(redis_fixture_ask(&redis_shared, "XREVRANGE kpi:alerts + - COUNT 1"),
		"from firing to normal since 1970-01-01T00:00:03Z"));
	writer_free(writer);
}

static bool drained(void *context)
{
	struct writer *writer = context;
	if (give_all(writer, 3000, both, 2, "3"))
		give_alert(writer, ALERT_FIRING, ALERT_FIRING, 2000, true);
	flush(writer, 3000);
	return writer_state(writer) == WRITER_READY && writer_drain(writer, 10000) == RESULT_OK &&
		strcmp(redis_fixture_ask(&redis_shared, "HGET kpi:alert:" PRINT " state"), "firing") == 0;
}

static bool recorded(void *context)
{
	struct writer *writer = context;
	give_all(writer, 3000, both, 2, "3");
	flush(writer, 3000);
	return writer_state(writer) == WRITER_READY && writer_drain(writer, 10000) == RESULT_OK &&
		strcmp(redis_fixture_ask(&redis_shared, "XLEN kpi:alerts"), "1") == 0;
}

static void transition_without_redis_comes_later(void **state)
{
	(void)state;
	struct writer *writer = with_both();
	redis_fixture_kill(&redis_shared);
	assert_int_equal(writer_drain(writer, 0), RESULT_OK);
	give_alert(writer, ALERT_NORMAL, ALERT_FIRING, 2000, false);
	redis_fixture_run(&redis_shared);
	writer_until(writer, recorded, writer);
	assert_non_null(strstr(redis_fixture_ask(&redis_shared, "XRANGE kpi:alerts - +"), "again 0"));
	writer_free(writer);
}

static void firing_alert_is_announced_again_after_a_loss(void **state)
{
	(void)state;
	struct writer *writer = with_both();
	give_alert(writer, ALERT_NORMAL, ALERT_FIRING, 2000, false);
	flush_and_drain(writer, 2000);
	redis_fixture_ask(&redis_shared, "FLUSHALL");
	writer_until(writer, drained, writer);
	assert_redis(&redis_shared, "XLEN kpi:alerts", "1");
	assert_non_null(strstr(redis_fixture_ask(&redis_shared, "XRANGE kpi:alerts - +"), "again 1"));
	writer_free(writer);
}

static void collect(void *context, struct str fingerprint, struct alert alert)
{
	assert_str(fingerprint, PRINT);
	assert_int_equal(alert.state, ALERT_FIRING);
	assert_int_equal(alert.since, 2000);
	++*(int *)context;
}

static void alerts_survive_the_writer(void **state)
{
	(void)state;
	int count = 0;
	struct writer *writer = with_both();
	give_alert(writer, ALERT_NORMAL, ALERT_FIRING, 2000, false);
	flush_and_drain(writer, 2000);
	writer_free(writer);
	writer = redis_fixture_writer(&redis_shared, 0);
	assert_int_equal(writer_load_alerts(writer, collect, &count), RESULT_OK);
	assert_int_equal(count, 1);
	give_alert(writer, ALERT_NORMAL, ALERT_FIRING, 2000, false); /* known already */
	struct publication_sink sink = writer_sink(writer);
	struct alert_change unclaimed = {.fingerprint = PRINT,
		.rule = "",
		.kpi = "",
		.window = "",
		.dimension = "",
		.from = ALERT_FIRING,
		.since = 5000,
		.end = 5000,
		.announce = true};
	sink.alert(sink.context, &unclaimed);
	assert_true(give_all(writer, 5000, both, 2, "5"));
	flush_and_drain(writer, 5000);
	assert_redis(&redis_shared, "XLEN kpi:alerts", "2");
	assert_redis(&redis_shared, "EXISTS kpi:alert:" PRINT, "0");
	assert_non_null(
		strstr(redis_fixture_ask(&redis_shared, "XREVRANGE kpi:alerts + - COUNT 1"), "rule low_close_rate"));
	writer_free(writer);
}

#define CASE(name) cmocka_unit_test_setup(name, redis_shared_empty)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(scores_come_and_go),
		CASE(long_board_goes_in_pieces),
		CASE(deleted_board_is_filled_again),
		CASE(deleted_guard_of_a_board),
		CASE(strangers_leave_the_board),
		CASE(strangers_leave_an_empty_board),
		CASE(leftovers_are_swept),
		CASE(transition_is_recorded_once),
		CASE(transition_without_redis_comes_later),
		CASE(firing_alert_is_announced_again_after_a_loss),
		CASE(alerts_survive_the_writer),
	};
	return cmocka_run_group_tests(tests, redis_shared_start, redis_shared_stop);
}
