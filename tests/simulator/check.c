#include "tests/simulator/check.h"

#include "base/text.h"
#include "tests/simulator/expected.h"
#include "tests/simulator/log.h"
#include "tests/simulator/oracle.h"
#include "tests/simulator/redis.h"
#include "tests/simulator/straight.h"

#include <math.h>
#include <string.h>

/* Brute force says the same, of every seed. */
#define STRAIGHT_EVERY 10

/* ---- what stands in Redis ---- */

static struct str meta_field(const char *name)
{
	struct sim_key *meta = keyspace_get(&world->redis->keys, STR("kpi:meta"));
	struct sim_field *field = meta ? key_field(meta, str_of(name)) : NULL;
	return field ? field->value : (struct str){0};
}

static uint64_t meta_number(const char *name)
{
	int64_t number = -1;
	if (text_to_i64(meta_field(name), &number) != RESULT_OK)
		world_fail("kpi:meta has no number %s", name);
	return (uint64_t)number;
}

static bool is_own(const struct sim_key *key)
{
	return str_equal(key->name, STR("kpi:meta")) || str_equal(key->name, STR("kpi:lease")) ||
		key->name.data[0] == '{';
}

static bool has_gap(void)
{
	return meta_field("gap").length > 0;
}

/* The figure's own reason is its last member. One within a target is not looked at: after a gap its base is not complete. */
static bool has_reason(struct str json)
{
	static const char name[] = "\"reason\":\"";
	const char *end = json.data + json.length - 1, *at = json.data, *found = NULL;
	while ((at = memmem(at, (size_t)(end - at), name, sizeof name - 1)))
		found = at += sizeof name - 1;
	return found && !memchr(found, ',', (size_t)(end - found)) && !memchr(found, '}', (size_t)(end - found));
}

/* After a gap figures that reach back behind it are not complete; how far that is is not looked at here. */
static bool equal_but_complete(struct str a, struct str b)
{
	static const char name[] = "\"complete\":";
	const char *left = memmem(a.data, a.length, name, sizeof name - 1);
	const char *right = memmem(b.data, b.length, name, sizeof name - 1);
	if (!left || !right || left - a.data != right - b.data || memcmp(a.data, b.data, (size_t)(left - a.data)) != 0)
		return false;
	return has_reason(a) == has_reason(b);
}

static bool equal_values(struct str found, struct str expected)
{
	return str_equal(found, expected) || (has_gap() && equal_but_complete(found, expected));
}

/* Two ways to compute a square root may differ in the last bits. */
static bool equal_scores(double a, double b)
{
	double larger = fabs(a) > fabs(b) ? fabs(a) : fabs(b);
	return fabs(a - b) <= larger * 1e-12;
}

static void compare_field(
	const struct sim_key *key, const struct sim_field *expected, struct sim_key *found, const char *by)
{
	struct sim_field *field = key_field(found, expected->name);
	if (!field)
		world_fail("by %s: %.*s has no %.*s", by, STR_ARG(key->name), STR_ARG(expected->name));
	else if (key->type == KEY_HASH && !equal_values(field->value, expected->value))
		world_fail("by %s: %.*s %.*s is %.*s, and ought to be %.*s", by, STR_ARG(key->name),
			STR_ARG(expected->name), STR_ARG(field->value), STR_ARG(expected->value));
	else if (key->type == KEY_SET && !equal_scores(field->score, expected->score))
		world_fail("by %s: %.*s scores %.*s with %.17g, and ought to with %.17g", by, STR_ARG(key->name),
			STR_ARG(expected->name), field->score, expected->score);
}

static void compare_key(struct sim_key *expected, const char *by)
{
	struct sim_key *found = keyspace_get(&world->redis->keys, expected->name);
	if (!found) {
		world_fail("by %s: %.*s is missing", by, STR_ARG(expected->name));
		return;
	}
	for (size_t i = 0; i < expected->count; i++)
		compare_field(expected, &expected->fields[i], found, by);
	size_t own = expected->type == KEY_HASH ? 1 : 0; /* _guard */
	if (found->count != expected->count + own)
		world_fail("by %s: %.*s has %zu fields, and ought to have %zu", by, STR_ARG(expected->name),
			found->count, expected->count + own);
}

