#include "base/mem.h"
#include "daemon/redis/inside.h"

/* A message of kpi:changes is about so long at most. */
#define CHANGES_BYTES 32000
/* From so many fields on a transaction costs Redis less than the script (docs/performance.md). */
#define LARGE_FIELDS 32

void snapshot_want(struct writer *writer, uint32_t id)
{
	if (keys_want(&writer->keys, id))
		writer->stats.wanted++;
}

/* While all is handed out nobody names each key: "*" at the end stands for all. */
static void note_change(struct writer *writer, const struct key *key)
{
	if (writer->changes.length)
		buf_put_byte(&writer->changes, '\n');
	buf_put(&writer->changes, key->name, key->name_length);
}

void changes_send(struct writer *writer)
{
	if (!writer->changes.length)
		return;
	struct buf *out = connection_queue(&writer->connection);
	size_t start = out->length;
	command_begin(out, 3);
	command_put(out, STR("PUBLISH"));
	command_put(out, writer_key(writer, "changes", (struct str){0}));
	command_put(out, buf_str(&writer->changes));
	writer_end_command(writer, start, (struct pending){.kind = PENDING_CHANGES});
	buf_clear(&writer->changes);
}

static struct str name_of(const struct key *key)
{
	return (struct str){key->name, key->name_length};
}

/* What a whole snapshot says beside the figures. */
static size_t name_count(const struct snapshot_change *change)
{
	return change->manager.length ? 3 : 1;
}

static void put_names(struct buf *out, const struct snapshot_change *change)
{
	command_put(out, STR("_name"));
	command_put(out, change->name);
	if (!change->manager.length)
		return;
	command_put(out, STR("_manager"));
	command_put(out, change->manager);
	command_put(out, STR("_manager_name"));
	command_put(out, change->manager_name);
}

static void note_first(struct writer *writer, uint32_t id)
{
	struct key *key = &writer->keys.items[id];
	if (!key->first)
		key->first = writer->revision;
}

/* The hash, and where its guard is when it was removed. */
static void put_keys(struct writer *writer, struct buf *out, struct str name, bool guard_too)
{
	struct str key = writer_key(writer, "snap:", name);
	command_put(out, key);
	if (!guard_too)
		return;
	struct str guard = writer_key_beside(writer, key, ":guard");
	command_put(out, guard);
	mem_free((char *)guard.data);
}

static void put_fields(struct buf *out, const struct snapshot_change *change)
{
	for (size_t i = 0; i < change->field_count; i++) {
		command_put(out, change->fields[i].name);
		command_put(out, change->fields[i].json);
	}
}

/* By the script alone. Returns how many replies come before the one that counts. */
static uint8_t put_by_script(struct writer *writer, const struct key *key, const struct snapshot_change *change,
	struct str guard, struct str base)
{
	struct buf *out = connection_queue(&writer->connection);
	size_t names = change->whole ? name_count(change) : 0;
	writer_begin_script(writer, SCRIPT_SNAPSHOT, change->whole ? 2 : 1, 2 + 2 * (change->field_count + names));
	put_keys(writer, out, name_of(key), change->whole);
	command_put(out, guard);
	command_put(out, change->whole ? (struct str){0} : base);
	if (change->whole)
		put_names(out, change);
	put_fields(out, change);
	return 0;
}

/* A script's arguments are made into Lua's texts and back: of many fields that takes Redis more than twice as long as HSET itself. So HSET goes
 * to another key, which a script made of the hash if that has the guard it should have, and a second one makes it the hash again. If the first
 * one did not run, for whatever reason, the hash is not touched. All of it is one transaction. */
static uint8_t put_by_transaction(struct writer *writer, const struct key *key, const struct snapshot_change *change,
	struct str guard, struct str base)
{
	struct buf *out = connection_queue(&writer->connection);
	struct str hash = writer_key(writer, "snap:", name_of(key)), next = writer_key_beside(writer, hash, ":next");
	command_begin(out, 1);
	command_put(out, STR("MULTI"));
	writer_begin_script(writer, SCRIPT_OPEN, 2, 1);
	command_put(out, hash);
	command_put(out, next);
	command_put(out, base);
	command_begin(out, 4 + 2 * change->field_count);
	command_put(out, STR("HSET"));
	command_put(out, next);
	command_put(out, STR("_guard"));
	command_put(out, guard);
	put_fields(out, change);
	writer_begin_script(writer, SCRIPT_CLOSE, 2, 2);
	command_put(out, hash);
	command_put(out, next);
	command_put(out, guard);
	command_put(out, base);
	command_begin(out, 2); /* it is there only if the scripts were not */
	command_put(out, STR("DEL"));
	command_put(out, next);
	command_begin(out, 1);
	command_put(out, STR("EXEC"));
	mem_free((char *)next.data);
	return 5; /* to MULTI, and to each of the four that wait for EXEC */
}

