/* The simulator's Redis does in C what daemon/redis/script.c does in Lua: both are given the same calls, and must answer the same and hold the
 * same, on a real Redis and on the simulated one. */
#define connection_reply_free simulated_reply_free
#include "tests/simulator/redis_keys.c"
#include "tests/simulator/redis_replies.c"
#include "tests/simulator/redis_scripts.c"
#undef connection_reply_free

#include "base/mem.h"
#include "tests/unit/random_events.h"
#include "tests/unit/redis_fixture.h"
#include "tests/unit/unit.h"

#define CALLS 3000
#define ARGUMENTS_MAX 16
#define TEXT_MAX 80

struct world *world;

/* Without topics in the plan it is not called. */
const char *plan_topic(const struct plan *plan, uint32_t topic)
{
	(void)plan;
	(void)topic;
	return "";
}

void world_fail(const char *format, ...)
{
	fail_msg("%s", format);
}

/* One call: EVALSHA, sha, keys, then keys and arguments. */
struct drawn {
	enum script script;
	struct str words[ARGUMENTS_MAX];
	char texts[ARGUMENTS_MAX][TEXT_MAX];
	size_t keys, count; /* count: of the arguments behind the keys */
};

struct both {
	struct redis_fixture redis;
	struct world world;
	struct sim_redis simulated;
	struct plan plan;
	struct random random;
	char sha[SCRIPT_COUNT][41];
};

static int64_t below(struct both *both, int64_t limit)
{
	return random_below(&both->random, limit);
}

static void add(struct drawn *drawn, const char *text)
{
	size_t index = drawn->keys + drawn->count;
	assert_true(index < ARGUMENTS_MAX);
	snprintf(drawn->texts[index], TEXT_MAX, "%s", text);
	drawn->words[index] = str_of(drawn->texts[index]);
}

static void add_key(struct drawn *drawn, const char *text)
{
	add(drawn, text);
	drawn->keys++;
}

static void add_argument(struct drawn *drawn, const char *text)
{
	add(drawn, text);
	drawn->count++;
}

/* Few guards, so that they meet. */
static void add_guard(struct both *both, struct drawn *drawn, bool may_be_empty)
{
	if (may_be_empty && below(both, 3) == 0) {
		add_argument(drawn, "");
		return;
	}
	struct guard_text guard =
		guard_text((uint64_t)below(both, 2) + 1, below(both, 2) + 1, (uint64_t)below(both, 3) + 1);
	add_argument(drawn, guard.text);
}

static void add_pairs(struct both *both, struct drawn *drawn, bool scores)
{
	static const char *const names[] = {"a@1h", "b@1h", "c@1h"};
	for (int64_t i = below(both, 3) + 1; i > 0; i--) {
		char number[8];
		snprintf(number, sizeof number, "%d", (int)below(both, 9));
		const char *name = names[below(both, 3)];
		const char *score = below(both, 3) ? number : "";
		add_argument(drawn, scores ? score : name);
		add_argument(drawn, scores ? name : number);
	}
}

static const char *number_text(struct both *both, int64_t limit, bool may_be_empty)
{
	static char text[8];
	snprintf(text, sizeof text, "%d", (int)below(both, limit));
	return may_be_empty && below(both, 3) == 0 ? "" : text;
}

static void draw_meta(struct both *both, struct drawn *drawn)
{
	add_key(drawn, "kpi:meta");
	add_argument(drawn, number_text(both, drawn->script == SCRIPT_TOKEN ? 3 : 12, false));
	if (drawn->script == SCRIPT_TOKEN) {
		add_argument(drawn, number_text(both, 12, false));
		if (below(both, 4) == 0)
			drawn->words[drawn->keys].length = 0;
		return;
	}
	add_argument(drawn, number_text(both, 12, false));
	add_argument(drawn, number_text(both, 12, false));
	add_argument(drawn, "token");
	add_argument(drawn, drawn->texts[1]);
	add_argument(drawn, "sequence");
	add_argument(drawn, drawn->texts[3]);
	add_pairs(both, drawn, false);
}

