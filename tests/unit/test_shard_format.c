/* A checkpoint of an older format is read as what it was; the next one that is written has today's format. The stored bytes
 * (tests/data/checkpoints) were written by the kpid of that time, under the configuration that stands here, from the events that stand
 * here. */
#include "pipeline/shard_outline.h"
#include "tests/unit/shard_fixture.h"

#include <stdio.h>

#define FORMAT_4 "tests/data/checkpoints/format-4.checkpoint"
#define INDEX 3

static const char kpid_yaml[] = "roster: {file: \"\"}\ntime_zone: Europe/Berlin\nlimits: {allowed_lateness: 2d}\n";
static const char events_yaml[] =
	"fields:\n"
	"  rep: {type: text}\n"
	"  deal: {type: text}\n"
	"  outcome: {type: choice}\n"
	"  amount: {type: decimal, money: true, minimum: 0, maximum: 1000000000000}\n"
	"common: [rep]\n"
	"topics:\n"
	"  - topic: sales\n"
	"    key: customer\n"
	"    events:\n"
	"      asked: {}\n"
	"      answered: {}\n"
	"      closed:\n"
	"        in_force: {per: deal, undone_by: reopened}\n"
	"        fields: {deal: {required: true}, amount: {}, outcome: {required: true, one_of: "
	"[won, lost]}}\n"
	"      reopened: {fields: {deal: {required: true}}}\n"
	"  - topic: costs\n"
	"    key: id\n"
	"    events:\n"
	"      cost: {customer: optional, fields: {amount: {}}}\n";
static const char kpis_yaml[] =
	"windows: [1h, 30d, month]\n"
	"stocks:\n"
	"  client: {opens: {event: closed, where: \"outcome == 'won'\"}, closes: reopened}\n"
	"measures:\n"
	"  won: {count: closed, where: \"outcome == 'won'\"}\n"
	"  sold: {sum: amount, of: [{event: closed, where: \"outcome == 'won'\"}, {event: cost, sign: minus}]}\n"
	"  reply: {elapsed: asked, to: answered, within: 5h, dimensions_of: start, histogram: true}\n"
	"  seen: {distinct: customer, of: asked}\n"
	"  clients: {level: client}\n"
	"kpis:\n"
	"  a: {title: A, formula: won + seen + level(clients), unit: count}\n"
	"  b: {title: B, formula: sold, unit: money}\n"
	"  c: {title: C, formula: median(reply), unit: seconds}\n";

/* In the order in which they came. */
static const char *const events[] = {
	"{\"type\":\"asked\",\"id\":\"1\",\"customer\":\"ada\",\"rep\":\"r1\",\"time\":\"2026-04-01T08:00:00Z\"}",
	"{\"type\":\"answered\",\"id\":\"2\",\"customer\":\"ada\",\"rep\":\"r2\",\"time\":\"2026-04-01T09:10:00Z\"}",
	"{\"type\":\"asked\",\"id\":\"3\",\"customer\":\"bob\",\"rep\":\"r1\",\"time\":\"2026-04-01T09:30:00Z\"}",
	"{\"type\":\"closed\",\"id\":\"4\",\"customer\":\"ada\",\"rep\":\"r2\",\"deal\":\"d\",\"outcome\":\"won\","
	"\"amount\":"
	"12.5,\"time\":\"2026-04-01T09:40:00Z\"}",
	"{\"type\":\"cost\",\"id\":\"5\",\"amount\":2,\"time\":\"2026-04-01T07:40:00Z\"}",
	"{\"type\":\"asked\",\"id\":\"1\",\"customer\":\"ada\",\"rep\":\"r1\",\"time\":\"2026-04-01T08:00:00Z\"}",
	"{\"type\":\"asked\",\"id\":\"6\",\"customer\":\"cid\",\"rep\":\"r3\",\"time\":\"2026-04-01T10:02:00Z\"}",
};

static struct fixture fixture;

static int set_up(void **state)
{
	(void)state;
	fixture.config = fixture_config(kpid_yaml, events_yaml, kpis_yaml);
	fixture.decoder = decoder_new(&fixture.config->schema, 1 << 20);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	decoder_free(fixture.decoder);
	config_free(fixture.config);
	return 0;
}

/* What the kpid of that time did. */
static struct shard *count_events(void)
{
	struct shard *shard = shard_new(fixture.config, INDEX, at("2026-04-01T10:00:00Z"));
	for (size_t i = 0; i < sizeof events / sizeof *events; i++) {
		struct event event = fixture_event(&fixture, events[i]);
		enum refusal reason;
		shard_event(shard, &event, event.time, &reason);
		shard_count_record(shard);
	}
	shard_set_as_of(shard, at("2026-04-01T09:59:00Z"));
	shard_reached(shard, at("2026-04-01T09:59:00Z"));
	return shard;
}

static struct buf read_stored(const char *path)
{
	struct buf bytes;
	FILE *file = fopen(path, "rb");
	assert_non_null(file);
	buf_init(&bytes);
	for (int byte; (byte = fgetc(file)) != EOF;)
		buf_put_byte(&bytes, (uint8_t)byte);
	fclose(file);
	return bytes;
}

static struct shard *load(struct str bytes)
{
	struct shard *shard = NULL;
	struct str input;
	assert_int_equal(shard_load(fixture.config, INDEX, bytes, &shard, &input), RESULT_OK);
	assert_true(str_equal(input, STR("offsets")));
	return shard;
}

