/* Linear probing. A slot keeps 32 bits of its name's hash: they decide nearly every comparison without following the name. */
#include "base/names.h"

#include "base/check.h"
#include "base/mem.h"

enum { SMALLEST = 16 };

struct name_text {
	uint32_t length;
	char bytes[];
};

struct names_slot {
	const struct name_text *text; /* NULL: free */
	uint32_t hash;
	uint32_t id;
};

void names_init(struct names *names)
{
	*names = (struct names){.key = hash_process_key()};
	arena_init(&names->arena);
}

/* The first and the last bytes of a text: all of one that is not longer than ENDS_WHOLE. */
struct ends {
	uint64_t first, last;
};
#define ENDS_WHOLE 16

static inline struct ends ends_of(const char *at, size_t length)
{
	struct ends ends = {0, 0};
	if (length >= sizeof(uint64_t)) {
		memcpy(&ends.first, at, sizeof(uint64_t));
		memcpy(&ends.last, at + length - sizeof(uint64_t), sizeof(uint64_t));
	} else if (length >= sizeof(uint32_t)) {
		uint32_t first, last;
		memcpy(&first, at, sizeof first);
		memcpy(&last, at + length - sizeof last, sizeof last);
		ends = (struct ends){first, last};
	} else if (length > 0) {
		ends = (struct ends){(uint8_t)at[0] | (uint64_t)(uint8_t)at[length / 2] << 8, (uint8_t)at[length - 1]};
	}
	return ends;
}

/* One that was asked for not long ago, and all that it takes to know it again without its text, if that is short: of many names each text lies far
 * away. */
struct names_recent {
	struct ends ends;
	uint32_t length;
	uint32_t id;
};
#define LENGTH_NONE UINT32_MAX

/* Not keyed: who finds texts that meet only makes them be looked up. */
static inline uint32_t recent_place(struct str text, struct ends ends)
{
	const uint64_t mix = UINT64_C(0x9e3779b97f4a7c15);
	uint64_t hash = (ends.first ^ text.length) * mix, word;
	for (size_t i = sizeof word; text.length > ENDS_WHOLE && i + sizeof word < text.length; i += sizeof word) {
		memcpy(&word, text.data + i, sizeof word);
		hash = (hash ^ hash >> 29 ^ word) * mix;
	}
	return (hash ^ hash >> 29 ^ ends.last) * mix >> 32 & (NAMES_RECENT - 1);
}

static void recent_init(struct names *names)
{
	names->recent = NEW_ARRAY(struct names_recent, NAMES_RECENT);
	for (unsigned i = 0; i < NAMES_RECENT; i++)
		names->recent[i].length = LENGTH_NONE;
}

static inline bool equals(const struct name_text *name, struct str text)
{
	return name->length == text.length && (text.length == 0 || memcmp(name->bytes, text.data, text.length) == 0);
}

static inline bool is_recent(
	const struct names *names, const struct names_recent *recent, struct str text, struct ends ends)
{
	return recent->ends.first == ends.first && recent->ends.last == ends.last && recent->length == text.length &&
		(text.length <= ENDS_WHOLE || equals(names->texts[recent->id], text));
}

/* The name's slot, or the free one that it would get: there is always one. */
static struct names_slot *look_up(const struct names *names, struct str text, uint32_t hash)
{
	uint32_t mask = names->slot_count - 1;
	for (uint32_t i = hash & mask;; i = (i + 1) & mask) {
		struct names_slot *slot = &names->slots[i];
		if (!slot->text || (slot->hash == hash && equals(slot->text, text)))
			return slot;
	}
}

/* At most two thirds of the slots are taken. */
static void grow(struct names *names)
{
	uint32_t slot_count = names->slot_count ? names->slot_count * 2 : SMALLEST;
	struct names_slot *slots = NEW_ARRAY(struct names_slot, slot_count);
	for (uint32_t i = 0; i < names->slot_count; i++) {
		if (!names->slots[i].text)
			continue;
		uint32_t at = names->slots[i].hash & (slot_count - 1);
		while (slots[at].text)
			at = (at + 1) & (slot_count - 1);
		slots[at] = names->slots[i];
	}
	mem_free(names->slots);
	names->slots = slots;
	names->slot_count = slot_count;
}

static uint32_t hash_of(const struct names *names, struct str text)
{
	return (uint32_t)hash_sip(names->key, text);
}

static const struct name_text *keep(struct names *names, struct str text)
{
	CHECK(text.length < UINT32_MAX);
	struct name_text *kept = arena_new(&names->arena, sizeof *kept + text.length);
	kept->length = (uint32_t)text.length;
	if (text.length)
		memcpy(kept->bytes, text.data, text.length);
	return kept;
}

static uint32_t look_up_or_add(struct names *names, struct str text)
{
	if (names->count >= names->slot_count / 3 * 2)
		grow(names);
	uint32_t hash = hash_of(names, text);
	struct names_slot *slot = look_up(names, text, hash);
	if (slot->text)
		return slot->id;
	CHECK(names->count < NAMES_NONE / 2);
	*slot = (struct names_slot){keep(names, text), hash, names->count};
	GROW(names->texts, names->count, names->capacity);
	names->texts[names->count] = slot->text;
	return names->count++;
}

uint32_t names_add(struct names *names, struct str text)
{
	struct ends ends = ends_of(text.data, text.length);
	if (!names->recent)
		recent_init(names);
	struct names_recent *recent = &names->recent[recent_place(text, ends)];
	if (is_recent(names, recent, text, ends))
		return recent->id;
	uint32_t id = look_up_or_add(names, text);
	*recent = (struct names_recent){ends, (uint32_t)text.length, id};
	return id;
}

uint32_t names_find(const struct names *names, struct str text)
{
	if (names->count == 0)
		return NAMES_NONE;
	const struct names_slot *slot = look_up(names, text, hash_of(names, text));
	return slot->text ? slot->id : NAMES_NONE;
}

struct str names_text(const struct names *names, uint32_t id)
{
	CHECK(id < names->count);
	return (struct str){names->texts[id]->bytes, names->texts[id]->length};
}

void names_release(struct names *names)
{
	if (!names)
		return;
	mem_free(names->slots);
	mem_free(names->texts);
	mem_free(names->recent);
	arena_release(&names->arena);
	names_init(names);
}
