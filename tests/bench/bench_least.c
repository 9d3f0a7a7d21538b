#include "tests/bench/bench_least.h"

#include "base/hash.h"
#include "base/mem.h"
#include "base/names.h"
#include "base/search.h"
#include "base/text.h"
#include "pipeline/decode/json.h"
#include "pipeline/decode/places.h"

enum { DEPTH_MAX = 64, TYPES = 8, TEAMS = 10, MINUTES = 1024, MINUTE_MS = 60000 };
enum least_field { LEAST_ID, LEAST_CUSTOMER, LEAST_REP, LEAST_TIME, LEAST_TYPE, LEAST_FIELDS };
static const char *const field_names[LEAST_FIELDS] = {"id", "customer", "rep", "time", "type"};

/* What must be kept of an event as long as it may come again. */
struct kept {
	int64_t time;
	uint32_t rep, type;
};

struct history {
	uint32_t *hashes; /* of ids */
	struct kept *kept;
	uint32_t count, capacity;
};

/* Of a key: how many of each type, by minute. */
struct counts {
	uint32_t of_minute[MINUTES][TYPES];
};

struct least {
	struct arena arena;
	struct places places;
	uint32_t fields[LEAST_FIELDS];
	struct json_parser *json;
	struct hash_key key;
	struct names customers, reps, types;
	struct history *histories;
	uint32_t history_capacity;
	struct counts **by_rep;
	uint32_t rep_capacity;
	struct counts by_team[TEAMS], all;
	uint64_t unread;
};

struct least *least_new(void)
{
	struct least *least = NEW(struct least);
	arena_init(&least->arena);
	places_init(&least->places);
	for (int i = 0; i < LEAST_FIELDS; i++) {
		struct str *name = ARENA_NEW(&least->arena, struct str);
		*name = str_of(field_names[i]);
		least->fields[i] = places_add(&least->places, &least->arena, &(struct field_path){name, 1});
	}
	places_expect_few(&least->places, least->fields[LEAST_TYPE]);
	places_settle(&least->places, &least->arena);
	least->json = json_parser_new(DEPTH_MAX, &least->places);
	least->key = hash_process_key();
	names_init(&least->customers);
	names_init(&least->reps);
	names_init(&least->types);
	return least;
}

/* With room for element `number`; what is added is zeroed. */
static void *grown(void *array, uint32_t *capacity, uint32_t number, size_t size)
{
	uint32_t count = 2 * number + 64;
	if (number < *capacity)
		return array;
	array = mem_extend(array, *capacity, count, size);
	*capacity = count;
	return array;
}

static struct history *history_of(struct least *least, struct str customer)
{
	uint32_t number = names_add(&least->customers, customer);
	least->histories = grown(least->histories, &least->history_capacity, number, sizeof *least->histories);
	return &least->histories[number];
}

/* False: it came before, which nobody looks at any closer. */
static bool remember(struct history *history, uint32_t hash, struct kept kept)
{
	if (search_u32(history->hashes, 0, history->count, hash) < history->count)
		return false;
	if (history->count == history->capacity) {
		history->capacity = history->capacity ? history->capacity * 2 : 8;
		history->hashes = mem_resize(history->hashes, history->capacity, sizeof *history->hashes);
		history->kept = mem_resize(history->kept, history->capacity, sizeof *history->kept);
	}
	history->hashes[history->count] = hash;
	history->kept[history->count++] = kept;
	return true;
}

static struct counts *counts_of(struct least *least, uint32_t rep)
{
	least->by_rep = grown(least->by_rep, &least->rep_capacity, rep, sizeof *least->by_rep);
	if (!least->by_rep[rep])
		least->by_rep[rep] = NEW(struct counts);
	return least->by_rep[rep];
}

static void count(struct least *least, const struct kept *kept)
{
	uint32_t minute = (uint64_t)kept->time / MINUTE_MS % MINUTES, type = kept->type % TYPES;
	counts_of(least, kept->rep)->of_minute[minute][type]++;
	least->by_team[kept->rep % TEAMS].of_minute[minute][type]++;
	least->all.of_minute[minute][type]++;
}

void least_take(struct least *least, uint32_t topic, struct str message)
{
	struct json_document document;
	const struct json_node *nodes[LEAST_FIELDS];
	struct kept kept;
	bool whole = json_parse(least->json, topic, message, &document) == JSON_OK;
	for (int i = 0; whole && i < LEAST_FIELDS; i++) {
		nodes[i] = json_at(&document, least->fields[i]);
		whole = nodes[i] && nodes[i]->kind == JSON_TEXT;
	}
	if (!whole || text_to_time(nodes[LEAST_TIME]->text, &kept.time) != RESULT_OK) {
		least->unread++;
		return;
	}
	kept.rep = names_add(&least->reps, nodes[LEAST_REP]->text);
	kept.type = names_add(&least->types, nodes[LEAST_TYPE]->text);
	struct history *history = history_of(least, nodes[LEAST_CUSTOMER]->text);
	if (remember(history, (uint32_t)hash_sip(least->key, nodes[LEAST_ID]->text), kept))
		count(least, &kept);
}

uint64_t least_unread(const struct least *least)
{
	return least->unread;
}

void least_free(struct least *least)
{
	if (!least)
		return;
	for (uint32_t i = 0; i < least->history_capacity; i++) {
		mem_free(least->histories[i].hashes);
		mem_free(least->histories[i].kept);
	}
	for (uint32_t i = 0; i < least->rep_capacity; i++)
		mem_free(least->by_rep[i]);
	mem_free(least->histories);
	mem_free(least->by_rep);
	json_parser_free(least->json);
	names_release(&least->customers);
	names_release(&least->reps);
	names_release(&least->types);
	arena_release(&least->arena);
	mem_free(least);
}