/* All that counts now, a later correction of it among that, says the same. */
static void assert_equal_shards(struct shard *const shards[2])
{
	static const char undone[] = "{\"type\":\"reopened\",\"id\":\"7\",\"customer\":\"ada\",\"rep\":\"r2\","
				     "\"deal\":\"d\",\"time\":\"2026-04-01T10:30:00Z\"}";
	struct buf totals[2];
	struct shard_status status[2];
	for (int s = 0; s < 2; s++) {
		struct event event = fixture_event(&fixture, undone);
		enum refusal reason;
		assert_int_equal(shard_event(shards[s], &event, event.time, &reason), SHARD_WAITING);
		shard_roll(shards[s], at("2026-04-01T11:00:00Z"));
		buf_init(&totals[s]);
		fixture_totals(&shards[s], 1, &totals[s]);
		shard_status(shards[s], &status[s]);
	}
	assert_true(totals[0].length > 100);
	assert_string_equal(totals[0].data, totals[1].data);
	assert_memory_equal(&status[0].counts, &status[1].counts, sizeof status[0].counts);
	assert_true(status[0].as_of == status[1].as_of && status[0].since == status[1].since &&
		status[0].seed_end == status[1].seed_end);
	for (int s = 0; s < 2; s++)
		buf_release(&totals[s]);
}

static void test_format_4_is_read(void **state)
{
	(void)state;
	struct buf stored = read_stored(FORMAT_4);
	struct shard_outline outline;
	assert_int_equal(shard_outline_read(buf_str(&stored), &outline), RESULT_OK);
	assert_true(outline.whole && outline.format == 4 && outline.index == INDEX);
	assert_true(outline.meaning == shard_meaning(fixture.config));
	struct shard *shards[2] = {load(buf_str(&stored)), count_events()};
	assert_equal_shards(shards);
	for (int s = 0; s < 2; s++)
		shard_free(shards[s]);
	buf_release(&stored);
}

static void test_the_next_one_is_of_this_format(void **state)
{
	(void)state;
	struct buf stored = read_stored(FORMAT_4), bytes;
	struct shard_outline outline;
	struct shard *old = load(buf_str(&stored));
	buf_init(&bytes);
	shard_save(old, STR("offsets"), &bytes);
	assert_int_equal(shard_outline_read(buf_str(&bytes), &outline), RESULT_OK);
	assert_true(outline.whole && outline.format == SHARD_FORMAT);
	struct shard *shards[2] = {load(buf_str(&bytes)), old};
	assert_equal_shards(shards);
	for (int s = 0; s < 2; s++)
		shard_free(shards[s]);
	buf_release(&bytes);
	buf_release(&stored);
}

static void test_format_4_damaged(void **state)
{
	(void)state;
	struct buf stored = read_stored(FORMAT_4);
	for (size_t i = 0; i < stored.length; i++) {
		struct shard *shard = NULL;
		struct str input;
		stored.data[i] ^= 0x55;
		if (shard_load(fixture.config, INDEX, buf_str(&stored), &shard, &input) == RESULT_OK)
			fail_msg("byte %zu of %zu changed, and it loads", i, stored.length);
		stored.data[i] ^= 0x55;
		if (shard_load(fixture.config, INDEX, (struct str){stored.data, i}, &shard, &input) != RESULT_CORRUPT)
			fail_msg("cut to %zu of %zu, and it loads", i, stored.length);
	}
	buf_release(&stored);
}

/* Both sides of what is read: what was before there were readers of it, and what a later kpid writes. */
static void test_other_formats(void **state)
{
	(void)state;
	struct buf stored = read_stored(FORMAT_4);
	static const uint32_t formats[] = {0, SHARD_FORMAT_OLDEST - 1, SHARD_FORMAT + 1, UINT32_MAX};
	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
		struct shard *shard = NULL;
		struct str input;
		struct shard_outline outline;
		buf_patch_u32(&stored, 8, formats[i]);
		assert_int_equal(shard_load(fixture.config, INDEX, buf_str(&stored), &shard, &input), RESULT_VERSION);
		assert_int_equal(shard_outline_read(buf_str(&stored), &outline), RESULT_VERSION);
		assert_true(outline.format == formats[i] && outline.index == INDEX);
	}
	buf_release(&stored);
}

/* What is dated before the seed's end is dropped and counted, before and after a checkpoint. */
static void test_seed(void **state)
{
	(void)state;
	struct shard *shard = count_events();
	struct shard_status status;
	struct buf bytes;
	enum refusal reason;
	buf_init(&bytes);
	shard_set_seed(shard, at("2026-04-01T10:00:00Z"));
	shard_set_seed(shard, at("2026-04-01T09:00:00Z"));
	for (int round = 0; round < 2; round++) {
		/* Long late, but the seed has it: no letter is sent for it. */
		struct event event = fixture_event(&fixture,
			"{\"type\":\"asked\",\"id\":\"8\",\"customer\":\"dan\","
			"\"time\":\"2026-04-01T09:59:59.999Z\"}");
		assert_int_equal(shard_event(shard, &event, at("2026-05-01T00:00:00Z"), &reason), SHARD_SEEDED);
		event = fixture_event(&fixture, events[6]);
		assert_int_equal(shard_event(shard, &event, event.time, &reason), SHARD_DUPLICATE);
		shard_status(shard, &status);
		assert_int_equal(status.counts.seeded, round + 1);
		assert_int_equal(status.seed_end, at("2026-04-01T10:00:00Z"));
		buf_clear(&bytes);
		shard_save(shard, STR("offsets"), &bytes);
		shard_free(shard);
		shard = load(buf_str(&bytes));
	}
	shard_free(shard);
	buf_release(&bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_format_4_is_read),
		cmocka_unit_test(test_the_next_one_is_of_this_format),
		cmocka_unit_test(test_format_4_damaged),
		cmocka_unit_test(test_other_formats),
		cmocka_unit_test(test_seed),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
