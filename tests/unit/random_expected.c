/* The figures of a random history by the definition of docs/figures.md: distinct events first, then what is taken back, then one run. */
#include "base/buf.h"
#include "base/mem.h"
#include "tests/unit/random_events.h"

#include <stdio.h>
#include <stdlib.h>

struct known {
	const struct random_record *record;
	uint16_t type;
	uint64_t content;
	char subject[20], id[16], retracts[16];
	int64_t reach;
	bool retracted;
};

static void copy_text(char *to, struct str text)
{
	assert_true(text.length < 16);
	memcpy(to, text.length ? text.data : "", text.length);
	to[text.length] = '\0';
}

static uint16_t type_named(const struct schema *schema, const char *name)
{
	for (uint16_t t = 0; t < schema->type_count; t++)
		if (strcmp(schema->types[t].name, name) == 0)
			return t;
	fail_msg("no type %s", name);
	return 0;
}

static struct known known_of(struct random_history *history, const struct random_record *record)
{
	const struct retractions *retractions = &history->fixture.config->schema.retractions;
	struct event event = fixture_event(&history->fixture, record->json);
	struct known known = {.record = record, .type = event.type, .content = event.content};
	if (record->subject != 'e')
		snprintf(known.subject, sizeof known.subject, "%c%d", record->subject, record->customer);
	copy_text(known.id, event.id);
	if (event.type == retractions->type)
		copy_text(known.retracts, event.values[retractions->names].text);
	known.reach = record->kafka_time - history->lateness;
	return known;
}

/* All have the empty source. Those of no subject stand in one history when they are, or name, the same event. */
static bool same_event(const struct known *a, const struct known *b)
{
	if (strcmp(a->subject, b->subject) != 0 || strcmp(a->id, b->id) != 0)
		return false;
	return a->subject[0] || strcmp(a->retracts, b->retracts) == 0;
}

static uint32_t short_content(const struct known *known)
{
	return (uint32_t)(known->content ^ known->content >> 32);
}

static int in_order(const void *left, const void *right)
{
	const struct known *a = left, *b = right;
	if (a->record->time != b->record->time)
		return a->record->time < b->record->time ? -1 : 1;
	if (a->type != b->type)
		return a->type < b->type ? -1 : 1;
	int order = strcmp(a->id, b->id);
	if (order == 0)
		order = (short_content(a) > short_content(b)) - (short_content(a) < short_content(b));
	if (order == 0)
		order = (a->reach > b->reach) - (a->reach < b->reach);
	return order;
}

/* Whether the record is one of an event that is kept, or is refused for it. */
static bool stands_already(const struct random_history *history, const struct known *kept, const struct known *record)
{
	return same_event(kept, record) &&
		(kept->content == record->content ||
			record->record->kafka_time - kept->record->time <= history->lateness);
}

/* Of the events with one id the first in order, and those that came long after it; of an event's records the one that came first. */
static size_t keep_distinct(const struct random_history *history, struct known *list, size_t count)
{
	size_t kept = 0;
	for (size_t i = 0; i < count; i++) {
		bool stands = false;
		for (size_t k = 0; k < kept; k++)
			stands |= stands_already(history, &list[k], &list[i]);
		if (!stands)
			list[kept++] = list[i];
	}
	return kept;
}

static void take_back(struct known *list, size_t count, const struct known *retraction)
{
	for (size_t i = 0; i < count && &list[i] != retraction; i++)
		if (!list[i].retracts[0] && strcmp(list[i].subject, retraction->subject) == 0 &&
			strcmp(list[i].id, retraction->retracts) == 0 && list[i].record->time >= retraction->reach)
			list[i].retracted = true;
}

static void run(struct random_history *history, struct shard *shard, const struct known *list, size_t count)
{
	uint16_t unheard = type_named(&history->fixture.config->schema, "unheard");
	for (size_t i = 0; i < count; i++) {
		struct event event = fixture_event(&history->fixture, list[i].record->json);
		char source[64];
		if (list[i].retracted || list[i].retracts[0]) {
			/* It is in another history now, and no other event there is the same. */
			snprintf(source, sizeof source, "%s %s", list[i].subject, list[i].retracts);
			event.type = unheard;
			event.source = str_of(source);
		}
		assert_int_equal(shard_event(shard, &event, list[i].record->kafka_time, &history->fixture.reason),
			SHARD_APPLIED);
	}
}

struct shard *random_history_expected(struct random_history *history, int64_t end)
{
	struct known *list = NEW_ARRAY(struct known, history->count);
	struct shard *shard = shard_new(history->fixture.config, 0, end);
	size_t count = 0;
	for (size_t i = 0; i < history->count; i++)
		if (random_record_counts(history, &history->records[i]))
			list[count++] = known_of(history, &history->records[i]);
	if (count)
		qsort(list, count, sizeof *list, in_order);
	count = keep_distinct(history, list, count);
	for (size_t i = 0; i < count; i++)
		if (list[i].retracts[0])
			take_back(list, count, &list[i]);
	run(history, shard, list, count);
	mem_free(list);
	return shard;
}
