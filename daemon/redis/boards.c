/* Leaderboards. Members are kept as bits, scores are not kept: every entry is written again with its key's whole snapshot. */
#include "base/mem.h"
#include "daemon/redis/inside.h"

#include <hiredis/hiredis.h>
#include <stdio.h>

#define BOARD_ENTRIES_MAX 500

static struct board_state *add_board(struct writer *writer, struct str name)
{
	struct boards *boards = &writer->boards;
	GROW(boards->items, boards->count, boards->capacity);
	struct board_state *board = &boards->items[boards->count];
	struct str key = writer_key(writer, "board:", name);
	*board = (struct board_state){.name = mem_copy(name.data, name.length + 1)};
	board->key = (struct str){mem_copy(key.data, key.length), key.length};
	board->guard = writer_key_beside(writer, key, ":guard");
	buf_init(&board->entries);
	*map_put(&boards->by_name, name, NULL) = boards->count++;
	return board;
}

/* What is known of its members begins anew with each epoch. */
static void follow_epoch(const struct writer *writer, struct board_state *board)
{
	if (board->epoch == writer->epoch)
		return;
	if (board->member_words)
		memset(board->members, 0, board->member_words * sizeof *board->members);
	board->member_count = board->entry_count = 0;
	board->revision = 0;
	board->epoch = writer->epoch;
	board->checking = false;
	buf_clear(&board->entries);
}

static uint32_t find_board(struct writer *writer, const struct board_change *change)
{
	struct buf *name = &writer->boards.name;
	buf_clear(name);
	buf_put_text(name, change->kpi);
	buf_put_byte(name, '@');
	buf_put_text(name, change->window);
	buf_put_byte(name, ':');
	buf_put_text(name, change->dimension);
	const uint64_t *found = map_get(&writer->boards.by_name, buf_str(name));
	struct board_state *board = found ? &writer->boards.items[*found] : add_board(writer, buf_str(name));
	follow_epoch(writer, board);
	return (uint32_t)(board - writer->boards.items);
}

static bool has_member(const struct board_state *board, uint32_t id)
{
	return id / 64 < board->member_words && (board->members[id / 64] >> id % 64 & 1);
}

static void reserve_member(struct board_state *board, uint32_t id)
{
	uint32_t words = board->member_words;
	if (id / 64 < words)
		return;
	board->member_words = id / 64 + 1 > 2 * words ? id / 64 + 1 : 2 * words;
	board->members = mem_extend(board->members, words, board->member_words, sizeof *board->members);
}

/* False when nothing changes. */
static bool set_member(struct board_state *board, uint32_t id, bool member)
{
	if (has_member(board, id) == member)
		return false;
	reserve_member(board, id);
	board->members[id / 64] ^= UINT64_C(1) << id % 64;
	board->member_count += member ? 1 : UINT32_MAX;
	return true;
}

static void put_entry(struct board_state *board, struct str score, struct str member, int64_t as_of)
{
	command_put(&board->entries, score);
	command_put(&board->entries, member);
	board->entry_count++;
	board->entries_as_of = as_of > board->entries_as_of ? as_of : board->entries_as_of;
}

/* Sends what was collected; with nothing collected it only compares the guard and the number of members. */
static void flush(struct writer *writer, uint32_t id)
{
	struct board_state *board = &writer->boards.items[id];
	struct guard_text base = guard_text(writer->token, board->as_of, board->revision);
	struct guard_text guard = writer_next_guard(writer, board->entries_as_of);
	struct buf *out = connection_queue(&writer->connection);
	size_t start = writer_begin_script(writer, SCRIPT_BOARD, 2, 2 + 2 * (size_t)board->entry_count);
	command_put(out, board->key);
	command_put(out, board->guard);
	command_put(out, guard_str(&guard));
	command_put(out, board->revision ? guard_str(&base) : (struct str){0});
	buf_put_str(out, buf_str(&board->entries));
	writer_end_command(writer, start,
		(struct pending){.kind = PENDING_BOARD,
			.id = id,
			.whole = writer->complete,
			.fields = board->entry_count,
			.members = board->member_count,
			.revision = writer->revision});
	board->as_of = board->entries_as_of;
	board->revision = writer->revision;
	board->entry_count = 0;
	buf_clear(&board->entries);
}

void board_flush_all(struct writer *writer)
{
	for (uint32_t i = 0; i < writer->boards.count; i++)
		if (writer->boards.items[i].epoch == writer->epoch && writer->boards.items[i].entry_count)
			flush(writer, i);
}

/* All was handed out: of a board with nobody on it nothing was sent. Its guard is, so that an older write that comes yet finds it, and whoever
 * stands there is asked for. */
void board_flush_empty(struct writer *writer)
{
	for (uint32_t i = 0; i < writer->boards.count; i++) {
		struct board_state *board = &writer->boards.items[i];
		follow_epoch(writer, board);
		if (board->member_count || board->entry_count)
			continue;
		board->entries_as_of = writer->as_of;
		flush(writer, i);
	}
}

