/* Large changes, which go by a transaction: they are guarded as the small ones are, and whatever stands in the way, the hash is as it was. */
#include "tests/unit/redis_fixture.h"
#include "tests/unit/unit.h"

#include <stdio.h>

enum { FIELDS = 100 };
#define ANNA "kpi:snap:rep:anna"
#define NEXT "{kpi:snap:rep:anna}:next"

/* f0@1h, f1@1h and so on. */
static void give_large(struct writer *writer, int64_t as_of, const char *json)
{
	struct publication_sink sink = writer_sink(writer);
	struct snapshot_field fields[FIELDS];
	char names[FIELDS][16];
	for (int i = 0; i < FIELDS; i++) {
		snprintf(names[i], sizeof names[i], "f%d@1h", i);
		fields[i] = (struct snapshot_field){str_of(names[i]), str_of(json)};
	}
	sink.snapshot(sink.context,
		&(struct snapshot_change){.dimension = "rep",
			.key = STR("anna"),
			.name = STR("anna"),
			.as_of = as_of,
			.fields = fields,
			.field_count = FIELDS});
}

static struct writer *with_anna(void)
{
	static const char *const anna[] = {"anna"};
	struct writer *writer = redis_fixture_writer(&redis_shared, 0);
	assert_true(give_all(writer, 1000, anna, 1, "1"));
	flush_and_drain(writer, 1000);
	redis_fixture_ask(&redis_shared, "CONFIG RESETSTAT");
	return writer;
}

static bool used_transactions(void)
{
	return strstr(redis_fixture_ask(&redis_shared, "INFO commandstats"), "cmdstat_exec") != NULL;
}

/* The hash is as with_anna left it. */
static void assert_untouched(void)
{
	assert_redis(&redis_shared, "HLEN " ANNA, "3");
	assert_redis(&redis_shared, "HMGET " ANNA " a@1h _guard _from",
		"1 00000000000000000001.00000000000000001000.00000000000000000001 nil");
	assert_redis(&redis_shared, "EXISTS " NEXT, "0");
}

static void it_adds_to_what_is_there(void **state)
{
	(void)state;
	struct writer *writer = with_anna();
	give_large(writer, 2000, "2");
	flush_and_drain(writer, 2000);
	assert_true(used_transactions());
	assert_redis(&redis_shared, "HMGET " ANNA " a@1h f0@1h f99@1h _name _from", "1 2 2 anna nil");
	assert_redis(&redis_shared, "HGET " ANNA " _guard",
		"00000000000000000001.00000000000000002000.00000000000000000003");
	assert_redis(&redis_shared, "HLEN " ANNA, "103");
	assert_redis(&redis_shared, "EXISTS " NEXT, "0");
	assert_int_equal(writer_stats(writer)->fields, 1 + FIELDS + 1);
	give_snapshot(writer, 3000, "anna", false, "f0@1h", "3"); /* a small one builds on it */
	give_large(writer, 4000, "4");
	flush_and_drain(writer, 4000);
	assert_redis(&redis_shared, "HMGET " ANNA " a@1h f0@1h f99@1h", "1 4 4");
	assert_int_equal(writer_stats(writer)->wanted, 0);
	writer_free(writer);
}

/* The key is asked for whole. */
static void assert_wanted(struct writer *writer)
{
	const char *dimension;
	struct str key;
	assert_true(writer_next_wanted(writer, &dimension, &key));
	assert_string_equal(dimension, "rep");
	assert_str(key, "anna");
	assert_false(writer_next_wanted(writer, &dimension, &key));
}

static void a_deleted_key_is_asked_for_whole(void **state)
{
	(void)state;
	struct writer *writer = with_anna();
	redis_fixture_ask(&redis_shared, "DEL " ANNA);
	give_large(writer, 2000, "2");
	flush_and_drain(writer, 2000);
	assert_redis(&redis_shared, "EXISTS " ANNA, "0");
	assert_redis(&redis_shared, "EXISTS " NEXT, "0");
	assert_wanted(writer);
	writer_free(writer);
}

static void a_rolled_back_key_is_asked_for_whole(void **state)
{
	(void)state;
	struct writer *writer = with_anna();
	redis_fixture_ask(&redis_shared, "COPY " ANNA " earlier");
	give_snapshot(writer, 2000, "anna", false, "b@1h", "2");
	flush_and_drain(writer, 2000);
	redis_fixture_ask(&redis_shared, "COPY earlier " ANNA " REPLACE");
	give_large(writer, 3000, "3");
	flush_and_drain(writer, 3000);
	assert_untouched();
	assert_wanted(writer);
	writer_free(writer);
}

