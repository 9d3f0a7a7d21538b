/* Linear probing. A slot keeps 32 bits of its name's hash: they decide nearly every comparison without following the name. */
#include "base/names.h"

#include "base/check.h"
#include "base/mem.h"
#include "base/name_key.h"

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

/* One that was asked for not long ago, and all that it takes to know it again without its text, if that is short: of many names each text lies far
 * away. */
struct names_recent {
	struct name_key key;
	uint32_t length;
	uint32_t behind; /* its number, + 1; 0: there is none */
};

static inline struct names_recent *recent_of(const struct names *names, struct name_key key, size_t length)
{
	return &names->recent[name_key_hash(key, length, 0) >> (64 - NAMES_RECENT_BITS)];
}

static inline bool equals(const struct name_text *name, struct str text)
{
	return name->length == text.length && (text.length == 0 || memcmp(name->bytes, text.data, text.length) == 0);
}

static inline bool is_recent(
	const struct names *names, const struct names_recent *recent, struct str text, struct name_key key)
{
	return recent->behind && recent->key.head == key.head && recent->key.tail == key.tail &&
		recent->length == text.length &&
		(text.length <= NAME_KEY_WHOLE || equals(names->texts[recent->behind - 1], text));
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
	struct name_key key = name_key(text);
	if (!names->recent)
		names->recent = NEW_ARRAY(struct names_recent, 1 << NAMES_RECENT_BITS);
	struct names_recent *recent = recent_of(names, key, text.length);
	if (is_recent(names, recent, text, key))
		return recent->behind - 1;
	uint32_t id = look_up_or_add(names, text);
	*recent = (struct names_recent){key, (uint32_t)text.length, id + 1};
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
