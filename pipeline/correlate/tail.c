#include "pipeline/correlate/tail.h"

#include "base/check.h"
#include "base/mem.h"

/* A shorter tail is walked as fast as it is looked up. */
#define INDEXED_FROM 256

void tail_init(struct tail *tail)
{
	*tail = (struct tail){0};
	buf_init(&tail->bytes);
}

/* Reads the record at an offset; returns its size. */
static uint32_t read_at(const struct tail *tail, uint32_t offset, struct record *ret_record)
{
	struct reader in = reader_of((struct str){tail->bytes.data + offset, tail->bytes.length - offset});
	bool whole = record_get(&in, ret_record);
	CHECK(whole);
	return (uint32_t)(tail->bytes.length - offset - reader_left(&in));
}

void tail_read(const struct tail *tail, uint32_t at, struct record *ret_record)
{
	read_at(tail, tail->entries[at].offset, ret_record);
}

int64_t tail_time(const struct tail *tail, uint32_t at)
{
	int64_t time;
	memcpy(&time, tail->bytes.data + tail->entries[at].offset, sizeof time);
	return time;
}

static uint32_t id_hash(const struct record *record)
{
	uint64_t hash = (uint64_t)record_text(record->id) ^ (uint64_t)record_text(record->source) * 31;
	return (uint32_t)(hash ^ hash >> 32);
}

