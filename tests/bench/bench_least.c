#include "tests/bench/bench_least.h"

#include "base/hash.h"
#include "base/mem.h"
#include "base/names.h"
#include "base/search.h"
#include "pipeline/decode/json.h"
#include "pipeline/decode/places.h"
#include "pipeline/decode/value.h"

enum { DEPTH_MAX = 64, TYPES = 8, TEAMS = 10, MINUTES = 1024, MINUTE_MS = 60000 };
enum { EVENT_MEASURES = 5, MEASURES = 93 };
enum least_field {
	LEAST_ID,
	LEAST_CUSTOMER,
	LEAST_REP,
	LEAST_TIME,
	LEAST_TYPE,
	LEAST_PRODUCT,
	LEAST_SEGMENT,
	LEAST_FIELDS
};
static const char *const field_names[LEAST_FIELDS] = {"id", "customer", "rep", "time", "type", "product", "segment"};
/* Without these there is no event. */
#define REQUIRED (1u << LEAST_ID | 1u << LEAST_TYPE)

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

/* Of a key and a measure: how much, by minute, where there is something. */
struct slices {
	struct minute {
		uint32_t minute;
		int32_t amount;
	} * items;
	uint32_t count, capacity;
};

struct sparse {
	struct slices of_measure[MEASURES];
};

struct sparse_keys {
	struct sparse **items;
	uint32_t capacity;
};

struct least {
	enum least_kind kind;
	struct arena arena;
	struct places places;
	uint32_t fields[LEAST_FIELDS];
	struct json_parser *json;
	struct hash_key key;
	struct names customers, reps, types, products, segments;
	struct history *histories;
	uint32_t history_capacity;
	struct counts **by_rep;
	uint32_t rep_capacity;
	struct counts by_team[TEAMS], all;
	struct sparse_keys rep_slices, product_slices, segment_slices;
	struct sparse team_slices[TEAMS], all_slices;
	uint64_t unread;
};

struct least *least_new(enum least_kind kind)
{
	struct least *least = NEW(struct least);
	least->kind = kind;
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
	names_init(&least->products);
	names_init(&least->segments);
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

/* ---- the shipped configuration */

static struct sparse *sparse_of(struct sparse_keys *keys, uint32_t key)
{
	keys->items = grown(keys->items, &keys->capacity, key, sizeof *keys->items);
	if (!keys->items[key])
		keys->items[key] = NEW(struct sparse);
	return keys->items[key];
}

static void add_to(struct sparse *sparse, uint32_t measure, uint32_t minute)
{
	struct slices *slices = &sparse->of_measure[measure % MEASURES];
	if (slices->count > 0 && slices->items[slices->count - 1].minute == minute) {
		slices->items[slices->count - 1].amount++;
		return;
	}
	GROW(slices->items, slices->count, slices->capacity);
	slices->items[slices->count++] = (struct minute){minute, 1};
}

/* No text: number 0, of all that have none. */
static uint32_t number_of(struct names *names, struct str text)
{
	return text.length ? names_add(names, text) + 1 : 0;
}

static void count_sparse(struct least *least, const struct kept *kept, const struct str *texts)
{
	uint32_t minute = (uint32_t)((uint64_t)kept->time / MINUTE_MS);
	struct sparse *product = sparse_of(&least->product_slices, number_of(&least->products, texts[LEAST_PRODUCT]));
	struct sparse *segment = sparse_of(&least->segment_slices, number_of(&least->segments, texts[LEAST_SEGMENT]));
	struct sparse *rep = sparse_of(&least->rep_slices, kept->rep), *team = &least->team_slices[kept->rep % TEAMS];
	for (uint32_t i = 0; i < EVENT_MEASURES; i++) {
		uint32_t measure = kept->type * EVENT_MEASURES + i;
		add_to(rep, measure, minute);
		add_to(team, measure, minute);
		add_to(&least->all_slices, measure, minute);
	}
	if (texts[LEAST_PRODUCT].length)
		add_to(product, kept->type, minute);
	if (texts[LEAST_SEGMENT].length)
		add_to(segment, kept->type, minute);
}

static void sparse_release(struct sparse *sparse)
{
	for (int m = 0; m < MEASURES; m++)
		mem_free(sparse->of_measure[m].items);
}

static void sparse_keys_release(struct sparse_keys *keys)
{
	for (uint32_t i = 0; i < keys->capacity; i++) {
		if (keys->items[i])
			sparse_release(keys->items[i]);
		mem_free(keys->items[i]);
	}
	mem_free(keys->items);
}

/* ---- */

static bool time_of(const struct json_node *node, int64_t *ret_time)
{
	return node && value_time(node, ret_time);
}

void least_take(struct least *least, uint32_t topic, struct str message)
{
	struct json_document document;
	struct str texts[LEAST_FIELDS] = {0};
	struct kept kept;
	bool whole = json_parse(least->json, topic, message, &document) == JSON_OK;
	for (unsigned i = 0; whole && i < LEAST_FIELDS; i++) {
		const struct json_node *node = json_at(&document, least->fields[i]);
		if (node && node->kind == JSON_TEXT)
			texts[i] = node->text;
		whole = texts[i].length || !(REQUIRED >> i & 1);
	}
	if (!whole || !time_of(json_at(&document, least->fields[LEAST_TIME]), &kept.time)) {
		least->unread++;
		return;
	}
	kept.rep = names_add(&least->reps, texts[LEAST_REP]);
	kept.type = names_add(&least->types, texts[LEAST_TYPE]);
	struct history *history = history_of(least, texts[LEAST_CUSTOMER]);
	if (!remember(history, (uint32_t)hash_sip(least->key, texts[LEAST_ID]), kept))
		return;
	if (least->kind == LEAST_SMALL)
		count(least, &kept);
	else
		count_sparse(least, &kept, texts);
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
	sparse_keys_release(&least->rep_slices);
	sparse_keys_release(&least->product_slices);
	sparse_keys_release(&least->segment_slices);
	for (int t = 0; t < TEAMS; t++)
		sparse_release(&least->team_slices[t]);
	sparse_release(&least->all_slices);
	json_parser_free(least->json);
	names_release(&least->customers);
	names_release(&least->reps);
	names_release(&least->types);
	names_release(&least->products);
	names_release(&least->segments);
	arena_release(&least->arena);
	mem_free(least);
}
