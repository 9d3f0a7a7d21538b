/* Linear probing. Of each place the name's hash stands apart, so that a search looks at what lies there only where the hash is the same, and
 * a larger table is made without looking at any. */
#include "pipeline/correlate/histories.h"

#include "base/check.h"
#include "base/mem.h"

enum { SMALLEST = 16, NOT_IN_RING = -1 };
#define REMOVED ((uintptr_t)2)
#define CAPACITY_MAX (1u << 31)
/* A place is 0 (free), REMOVED, a struct packed *, or a struct worked * with this bit. */
#define WORKED ((uintptr_t)1)

struct worked {
	struct customer customer;
	uint32_t hash;
	uint32_t name_length;
	int32_t ring_at;
	bool touched; /* since the hand was here */
	char name[];
};

void histories_init(struct histories *histories)
{
	*histories = (struct histories){.key = hash_process_key(), .most = HISTORIES_WORKED_ON};
	buf_init(&histories->work);
}

static inline struct worked *worked_at(uintptr_t place)
{
	return place & WORKED ? (struct worked *)(place - WORKED) : NULL;
}

static inline struct packed *packed_at(uintptr_t place)
{
	return (struct packed *)place;
}

static inline bool in_use(uintptr_t place)
{
	return place > REMOVED;
}

static struct str name_at(uintptr_t place)
{
	const struct worked *worked = worked_at(place);
	return worked ? (struct str){worked->name, worked->name_length} : packed_name(packed_at(place));
}

/* ---- the table ---- */

/* Where the name lies; else CAPACITY_MAX, and in *ret_free where it would. There is always a free place that ends the walk. */
static uint32_t look_up(const struct histories *histories, struct str name, uint32_t hash, uint32_t *ret_free)
{
	uint32_t mask = histories->capacity - 1, removed = CAPACITY_MAX;
	for (uint32_t i = hash & mask;; i = (i + 1) & mask) {
		uintptr_t place = histories->places[i];
		if (place == 0) {
			*ret_free = removed < CAPACITY_MAX ? removed : i;
			return CAPACITY_MAX;
		}
		if (place == REMOVED)
			removed = removed < CAPACITY_MAX ? removed : i;
		else if (histories->hashes[i] == hash && str_equal(name_at(place), name))
			return i;
	}
}

static void rebuild_to(struct histories *histories, uint32_t capacity)
{
	uintptr_t *places = NEW_ARRAY(uintptr_t, capacity);
	uint32_t *hashes = NEW_ARRAY(uint32_t, capacity);
	for (uint32_t i = 0; i < histories->capacity; i++) {
		if (!in_use(histories->places[i]))
			continue;
		uint32_t at = histories->hashes[i] & (capacity - 1);
		while (places[at])
			at = (at + 1) & (capacity - 1);
		places[at] = histories->places[i];
		hashes[at] = histories->hashes[i];
	}
	mem_free(histories->places);
	mem_free(histories->hashes);
	histories->places = places;
	histories->hashes = hashes;
	histories->capacity = capacity;
	histories->tombstones = 0;
}

/* At most two thirds are taken. */
void histories_reserve(struct histories *histories, uint32_t count)
{
	uint32_t capacity = histories->capacity ? histories->capacity : SMALLEST;
	while (capacity / 3 * 2 <= count) {
		CHECK(capacity < CAPACITY_MAX);
		capacity *= 2;
	}
	if (capacity > histories->capacity)
		rebuild_to(histories, capacity);
}

/* Twice as large if more than a third is really in use; else tombstones were the reason, and the same size will do. */
static void make_room(struct histories *histories)
{
	if (histories->count + histories->tombstones < histories->capacity / 3 * 2)
		return;
	if (histories->capacity == 0 || histories->count > histories->capacity / 3)
		histories_reserve(histories, histories->capacity / 3 * 2);
	else
		rebuild_to(histories, histories->capacity);
}

static inline uint32_t hash_of(const struct histories *histories, struct str name)
{
	return (uint32_t)hash_sip(histories->key, name);
}

static uint32_t find(const struct histories *histories, struct str name, uint32_t *ret_hash, uint32_t *ret_free)
{
	*ret_hash = hash_of(histories, name);
	*ret_free = CAPACITY_MAX;
	return histories->capacity ? look_up(histories, name, *ret_hash, ret_free) : CAPACITY_MAX;
}