static void send(struct writer *writer, uint32_t id, const struct snapshot_change *change)
{
	struct key *key = &writer->keys.items[id];
	struct guard_text base = guard_text(writer->token, key->as_of, key->revision);
	struct guard_text guard = writer_next_guard(writer, change->as_of);
	size_t start = connection_queue(&writer->connection)->length;
	bool large = !change->whole && change->field_count >= LARGE_FIELDS && writer->transactions;
	uint8_t preludes =
		(large ? put_by_transaction : put_by_script)(writer, key, change, guard_str(&guard), guard_str(&base));
	writer_end_command(writer, start,
		(struct pending){.kind = PENDING_SNAPSHOT,
			.id = id,
			.whole = change->whole,
			.preludes = preludes,
			.fields = (uint32_t)change->field_count,
			.revision = writer->revision});
	key->as_of = change->as_of;
	key->revision = writer->revision;
	note_first(writer, id);
}

static void write_whole(struct writer *writer, uint32_t id, const struct snapshot_change *change)
{
	struct key *key = &writer->keys.items[id];
	if (writer->complete && key->epoch == 0)
		note_change(writer, key);
	send(writer, id, change);
	key->whole = key->revision;
	key->epoch = writer->epoch;
	key->removed = key->wanted = false;
}

static void write_part(struct writer *writer, uint32_t id, const struct snapshot_change *change)
{
	if (writer->keys.items[id].epoch != writer->epoch) {
		writer->stats.dropped++;
		snapshot_want(writer, id);
		return;
	}
	note_change(writer, &writer->keys.items[id]);
	send(writer, id, change);
}

void snapshot_remove(struct writer *writer, struct str name, uint32_t id, bool swept)
{
	struct guard_text guard = writer_next_guard(writer, writer->as_of);
	struct buf *out = connection_queue(&writer->connection);
	size_t start = writer_begin_script(writer, SCRIPT_REMOVE, 2, 1);
	put_keys(writer, out, name, true);
	command_put(out, guard_str(&guard));
	if (id != PENDING_NO_ID)
		note_first(writer, id);
	writer_end_command(writer, start,
		(struct pending){.kind = PENDING_REMOVAL, .id = id, .swept = swept, .revision = writer->revision});
}

static void remove_key(struct writer *writer, uint32_t id)
{
	keys_mark_removed(&writer->keys, id);
	if (!writer_takes(writer)) {
		writer->stats.dropped++;
		return;
	}
	note_change(writer, &writer->keys.items[id]);
	snapshot_remove(writer, name_of(&writer->keys.items[id]), id, false);
}

void snapshot_take(void *context, const struct snapshot_change *change)
{
	struct writer *writer = context;
	bool takes = writer_takes(writer);
	uint32_t id = keys_find(&writer->keys, str_of(change->dimension), change->key, takes || change->removed);
	if (takes && change->as_of > writer->as_of)
		writer->as_of = change->as_of;
	if (change->removed)
		remove_key(writer, id);
	else if (!takes)
		writer->stats.dropped++;
	else if (change->whole)
		write_whole(writer, id, change);
	else
		write_part(writer, id, change);
	if (writer->changes.length > CHANGES_BYTES)
		changes_send(writer);
	writer_pump(writer);
}

struct key *snapshot_key(struct writer *writer, const struct pending *pending)
{
	struct key *key = pending->id == PENDING_NO_ID ? NULL : &writer->keys.items[pending->id];
	return key && key->first && key->first <= pending->revision ? key : NULL;
}

void snapshot_lost(struct writer *writer, const struct pending *pending)
{
	if (snapshot_key(writer, pending))
		snapshot_want(writer, pending->id);
}

void snapshot_refused(struct writer *writer, const struct pending *pending)
{
	struct key *key = snapshot_key(writer, pending);
	if (key)
		key->epoch = 0;
}

void snapshot_replied(struct writer *writer, const struct pending *pending, long long answer)
{
	const struct key *key = snapshot_key(writer, pending);
	if (key && answer == SCRIPT_GAP && key->whole < pending->revision)
		snapshot_want(writer, pending->id);
}