static void an_older_writer_is_refused(void **state)
{
	(void)state;
	static const char *const anna[] = {"anna"};
	struct writer *old = with_anna(), *young = redis_fixture_writer(&redis_shared, 0);
	assert_true(give_all(young, 1000, anna, 1, "\"young\""));
	flush_and_drain(young, 1000);
	give_large(old, 9000, "\"old\"");
	flush(old, 9000);
	assert_int_equal(writer_drain(old, 10000), RESULT_CLOSED);
	assert_true(writer_fenced(old));
	assert_redis(&redis_shared, "HMGET " ANNA " a@1h f0@1h", "\"young\" nil");
	assert_redis(&redis_shared, "EXISTS " NEXT, "0");
	writer_free(old);
	writer_free(young);
}

static void without_its_scripts_nothing_is_written(void **state)
{
	(void)state;
	struct writer *writer = with_anna();
	redis_fixture_ask(&redis_shared, "SCRIPT FLUSH");
	give_large(writer, 2000, "2");
	assert_int_equal(writer_drain(writer, 10000), RESULT_OK);
	assert_untouched();
	assert_int_equal(writer_stats(writer)->scripts_lost, 1);
	assert_wanted(writer);
	give_snapshot(writer, 2000, "anna", true, "a@1h", "2");
	give_large(writer, 3000, "3");
	flush_and_drain(writer, 3000);
	assert_redis(&redis_shared, "HMGET " ANNA " a@1h f0@1h", "2 3");
	writer_free(writer);
}

static bool is_held(void *context)
{
	return writer_state(context) == WRITER_HELD;
}

static void redis_that_is_full_keeps_what_it_has(void **state)
{
	(void)state;
	struct writer *writer = with_anna();
	redis_fixture_ask(&redis_shared, "CONFIG SET maxmemory 1");
	give_large(writer, 2000, "2");
	writer_until(writer, is_held, writer);
	assert_untouched();
	assert_int_equal(writer_stats(writer)->key_errors, 0);
	redis_fixture_ask(&redis_shared, "CONFIG SET maxmemory 0");
	writer_until_ready(writer);
	writer_free(writer);
}

static void another_type_is_left_alone(void **state)
{
	(void)state;
	struct writer *writer = with_anna();
	redis_fixture_ask(&redis_shared, "SET " ANNA " text");
	give_large(writer, 2000, "2");
	flush_and_drain(writer, 2000);
	assert_redis(&redis_shared, "GET " ANNA, "text");
	assert_redis(&redis_shared, "EXISTS " NEXT, "0");
	assert_int_equal(writer_stats(writer)->key_errors, 1);
	writer_free(writer);
}

/* As an operator's rights may have it. */
static void who_may_not_use_transactions_does_without(void **state)
{
	(void)state;
	redis_fixture_ask(&redis_shared, "ACL SETUSER default -multi");
	struct writer *writer = with_anna();
	give_large(writer, 2000, "2");
	flush_and_drain(writer, 2000);
	assert_false(used_transactions());
	assert_redis(&redis_shared, "HMGET " ANNA " a@1h f0@1h f99@1h", "1 2 2");
	assert_int_equal(writer_stats(writer)->key_errors, 0);
	redis_fixture_ask(&redis_shared, "ACL SETUSER default +@all");
	writer_free(writer);
}

/* Nor what the scripts of a transaction need. */
static void who_may_not_rename_does_without(void **state)
{
	(void)state;
	redis_fixture_ask(&redis_shared, "ACL SETUSER default -rename");
	struct writer *writer = with_anna();
	give_large(writer, 2000, "2");
	flush_and_drain(writer, 2000);
	assert_wanted(writer);
	assert_int_equal(writer_state(writer), WRITER_READY);
	redis_fixture_ask(&redis_shared, "CONFIG RESETSTAT");
	give_snapshot(writer, 3000, "anna", true, "a@1h", "3");
	give_large(writer, 4000, "4");
	flush_and_drain(writer, 4000);
	assert_false(used_transactions());
	assert_redis(&redis_shared, "HMGET " ANNA " a@1h f0@1h f99@1h _from", "3 4 4 nil");
	assert_redis(&redis_shared, "EXISTS " NEXT, "0");
	redis_fixture_ask(&redis_shared, "ACL SETUSER default +@all");
	writer_free(writer);
}

#define CASE(test) cmocka_unit_test_setup(test, redis_shared_empty)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(it_adds_to_what_is_there),
		CASE(a_deleted_key_is_asked_for_whole),
		CASE(a_rolled_back_key_is_asked_for_whole),
		CASE(an_older_writer_is_refused),
		CASE(without_its_scripts_nothing_is_written),
		CASE(redis_that_is_full_keeps_what_it_has),
		CASE(another_type_is_left_alone),
		CASE(who_may_not_use_transactions_does_without),
		CASE(who_may_not_rename_does_without),
	};
	return cmocka_run_group_tests(tests, redis_shared_start, redis_shared_stop);
}