static void occupy(struct histories *histories, uint32_t at, uint32_t hash, uintptr_t place)
{
	if (histories->places[at] == REMOVED)
		histories->tombstones--;
	histories->places[at] = place;
	histories->hashes[at] = hash;
	histories->count++;
}

/* ---- those that are worked on ---- */

static struct worked *worked_new(struct str name, uint32_t hash)
{
	struct worked *worked = mem_new(sizeof *worked + name.length);
	CHECK(name.length <= UINT32_MAX);
	customer_init(&worked->customer);
	worked->hash = hash;
	worked->name_length = (uint32_t)name.length;
	worked->ring_at = NOT_IN_RING;
	if (name.length)
		memcpy(worked->name, name.data, name.length);
	return worked;
}

static void worked_free(struct worked *worked)
{
	customer_release(&worked->customer);
	mem_free(worked);
}

static bool may_rest(const struct worked *worked)
{
	return worked->customer.tail.count <= PACKED_RECORDS_MAX;
}

static void pack_at(struct histories *histories, uint32_t at)
{
	struct worked *worked = worked_at(histories->places[at]);
	struct str name = {worked->name, worked->name_length};
	histories->places[at] = (uintptr_t)packed_new(name, &worked->customer, &histories->work);
	worked_free(worked);
}

static struct worked *unpack_at(struct histories *histories, uint32_t at)
{
	struct packed *packed = packed_at(histories->places[at]);
	struct worked *worked = worked_new(packed_name(packed), histories->hashes[at]);
	packed_read(packed, &worked->customer);
	packed_free(packed);
	histories->places[at] = (uintptr_t)worked | WORKED;
	return worked;
}

static uint32_t place_of(const struct histories *histories, const struct worked *worked)
{
	uint32_t mask = histories->capacity - 1, at = worked->hash & mask;
	while (histories->places[at] != ((uintptr_t)worked | WORKED))
		at = (at + 1) & mask;
	return at;
}

static void leave_ring(struct histories *histories, struct worked *worked)
{
	if (worked->ring_at == NOT_IN_RING)
		return;
	struct worked *last = histories->ring[--histories->ring_count];
	histories->ring[worked->ring_at] = last;
	last->ring_at = worked->ring_at;
	worked->ring_at = NOT_IN_RING;
}

/* Takes one out of the ring that was not touched for the longest time, about; a long one stays as it is all the same. */
static void let_go_of_one(struct histories *histories)
{
	for (;; histories->hand++) {
		if (histories->hand >= histories->ring_count)
			histories->hand = 0;
		struct worked *worked = histories->ring[histories->hand];
		if (!worked->touched) {
			leave_ring(histories, worked);
			if (may_rest(worked))
				pack_at(histories, place_of(histories, worked));
			histories->hand++; /* where the last one of the ring stands now */
			return;
		}
		worked->touched = false;
	}
}

static void join_ring(struct histories *histories, struct worked *worked)
{
	while (histories->ring_count >= histories->most)
		let_go_of_one(histories);
	GROW(histories->ring, histories->ring_count, histories->ring_capacity);
	worked->ring_at = (int32_t)histories->ring_count;
	histories->ring[histories->ring_count++] = worked;
}

static struct customer *touch(struct histories *histories, struct worked *worked)
{
	if (worked->ring_at != NOT_IN_RING)
		worked->touched = true;
	else if (may_rest(worked))
		join_ring(histories, worked);
	return &worked->customer;
}

void histories_set_most(struct histories *histories, uint32_t most)
{
	CHECK(most > 0);
	histories->most = most;
	while (histories->ring_count > most)
		let_go_of_one(histories);
}

/* ---- by name ---- */

static struct customer *work_on(struct histories *histories, uint32_t at)
{
	struct worked *worked = worked_at(histories->places[at]);
	return touch(histories, worked ? worked : unpack_at(histories, at));
}

struct customer *histories_find(struct histories *histories, struct str name)
{
	uint32_t hash, ignored, at = find(histories, name, &hash, &ignored);
	return at < CAPACITY_MAX ? work_on(histories, at) : NULL;
}

struct customer *histories_make(struct histories *histories, struct str name)
{
	uint32_t hash, place;
	make_room(histories);
	uint32_t at = find(histories, name, &hash, &place);
	if (at < CAPACITY_MAX)
		return work_on(histories, at);
	struct worked *worked = worked_new(name, hash);
	occupy(histories, place, hash, (uintptr_t)worked | WORKED);
	return touch(histories, worked);
}

