#include "pipeline/correlate/spread.h"

#include "base/mem.h"
#include "pipeline/correlate/correlator.h"
#include "pipeline/partition.h"

/* A history, or one event of a customer, on its way. */
struct moved {
	struct customer customer; /* where it is a history */
	bool history;
	size_t bytes; /* in spreading.bytes: the name, counted, and of an event its record behind it */
	uint32_t from, to;
	enum correlate_owner owner;
};

struct spreading {
	struct correlator *const *correlators;
	uint32_t before, count;
	enum partitioner partitioner;
	struct spread_change *changes;
	struct moved *moved;
	uint32_t moved_count, moved_capacity;
	struct buf bytes;
};

static struct histories *histories_of(struct correlator *correlator, enum correlate_owner owner)
{
	struct histories *const all[] = {
		[OWNER_CUSTOMER] = &correlator->customers,
		[OWNER_PRODUCT] = &correlator->products,
		[OWNER_EVENT] = &correlator->anonymous,
	};
	return all[owner];
}

static struct moved *note(struct spreading *spreading, uint32_t from, uint32_t to, struct str name)
{
	GROW(spreading->moved, spreading->moved_count, spreading->moved_capacity);
	struct moved *moved = &spreading->moved[spreading->moved_count++];
	*moved = (struct moved){.bytes = spreading->bytes.length, .from = from, .to = to};
	buf_put_counted(&spreading->bytes, name);
	return moved;
}

/* ---- events of topics that are keyed by id ---- */

static bool keyed_by_id(const struct schema *schema, const struct record *record)
{
	return record->type != schema->retractions.type &&
		schema->topics[schema->types[record->type].topic].key == TOPIC_KEY_ID;
}

/* The id whose partition the entry lies in, and with it what takes it back; false: that of its customer. */
static bool placing_id(const struct tail *tail, const struct schema *schema, uint32_t at, struct str *ret_id)
{
	struct record record;
	tail_read(tail, at, &record);
	if (record.type == schema->retractions.type) {
		uint32_t target = tail_target(tail, schema, at, &record);
		if (target == TAIL_NONE)
			return false;
		tail_read(tail, target, &record);
	}
	*ret_id = record.id;
	return keyed_by_id(schema, &record);
}

static void take_out(struct spreading *spreading, uint32_t from, uint32_t to, struct str name,
	struct customer *customer, uint32_t at)
{
	const struct correlator *correlator = spreading->correlators[from];
	struct spread_change *change = &spreading->changes[from];
	struct record record;
	tail_read(&customer->tail, at, &record);
	change->events[record.type]--;
	note(spreading, from, to, name);
	record_put(&spreading->bytes, &record);
	customer_remove(customer, &correlator->machine, correlator->schema, at, &change->contributions);
}

/* What does not lie where the history goes, from the last to the first: what takes back goes before what it takes back. */
static void part_by_id(
	struct spreading *spreading, uint32_t from, uint32_t stays_with, struct str name, struct customer *customer)
{
	const struct schema *schema = spreading->correlators[from]->schema;
	struct str id;
	for (uint32_t at = customer->tail.count; at-- > 0;) {
		if (!placing_id(&customer->tail, schema, at, &id))
			continue;
		uint32_t to = partition_of_key(spreading->partitioner, id, spreading->count);
		if (to != stays_with)
			take_out(spreading, from, to, name, customer, at);
	}
}

/* ---- histories ---- */

/* The id of an event of neither a customer nor a product stands behind its source. */
static struct str key_of(enum correlate_owner owner, struct str name)
{
	const char *nul = owner == OWNER_EVENT ? memchr(name.data, 0, name.length) : NULL;
	if (!nul)
		return name;
	size_t skipped = (size_t)(nul + 1 - name.data);
	return (struct str){nul + 1, name.length - skipped};
}

/* What is not at home lies where some ids lie, and stays. */
static uint32_t new_place(const struct spreading *spreading, uint32_t from, struct str key)
{
	if (partition_of_key(spreading->partitioner, key, spreading->before) != from)
		return from;
	return partition_of_key(spreading->partitioner, key, spreading->count);
}

static void count_events(struct spread_change *change, const struct customer *customer, int sign)
{
	for (uint32_t i = 0; i < customer->tail.count; i++) {
		struct record record;
		tail_read(&customer->tail, i, &record);
		change->events[record.type] += sign;
	}
}

