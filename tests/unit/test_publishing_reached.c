/* A new process publishes once it has read all that the one before it had read, and counts up to when that one did. */
#include "config/config.h"
#include "daemon/publishing_end.c"
#include "daemon/publishing_meta.c"
#include "tests/unit/unit.h"

enum { SHARDS = 2, TOPICS = 2, END = 100 };

struct fixture {
	struct topic topics[TOPICS];
	struct config config;
	struct control control;
	struct input_position positions[SHARDS][TOPICS];
	struct shard_input inputs[SHARDS];
	struct publishing publishing;
};

static int start(void **state)
{
	static struct fixture fixture;
	fixture = (struct fixture){.topics = {{.name = "calls"}, {.name = "deals"}}};
	fixture.config.schema.topics = fixture.topics;
	fixture.control.config = &fixture.config;
	for (uint32_t s = 0; s < SHARDS; s++) {
		for (uint32_t t = 0; t < TOPICS; t++)
			fixture.positions[s][t] = (struct input_position){.topic = (uint16_t)t, .next = 10, .end = END};
		fixture.inputs[s] = (struct shard_input){.positions = fixture.positions[s], .position_count = TOPICS};
	}
	fixture.publishing =
		(struct publishing){.control = &fixture.control, .shard_count = SHARDS, .inputs = fixture.inputs};
	*state = &fixture;
	return 0;
}

static bool reached(const struct fixture *fixture, const char *offsets)
{
	return publishing_reached(&fixture->publishing, str_of(offsets));
}

static void every_partition_is_waited_for(void **state)
{
	struct fixture *fixture = *state;
	const char *offsets = "{\"calls-0\":10,\"deals-0\":10,\"calls-1\":10,\"deals-1\":10}";
	assert_true(reached(fixture, offsets));
	for (uint32_t s = 0; s < SHARDS; s++)
		for (uint32_t t = 0; t < TOPICS; t++) {
			fixture->positions[s][t].next = 9;
			assert_false(reached(fixture, offsets));
			fixture->positions[s][t].next = 10;
		}
	assert_true(reached(fixture, offsets));
}

static void lag_is_not_known_before_all_ends_are(void **state)
{
	struct fixture *fixture = *state;
	uint64_t lag;
	assert_true(publishing_lag(&fixture->publishing, &lag));
	assert_int_equal(lag, SHARDS * TOPICS * (END - 10));
	fixture->positions[1][1].end = 8; /* an answer from before what was read since */
	assert_true(publishing_lag(&fixture->publishing, &lag));
	assert_int_equal(lag, (SHARDS * TOPICS - 1) * (END - 10));
	fixture->positions[1][1].end = -1;
	assert_false(publishing_lag(&fixture->publishing, &lag));
	fixture->inputs[1] = (struct shard_input){.position_count = 0};
	assert_false(publishing_lag(&fixture->publishing, &lag));
}

static void nothing_is_known_of_a_shard_that_has_not_spoken(void **state)
{
	struct fixture *fixture = *state;
	fixture->inputs[1].positions = NULL;
	assert_false(reached(fixture, "{}"));
}

static void what_was_not_published_is_not_waited_for(void **state)
{
	struct fixture *fixture = *state;
	assert_true(reached(fixture, ""));
	assert_true(reached(fixture, "{\"calls-0\":10}"));
	assert_false(reached(fixture, "{\"calls-0\":11}"));
}

static void a_log_that_ends_before_is_another_one(void **state)
{
	struct fixture *fixture = *state;
	fixture->positions[0][0] = (struct input_position){.topic = 0, .next = 10, .end = 10};
	assert_true(reached(fixture, "{\"calls-0\":11}"));
	fixture->positions[0][0].end = -1; /* not known yet */
	assert_false(reached(fixture, "{\"calls-0\":11}"));
}

enum { STEP = 60000, SKEW = 300000, NOT_KNOWN = 1 };