bool histories_put(struct histories *histories, struct str name, struct customer *customer)
{
	uint32_t hash, place;
	make_room(histories);
	if (find(histories, name, &hash, &place) < CAPACITY_MAX)
		return false;
	if (customer->tail.count > PACKED_RECORDS_MAX) {
		struct worked *worked = worked_new(name, hash);
		worked->customer = *customer;
		customer_init(customer);
		occupy(histories, place, hash, (uintptr_t)worked | WORKED);
	} else {
		occupy(histories, place, hash, (uintptr_t)packed_new(name, customer, &histories->work));
		customer_clear(customer);
	}
	return true;
}

/* ---- by position ---- */

bool histories_next(const struct histories *histories, uint32_t *position, struct str *ret_name)
{
	while (*position < histories->capacity) {
		uintptr_t place = histories->places[(*position)++];
		if (!in_use(place))
			continue;
		*ret_name = name_at(place);
		return true;
	}
	return false;
}

struct str histories_name(const struct histories *histories, uint32_t position)
{
	return name_at(histories->places[position - 1]);
}

const struct customer *histories_read(const struct histories *histories, uint32_t position, struct customer *work)
{
	uintptr_t place = histories->places[position - 1];
	const struct worked *worked = worked_at(place);
	if (worked)
		return &worked->customer;
	customer_clear(work);
	packed_read(packed_at(place), work);
	return work;
}

bool histories_rests(const struct histories *histories, uint32_t position, int64_t time)
{
	uintptr_t place = histories->places[position - 1];
	return !worked_at(place) && packed_at(place)->first >= time;
}

struct customer *histories_open(struct histories *histories, uint32_t position)
{
	struct worked *worked = worked_at(histories->places[position - 1]);
	return &(worked ? worked : unpack_at(histories, position - 1))->customer;
}

void histories_close(struct histories *histories, uint32_t position)
{
	const struct worked *worked = worked_at(histories->places[position - 1]);
	if (worked->ring_at == NOT_IN_RING && may_rest(worked))
		pack_at(histories, position - 1);
}

struct customer histories_take(struct histories *histories, uint32_t position)
{
	histories_open(histories, position);
	struct worked *worked = worked_at(histories->places[position - 1]);
	struct customer customer = worked->customer;
	leave_ring(histories, worked);
	mem_free(worked);
	histories->places[position - 1] = REMOVED;
	histories->count--;
	histories->tombstones++;
	return customer;
}

bool histories_take_named(struct histories *histories, struct str name, struct customer *ret_customer)
{
	uint32_t hash, ignored, at = find(histories, name, &hash, &ignored);
	if (at < CAPACITY_MAX)
		*ret_customer = histories_take(histories, at + 1);
	return at < CAPACITY_MAX;
}

void histories_remove(struct histories *histories, uint32_t position)
{
	struct customer customer = histories_take(histories, position);
	customer_release(&customer);
}

/* ---- as a whole ---- */

/* How many places ahead what lies there is asked for: memory takes longer to answer than copying does. */
#define AHEAD 16
#define LINE 64

static inline void ask_for(const struct histories *histories, uint32_t at)
{
	uintptr_t place = at < histories->capacity ? histories->places[at] : 0;
	if (!in_use(place))
		return;
	__builtin_prefetch((const void *)place);
	__builtin_prefetch((const char *)place + LINE);
}

void histories_save(const struct histories *histories, struct buf *out)
{
	buf_put_varint(out, histories->count);
	for (uint32_t i = 0; i < histories->capacity; i++) {
		uintptr_t place = histories->places[i];
		ask_for(histories, i + AHEAD);
		if (!in_use(place))
			continue;
		const struct worked *worked = worked_at(place);
		if (worked) {
			buf_put_counted(out, name_at(place));
			customer_save(&worked->customer, out);
		} else {
			buf_put_str(out, packed_saved(packed_at(place)));
		}
	}
}

void histories_release(struct histories *histories)
{
	for (uint32_t i = 0; i < histories->capacity; i++) {
		uintptr_t place = histories->places[i];
		if (!in_use(place))
			continue;
		if (worked_at(place))
			worked_free(worked_at(place));
		else
			packed_free(packed_at(place));
	}
	mem_free(histories->places);
	mem_free(histories->hashes);
	mem_free(histories->ring);
	buf_release(&histories->work);
	histories_init(histories);
}