static void draw_lease(struct both *both, struct drawn *drawn)
{
	const char *instance = below(both, 2) ? "one" : "two";
	add_key(drawn, "kpi:lease");
	add_argument(drawn, instance);
	if (drawn->script == SCRIPT_LEASE)
		add_argument(drawn, instance);
	add_argument(drawn, "600000");
	if (drawn->script == SCRIPT_LEASE_END)
		return;
	add_argument(drawn, below(both, 2) ? "1" : "0");
	add_argument(drawn, below(both, 3) ? "-" : "one");
}

static void draw(struct both *both, struct drawn *drawn)
{
	bool boards = false;
	do
		*drawn = (struct drawn){.script = (enum script)below(both, SCRIPT_COUNT)};
	while (drawn->script == SCRIPT_ALERT);
	if (drawn->script == SCRIPT_META || drawn->script == SCRIPT_TOKEN) {
		draw_meta(both, drawn);
		return;
	}
	if (drawn->script == SCRIPT_LEASE || drawn->script == SCRIPT_LEASE_END) {
		draw_lease(both, drawn);
		return;
	}
	boards = drawn->script == SCRIPT_BOARD || drawn->script == SCRIPT_BOARD_REMOVE;
	bool a = below(both, 2), large = drawn->script == SCRIPT_OPEN || drawn->script == SCRIPT_CLOSE;
	add_key(drawn, boards ? "kpi:board:x" : a ? "kpi:snap:rep:a" : "kpi:snap:rep:b");
	if (large)
		add_key(drawn, a ? "{kpi:snap:rep:a}:next" : "{kpi:snap:rep:b}:next");
	else
		add_key(drawn,
			boards      ? "{kpi:board:x}:guard"
				: a ? "{kpi:snap:rep:a}:guard"
				    : "{kpi:snap:rep:b}:guard");
	add_guard(both, drawn, false);
	if (drawn->script == SCRIPT_CLOSE)
		add_guard(both, drawn, false);
	if (drawn->script == SCRIPT_SNAPSHOT || drawn->script == SCRIPT_BOARD) {
		add_guard(both, drawn, true);
		add_pairs(both, drawn, boards);
	}
}

/* ---- answers ---- */

static void ask_real(struct both *both, const struct drawn *drawn, char *text, size_t size)
{
	struct str words[ARGUMENTS_MAX + 3] = {
		STR("EVALSHA"), str_of(both->sha[drawn->script]), str_of(drawn->keys == 2 ? "2" : "1")};
	const struct redisReply *answer;
	memcpy(words + 3, drawn->words, sizeof drawn->words);
	redis_reader_free_answers(both->redis.reader);
	redis_reader_ask_many(both->redis.reader, words, 3 + drawn->keys + drawn->count);
	assert_int_equal(redis_reader_take(both->redis.reader, &answer), RESULT_OK);
	if (redis_answer_is_integer(answer))
		snprintf(text, size, "%lld", (long long)redis_answer_integer(answer));
	else if (redis_answer_count(answer) > 0)
		snprintf(text, size, "'%.*s'", STR_ARG(redis_answer_text(redis_answer_at(answer, 0))));
	else
		snprintf(text, size, "'%.*s'", STR_ARG(redis_answer_text(answer)));
}

static void ask_simulated(const struct drawn *drawn, char *text, size_t size)
{
	struct redisReply *reply = redis_script(drawn->script, drawn->words, drawn->words + drawn->keys, drawn->count);
	if (reply->type == REDIS_REPLY_INTEGER)
		snprintf(text, size, "%lld", reply->integer);
	else if (reply->type == REDIS_REPLY_ARRAY)
		snprintf(text, size, "'%s'", reply->element[0]->str);
	else
		snprintf(text, size, "'%.*s'", (int)reply->len, reply->str);
	simulated_reply_free(reply);
}