/* `end`, what was published before, and the clocks. */
static bool looks_reached(struct fixture *fixture, int64_t end, int64_t earlier_end, int64_t wall_ms, int64_t ahead_ms)
{
	fixture->config.model.smallest_step = STEP;
	fixture->config.settings.clock_skew = SKEW;
	fixture->control.clock_offset =
		ahead_ms == NOT_KNOWN ? CLOCK_OFFSET_UNKNOWN : clock_offset(wall_ms - ahead_ms, 0);
	fixture->publishing.end = end;
	fixture->publishing.earlier_end = earlier_end;
	fixture->publishing.reached = false;
	publishing_look_back(&fixture->publishing, wall_ms, 0);
	return fixture->publishing.reached;
}

static void an_earlier_end_is_waited_for(void **state)
{
	const int64_t next = INT64_C(1781094060000), now = next - STEP + 1;
	assert_true(looks_reached(*state, next, INT64_MIN, now, 0));
	assert_true(looks_reached(*state, next, next, now, 0));
	assert_false(looks_reached(*state, next, next + STEP, now, 0));
	assert_false(looks_reached(*state, next, next + SKEW, now, 0));
	assert_false(looks_reached(*state, next - 600 * STEP, next, now, 0));
}

static void an_end_that_no_clock_has_reached_is_not_waited_for(void **state)
{
	const int64_t next = INT64_C(1781094060000), now = next - STEP + 1;
	assert_true(looks_reached(*state, next, next + SKEW + STEP, now, 0));
	/* It is the brokers' clock that counts. */
	assert_false(looks_reached(*state, next, next + SKEW + STEP, now, -STEP));
	assert_true(looks_reached(*state, next, next + SKEW, now, STEP));
	assert_false(looks_reached(*state, next, next + 1000 * SKEW, now, -1000 * SKEW));
	/* Where it is not known, this one does. */
	assert_false(looks_reached(*state, next, next + SKEW, now, NOT_KNOWN));
	assert_true(looks_reached(*state, next, next + SKEW + STEP, now, NOT_KNOWN));
}

static void offsets_are_waited_for_as_well(void **state)
{
	struct fixture *fixture = *state;
	fixture->publishing.earlier_offsets = (struct buf){.data = (char[]){"{\"calls-0\":11}"}, .length = 14};
	assert_false(looks_reached(fixture, STEP, STEP, 0, 0));
	fixture->positions[0][0].next = 11;
	assert_true(looks_reached(fixture, STEP, STEP, 0, 0));
}

/* In a fleet the log says what others have merged. */
static void what_was_not_heard_yet_is_waited_for(void **state)
{
	struct fixture *fixture = *state;
	fixture->publishing.goes_on = true;
	fixture->publishing.heard_ms = 99;
	fixture->control.hear_ms = 100;
	assert_false(looks_reached(fixture, STEP, STEP, 0, 0));
	fixture->publishing.heard_ms = 100;
	assert_true(looks_reached(fixture, STEP, STEP, 0, 0));
}

static void once_reached_it_stays(void **state)
{
	struct fixture *fixture = *state;
	assert_true(looks_reached(fixture, STEP, STEP, 0, 0));
	fixture->publishing.earlier_end = 2 * STEP;
	publishing_look_back(&fixture->publishing, 0, 0);
	assert_true(fixture->publishing.reached);
}

#define CASE(name) cmocka_unit_test_setup(name, start)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(every_partition_is_waited_for),
		CASE(lag_is_not_known_before_all_ends_are),
		CASE(nothing_is_known_of_a_shard_that_has_not_spoken),
		CASE(what_was_not_published_is_not_waited_for),
		CASE(a_log_that_ends_before_is_another_one),
		CASE(an_earlier_end_is_waited_for),
		CASE(an_end_that_no_clock_has_reached_is_not_waited_for),
		CASE(offsets_are_waited_for_as_well),
		CASE(what_was_not_heard_yet_is_waited_for),
		CASE(once_reached_it_stays),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
