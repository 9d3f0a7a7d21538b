/* Linear probing. Of each place the name's hash stands apart, so that a search looks at what lies there only where the hash is the same, and
 * a larger table is made without looking at any. */
#include "pipeline/correlate/histories.h"

#include "base/check.h"
#include "base/mem.h"

enum { SMALLEST = 16, NOT_IN_RING = -1 };
#define CAPACITY_MAX (1u << 31)
/* A place is FREE, REMOVED, PACKED and a place on the shelf, or FIRST_WORKED and more: one that is worked on. */
enum { FREE = 0, REMOVED = 1, FIRST_WORKED = 2 };
#define PACKED (1u << 31)

struct worked {
	struct customer customer;
	uint32_t hash;
	uint32_t name_length;
	uint32_t at; /* in histories->worked */
	int32_t ring_at;
	bool touched; /* since the hand was here */
	char name[];
};

static shelf_moved note_moved;

void histories_init(struct histories *histories)
{
	*histories = (struct histories){.key = hash_process_key(), .most = HISTORIES_WORKED_ON};
	buf_init(&histories->work);
	shelf_init(&histories->shelf, note_moved, histories);
}

static inline bool in_use(uint32_t place)
{
	return place > REMOVED;
}

static inline bool is_packed(uint32_t place)
{
	return place & PACKED;
}

static inline const struct packed *packed_at(const struct histories *histories, uint32_t place)
{
	return shelf_at(&histories->shelf, place & ~PACKED);
}

static inline struct worked *worked_at(const struct histories *histories, uint32_t place)
{
	return histories->worked[place - FIRST_WORKED];
}

static struct str name_at(const struct histories *histories, uint32_t place)
{
	if (is_packed(place))
		return packed_name(packed_at(histories, place));
	const struct worked *worked = worked_at(histories, place);
	return (struct str){worked->name, worked->name_length};
}

/* Whoever is looked for is worked on next, and mostly lies far away: all of it is fetched at once, and not only the name. */
static inline bool has_name(const struct histories *histories, uint32_t place, struct str name)
{
	enum { LINE = 64 };
	const char *worked = is_packed(place) ? NULL : (const char *)worked_at(histories, place);
	for (size_t at = 0; worked && at < sizeof(struct worked); at += LINE)
		__builtin_prefetch(worked + at, 1);
	return str_equal(name_at(histories, place), name);
}

/* ---- the table ---- */

/* Where the name lies; else CAPACITY_MAX, and in *ret_free where it would. There is always a free place that ends the walk. */
static uint32_t look_up(const struct histories *histories, struct str name, uint32_t hash, uint32_t *ret_free)
{
	uint32_t mask = histories->capacity - 1, removed = CAPACITY_MAX;
	for (uint32_t i = hash & mask;; i = (i + 1) & mask) {
		uint32_t place = histories->places[i];
		if (place == FREE) {
			*ret_free = removed < CAPACITY_MAX ? removed : i;
			return CAPACITY_MAX;
		}
		if (place == REMOVED)
			removed = removed < CAPACITY_MAX ? removed : i;
		else if (histories->hashes[i] == hash && has_name(histories, place, name))
			return i;
	}
}

