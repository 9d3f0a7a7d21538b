/* Takes out keys of ours that nobody has figures for any more: what a writer before us left, what was planted, what came back with an
 * old state of Redis. Only once everything was handed out is it known what belongs there. One SCAN a flush, so it costs little. */
#include "base/clock.h"
#include "base/mem.h"
#include "daemon/redis/inside.h"

#include <hiredis/hiredis.h>
#include <stdio.h>

#define SCAN_COUNT "1000"

/* Snapshots, boards and alerts begin with the prefix, guards with a brace and the prefix. */
void sweep_init(struct writer *writer)
{
	struct buf pattern;
	buf_init(&pattern);
	buf_put_byte(&pattern, '*');
	for (const char *at = writer->prefix; *at; at++) {
		if (strchr("*?[]\\^", *at))
			buf_put_byte(&pattern, '\\');
		buf_put_byte(&pattern, (uint8_t)*at);
	}
	buf_put_byte(&pattern, '*');
	writer->sweep.pattern = (struct str){pattern.data, pattern.length};
	strcpy(writer->sweep.cursor, "0");
}

void sweep_release(struct sweep *sweep)
{
	mem_free((char *)sweep->pattern.data);
}

void sweep_step(struct writer *writer)
{
	struct sweep *sweep = &writer->sweep;
	if (!writer->complete || sweep->asked || clock_steady_us() < sweep->next_us)
		return;
	struct buf *out = connection_queue(&writer->connection);
	size_t start = out->length;
	command_begin(out, 6);
	command_put(out, STR("SCAN"));
	command_put_text(out, sweep->cursor);
	command_put(out, STR("MATCH"));
	command_put(out, sweep->pattern);
	command_put(out, STR("COUNT"));
	command_put(out, STR(SCAN_COUNT));
	writer_end_command(writer, start, (struct pending){.kind = PENDING_SCAN, .id = PENDING_NO_ID});
	sweep->asked = true;
}

/* Cuts `start` off the front, and `end` off the back. */
static bool cut(struct str *text, const char *start, const char *end)
{
	size_t front = strlen(start), back = strlen(end);
	if (text->length < front + back || memcmp(text->data, start, front) != 0 ||
		memcmp(text->data + text->length - back, end, back) != 0)
		return false;
	text->data += front;
	text->length -= front + back;
	return true;
}

/* Everything was handed out in this epoch: a key that was written only before has no figures any more. Epoch 0: it is wanted, or cannot be
 * written. */
static void look_at_snapshot(struct writer *writer, struct str name)
{
	uint32_t id = keys_find_name(&writer->keys, name);
	const struct key *key = id == KEYS_NONE ? NULL : &writer->keys.items[id];
	if (key && (key->epoch == 0 || key->epoch == writer->epoch))
		return;
	if (key)
		keys_mark_removed(&writer->keys, id);
	snapshot_remove(writer, name, PENDING_NO_ID, true);
}

static void look_at(struct writer *writer, struct str name)
{
	bool guard = cut(&name, "{", "}:guard");
	if (!cut(&name, writer->prefix, ""))
		return;
	if (cut(&name, "board:", ""))
		board_found(writer, name);
	else if (!guard && cut(&name, "snap:", ""))
		look_at_snapshot(writer, name);
	else if (!guard && cut(&name, "alert:", "") && name.length == ALERT_FINGERPRINT - 1 &&
		!alert_is_known(writer, name))
		alert_remove(writer, name);
}

/* Later, from the beginning. */
void sweep_failed(struct writer *writer)
{
	writer->sweep.asked = false;
	writer->sweep.next_us = clock_steady_us() + writer->sweep_us;
	strcpy(writer->sweep.cursor, "0");
}

void sweep_replied(struct writer *writer, const struct redisReply *reply)
{
	struct sweep *sweep = &writer->sweep;
	sweep->asked = false;
	if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 2 || !writer->complete)
		return;
	snprintf(sweep->cursor, sizeof sweep->cursor, "%s", reply->element[0]->str);
	const struct redisReply *names = reply->element[1];
	for (size_t i = 0; i < names->elements; i++)
		look_at(writer, (struct str){names->element[i]->str, names->element[i]->len});
	if (strcmp(sweep->cursor, "0") == 0)
		sweep->next_us = clock_steady_us() + writer->sweep_us;
}