static void send_history(
	struct spreading *spreading, uint32_t from, uint32_t to, enum correlate_owner owner, uint32_t position)
{
	struct histories *histories = histories_of(spreading->correlators[from], owner);
	struct moved *moved = note(spreading, from, to, histories_name(histories, position));
	moved->owner = owner;
	moved->history = true;
	moved->customer = histories_take(histories, position);
	count_events(&spreading->changes[from], &moved->customer, -1);
}

static void send_away(struct spreading *spreading, uint32_t from, enum correlate_owner owner)
{
	struct histories *histories = histories_of(spreading->correlators[from], owner);
	uint32_t position = 0;
	struct str name;
	while (histories_next(histories, &position, &name)) {
		uint32_t to = new_place(spreading, from, key_of(owner, name));
		struct customer *customer = histories_open(histories, position);
		name = histories_name(histories, position);
		if (owner == OWNER_CUSTOMER)
			part_by_id(spreading, from, to, name, customer);
		if (customer_empty(customer))
			histories_remove(histories, position);
		else if (to == from)
			histories_close(histories, position);
		else
			send_history(spreading, from, to, owner, position);
	}
}

/* Puts the events of `guest` into `host`. */
static void join(
	struct customer *host, struct customer *guest, const struct correlator *correlator, struct contributions *out)
{
	const struct schema *schema = correlator->schema;
	while (guest->tail.count) {
		struct buf bytes;
		struct record record;
		buf_init(&bytes);
		tail_read(&guest->tail, guest->tail.count - 1, &record);
		record_put(&bytes, &record);
		customer_remove(guest, &correlator->machine, schema, guest->tail.count - 1, out);
		struct reader in = reader_of(buf_str(&bytes));
		if (record_get(&in, &record))
			customer_insert(host, &correlator->machine, schema, &record, out);
		buf_release(&bytes);
	}
}

static void receive_history(struct spreading *spreading, struct moved *moved, struct str name)
{
	struct correlator *correlator = spreading->correlators[moved->to];
	struct spread_change *change = &spreading->changes[moved->to];
	struct histories *histories = histories_of(correlator, moved->owner);
	struct customer guest;
	customer_adopt(&moved->customer, &correlator->machine, correlator->schema,
		spreading->correlators[moved->from]->groups);
	count_events(change, &moved->customer, 1);
	if (histories_take_named(histories, name, &guest)) {
		join(&moved->customer, &guest, correlator, &change->contributions);
		customer_release(&guest);
	}
	histories_put(histories, name, &moved->customer);
	customer_release(&moved->customer);
}

static void receive_event(struct spreading *spreading, const struct moved *moved, struct str name, struct reader *in)
{
	struct correlator *correlator = spreading->correlators[moved->to];
	struct spread_change *change = &spreading->changes[moved->to];
	struct customer *customer = histories_make(&correlator->customers, name);
	const struct groups *from = spreading->correlators[moved->from]->groups;
	struct record record;
	if (!record_get(in, &record))
		return;
	record.group = groups_adopt(correlator->groups, from, record.group);
	record.moved_group = groups_adopt(correlator->groups, from, record.moved_group);
	change->events[record.type]++;
	customer_insert(customer, &correlator->machine, correlator->schema, &record, &change->contributions);
}

static void receive(struct spreading *spreading, struct moved *moved)
{
	const struct buf *bytes = &spreading->bytes;
	struct reader in = reader_of((struct str){bytes->data + moved->bytes, bytes->length - moved->bytes});
	struct str name = reader_counted(&in);
	if (moved->history)
		receive_history(spreading, moved, name);
	else
		receive_event(spreading, moved, name, &in);
}

void correlators_spread(struct correlator *const *correlators, uint32_t before, uint32_t count,
	enum partitioner partitioner, struct spread_change *changes)
{
	struct spreading spreading = {correlators, before, count, partitioner, changes, NULL, 0, 0, {0}};
	buf_init(&spreading.bytes);
	for (uint32_t from = 0; from < before; from++)
		for (int owner = OWNER_CUSTOMER; owner <= OWNER_EVENT; owner++)
			send_away(&spreading, from, (enum correlate_owner)owner);
	/* Histories first, so that an event finds the one that it belongs to. */
	for (uint32_t i = 0; i < spreading.moved_count; i++)
		if (spreading.moved[i].history)
			receive(&spreading, &spreading.moved[i]);
	for (uint32_t i = 0; i < spreading.moved_count; i++)
		if (!spreading.moved[i].history)
			receive(&spreading, &spreading.moved[i]);
	mem_free(spreading.moved);
	buf_release(&spreading.bytes);
}
