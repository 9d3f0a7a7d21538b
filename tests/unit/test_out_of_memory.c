/* The Nth allocation fails, for every N: the process ends with 70 and its one sentence, whatever it was at. */
#include "base/mem.h"
#include "tests/unit/random_events.h"

#include <stdlib.h>

enum { EXIT_NO_MEMORY = 70, ALLOCATIONS = 5000 };

static struct random_history history;
static uint64_t fail_at;

static int set_up(void **state)
{
	(void)state;
	random_history_init(&history, 11, random_runs(60));
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	random_history_release(&history);
	return 0;
}

/* From the text of events to the state of a shard, to its bytes, and back, and then on. */
static void live(void)
{
	mem_fail_after(fail_at);
	const struct config *config = history.fixture.config;
	struct decoder *decoder = decoder_new(&config->schema, 1 << 20);
	struct shard *shard = shard_new(config, 0, window_end(&config->model, history.first));
	struct buf bytes, partial;
	struct str input;
	buf_init(&bytes);
	buf_init(&partial);
	history.fixture.decoder = decoder;
	for (size_t i = 0; i < history.count; i++)
		random_record_feed(&history, shard, &history.records[i]);
	shard_roll(shard, window_end(&config->model, history.last + DAY));
	shard_partial(shard, &partial);
	shard_save(shard, STR("offsets"), &bytes);
	shard_free(shard);
	if (shard_load(config, 0, buf_str(&bytes), &shard, &input) != RESULT_OK)
		exit(1);
	for (size_t i = 0; i < history.count; i++)
		random_record_feed(&history, shard, &history.records[i]);
	shard_free(shard);
	decoder_free(decoder);
	buf_release(&bytes);
	buf_release(&partial);
}

static void test_every_allocation(void **state)
{
	(void)state;
	struct buf said;
	int code = EXIT_NO_MEMORY;
	buf_init(&said);
	for (fail_at = 1; fail_at <= ALLOCATIONS && code != 0; fail_at++) {
		buf_clear(&said);
		code = unit_run_child(live, &said);
		if (code != 0 && (code != EXIT_NO_MEMORY || strcmp(said.data, "kpid: out of memory\n") != 0))
			fail_msg("allocation %llu: ended with %d: %s", (unsigned long long)fail_at, code, said.data);
	}
	print_message("%llu allocations failed\n", (unsigned long long)fail_at - 1);
	assert_true(fail_at > 1000);
	fail_at = 0;
	assert_int_equal(unit_run_child(live, NULL), 0);
	buf_release(&said);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_allocation)};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
