#include "pipeline/correlate/tail.h"

#include "base/check.h"
#include "base/mem.h"
#include "base/search.h"
#include "pipeline/correlate/tail_standing.h"

/* A shorter tail is walked as fast as it is looked up. */
#define INDEXED_FROM 256

void tail_init(struct tail *tail)
{
	*tail = (struct tail){0};
	buf_init(&tail->bytes);
}

void tail_reserve(struct tail *tail, uint32_t capacity)
{
	if (capacity <= tail->capacity)
		return;
	tail->entries = mem_resize(tail->entries, capacity, sizeof *tail->entries);
	tail->id_hashes = mem_resize(tail->id_hashes, capacity, sizeof *tail->id_hashes);
	tail->capacity = capacity;
}

static void move_entries(struct tail *tail, uint32_t to, uint32_t from, uint32_t count)
{
	if (count == 0) /* mostly: events come in order */
		return;
	memmove(&tail->entries[to], &tail->entries[from], count * sizeof *tail->entries);
	memmove(&tail->id_hashes[to], &tail->id_hashes[from], count * sizeof *tail->id_hashes);
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

void tail_note_ends(struct tail *tail)
{
	if (tail->count == 0)
		return;
	tail->first = tail->stays = tail_time(tail, 0);
	tail->last = tail_time(tail, tail->count - 1);
}

static uint32_t id_hash(const struct record *record)
{
	return record->id_hash ? record->id_hash : record_id_hash(record->source, record_text(record->id));
}

static bool comes_before(const struct tail *tail, uint32_t at, const struct record *record)
{
	int64_t time = tail_time(tail, at);
	struct record other;
	if (time != record->time)
		return time < record->time;
	tail_read(tail, at, &other);
	return record_compare(&other, record) < 0;
}

uint32_t tail_place(const struct tail *tail, const struct record *record)
{
	uint32_t low = 0, high = tail->count;
	if (high > 0 && tail->last < record->time)
		return high;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (comes_before(tail, middle, record))
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

static void note_found(struct tail_found *found, uint32_t at, const struct record *other, const struct record *record)
{
	if (other->content == record->content)
		found->same = at;
	else if (record_compare(other, record) < 0)
		found->before = found->before == TAIL_NONE || at > found->before ? at : found->before;
	else
		found->after = at < found->after ? at : found->after;
}

static void find_by_walk(const struct tail *tail, const struct record *record, uint32_t hash, struct tail_found *found)
{
	for (uint32_t i = 0; (i = search_u32(tail->id_hashes, i, tail->count, hash)) < tail->count; i++) {
		struct record other;
		tail_read(tail, i, &other);
		if (same_id(&other, record))
			note_found(found, i, &other, record);
	}
}

static void find_by_index(struct tail *tail, const struct record *record, uint32_t hash, struct tail_found *found)
{
	uint32_t step = 0, offset;
	if (tail->index.count == 0)
		for (uint32_t i = 0; i < tail->count; i++)
			tail_index_add(&tail->index, tail->id_hashes[i], tail->entries[i].offset);
	while (tail_index_next(&tail->index, hash, &step, &offset)) {
		struct record other;
		read_at(tail, offset, &other);
		if (same_id(&other, record))
			note_found(found, tail_place(tail, &other), &other, record);
	}
}

void tail_prefetch(const struct tail *tail)
{
	enum { LINE = 64 };
	if (tail->count == 0)
		return;
	__builtin_prefetch(&tail->entries[tail->count], 1);
	__builtin_prefetch(tail->bytes.data + tail->bytes.length, 1);
	__builtin_prefetch(tail->bytes.data + tail->bytes.length + LINE, 1);
	for (uint32_t i = 0; i < tail->count && i < INDEXED_FROM; i += LINE / sizeof *tail->id_hashes)
		__builtin_prefetch(&tail->id_hashes[i]);
}

struct tail_found tail_find(struct tail *tail, const struct record *record)
{
	struct tail_found found = {TAIL_NONE, TAIL_NONE, TAIL_NONE};
	uint32_t hash = id_hash(record);
	if (tail->count < INDEXED_FROM)
		find_by_walk(tail, record, hash, &found);
	else
		find_by_index(tail, record, hash, &found);
	return found;
}

void tail_insert(struct tail *tail, const struct schema *schema, uint32_t at, const struct record *record)
{
	if (tail->count == tail->capacity)
		tail_reserve(tail, tail->capacity ? (uint32_t)mem_next_size(tail->capacity) : 8);
	move_entries(tail, at + 1, at, tail->count - at);
	tail->count++;
	tail->entries[at] = (struct tail_entry){.offset = (uint32_t)tail->bytes.length};
	tail->id_hashes[at] = id_hash(record);
	if (tail->index.count)
		tail_index_add(&tail->index, tail->id_hashes[at], tail->entries[at].offset);
	if (at == 0)
		tail->first = record->time;
	tail->stays = tail->first;
	if (at == tail->count - 1)
		tail->last = record->time;
	/* Offsets have 32 bits: tens of millions of events of one customer within the allowed lateness. */
	CHECK(tail->bytes.length < UINT32_MAX);
	record_put(&tail->bytes, record);
	tail_settle(tail, schema, at, record);
}

uint32_t tail_size(const struct tail *tail, uint32_t at)
{
	struct record record;
	return read_at(tail, tail->entries[at].offset, &record);
}

static void compact(struct tail *tail)
{
	if (tail->waste * 2 < tail->bytes.length)
		return;
	tail_index_release(&tail->index);
	struct buf packed;
	buf_init(&packed);
	for (uint32_t i = 0; i < tail->count; i++) {
		uint32_t size = tail_size(tail, i), offset = tail->entries[i].offset;
		tail->entries[i].offset = (uint32_t)packed.length;
		buf_put(&packed, tail->bytes.data + offset, size);
	}
	buf_release(&tail->bytes);
	tail->bytes = packed;
	tail->waste = 0;
}

void tail_stamp(struct tail *tail, uint32_t at, int64_t kafka_time)
{
	struct record record;
	struct buf bytes;
	tail->waste += read_at(tail, tail->entries[at].offset, &record);
	record.kafka_time = kafka_time;
	buf_init(&bytes); /* what the record's texts point into may move */
	record_put(&bytes, &record);
	tail->entries[at].offset = (uint32_t)tail->bytes.length;
	buf_put_str(&tail->bytes, buf_str(&bytes));
	buf_release(&bytes);
	CHECK(tail->bytes.length < UINT32_MAX);
	/* The index leads to the old bytes, too, until they go: they say the same of where the entry stands. */
	if (tail->index.count)
		tail_index_add(&tail->index, tail->id_hashes[at], tail->entries[at].offset);
	compact(tail);
}

void tail_drop(struct tail *tail, uint32_t count)
{
	if (count == tail->count) {
		tail_clear(tail);
		buf_release(&tail->bytes);
		return;
	}
	for (uint32_t i = 0; i < count; i++) {
		tail->waste += tail_size(tail, i);
		tail->retractions -= tail->entries[i].retracts;
	}
	tail->count -= count;
	move_entries(tail, 0, count, tail->count);
	tail_note_ends(tail);
	tail_index_release(&tail->index);
	compact(tail);
}

void tail_remove(struct tail *tail, const struct schema *schema, uint32_t at)
{
	tail_unsettle(tail, schema, at);
	tail->waste += tail_size(tail, at);
	tail->count--;
	move_entries(tail, at, at + 1, tail->count - at);
	tail_note_ends(tail);
	tail_index_release(&tail->index);
	compact(tail);
}

/* Events mostly come in order: then the bytes are what is to be written. */
static bool in_one_piece(const struct tail *tail)
{
	for (uint32_t i = 1; i < tail->count; i++)
		if (tail->entries[i].offset < tail->entries[i - 1].offset)
			return false;
	return tail->waste == 0;
}

void tail_save(const struct tail *tail, struct buf *out)
{
	if (in_one_piece(tail)) {
		buf_put_str(out, buf_str(&tail->bytes));
		return;
	}
	for (uint32_t i = 0; i < tail->count; i++)
		buf_put(out, tail->bytes.data + tail->entries[i].offset, tail_size(tail, i));
}

void tail_clear(struct tail *tail)
{
	tail->count = tail->retractions = tail->waste = 0;
	buf_clear(&tail->bytes);
	tail_index_release(&tail->index);
}

void tail_release(struct tail *tail)
{
	mem_free(tail->entries);
	mem_free(tail->id_hashes);
	buf_release(&tail->bytes);
	tail_index_release(&tail->index);
	*tail = (struct tail){0};
}
