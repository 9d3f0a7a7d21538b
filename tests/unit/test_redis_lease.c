/* The lease: one holds it, the others see who, and it goes on when its holder is silent or gives it back. */
#include "tests/unit/redis_fixture.h"
#include "tests/unit/unit.h"

#include "base/clock.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LIFE_MS 1000

static struct writer *candidate(const char *instance, int64_t life_ms)
{
	char error[200];
	struct writer *writer;
	struct writer_options options = {.url = redis_shared.url, .prefix = "kpi:"};
	assert_int_equal(writer_new(&options, error, sizeof error, &writer), RESULT_OK);
	assert_true(writer_has_lease(writer));
	writer_want_lease(writer, &(struct writer_lease){instance, 0xabc, life_ms});
	assert_false(writer_has_lease(writer));
	assert_int_equal(writer_connect(writer, 10000), RESULT_OK);
	return writer;
}

#define FIRST "first00000000000"
#define SECOND "second0000000000"

static bool has_lease(void *context)
{
	return writer_has_lease(context);
}

static bool sees_other(void *context)
{
	struct lease_holder holder;
	return writer_lease_holder(context, &holder);
}

static struct writer *holder(int64_t life_ms)
{
	struct writer *writer = candidate(FIRST, life_ms);
	writer_until(writer, has_lease, writer);
	return writer;
}

static void one_holds_it_and_the_other_sees_who(void **state)
{
	(void)state;
	struct lease_holder seen;
	char host[65] = "";
	gethostname(host, sizeof host - 1);
	struct writer *first = holder(60000), *second = candidate(SECOND, 60000);
	writer_until(second, sees_other, second);
	assert_false(writer_has_lease(second));
	assert_int_equal(writer_lease_term(second), 0);
	assert_true(writer_lease_holder(second, &seen));
	assert_string_equal(seen.host, host);
	assert_int_equal(seen.pid, getpid());
	assert_string_equal(seen.config_hash, "0000000000000abc");
	assert_false(writer_lease_holder(first, &seen));
	assert_int_equal(writer_stats(first)->leases, 1);
	writer_free(first);
	writer_free(second);
}

static bool is_renewed(void *context)
{
	(void)context;
	return atol(redis_fixture_ask(&redis_shared, "PTTL kpi:lease")) > 100;
}

static void renewed_as_one_term(void **state)
{
	(void)state;
	struct writer *first = holder(LIFE_MS);
	for (int i = 0; i < 3; i++) {
		redis_fixture_ask(&redis_shared, "PEXPIRE kpi:lease 99");
		writer_until(first, is_renewed, NULL);
	}
	assert_true(writer_lease_term(first) <= 4); /* a slow machine may have let it run out */
	writer_free(first);
}

static void silent_holder_loses_it(void **state)
{
	(void)state;
	struct writer *first = holder(LIFE_MS), *second = candidate(SECOND, 60000);
	int64_t began_us = clock_steady_us();
	writer_until(second, has_lease, second);
	/* The one that is silent knows by itself, without a look at Redis. */
	assert_false(writer_has_lease(first));
	assert_true(clock_steady_us() - began_us < 15000000);
	writer_until(first, sees_other, first);
	assert_int_equal(writer_stats(first)->leases_lost, 1);
	writer_free(first);
	writer_free(second);
}

static void given_back_it_goes_to_who_waits(void **state)
{
	(void)state;
	struct writer *first = holder(60000), *second = candidate(SECOND, 60000);
	writer_until(second, sees_other, second);
	assert_int_equal(writer_release_lease(first), RESULT_OK);
	assert_false(writer_has_lease(first));
	writer_until(second, has_lease, second);
	/* Who no longer holds it takes nothing from the other. */
	assert_int_equal(writer_release_lease(first), RESULT_OK);
	writer_poll(second, 0);
	assert_redis(&redis_shared, "EXISTS kpi:lease", "1");
	writer_free(first);
	writer_free(second);
}

static bool asked_twice(void *context)
{
	(void)context;
	const char *found = strstr(redis_fixture_ask(&redis_shared, "INFO commandstats"), "cmdstat_evalsha:calls=");
	return found && atol(found + 22) >= 2;
}

/* Redis forgot it: it is its holder's, until it would have run out. */
static void forgotten_it_is_still_the_holders(void **state)
{
	(void)state;
	struct writer *first = holder(60000), *second = candidate(SECOND, 60000);
	writer_until(second, sees_other, second);
	redis_fixture_ask(&redis_shared, "DEL kpi:lease");
	redis_fixture_ask(&redis_shared, "CONFIG RESETSTAT");
	writer_until(second, asked_twice, NULL);
	assert_false(writer_has_lease(second));
	assert_redis(&redis_shared, "EXISTS kpi:lease", "0");
	writer_free(first);
	writer_free(second);
}