uint32_t tail_place(const struct tail *tail, const struct record *record)
{
	uint32_t low = 0, high = tail->count;
	if (high > 0 && tail_time(tail, high - 1) < record->time)
		return high;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		struct record other;
		tail_read(tail, middle, &other);
		if (record_compare(&other, record) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool same_id(const struct record *a, const struct record *b)
{
	return str_equal(a->id, b->id) && str_equal(a->source, b->source);
}

static uint32_t find_by_walk(const struct tail *tail, const struct record *record, uint32_t hash)
{
	for (uint32_t i = 0; i < tail->count; i++) {
		if (tail->entries[i].id_hash != hash)
			continue;
		struct record other;
		tail_read(tail, i, &other);
		if (same_id(&other, record))
			return i;
	}
	return TAIL_NONE;
}

static uint32_t find_by_index(struct tail *tail, const struct record *record, uint32_t hash)
{
	uint32_t step = 0, offset;
	if (tail->index.count == 0)
		for (uint32_t i = 0; i < tail->count; i++)
			tail_index_add(&tail->index, tail->entries[i].id_hash, tail->entries[i].offset);
	while (tail_index_next(&tail->index, hash, &step, &offset)) {
		struct record other;
		read_at(tail, offset, &other);
		if (same_id(&other, record))
			return tail_place(tail, &other);
	}
	return TAIL_NONE;
}

uint32_t tail_find(struct tail *tail, const struct record *record)
{
	uint32_t hash = id_hash(record);
	return tail->count < INDEXED_FROM ? find_by_walk(tail, record, hash) : find_by_index(tail, record, hash);
}

/* The type that a gate is about: the closing type, for a close and for what reopens it; -1 for all other events. */
static int32_t gate_type(const struct schema *schema, uint16_t type)
{
	if (schema->types[type].in_force_key >= 0)
		return type;
	for (unsigned t = 0; t < schema->type_count; t++)
		if (schema->types[t].in_force_key >= 0 && schema->types[t].undone_by == type)
			return (int32_t)t;
	return -1;
}

static bool gate_key(const struct schema *schema, const struct record *record, int32_t *ret_type, int64_t *ret_key)
{
	int32_t type = gate_type(schema, record->type);
	if (type < 0 || !(record->present >> schema->types[type].in_force_key & 1))
		return false;
	*ret_type = type;
	*ret_key = record->values[schema->types[type].in_force_key];
	return true;
}

static uint32_t gate_of(const struct schema *schema, const struct record *record)
{
	int32_t type;
	int64_t key;
	if (!gate_key(schema, record, &type, &key))
		return 0;
	uint64_t mixed = ((uint64_t)key + (uint64_t)type) * UINT64_C(0x9e3779b97f4a7c15);
	return (uint32_t)(mixed >> 32) | 1;
}

/* Whether `other`, somewhere in the tail, is about the same thing as `record`. */
static bool same_gate(const struct schema *schema, const struct record *record, const struct record *other)
{
	int32_t type, other_type;
	int64_t key, other_key;
	return gate_key(schema, record, &type, &key) && gate_key(schema, other, &other_type, &other_key) &&
		type == other_type && key == other_key;
}

static bool entry_same_gate(
	const struct tail *tail, const struct schema *schema, uint32_t at, uint32_t gate, const struct record *record)
{
	if (tail->entries[at].gate != gate)
		return false;
	struct record other;
	tail_read(tail, at, &other);
	return same_gate(schema, record, &other);
}

uint32_t tail_superseder(const struct tail *tail, const struct schema *schema, uint32_t at)
{
	uint32_t gate = tail->entries[at].gate;
	struct record record;
	tail_read(tail, at, &record);
	if (gate == 0 || schema->types[record.type].in_force_key < 0)
		return TAIL_NONE;
	for (uint32_t i = at + 1; i < tail->count; i++)
		if (entry_same_gate(tail, schema, i, gate, &record))
			return i;
	return TAIL_NONE;
}

uint32_t tail_takes_back(const struct tail *tail, const struct schema *schema, uint32_t at, const struct record *record)
{
	uint32_t gate = gate_of(schema, record);
	for (uint32_t i = at; gate != 0 && i-- > 0;) {
		struct record other;
		if (tail->entries[i].superseded || !entry_same_gate(tail, schema, i, gate, record))
			continue;
		tail_read(tail, i, &other);
		return schema->types[other.type].in_force_key >= 0 ? i : TAIL_NONE;
	}
	return TAIL_NONE;
}

void tail_insert(struct tail *tail, const struct schema *schema, uint32_t at, const struct record *record)
{
	uint32_t taken = tail_takes_back(tail, schema, at, record);
	if (taken != TAIL_NONE)
		tail->entries[taken].superseded = 1;
	GROW(tail->entries, tail->count, tail->capacity);
	memmove(&tail->entries[at + 1], &tail->entries[at], (tail->count - at) * sizeof *tail->entries);
	tail->count++;
	tail->entries[at] = (struct tail_entry){
		.offset = (uint32_t)tail->bytes.length,
		.id_hash = id_hash(record),
		.gate = gate_of(schema, record),
	};
	if (tail->index.count)
		tail_index_add(&tail->index, tail->entries[at].id_hash, tail->entries[at].offset);
	/* Offsets have 32 bits: tens of millions of events of one customer within the allowed lateness. */
	CHECK(tail->bytes.length < UINT32_MAX);
	record_put(&tail->bytes, record);
	tail->entries[at].superseded = tail_superseder(tail, schema, at) != TAIL_NONE;
}

static uint32_t record_size(const struct tail *tail, uint32_t at)
{
	struct record record;
	return read_at(tail, tail->entries[at].offset, &record);
}

static void compact(struct tail *tail)
{
	if (tail->waste * 2 < tail->bytes.length)
		return;
	struct buf packed;
	buf_init(&packed);
	for (uint32_t i = 0; i < tail->count; i++) {
		uint32_t size = record_size(tail, i), offset = tail->entries[i].offset;
		tail->entries[i].offset = (uint32_t)packed.length;
		buf_put(&packed, tail->bytes.data + offset, size);
	}
	buf_release(&tail->bytes);
	tail->bytes = packed;
	tail->waste = 0;
}

void tail_drop(struct tail *tail, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		tail->waste += record_size(tail, i);
	tail->count -= count;
	memmove(tail->entries, tail->entries + count, tail->count * sizeof *tail->entries);
	tail_index_release(&tail->index);
	compact(tail);
}

void tail_remove(struct tail *tail, const struct schema *schema, uint32_t at)
{
	uint32_t gate = tail->entries[at].gate;
	tail->waste += record_size(tail, at);
	tail->count--;
	memmove(&tail->entries[at], &tail->entries[at + 1], (tail->count - at) * sizeof *tail->entries);
	for (uint32_t i = 0; gate != 0 && i < tail->count; i++)
		if (tail->entries[i].gate == gate)
			tail->entries[i].superseded = tail_superseder(tail, schema, i) != TAIL_NONE;
	tail_index_release(&tail->index);
	compact(tail);
}

void tail_release(struct tail *tail)
{
	mem_free(tail->entries);
	buf_release(&tail->bytes);
	tail_index_release(&tail->index);
	*tail = (struct tail){0};
}