static void rebuild_to(struct histories *histories, uint32_t capacity)
{
	uint32_t *places = NEW_ARRAY(uint32_t, capacity);
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

static void occupy(struct histories *histories, uint32_t at, uint32_t hash, uint32_t place)
{
	if (histories->places[at] == REMOVED)
		histories->tombstones--;
	histories->places[at] = place;
	histories->hashes[at] = hash;
	histories->count++;
}

/* Where the place stands that has the hash. */
static uint32_t find_place(const struct histories *histories, uint32_t hash, uint32_t place)
{
	uint32_t mask = histories->capacity - 1, at = hash & mask;
	while (histories->places[at] != place)
		at = (at + 1) & mask;
	return at;
}

static void note_moved(void *context, const struct packed *packed, uint32_t from, uint32_t to)
{
	struct histories *histories = context;
	histories->places[find_place(histories, packed->hash, PACKED | from)] = PACKED | to;
}

/* ---- those that are worked on ---- */

/* The place of the new one. */
static uint32_t add_worked(struct histories *histories, struct str name, uint32_t hash, struct worked **ret_worked)
{
	struct worked *worked = mem_new(sizeof *worked + name.length);
	CHECK(name.length <= UINT32_MAX);
	customer_init(&worked->customer);
	worked->hash = hash;
	worked->name_length = (uint32_t)name.length;
	worked->ring_at = NOT_IN_RING;
	if (name.length)
		memcpy(worked->name, name.data, name.length);
	GROW(histories->worked, histories->worked_count, histories->worked_capacity);
	worked->at = histories->worked_count++;
	histories->worked[worked->at] = worked;
	*ret_worked = worked;
	return FIRST_WORKED + worked->at;
}

static uint32_t place_of(const struct histories *histories, const struct worked *worked)
{
	return find_place(histories, worked->hash, FIRST_WORKED + worked->at);
}

/* It is in no place any more; the last one takes its number. */
static void remove_worked(struct histories *histories, struct worked *worked)
{
	struct worked *last = histories->worked[--histories->worked_count];
	if (last != worked) {
		histories->places[place_of(histories, last)] = FIRST_WORKED + worked->at;
		histories->worked[worked->at] = last;
		last->at = worked->at;
	}
	mem_free(worked);
}

static bool may_rest(const struct worked *worked)
{
	return worked->customer.tail.count <= PACKED_RECORDS_MAX;
}

/* The place on the shelf. */
static uint32_t pack(struct histories *histories, struct str name, uint32_t hash, const struct customer *customer)
{
	packed_put(name, hash, customer, &histories->work);
	return PACKED | shelf_put(&histories->shelf, buf_str(&histories->work));
}

static void pack_at(struct histories *histories, uint32_t at)
{
	struct worked *worked = worked_at(histories, histories->places[at]);
	struct str name = {worked->name, worked->name_length};
	histories->places[at] = pack(histories, name, worked->hash, &worked->customer);
	customer_release(&worked->customer);
	remove_worked(histories, worked);
}

static struct worked *unpack_at(struct histories *histories, uint32_t at)
{
	struct worked *worked;
	uint32_t place = histories->places[at];
	const struct packed *packed = packed_at(histories, place);
	histories->places[at] = add_worked(histories, packed_name(packed), packed->hash, &worked);
	packed_read(packed, &worked->customer);
	shelf_drop(&histories->shelf, place & ~PACKED);
	return worked;
}

/* In working order, be it packed before or not. */
static struct worked *ready_at(struct histories *histories, uint32_t at)
{
	uint32_t place = histories->places[at];
	return is_packed(place) ? unpack_at(histories, at) : worked_at(histories, place);
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

struct customer *histories_find(struct histories *histories, struct str name)
{
	uint32_t hash, ignored, at = find(histories, name, &hash, &ignored);
	return at < CAPACITY_MAX ? touch(histories, ready_at(histories, at)) : NULL;
}

struct customer *histories_make(struct histories *histories, struct str name)
{
	uint32_t hash, place;
	make_room(histories);
	uint32_t at = find(histories, name, &hash, &place);
	if (at < CAPACITY_MAX)
		return touch(histories, ready_at(histories, at));
	struct worked *worked;
	occupy(histories, place, hash, add_worked(histories, name, hash, &worked));
	return touch(histories, worked);
}

bool histories_put(struct histories *histories, struct str name, struct customer *customer)
{
	uint32_t hash, place;
	make_room(histories);
	if (find(histories, name, &hash, &place) < CAPACITY_MAX)
		return false;
	if (customer->tail.count > PACKED_RECORDS_MAX) {
		struct worked *worked;
		occupy(histories, place, hash, add_worked(histories, name, hash, &worked));
		worked->customer = *customer;
		customer_init(customer);
	} else {
		occupy(histories, place, hash, pack(histories, name, hash, customer));
		customer_clear(customer);
	}
	return true;
}

/* ---- by position ---- */

bool histories_next(const struct histories *histories, uint32_t *position, struct str *ret_name)
{
	while (*position < histories->capacity) {
		uint32_t place = histories->places[(*position)++];
		if (!in_use(place))
			continue;
		*ret_name = name_at(histories, place);
		return true;
	}
	return false;
}

struct str histories_name(const struct histories *histories, uint32_t position)
{
	return name_at(histories, histories->places[position - 1]);
}

const struct customer *histories_read(const struct histories *histories, uint32_t position, struct customer *work)
{
	uint32_t place = histories->places[position - 1];
	if (!is_packed(place))
		return &worked_at(histories, place)->customer;
	customer_clear(work);
	packed_read(packed_at(histories, place), work);
	return work;
}

bool histories_rests(const struct histories *histories, uint32_t position, int64_t time)
{
	uint32_t place = histories->places[position - 1];
	return is_packed(place) && packed_at(histories, place)->stays >= time;
}

struct customer *histories_open(struct histories *histories, uint32_t position)
{
	return &ready_at(histories, position - 1)->customer;
}

void histories_close(struct histories *histories, uint32_t position)
{
	const struct worked *worked = worked_at(histories, histories->places[position - 1]);
	if (worked->ring_at == NOT_IN_RING && may_rest(worked))
		pack_at(histories, position - 1);
}

struct customer histories_take(struct histories *histories, uint32_t position)
{
	struct worked *worked = ready_at(histories, position - 1);
	struct customer customer = worked->customer;
	leave_ring(histories, worked);
	histories->places[position - 1] = REMOVED;
	histories->count--;
	histories->tombstones++;
	remove_worked(histories, worked);
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

/* So much the processor has still at hand. */
#define SUM_BYTES (48u << 10)

void histories_save(const struct histories *histories, struct buf *out, struct hash_sum *sum)
{
	struct shelf_walk walk = {0};
	const struct packed *packed;
	buf_put_varint(out, histories->count);
	while ((packed = shelf_next(&histories->shelf, &walk))) {
		buf_put_str(out, packed_saved(packed));
		if (out->length - sum->through >= SUM_BYTES)
			hash_sum_add(sum, buf_str(out));
	}
	for (uint32_t i = 0; i < histories->worked_count; i++) {
		const struct worked *worked = histories->worked[i];
		buf_put_counted(out, (struct str){worked->name, worked->name_length});
		customer_save(&worked->customer, out);
	}
}

void histories_release(struct histories *histories)
{
	for (uint32_t i = 0; i < histories->worked_count; i++) {
		customer_release(&histories->worked[i]->customer);
		mem_free(histories->worked[i]);
	}
	mem_free(histories->worked);
	mem_free(histories->places);
	mem_free(histories->hashes);
	mem_free(histories->ring);
	shelf_release(&histories->shelf);
	buf_release(&histories->work);
	histories_init(histories);
}
