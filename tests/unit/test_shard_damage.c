/* A damaged checkpoint is refused: every byte changed, every length, and what is whole but not ours. */
#include "tests/unit/random_events.h"

#include "base/hash.h"

static struct random_history history;
static struct buf saved;

static int set_up(void **state)
{
	(void)state;
	random_history_init(&history, 7, 25);
	struct shard *shard = shard_new(
		history.fixture.config, 3, window_end(&history.fixture.config->model, at("2026-04-02T00:00:00Z")));
	for (size_t i = 0; i < history.count; i++)
		random_record_feed(&history, shard, &history.records[i]);
	buf_init(&saved);
	shard_save(shard, STR("offsets"), &saved);
	shard_free(shard);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	buf_release(&saved);
	random_history_release(&history);
	return 0;
}

static enum result load(struct str bytes)
{
	struct shard *shard = NULL;
	struct str input;
	enum result result = shard_load(history.fixture.config, 3, bytes, &shard, &input);
	shard_free(shard);
	return result;
}

/* The same, and all that happened once more on top of what was loaded. */
static void load_and_use(struct str bytes)
{
	struct shard *shard;
	struct str input;
	if (shard_load(history.fixture.config, 3, bytes, &shard, &input) != RESULT_OK)
		return;
	for (size_t i = 0; i < history.count; i++)
		random_record_feed(&history, shard, &history.records[i]);
	shard_free(shard);
}

static void test_whole(void **state)
{
	(void)state;
	assert_int_equal(load(buf_str(&saved)), RESULT_OK);
}

static void test_every_byte_changed(void **state)
{
	(void)state;
	struct random random = {42};
	for (size_t i = 0; i < saved.length; i++) {
		char kept = saved.data[i];
		saved.data[i] = (char)(kept ^ (1 + random_below(&random, 255)));
		enum result result = load(buf_str(&saved));
		saved.data[i] = kept;
		if (result == RESULT_OK)
			fail_msg("byte %zu of %zu changed, and it loads", i, saved.length);
	}
}

static void test_every_length(void **state)
{
	(void)state;
	for (size_t length = 0; length < saved.length; length++)
		if (load((struct str){saved.data, length}) != RESULT_CORRUPT)
			fail_msg("cut to %zu of %zu, and it loads", length, saved.length);
	buf_put_byte(&saved, 0);
	assert_int_equal(load(buf_str(&saved)), RESULT_CORRUPT);
	saved.length--;
}

/* Bytes of a section changed and its checksum made to fit: nonsense that only a program could write, but never a crash. */
static void test_every_byte_of_nonsense(void **state)
{
	(void)state;
	struct random random = {43};
	enum { HEAD = 8 + 4 + 4 + 8 };
	for (size_t section = HEAD; section < saved.length;) {
		size_t start = section + 12;
		struct reader in = reader_of((struct str){saved.data + section + 4, 8});
		size_t length = (size_t)reader_u64(&in);
		uint32_t crc = hash_crc32c(0, (struct str){saved.data + start, length});
		for (size_t i = 0; i < length; i++) {
			char kept = saved.data[start + i];
			saved.data[start + i] = (char)(kept ^ (1 + random_below(&random, 255)));
			buf_patch_u32(&saved, start + length, hash_crc32c(0, (struct str){saved.data + start, length}));
			load_and_use(buf_str(&saved));
			saved.data[start + i] = kept;
		}
		buf_patch_u32(&saved, start + length, crc);
		section = start + length + 4;
	}
	assert_int_equal(load(buf_str(&saved)), RESULT_OK);
}

static void test_not_ours(void **state)
{
	(void)state;
	struct shard *shard = NULL;
	struct str input;
	assert_int_equal(shard_load(history.fixture.config, 4, buf_str(&saved), &shard, &input), RESULT_CORRUPT);
	char kept = saved.data[8];
	saved.data[8] = (char)(kept + 1);
	assert_int_equal(load(buf_str(&saved)), RESULT_VERSION);
	saved.data[8] = kept;
}

/* What the numbers mean must be the same: the order of stocks, choices, and the calendar are part of that. */
static void test_another_meaning(void **state)
{
	(void)state;
	static const char roster[] = "roster: {file: \"\"}\n",
			  sunday[] = "roster: {file: \"\"}\ncalendar: {week_start: sunday}\n",
			  fiscal[] = "roster: {file: \"\"}\ncalendar: {fiscal_year_start: 4}\n",
			  zone[] = "roster: {file: \"\"}\ntime_zone: Asia/Tokyo\n";
#define WINDOWS "windows: [1h, 30d, week, year]\n"
#define STOCK_A "  a: {opens: ask, closes: answer}\n"
#define STOCK_B "  b: {opens: both, closes: answer}\n"
#define REST                                                                                       \
	"measures:\n  x: {level: a}\n  y: {level: b}\n  z: {distinct: customer, of: ask}\nkpis:\n" \
	"  k: {title: K, formula: level(x) + level(y) + z, unit: count}\n"
	static const char kpis[] = WINDOWS "stocks:\n" STOCK_A STOCK_B REST,
			  swapped[] = WINDOWS "stocks:\n" STOCK_B STOCK_A REST;
	static const struct {
		const char *kpid, *kpis;
		enum result result;
	} cases[] = {
		{roster, kpis, RESULT_OK},
		{sunday, kpis, RESULT_CONFLICT},
		{fiscal, kpis, RESULT_CONFLICT},
		{zone, kpis, RESULT_CONFLICT},
		{roster, swapped, RESULT_CONFLICT},
	};
	struct config *config = fixture_config(roster, NULL, kpis);
	struct shard *shard = shard_new(config, 0, 0), *loaded = NULL;
	struct buf bytes;
	struct str input;
	buf_init(&bytes);
	shard_save(shard, STR(""), &bytes);
	shard_free(shard);
	config_free(config);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		config = fixture_config(cases[i].kpid, NULL, cases[i].kpis);
		loaded = NULL;
		assert_int_equal(shard_load(config, 0, buf_str(&bytes), &loaded, &input), cases[i].result);
		shard_free(loaded);
		config_free(config);
	}
	buf_release(&bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_every_byte_changed),
		cmocka_unit_test(test_every_length),
		cmocka_unit_test(test_every_byte_of_nonsense),
		cmocka_unit_test(test_not_ours),
		cmocka_unit_test(test_another_meaning),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
