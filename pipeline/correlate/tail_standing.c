#include "pipeline/correlate/tail_standing.h"

/* For most events there is none. */
static inline bool gate_key(
	const struct schema *schema, const struct record *record, int32_t *ret_type, int64_t *ret_key)
{
	int32_t type = schema->types[record->type].gate;
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

/* Whether the event, which comes before, is one that a later one of its gate takes back. What comes after the reach finds it folded away
 * or not, depending on when it was looked at: so it never takes it back. */
static bool within_reach(const struct schema *schema, const struct record *event, const struct record *later)
{
	return schema->types[event->type].in_force_key >= 0 && later->time - event->time <= schema->in_force_reach;
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
	if (gate == 0 || at + 1 == tail->count)
		return TAIL_NONE;
	tail_read(tail, at, &record);
	if (schema->types[record.type].in_force_key < 0)
		return TAIL_NONE;
	for (uint32_t i = at + 1; i < tail->count; i++) {
		struct record later;
		if (!entry_same_gate(tail, schema, i, gate, &record))
			continue;
		tail_read(tail, i, &later);
		return within_reach(schema, &record, &later) ? i : TAIL_NONE; /* the others come later still */
	}
	return TAIL_NONE;
}

/* The entry before `at` that the record would take back there, or TAIL_NONE. There is at most one: all before it are taken back already, or
 * further away than the reach. */
static uint32_t takes_back(
	const struct tail *tail, const struct schema *schema, uint32_t at, const struct record *record, uint32_t gate)
{
	for (uint32_t i = at; gate != 0 && i-- > 0;) {
		struct record other;
		if (tail->entries[i].superseded || !entry_same_gate(tail, schema, i, gate, record))
			continue;
		tail_read(tail, i, &other);
		return within_reach(schema, &other, record) ? i : TAIL_NONE;
	}
	return TAIL_NONE;
}

/* Sets `superseded` of all that have the gate. */
static void refresh_gate(struct tail *tail, const struct schema *schema, uint32_t gate)
{
	for (uint32_t i = 0; gate != 0 && i < tail->count; i++)
		if (tail->entries[i].gate == gate && !tail->entries[i].retracts)
			tail->entries[i].superseded = tail_superseder(tail, schema, i) != TAIL_NONE;
}

static bool is_retraction(const struct schema *schema, const struct record *record)
{
	return record->type == schema->retractions.type;
}

/* It concerns no other event, and none concerns it: so it is with most. */
static inline bool stands_alone(const struct tail *tail, const struct schema *schema, const struct record *record)
{
	return tail->retractions == 0 && schema->types[record->type].gate < 0 && !is_retraction(schema, record);
}

/* Whether the event, which comes before it, is the one that the retraction names, and within its reach. */
static bool retracts(const struct schema *schema, const struct record *retraction, const struct record *event)
{
	return event->type != schema->retractions.type &&
		retraction->values[schema->retractions.names] == record_text(event->id) &&
		str_equal(retraction->source, event->source) &&
		event->time >= retraction->values[schema->retractions.reach];
}

static uint32_t target_hash(const struct schema *schema, const struct record *retraction)
{
	return record_id_hash(retraction->source, retraction->values[schema->retractions.names]);
}

uint32_t tail_target(const struct tail *tail, const struct schema *schema, uint32_t at, const struct record *record)
{
	if (!is_retraction(schema, record))
		return TAIL_NONE;
	uint32_t hash = target_hash(schema, record);
	for (uint32_t i = at; i-- > 0;) {
		struct record other;
		if (tail->id_hashes[i] != hash)
			continue;
		tail_read(tail, i, &other);
		if (retracts(schema, record, &other))
			return i;
	}
	return TAIL_NONE;
}

uint32_t tail_retraction(
	const struct tail *tail, const struct schema *schema, uint32_t from, const struct record *event)
{
	if (tail->retractions == 0)
		return TAIL_NONE;
	uint32_t hash = event->id_hash ? event->id_hash : record_id_hash(event->source, record_text(event->id));
	for (uint32_t i = from; i < tail->count; i++) {
		struct record other;
		if (!tail->entries[i].retracts || tail->entries[i].gate != hash)
			continue;
		tail_read(tail, i, &other);
		if (retracts(schema, &other, event))
			return i;
	}
	return TAIL_NONE;
}

static void set_retracted(struct tail *tail, const struct schema *schema, uint32_t at, bool retracted)
{
	struct tail_entry *entry = &tail->entries[at];
	struct record record;
	tail_read(tail, at, &record);
	uint32_t gate = gate_of(schema, &record);
	entry->retracted = retracted;
	entry->gate = retracted ? 0 : gate;
	entry->superseded = false;
	refresh_gate(tail, schema, gate);
}

static void settle_retraction(struct tail *tail, const struct schema *schema, uint32_t at, const struct record *record)
{
	tail->entries[at].retracts = true;
	tail->entries[at].gate = target_hash(schema, record);
	tail->retractions++;
	uint32_t target = at;
	while ((target = tail_target(tail, schema, target, record)) != TAIL_NONE)
		if (!tail->entries[target].retracted)
			set_retracted(tail, schema, target, true);
}

void tail_settle(struct tail *tail, const struct schema *schema, uint32_t at, const struct record *record)
{
	struct tail_entry *entry = &tail->entries[at];
	if (stands_alone(tail, schema, record))
		return;
	if (is_retraction(schema, record)) {
		settle_retraction(tail, schema, at, record);
		return;
	}
	entry->retracted = tail_retraction(tail, schema, at + 1, record) != TAIL_NONE;
	if (entry->retracted)
		return;
	entry->gate = gate_of(schema, record);
	uint32_t taken = takes_back(tail, schema, at, record, entry->gate);
	if (taken != TAIL_NONE)
		tail->entries[taken].superseded = true;
	entry->superseded = tail_superseder(tail, schema, at) != TAIL_NONE;
}

static void unsettle_retraction(struct tail *tail, const struct schema *schema, uint32_t at)
{
	struct record record, event;
	tail_read(tail, at, &record);
	tail->entries[at].retracts = false;
	tail->entries[at].gate = 0;
	tail->retractions--;
	uint32_t target = at;
	while ((target = tail_target(tail, schema, target, &record)) != TAIL_NONE) {
		tail_read(tail, target, &event);
		if (tail_retraction(tail, schema, target + 1, &event) == TAIL_NONE)
			set_retracted(tail, schema, target, false);
	}
}

void tail_unsettle(struct tail *tail, const struct schema *schema, uint32_t at)
{
	struct tail_entry *entry = &tail->entries[at];
	if (entry->retracts) {
		unsettle_retraction(tail, schema, at);
		return;
	}
	uint32_t gate = entry->gate;
	entry->gate = 0;
	refresh_gate(tail, schema, gate);
}

/* The entry that the one at `at` took back, if it did. */
static uint32_t first_of_gate(const struct tail *tail, const struct schema *schema, uint32_t at)
{
	struct record record;
	tail_read(tail, at, &record);
	for (uint32_t i = tail->entries[at].gate ? at : 0; i-- > 0;)
		if (entry_same_gate(tail, schema, i, tail->entries[at].gate, &record))
			return i;
	return at;
}

/* The first entry that counts differently once the retraction stands at `at`. */
static uint32_t first_retracted(
	const struct tail *tail, const struct schema *schema, uint32_t at, const struct record *retraction)
{
	uint32_t first = at, target = at;
	while ((target = tail_target(tail, schema, target, retraction)) != TAIL_NONE) {
		if (tail->entries[target].retracted)
			continue;
		uint32_t taken = first_of_gate(tail, schema, target);
		first = taken < first ? taken : first;
	}
	return first;
}

uint32_t tail_first_changed(
	const struct tail *tail, const struct schema *schema, uint32_t at, const struct record *record)
{
	if (stands_alone(tail, schema, record))
		return at;
	if (is_retraction(schema, record))
		return first_retracted(tail, schema, at, record);
	if (tail_retraction(tail, schema, at, record) != TAIL_NONE)
		return at;
	uint32_t gate = at > 0 ? gate_of(schema, record) : 0;
	uint32_t taken = takes_back(tail, schema, at, record, gate);
	return taken < at ? taken : at;
}
