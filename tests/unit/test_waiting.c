/* Events beyond the end by themselves: their heap, and which of one id stays. */
#include "pipeline/shard_outline.h"
#include "pipeline/waiting.h"
#include "tests/unit/fixture_schema.h"
#include "tests/unit/unit.h"

#include <stdio.h>

enum { LATENESS = 100 };

static struct waiting waiting;

static int set_up(void **state)
{
	(void)state;
	waiting_init(&waiting, fixture_schema(), LATENESS);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	waiting_release(&waiting);
	return 0;
}

static struct event event_of(const char *id, int64_t time, uint64_t content)
{
	return (struct event){.type = TYPE_DEAL_CREATED,
		.time = time,
		.content = content,
		.id = str_of(id),
		.customer = STR("c"),
		.present = 1 << FIELD_DEAL,
		.values = {[FIELD_DEAL] = {.text = STR("d")}}};
}

static enum waiting_outcome put(const char *id, int64_t time, uint64_t content)
{
	struct event event = event_of(id, time, content);
	return waiting_put(&waiting, &event);
}

static void check_first(int64_t time, uint64_t content)
{
	const struct event *first = waiting_first(&waiting, INT64_MAX);
	assert_non_null(first);
	assert_int_equal(first->time, time);
	assert_int_equal(first->content, content);
	assert_str(first->values[FIELD_DEAL].text, "d");
}

static void test_which_stays(void **state)
{
	(void)state;
	assert_int_equal(put("a", 50, 1), WAITING_PUT);
	assert_int_equal(put("a", 50, 1), WAITING_DUPLICATE);
	assert_int_equal(put("a", 60, 2), WAITING_CONFLICT);
	check_first(50, 1);
	assert_int_equal(put("a", 40, 3), WAITING_CONFLICT);
	check_first(40, 3);
	assert_int_equal(put("a", 40, 2), WAITING_CONFLICT); /* at one time by content, whichever came first */
	check_first(40, 2);
	assert_int_equal(put("a", 40, 3), WAITING_CONFLICT);
	check_first(40, 2);
	assert_int_equal(waiting.count, 1);
}

static void test_one_id_twice(void **state)
{
	(void)state;
	struct event late = event_of("a", 50, 1), early = event_of("a", 40, 2), first = event_of("a", 10, 3);
	late.kafka_time = 40 + LATENESS + 1; /* just too late for 40 */
	early.kafka_time = 10 + LATENESS;
	assert_int_equal(waiting_put(&waiting, &late), WAITING_PUT);
	assert_int_equal(waiting_put(&waiting, &early), WAITING_PUT);
	assert_int_equal(waiting_put(&waiting, &late), WAITING_DUPLICATE);
	assert_int_equal(waiting.count, 2);
	assert_true(waiting_drop_same(&waiting, &first)); /* only the nearer one is the same event */
	assert_int_equal(waiting.count, 1);
	check_first(50, 1);
	assert_false(waiting_drop_same(&waiting, &first));
	early.kafka_time = 0;
	late.kafka_time = 40 + LATENESS;
	assert_int_equal(waiting_put(&waiting, &late), WAITING_DUPLICATE); /* it keeps the latest of its Kafka times */
	assert_int_equal(waiting_put(&waiting, &early), WAITING_PUT);
	late.content = 4;
	assert_int_equal(waiting_put(&waiting, &late), WAITING_CONFLICT);
	assert_int_equal(waiting.count, 2);
}

static void test_whose_id(void **state)
{
	(void)state;
	struct event event = event_of("a", 50, 1);
	assert_int_equal(waiting_put(&waiting, &event), WAITING_PUT);
	event.customer = STR("e");
	assert_false(waiting_drop_same(&waiting, &event));
	assert_int_equal(waiting_put(&waiting, &event), WAITING_PUT);
	event.source = STR("s");
	assert_int_equal(waiting_put(&waiting, &event), WAITING_PUT);
	assert_int_equal(waiting.count, 3);
	assert_true(waiting_drop_same(&waiting, &event));
	assert_false(waiting_drop_same(&waiting, &event));
	assert_int_equal(waiting_put(&waiting, &event), WAITING_PUT);
}

/* Dropped from anywhere, the rest still come in the order of time. */
static void test_order(void **state)
{
	(void)state;
	char id[8];
	for (int i = 0; i < 100; i++) {
		snprintf(id, sizeof id, "%d", i);
		assert_int_equal(put(id, (i * 37) % 101, 1), WAITING_PUT);
	}
	for (int i = 0; i < 100; i += 3) {
		snprintf(id, sizeof id, "%d", i);
		struct event event = event_of(id, 1000, 9);
		assert_true(waiting_drop_same(&waiting, &event));
	}
	assert_int_equal(waiting.count, 66);
	int64_t last = -1;
	for (const struct event *first; (first = waiting_first(&waiting, INT64_MAX)); waiting_drop(&waiting)) {
		assert_true(first->time > last);
		last = first->time;
	}
	assert_int_equal(waiting.count, 0);
	assert_int_equal(put("1", 5, 1), WAITING_PUT);
}

static void test_loaded(void **state)
{
	(void)state;
	struct waiting loaded;
	struct buf bytes;
	buf_init(&bytes);
	put("a", 50, 1);
	put("b", 40, 1);
	waiting_save(&waiting, &bytes);
	struct reader in = reader_of(buf_str(&bytes));
	waiting_init(&loaded, fixture_schema(), LATENESS);
	assert_true(waiting_load(&loaded, SHARD_FORMAT, &in) && reader_done(&in));
	struct event event = event_of("b", 40, 2);
	assert_int_equal(waiting_put(&loaded, &event), WAITING_CONFLICT);
	in = reader_of(buf_str(&bytes)); /* all of them once more */
	assert_false(waiting_load(&loaded, SHARD_FORMAT, &in));
	waiting_release(&loaded);
	buf_release(&bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_which_stays, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_one_id_twice, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_whose_id, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_order, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_loaded, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