static bool sees_place(void *context)
{
	struct lease_holder holder;
	return writer_lease_holder(context, &holder) && holder.place == 42;
}

/* Who has what the holder showed need not wait. */
static void gone_holder_is_replaced(void **state)
{
	(void)state;
	struct writer *first = holder(60000), *second = candidate(SECOND, 60000);
	writer_show_place(first, 42);
	writer_poll(first, 200000);
	writer_until(second, sees_place, second);
	assert_int_equal(writer_hide_place(first), RESULT_OK);
	assert_true(strstr(redis_fixture_ask(&redis_shared, "GET kpi:lease"), " 0000000000000000") != NULL);
	/* What was seen of it is no longer so. */
	writer_replace_holder(second);
	redis_fixture_ask(&redis_shared, "CONFIG RESETSTAT");
	writer_until(second, asked_twice, NULL);
	assert_false(writer_has_lease(second));
	writer_replace_holder(second);
	writer_until(second, has_lease, second);
	writer_free(first);
	writer_free(second);
}

static void another_writer_of_the_same_instance_goes_on(void **state)
{
	(void)state;
	struct writer *first = holder(60000);
	writer_free(first);
	struct writer *again = holder(60000);
	assert_int_equal(writer_lease_term(again), 1);
	writer_free(again);
}

static bool is_second_term(void *context)
{
	return writer_lease_term(context) == 2 && writer_has_lease(context);
}

static void forgotten_by_redis_is_another_term(void **state)
{
	(void)state;
	struct writer *first = holder(LIFE_MS);
	redis_fixture_ask(&redis_shared, "DEL kpi:lease");
	writer_until(first, is_second_term, first);
	writer_free(first);
}

/* The other one had it meanwhile; then a question was carried out whose answer was lost with the connection. */
static void brought_back_by_a_lost_question_is_another_term(void **state)
{
	(void)state;
	struct writer *first = holder(LIFE_MS), *second = candidate(SECOND, 60000);
	writer_until(second, has_lease, second);
	writer_free(second);
	assert_false(writer_has_lease(first));
	redis_fixture_ask(&redis_shared, "SET kpi:lease " FIRST " PX 60000");
	writer_until(first, has_lease, first);
	assert_int_equal(writer_lease_term(first), 2);
	writer_free(first);
}

static void damage_is_no_lease(void **state)
{
	(void)state;
	static const char *const planted[] = {"SET kpi:lease planted", "SADD kpi:lease planted"};
	for (size_t i = 0; i < 2; i++) {
		redis_shared_empty(NULL);
		redis_fixture_ask(&redis_shared, planted[i]);
		struct writer *first = holder(60000);
		writer_free(first);
	}
}

static void lost_scripts_are_no_loss(void **state)
{
	(void)state;
	struct writer *first = candidate(FIRST, 60000);
	redis_fixture_ask(&redis_shared, "SCRIPT FLUSH");
	writer_until(first, has_lease, first);
	writer_free(first);
}

static bool is_held(void *context)
{
	return writer_state(context) == WRITER_HELD;
}

static void redis_that_is_full_gives_it_later(void **state)
{
	(void)state;
	redis_fixture_ask(&redis_shared, "CONFIG SET maxmemory 1");
	struct writer *first = candidate(FIRST, 60000);
	writer_until(first, is_held, first);
	assert_false(writer_has_lease(first));
	assert_redis(&redis_shared, "EXISTS kpi:meta", "0");
	redis_fixture_ask(&redis_shared, "CONFIG SET maxmemory 0");
	writer_until(first, has_lease, first);
	writer_until_ready(first);
	assert_redis(&redis_shared, "EXISTS kpi:meta", "0");
	writer_free(first);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(one_holds_it_and_the_other_sees_who, redis_shared_empty),
		cmocka_unit_test_setup(renewed_as_one_term, redis_shared_empty),
		cmocka_unit_test_setup(silent_holder_loses_it, redis_shared_empty),
		cmocka_unit_test_setup(given_back_it_goes_to_who_waits, redis_shared_empty),
		cmocka_unit_test_setup(forgotten_it_is_still_the_holders, redis_shared_empty),
		cmocka_unit_test_setup(gone_holder_is_replaced, redis_shared_empty),
		cmocka_unit_test_setup(another_writer_of_the_same_instance_goes_on, redis_shared_empty),
		cmocka_unit_test_setup(forgotten_by_redis_is_another_term, redis_shared_empty),
		cmocka_unit_test_setup(brought_back_by_a_lost_question_is_another_term, redis_shared_empty),
		cmocka_unit_test_setup(damage_is_no_lease, redis_shared_empty),
		cmocka_unit_test_setup(lost_scripts_are_no_loss, redis_shared_empty),
		cmocka_unit_test_setup(redis_that_is_full_gives_it_later, redis_shared_empty),
	};
	return cmocka_run_group_tests(tests, redis_shared_start, redis_shared_stop);
}