static void enter(struct board_state *board, uint32_t id, const struct board_change *change)
{
	char score[32];
	size_t length = 0;
	bool changed = set_member(board, id, !change->remove);
	if (change->remove && !changed)
		return;
	if (!change->remove)
		length = (size_t)snprintf(score, sizeof score, "%.17g", change->score);
	put_entry(board, (struct str){score, length}, change->member, change->as_of);
}

void board_take(void *context, const struct board_change *change)
{
	struct writer *writer = context;
	if (!writer_takes(writer)) {
		writer->stats.dropped++;
		return;
	}
	uint32_t id = keys_find(&writer->keys, str_of(change->dimension), change->member, !change->remove);
	uint32_t board = find_board(writer, change);
	if (id == KEYS_NONE)
		return;
	enter(&writer->boards.items[board], id, change);
	if (writer->boards.items[board].entry_count < BOARD_ENTRIES_MAX)
		return;
	flush(writer, board);
	writer_pump(writer);
}

/* ---- replies ---- */

static void ask_members(struct writer *writer, uint32_t id)
{
	struct board_state *board = &writer->boards.items[id];
	if (board->checking || board->epoch != writer->epoch || !writer_takes(writer))
		return;
	if (board->entry_count)
		flush(writer, id);
	struct buf *out = connection_queue(&writer->connection);
	size_t start = out->length;
	command_begin(out, 4);
	command_put(out, STR("ZRANGE"));
	command_put(out, board->key);
	command_put(out, STR("0"));
	command_put(out, STR("-1"));
	writer_end_command(
		writer, start, (struct pending){.kind = PENDING_MEMBERS, .id = id, .revision = board->revision});
	board->checking = true;
}

void board_replied(struct writer *writer, const struct pending *pending, long long answer)
{
	if (writer->boards.items[pending->id].epoch != writer->epoch)
		return;
	if (answer == SCRIPT_GAP)
		writer_want_all(writer, false);
	else if (answer >= 0 && pending->whole && writer->complete && answer != pending->members)
		ask_members(writer, pending->id);
}

static uint32_t find_member(struct writer *writer, const struct board_state *board, struct str member)
{
	return keys_find(&writer->keys, str_of(strrchr(board->name, ':') + 1), member, false);
}

/* Takes out who does not belong there; returns how many belong there. */
static uint32_t remove_strangers(struct writer *writer, struct board_state *board, const struct redisReply *reply)
{
	uint32_t right = 0;
	for (size_t i = 0; i < reply->elements; i++) {
		struct str member = {reply->element[i]->str, reply->element[i]->len};
		uint32_t id = find_member(writer, board, member);
		if (id != KEYS_NONE && has_member(board, id)) {
			right++;
			continue;
		}
		put_entry(board, (struct str){0}, member, writer->as_of);
		writer->stats.swept++;
	}
	return right;
}

void board_members_replied(struct writer *writer, const struct pending *pending, const struct redisReply *reply)
{
	struct board_state *board = &writer->boards.items[pending->id];
	if (!board->checking || board->epoch != writer->epoch || reply->type != REDIS_REPLY_ARRAY)
		return;
	bool still = board->revision == pending->revision && !board->entry_count;
	uint32_t right = remove_strangers(writer, board, reply);
	board->checking = false;
	if (board->entry_count && writer_takes(writer)) /* nobody may have anything to say for a while */
		flush(writer, pending->id);
	if (still && right < board->member_count)
		writer_want_all(writer, false);
}

static void remove_board(struct writer *writer, struct str name)
{
	struct guard_text guard = writer_next_guard(writer, writer->as_of);
	struct buf *out = connection_queue(&writer->connection);
	size_t start = writer_begin_script(writer, SCRIPT_BOARD_REMOVE, 2, 1);
	struct str key = writer_key(writer, "board:", name), guard_key = writer_key_beside(writer, key, ":guard");
	command_put(out, key);
	command_put(out, guard_key);
	command_put(out, guard_str(&guard));
	writer_end_command(
		writer, start, (struct pending){.kind = PENDING_BOARD_REMOVAL, .id = PENDING_NO_ID, .swept = true});
	mem_free((char *)guard_key.data);
}

void board_found(struct writer *writer, struct str name)
{
	const uint64_t *id = map_get(&writer->boards.by_name, name);
	if (!id) {
		remove_board(writer, name);
		return;
	}
	follow_epoch(writer, &writer->boards.items[*id]);
	if (!writer->boards.items[*id].member_count)
		ask_members(writer, (uint32_t)*id);
}

void boards_release(struct boards *boards)
{
	for (uint32_t i = 0; i < boards->count; i++) {
		struct board_state *board = &boards->items[i];
		mem_free(board->name);
		mem_free((char *)board->key.data);
		mem_free((char *)board->guard.data);
		mem_free(board->members);
		buf_release(&board->entries);
	}
	mem_free(boards->items);
	map_release(&boards->by_name);
	buf_release(&boards->name);
}