static void compare_field(struct both *both, const struct sim_key *key, const struct sim_field *field)
{
	char question[200], expected[64];
	if (key->type == KEY_HASH) {
		snprintf(question, sizeof question, "HGET %.*s %.*s", STR_ARG(key->name), STR_ARG(field->name));
		snprintf(expected, sizeof expected, "%.*s", STR_ARG(field->value));
	} else if (key->type == KEY_SET) {
		snprintf(question, sizeof question, "ZSCORE %.*s %.*s", STR_ARG(key->name), STR_ARG(field->name));
		snprintf(expected, sizeof expected, "%.17g", field->score);
	} else {
		snprintf(question, sizeof question, "GET %.*s", STR_ARG(key->name));
		snprintf(expected, sizeof expected, "%.*s", STR_ARG(field->value));
	}
	assert_redis(&both->redis, question, expected);
}

static void compare_keys(struct both *both)
{
	const struct keyspace *keys = &both->simulated.keys;
	char question[200], expected[32];
	snprintf(expected, sizeof expected, "%zu", keys->count);
	assert_redis(&both->redis, "DBSIZE", expected);
	for (size_t i = 0; i < keys->count; i++) {
		const struct sim_key *key = &keys->items[i];
		snprintf(question, sizeof question, "%s %.*s", key->type == KEY_SET ? "ZCARD" : "HLEN",
			STR_ARG(key->name));
		snprintf(expected, sizeof expected, "%zu", key->count);
		if (key->type != KEY_TEXT)
			assert_redis(&both->redis, question, expected);
		for (size_t f = 0; f < key->count; f++)
			compare_field(both, key, &key->fields[f]);
	}
}

/* A key goes, or its guard is damaged. */
static void damage(struct both *both)
{
	if (below(both, 2)) {
		redis_fixture_ask(&both->redis, "DEL kpi:snap:rep:a");
		(void)keyspace_delete(&both->simulated.keys, STR("kpi:snap:rep:a"));
		return;
	}
	struct str guard = below(both, 2) ? STR("{kpi:board:x}:guard") : STR("{kpi:snap:rep:b}:guard");
	char command[64];
	snprintf(command, sizeof command, "SET %.*s nonsense", STR_ARG(guard));
	redis_fixture_ask(&both->redis, command);
	(void)keyspace_delete(&both->simulated.keys, guard);
	key_set(keyspace_make(&both->simulated.keys, guard, KEY_TEXT), STR(""), STR("nonsense"));
}

/* ---- both ---- */

static void load_scripts(struct both *both)
{
	for (int i = 0; i < SCRIPT_COUNT; i++) {
		const struct redisReply *answer;
		redis_reader_free_answers(both->redis.reader);
		redis_reader_ask(both->redis.reader, "SCRIPT", "LOAD", script_texts[i], NULL);
		assert_int_equal(redis_reader_take(both->redis.reader, &answer), RESULT_OK);
		snprintf(both->sha[i], sizeof both->sha[i], "%.*s", STR_ARG(redis_answer_text(answer)));
	}
}

static void both_answer_and_hold_the_same(void **state)
{
	(void)state;
	struct both *both = NEW(struct both);
	struct drawn drawn;
	char real[128], simulated[128];
	redis_fixture_start(&both->redis);
	load_scripts(both);
	both->random.state = random_seed();
	both->world.redis = &both->simulated;
	both->world.plan = &both->plan;
	world = &both->world;
	for (int call = 0; call < CALLS; call++) {
		draw(both, &drawn);
		ask_real(both, &drawn, real, sizeof real);
		ask_simulated(&drawn, simulated, sizeof simulated);
		keyspace_clear(&both->simulated.highest); /* a drawn write may well be older than what it builds on */
		if (strcmp(real, simulated) != 0)
			fail_msg("call %d of script %d: %s, simulated %s", call, (int)drawn.script, real, simulated);
		if (below(both, 20) == 0)
			damage(both);
		if (call % 10 == 0)
			compare_keys(both);
	}
	assert_true(both->world.rare[RARE_SNAPSHOT_GAP] > 0 && both->world.rare[RARE_BOARD_GAP] > 0);
	assert_true(both->world.rare[RARE_META_REFUSED] > 0 && both->world.rare[RARE_META_LATE] > 0);
	keyspace_clear(&both->simulated.keys);
	keyspace_clear(&both->simulated.highest);
	redis_fixture_stop(&both->redis);
	mem_free(both);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(both_answer_and_hold_the_same)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