static void compare_keys(struct keyspace *expected, const char *by)
{
	const struct keyspace *found = &world->redis->keys;
	for (size_t i = 0; i < expected->count; i++)
		compare_key(&expected->items[i], by);
	for (size_t i = 0; i < found->count; i++)
		if (!is_own(&found->items[i]) && !keyspace_get(expected, found->items[i].name))
			world_fail("by %s: %.*s ought not to be there", by, STR_ARG(found->items[i].name));
}

static void compare_brute(const bool *read, int64_t end)
{
	struct keyspace expected;
	expected_keys(world->plan, read, end, has_gap(), &expected);
	compare_keys(&expected, "brute force");
	keyspace_clear(&expected);
}

/* ---- accounts ---- */

static void count_rare(const struct straight *straight)
{
	world->rare[RARE_LATE] += straight->counts.late;
	world->rare[RARE_CONFLICT] += straight->conflicts;
	world->rare[RARE_RETRACTED] += straight->retractions;
}

static void check_counts(const struct straight *straight)
{
	const struct shard_counts *expected = &straight->counts;
	uint64_t sum = meta_number("applied") + meta_number("duplicates") + meta_number("late") +
		meta_number("refused") + meta_number("waiting");
	if (meta_number("records") != sum)
		world_fail("%llu records were read, but %llu are accounted for",
			(unsigned long long)meta_number("records"), (unsigned long long)sum);
	if (meta_number("records") != expected->records)
		world_fail("%llu records were counted, and it ought to be %llu",
			(unsigned long long)meta_number("records"), (unsigned long long)expected->records);
	if (meta_number("late") != expected->late)
		world_fail("%llu events were late, and it ought to be %llu", (unsigned long long)meta_number("late"),
			(unsigned long long)expected->late);
	if (meta_number("refused") + meta_number("duplicates") + meta_number("applied") + meta_number("waiting") !=
		expected->refused + expected->duplicates + expected->applied + expected->waiting)
		world_fail("records are counted that do not exist");
}

/* Which of two records with one id is refused depends on which came first: that is left to the counts. */
static bool has_twin(size_t index)
{
	const struct plan *plan = world->plan;
	for (size_t i = 0; i < plan->record_count; i++)
		if (i != index && strcmp(plan->records[i].event.id, plan->records[index].event.id) == 0)
			return true;
	return false;
}

static void check_letters(const struct straight *straight, const bool *read)
{
	for (size_t i = 0; i < world->plan->record_count; i++) {
		const struct sim_event *event = &world->plan->records[i].event;
		if (!read[i] || !straight->letter[i] || has_twin(i))
			continue;
		int64_t offset = log_record_of(i)->offset;
		if (!letters_have(world->letters, event->topic, event->partition, offset))
			world_fail("no dead letter of topic %u partition %u offset %lld", event->topic,
				event->partition, (long long)offset);
	}
}

/* ---- all ---- */

static void collect_read(const bool (*by_shard)[PLAN_RECORDS_MAX], bool read[PLAN_RECORDS_MAX])
{
	for (size_t i = 0; i < world->plan->record_count; i++) {
		read[i] = by_shard[world->plan->records[i].event.partition][i];
		const struct sim_event *event = &world->plan->records[i].event;
		bool gone = log_record_of(i)->offset < log_partition(event->topic, event->partition)->start;
		if (!read[i] && !gone)
			world_fail("record %zu was never read", i);
	}
}

void check_all(const struct config *config, const bool (*by_shard)[PLAN_RECORDS_MAX], bool gap)
{
	bool read[PLAN_RECORDS_MAX] = {0};
	struct straight straight;
	int64_t end = 0;
	if (text_to_time(meta_field("published_end"), &end) != RESULT_OK) {
		world_fail("kpi:meta has no published_end");
		return;
	}
	collect_read(by_shard, read);
	if (gap && !has_gap())
		world_fail("records were gone before they were read, and kpi:meta names no gap");
	bool figures = world->plan->shipped || world->plan->seed % STRAIGHT_EVERY == 0;
	straight_run(world->plan, config, read, end, figures, &straight);
	if (figures)
		compare_keys(&straight.keys, "a straight run");
	if (world->plan->shipped)
		oracle_compare(read, end, has_gap());
	else
		compare_brute(read, end);
	check_counts(&straight);
	check_letters(&straight, read);
	count_rare(&straight);
	straight_release(&straight);
}
